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

/// a = phi(z), z = tile + bias. Columns after fan_out are not written: one of them may be the column of ones
/// for (G2).
template <class S, class Phi>
void activate(const void* context, const TileView<S>& tile) {
  const auto& [f, w] = *static_cast<const ForwardPanel<typename S::T>*>(context);
  const Index vectors = w.vectors;
  const auto parameter = S::broadcast(f.phi);
  for (Index v = 0; v < vectors; ++v) {
    const auto bias = S::load(w.data + f.fan_in * w.stride + v * S::kLanes);
    const Index column = w.column + v * S::kLanes, left = w.width - v * S::kLanes;
    if (f.keep_z)
      tile.map(v, f.z + tile.row * f.z_stride + column, f.z_stride, left,
               [=](Index, typename S::V sum) { return sum + bias; });
    tile.map(v, f.a + tile.row * f.a_stride + column, f.a_stride, left,
             [=](Index, typename S::V sum) { return Phi::value(sum + bias, parameter); });
  }
}

/// (F) for some vectors of a panel.
template <class S>
LOCALGRAD_INLINE void forward_part(const ForwardPanel<typename S::T>& panel,
                                   typename BufferTile<S>::Finish finish, typename S::T* numbers) {
  const auto& [f, w] = panel;
  const Product<typename S::T> product{f.rows,          w.vectors, f.fan_in, f.a_prev,
                                       f.a_prev_stride, w.data,    w.stride, f.prefetch};
  if (w.vectors == kFewRowsVectors)
    multiply_few<S, ReadA::by_rows>(product, BufferTile<S, kFewRowsVectors>{numbers, finish, &panel});
  else
    multiply<S, ReadA::by_rows>(product, BufferTile<S>{numbers, finish, &panel});
}

/// (F) with a function that activates a tile. One copy serves every activation.
template <class S>
__attribute__((noinline)) void forward_panels(const ForwardArgs<typename S::T>& f,
                                              typename BufferTile<S>::Finish finish) {
  static_assert(S::kPanelVectors < kFewRowsVectors, "forward_part distinguishes tiles by their vectors");
  alignas(64) typename S::T numbers[BufferTile<S>::kNumbers];
  const Index most = f.rows > 1 && f.rows <= kFewRows ? kFewRowsVectors : S::kPanelVectors;
  for (Index p = f.panel_begin; p < f.panel_end; ++p) {
    const auto w = panel_of(f.w, p, S::kLanes);
    for (Index v = 0, vectors; v < w.vectors; v += vectors) {
      const Index left = w.vectors - v;
      vectors = left >= most ? most : left < S::kPanelVectors ? left : S::kPanelVectors;
      forward_part<S>({f, part_of(w, v, vectors, S::kLanes)}, finish, numbers);
    }
  }
}

/// (F).
template <class S, class Phi>
void forward(const ForwardArgs<typename S::T>& f) {
  if constexpr (kSame<Phi, Softmax<S>>) {
    forward_panels<S>(f, &activate<S, Identity<S>>);
    for (Index r = 0; r < f.rows; ++r) softmax<S>(f.fan_out, f.a + r * f.a_stride);
  } else {
    forward_panels<S>(f, &activate<S, Phi>);
  }
}

}  // namespace
}  // namespace localgrad
