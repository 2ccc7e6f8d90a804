#pragma once

#include "functions/activations.hpp"
#include "kernels/args.hpp"
#include "kernels/epilogues.hpp"

namespace localgrad {
namespace {

template <class T>
struct BackwardPanel {
  const BackwardArgs<T>& d;
  Panel<const T> w;
};

/// delta_prev = tile * phi'. Columns after fan_in are not written and remain 0.
template <class S, class Phi>
void multiply_derivative(const void* context, const TileView<S>& tile) {
  const auto& [d, w] = *static_cast<const BackwardPanel<typename S::T>*>(context);
  const Index stride = d.a_prev_stride, vectors = w.vectors;
  const auto parameter = S::broadcast(d.phi);
  for (Index v = 0; v < vectors; ++v) {
    const Index column = w.column + v * S::kLanes, left = d.fan_in - column;
    if (left <= 0) break;
    const auto* a = d.a_prev + tile.row * stride + column;
    const auto* z = Phi::kNeedsZ ? d.z_prev + tile.row * stride + column : a;
    tile.map(v, d.delta_prev + tile.row * d.delta_prev_stride + column, d.delta_prev_stride, left,
             [=](Index i, typename S::V sum) {
               return sum * Phi::derivative(S::load(z + i * stride), S::load(a + i * stride), parameter);
             });
  }
}

/// (D2) with a function that multiplies a tile by phi'. One copy serves every activation.
template <class S>
__attribute__((noinline)) void backward_panels(const BackwardArgs<typename S::T>& d,
                                               typename BufferTile<S>::Finish finish) {
  alignas(64) typename S::T numbers[BufferTile<S>::kNumbers];
  for (Index p = d.panel_begin; p < d.panel_end; ++p) {
    const BackwardPanel<typename S::T> panel{d, panel_of(d.w_transposed, p, S::kLanes)};
    const auto& w = panel.w;
    multiply<S, ReadA::by_rows>(
        {d.rows, w.vectors, d.fan_out, d.delta, d.delta_stride, w.data, w.stride, d.prefetch},
        BufferTile<S>{numbers, finish, &panel});
  }
}

/// (D2): delta of a hidden layer, from that of the next layer.
template <class S, class Phi>
void backward(const BackwardArgs<typename S::T>& d) {
  backward_panels<S>(d, &multiply_derivative<S, Phi>);
}

}  // namespace
}  // namespace localgrad
