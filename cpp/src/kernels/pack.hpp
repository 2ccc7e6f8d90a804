#pragma once

#include "kernels/args.hpp"

namespace localgrad {
namespace {

/// Copies the columns of a panel from a dense matrix with rows of the same length as w, and fills the
/// padding of the panel with zeros.
template <class S>
void pack(const typename S::T* dense, const PanelMatrix<typename S::T>& w, Index panel) {
  const auto to = panel_of(w, panel, S::kLanes);
  const auto* from = dense + to.column;
  for (Index k = 0; k < w.rows; ++k, from += w.cols)
    for (Index v = 0; v < to.vectors; ++v) {
      const Index c = v * S::kLanes, left = to.width - c;
      S::store(to.data + k * to.stride + c,
               left >= S::kLanes ? S::load(from + c) : S::load_partial(from + c, left));
    }
}

/// Copies the columns of a panel to a dense matrix.
template <class S>
void unpack(const PanelMatrix<typename S::T>& w, Index panel, typename S::T* dense) {
  const auto from = panel_of(w, panel, S::kLanes);
  auto* to = dense + from.column;
  for (Index k = 0; k < w.rows; ++k, to += w.cols)
    for (Index v = 0; v < from.vectors; ++v) {
      const Index c = v * S::kLanes, left = from.width - c;
      const auto numbers = S::load(from.data + k * from.stride + c);
      if (left >= S::kLanes)
        S::store(to + c, numbers);
      else
        S::store_partial(to + c, numbers, left);
    }
}

}  // namespace
}  // namespace localgrad
