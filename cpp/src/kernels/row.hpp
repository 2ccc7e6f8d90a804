#pragma once

#include "functions/activations.hpp"
#include "kernels/args.hpp"
#include "kernels/epilogues.hpp"
#include "kernels/softmax.hpp"
#include "simd/twice.hpp"

namespace localgrad {
namespace {

/// Stores the first `width` numbers of v, if p is padded to whole vectors. The others are written back as
/// they were: on some processors, a masked store is slow, and a load of what it stored must wait for it.
template <class S>
LOCALGRAD_INLINE void store_padded(typename S::T* p, typename S::V v, Index width) {
  S::store(p, width >= S::kLanes ? v : S::select(S::first(width), v, S::load(p)));
}

/// Epilogue for a tile of one row: stores sum + bias.
template <class S>
struct StoreRow {
  typename S::T* z;
  const typename S::T* bias;
  Index width;
  LOCALGRAD_INLINE void operator()(int, int j, typename S::V sum) const {
    store_padded<S>(z + j * S::kLanes, sum + S::load(bias + j * S::kLanes), width - j * S::kLanes);
  }
};

/// Computes z of one row. The sums of all columns of a panel are computed at the same time, because each
/// multiply-add waits for the one before.
template <class S>
__attribute__((noinline)) void row_sums(const ForwardArgs<typename S::T>& f) {
  for (Index p = 0; p < f.w.panels; ++p) {
    const auto w = panel_of(f.w, p, S::kLanes);
    const StoreRow<S> store{f.a + w.column, w.data + f.fan_in * w.stride, w.width};
    switch (w.vectors) {
#define LOCALGRAD_VECTORS(n)                                                                \
  case n:                                                                                   \
    tile<S, 1, n, ReadA::by_rows>(f.fan_in, f.a_prev, 0, w.data, w.stride, nullptr, store); \
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

}  // namespace
}  // namespace localgrad
