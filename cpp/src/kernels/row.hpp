#pragma once

#include "functions/activations.hpp"
#include "kernels/args.hpp"
#include "kernels/epilogues.hpp"
#include "kernels/softmax.hpp"

namespace localgrad {
namespace {

/// Epilogue for a tile of one row: stores the sums in z.
template <class S>
struct StoreSums {
  typename S::T* z;
  Index width;
  LOCALGRAD_INLINE void operator()(int, int j, typename S::V v) const {
    store_first<S>(z + j * S::kLanes, v, width - j * S::kLanes);
  }
};

/// Computes kVectors vectors of sums from column c on. Vectors that extend past the last column are read but
/// not stored.
template <class S, int kVectors>
LOCALGRAD_INLINE void row_tile(const ForwardArgs<typename S::T>& f, Index c) {
  tile<S, 1, kVectors, ReadA::by_rows>(f.fan_in, f.a_prev, 0, f.w.data + c, f.fan_out, nullptr,
                                       StoreSums<S>{f.a + c, f.fan_out - c});
}

/// Computes z of one row, without biases.
template <class S>
__attribute__((noinline)) void row_sums(const ForwardArgs<typename S::T>& f) {
  const Index n = f.fan_out;
  Index c = 0;
  for (; n - c > 7 * S::kLanes; c += 8 * S::kLanes) row_tile<S, 8>(f, c);
  for (; n - c > 3 * S::kLanes; c += 4 * S::kLanes) row_tile<S, 4>(f, c);
  for (; n > c; c += S::kLanes) row_tile<S, 1>(f, c);
}

/// (F) for one row, with w in the layout of the network. Latency is more important than throughput here, so
/// as many columns as possible are computed at the same time. Not for the output layers of narrow.hpp.
template <class S, class Phi>
void forward_row(const ForwardArgs<typename S::T>& f) {
  row_sums<S>(f);
  const Index n = f.fan_out;
  const auto* bias = f.w.data + f.fan_in * n;
  const auto parameter = S::broadcast(f.phi);
  for (Index c = 0; c < n; c += S::kLanes) {
    const auto z = S::load(f.a + c) + S::load(bias + c);
    if constexpr (kSame<Phi, Softmax<S>>)
      store_first<S>(f.a + c, z, n - c);
    else
      store_first<S>(f.a + c, Phi::value(z, parameter), n - c);
  }
  if constexpr (kSame<Phi, Softmax<S>>) softmax<S>(n, f.a);
}

}  // namespace
}  // namespace localgrad
