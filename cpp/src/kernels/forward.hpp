#pragma once

#include "functions/activations.hpp"
#include "kernels/args.hpp"
#include "kernels/epilogues.hpp"
#include "kernels/softmax.hpp"

namespace localgrad {
namespace {

template <class T>
struct ForwardPanel {
  const ForwardArgs<T>& f;
  Panel<const T> w;
};

/// a = phi(z), z = tile + bias. Columns behind fan_out are not written: one of them may hold the ones of (G2).
template <class S, class Phi>
void activate(const void* context, const TileView<S>& tile) {
  const auto& [f, w] = *static_cast<const ForwardPanel<typename S::T>*>(context);
  const auto* bias = w.data + f.fan_in * w.stride;
  for (Index v = 0; v < w.vectors; ++v) {
    const auto b = S::load(bias + v * S::kLanes);
    const Index column = w.column + v * S::kLanes, left = w.width - v * S::kLanes;
    auto* z = f.z + tile.row * f.z_stride + column;
    auto* a = f.a + tile.row * f.a_stride + column;
    if (left >= S::kLanes && !f.keep_z) {
      for (Index i = 0; i < tile.rows; ++i)
        S::store(a + i * f.a_stride, Phi::template value<S>(tile.at(i, v) + b));
      continue;
    }
    for (Index i = 0; i < tile.rows; ++i) {
      const auto sum = tile.at(i, v) + b;
      if (f.keep_z) store_first<S>(z + i * f.z_stride, sum, left);
      store_first<S>(a + i * f.a_stride, Phi::template value<S>(sum), left);
    }
  }
}

/// (F).
template <class S, class Phi>
void forward(const ForwardArgs<typename S::T>& f) {
  constexpr bool softmax_rows = kSame<Phi, Softmax>;
  alignas(64) typename S::T numbers[BufferTile<S>::kNumbers];
  for (Index p = f.panel_begin; p < f.panel_end; ++p) {
    const ForwardPanel<typename S::T> panel{f, panel_of(f.w, p, S::kLanes)};
    const auto& w = panel.w;
    typename BufferTile<S>::Finish finish;
    if constexpr (softmax_rows)
      finish = &activate<S, Identity>;
    else
      finish = &activate<S, Phi>;
    multiply<S, ReadA::by_rows>(
        {f.rows, w.vectors, f.fan_in, f.a_prev, f.a_prev_stride, w.data, w.stride, f.prefetch},
        BufferTile<S>{numbers, finish, &panel});
  }
  if constexpr (softmax_rows)
    for (Index r = 0; r < f.rows; ++r) softmax<S>(f.fan_out, f.a + r * f.a_stride);
}

}  // namespace
}  // namespace localgrad
