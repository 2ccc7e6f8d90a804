#pragma once

#include "functions/activations.hpp"
#include "kernels/args.hpp"
#include "kernels/backward.hpp"
#include "kernels/epilogues.hpp"
#include "kernels/softmax.hpp"
#include "kernels/transpose.hpp"
#include "simd/twice.hpp"

namespace localgrad {
namespace {

/// Stores the first `width` numbers of v, if p is padded to whole vectors. The others are written back as
/// they were: on some processors, a masked store is slow, and a load of what it stored must wait for it.
template <class S>
LOCALGRAD_INLINE void store_padded(typename S::T* p, typename S::V v, Index width) {
  S::store(p, width >= S::kLanes ? v : S::select(S::first(width), v, S::load(p)));
}

/// Epilogue for a tile of one row: stores sum + bias. Only the last vector may have fewer columns.
template <class S, int kVectors>
struct StoreRow {
  typename S::T* z;
  const typename S::T* bias;
  Index width;
  LOCALGRAD_INLINE void operator()(int, int j, typename S::V sum) const {
    const auto v = sum + S::load(bias + j * S::kLanes);
    if (j < kVectors - 1)
      S::store(z + j * S::kLanes, v);
    else
      store_padded<S>(z + j * S::kLanes, v, width - j * S::kLanes);
  }
};

/// Computes z of one row, in a. The sums of all columns of a panel are computed at the same time, because
/// each multiply-add waits for the one before.
template <class S>
__attribute__((noinline)) void row_sums(const ForwardArgs<typename S::T>& f) {
  for (Index p = 0; p < f.w.panels; ++p) {
    const auto w = panel_of(f.w, p, S::kLanes);
    const auto* const bias = w.data + f.fan_in * w.stride;
    switch (w.vectors) {
#define LOCALGRAD_VECTORS(n)                                                        \
  case n:                                                                           \
    tile<S, 1, n, ReadA::by_rows>(f.fan_in, f.a_prev, 0, w.data, w.stride, nullptr, \
                                  StoreRow<S, n>{f.a + w.column, bias, w.width});   \
    break;
      LOCALGRAD_VECTORS(1)
      LOCALGRAD_VECTORS(2)
      LOCALGRAD_VECTORS(3)
      LOCALGRAD_VECTORS(4)
      LOCALGRAD_VECTORS(5)
      LOCALGRAD_VECTORS(6)
      LOCALGRAD_VECTORS(7)
      LOCALGRAD_VECTORS(8)
#undef LOCALGRAD_VECTORS
    }
  }
}
static_assert(kRowVectors == 8, "row_sums has a case for each number of vectors of a panel");

/// (F) for one row: latency is more important than throughput. Panels of w have at most kRowVectors vectors;
/// a is padded to whole vectors. Not for the output layers of narrow.hpp.
template <class S, template <class> class Phi>
void forward_row(const ForwardArgs<typename S::T>& f) {
  row_sums<S>(f);
  const Index n = f.fan_out;
  auto* const a = f.a;  // a store to it might change f
  if (f.z != a) __builtin_memcpy(f.z, a, static_cast<std::size_t>(n) * sizeof *a);
  if constexpr (kSame<Phi<S>, Softmax<S>>) {
    softmax<S>(n, a);
  } else if constexpr (!kSame<Phi<S>, Identity<S>>) {
    using Pair = Twice<S>;
    const auto parameter = f.phi;
    Index c = 0;
    for (const auto phi = Pair::broadcast(parameter); c + Pair::kLanes <= n; c += Pair::kLanes)
      Pair::store(a + c, Phi<Pair>::value(Pair::load(a + c), phi));
    for (const auto phi = S::broadcast(parameter); c < n; c += S::kLanes)
      store_padded<S>(a + c, Phi<S>::value(S::load(a + c), phi), n - c);
  }
}

/// delta w^T for one row and kRowVectors vectors of its columns, from column `first` on. The sums of several
/// vectors are computed at the same time, as in row_sums; w is transposed in registers. One copy serves every
/// activation.
template <class S>
__attribute__((noinline)) void backward_sums(const BackwardArgs<typename S::T>& d, Index first,
                                             typename S::V (&result)[kRowVectors]) {
  const auto* const w = d.w.data + first * d.w.row_stride;
  const Index stride = d.w.row_stride, fan_in = d.fan_in - first, fan_out = d.fan_out;
  typename S::V sums[kRowVectors] = {};
  const auto* delta = d.delta;
  for (Index j = 0; j < fan_out; j += S::kLanes, delta += S::kLanes)
    for (Index v = 0, k = 0; v < kRowVectors && k < fan_in; ++v, k += S::kLanes) {
      auto sum = sums[v];
      each_column<S>(w + k * stride + j, stride, fan_in - k, fan_out - j, [&](Index c, typename S::V column) {
        sum = S::fma(S::broadcast(delta[c]), column, sum);
      });
      sums[v] = sum;
    }
  for (Index v = 0; v < kRowVectors; ++v) result[v] = sums[v];
}

/// (D2) for one row, from the weights themselves: every update would have to write a transposed copy, which
/// takes longer than one row.
template <class S>
__attribute__((noinline)) void backward_row_panels(const BackwardArgs<typename S::T>& d,
                                                   typename BufferTile<S>::Finish finish) {
  constexpr Index width = kRowVectors * S::kLanes;
  alignas(64) typename S::T numbers[width];
  for (Index first = 0; first < d.fan_in; first += width) {
    typename S::V sums[kRowVectors];
    backward_sums<S>(d, first, sums);
    for (Index v = 0; v < kRowVectors; ++v) S::store(numbers + v * S::kLanes, sums[v]);
    const Panel<const typename S::T> columns{nullptr, 0, first, kRowVectors, width};
    const BackwardPanel<typename S::T> panel{d, columns};
    finish(&panel, {numbers, 0, 1, width});
  }
}

template <class S, class Phi>
void backward_row(const BackwardArgs<typename S::T>& d) {
  backward_row_panels<S>(d, &multiply_derivative<S, Phi>);
}

}  // namespace
}  // namespace localgrad
