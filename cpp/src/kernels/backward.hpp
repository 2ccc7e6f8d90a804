#pragma once

#include "functions/activations.hpp"
#include "kernels/args.hpp"
#include "kernels/tile.hpp"

namespace localgrad {
namespace {

/// (D2). Padding of delta_prev is written too; it stays 0, since the padding of w_transposed is 0.
template <class S, class Phi>
void backward(const BackwardArgs<typename S::T>& d) {
  for (Index p = d.panel_begin; p < d.panel_end; ++p) {
    const auto w = panel_of(d.w_transposed, p, S::kLanes);
    const Index width = w.vectors * S::kLanes;
    multiply<S, ReadA::by_rows>(w.vectors, d.rows, d.fan_out, d.delta, d.delta_stride, w.data, w.stride,
                                StoreTile<S>{d.delta_prev + w.column, d.delta_prev_stride, width});
    if constexpr (!kSame<Phi, Identity>)
      for (Index r = 0; r < d.rows; ++r) {
        auto* delta = d.delta_prev + r * d.delta_prev_stride + w.column;
        const Index at = r * d.a_prev_stride + w.column;
        for (Index c = 0; c < width; c += S::kLanes) {
          const auto a = S::load(d.a_prev + at + c);
          auto z = a;
          if constexpr (Phi::kNeedsZ) z = S::load(d.z_prev + at + c);
          S::store(delta + c, S::load(delta + c) * Phi::template derivative<S>(z, a));
        }
      }
  }
}

}  // namespace
}  // namespace localgrad
