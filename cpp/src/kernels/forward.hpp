#pragma once

#include "functions/activations.hpp"
#include "kernels/args.hpp"
#include "kernels/softmax.hpp"
#include "kernels/tile.hpp"

namespace localgrad {
namespace {

/// a = phi(z + bias) for rows x width numbers of one panel, which the micro-kernel has just left in cache.
template <class S, class Phi>
LOCALGRAD_INLINE void activate(const ForwardArgs<typename S::T>& f, const Panel<const typename S::T>& panel) {
  const auto* bias = panel.data + f.fan_in * panel.stride;
  for (Index v = 0; v < panel.vectors; ++v) {
    const auto b = S::load(bias + v * S::kLanes);
    const Index left = panel.width - v * S::kLanes;
    auto* z = f.z + panel.column + v * S::kLanes;
    auto* a = f.a + panel.column + v * S::kLanes;
    for (Index r = 0; r < f.rows; ++r, z += f.z_stride, a += f.a_stride) {
      const auto sum = S::load(z) + b;
      const auto value = Phi::template value<S>(sum);
      if (left >= S::kLanes) {
        if (f.keep_z) S::store(z, sum);
        S::store(a, value);
      } else {
        if (f.keep_z) S::store_partial(z, sum, left);
        S::store_partial(a, value, left);
      }
    }
  }
}

/// (F). Columns behind fan_out are not written: one of them may hold the ones of (G2).
template <class S, class Phi>
void forward(const ForwardArgs<typename S::T>& f) {
  for (Index p = f.panel_begin; p < f.panel_end; ++p) {
    const auto w = panel_of(f.w, p, S::kLanes);
    multiply<S, ReadA::by_rows>(w.vectors, f.rows, f.fan_in, f.a_prev, f.a_prev_stride, w.data, w.stride,
                                StoreTile<S>{f.z + w.column, f.z_stride, w.width});
    if constexpr (kSame<Phi, Softmax>)
      activate<S, Identity>(f, w);
    else
      activate<S, Phi>(f, w);
  }
  if constexpr (kSame<Phi, Softmax>)
    for (Index r = 0; r < f.rows; ++r) softmax<S>(f.fan_out, f.a + r * f.a_stride);
}

}  // namespace
}  // namespace localgrad
