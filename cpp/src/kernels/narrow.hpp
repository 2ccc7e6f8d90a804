#pragma once

#include "functions/activations.hpp"
#include "kernels/args.hpp"
#include "kernels/epilogues.hpp"
#include "kernels/lanes.hpp"

namespace localgrad {
namespace {

/// (F) for an output layer of one or two units, where a vector of columns would be mostly padding. Lanes run
/// along k instead. w has one row per unit, with its bias at the end; the column of ones at the end of a_prev
/// adds it to the sum:
///
///     z_j = sum_k w[j, k] a_prev[k]        k = 0..fan_in, in virtual lanes, added by halves
///
/// Rows of a_prev and w are padded with zeros to whole virtual lanes; rows of z and a have no padding.
template <class S>
__attribute__((noinline)) void narrow_sums(const ForwardArgs<typename S::T>& f) {
  for (Index first = 0; first < f.rows; first += S::kLanes)
    for (Index j = 0; j < f.fan_out; ++j) {
      const Index count = f.rows - first < S::kLanes ? f.rows - first : S::kLanes;
      const auto* w = f.w.data + j * f.w.row_stride;
      typename S::V sums[S::kLanes];
      for (Index i = 0; i < S::kLanes; ++i) {
        sums[i] = S::broadcast(0);
        if (i >= count) continue;
        const auto* a = f.a_prev + (first + i) * f.a_prev_stride;
        VirtualLanes<S> sum;
        for (Index k = 0; k <= f.fan_in; k += kVirtualLanes)
#pragma GCC unroll 8
          for (int p = 0; p < VirtualLanes<S>::kParts; ++p)
            sum.part[p] = S::fma(S::load(a + k + p * S::kLanes), S::load(w + k + p * S::kLanes), sum.part[p]);
        sums[i] = sum.one();
      }
      typename S::T z[S::kLanes];
      S::store(z, count == 1 ? S::broadcast(fold<S>(sums[0])) : fold_all<S>(sums));
      for (Index i = 0; i < count; ++i) f.z[(first + i) * f.fan_out + j] = z[i];
    }
}

template <class S, class Phi>
void forward_narrow(const ForwardArgs<typename S::T>& f) {
  narrow_sums<S>(f);
  const Index n = f.rows * f.fan_out;
  const auto parameter = S::broadcast(f.phi);
  // A vector load of numbers that were just stored one by one would stall. The numbers of a single row are
  // therefore loaded one by one.
  const Index step = n <= 2 ? 1 : S::kLanes;
  for (Index i = 0; i < n; i += step) {
    const auto z = step == 1 ? S::broadcast(f.z[i]) : load_first<S>(f.z + i, n - i);
    const auto a = Phi::value(z, parameter);
    if (step == 1)
      f.a[i] = a[0];
    else
      store_first<S>(f.a + i, a, n - i);
  }
}

}  // namespace
}  // namespace localgrad
