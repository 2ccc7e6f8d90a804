#pragma once

#include "kernels/args.hpp"

namespace localgrad {
namespace {

/// Copies rows k_begin..k_end-1 of one panel of w into its transpose (a row for each column of w; the biases, row
/// cols of the transpose, are left out), kLanes x kLanes numbers at a time. k_begin is a multiple of kLanes.
template <class S>
void transpose_panel(const PanelMatrix<typename S::T>& w, Index panel, Index k_begin, Index k_end,
                     const PanelMatrix<typename S::T>& transposed) {
  constexpr Index lanes = S::kLanes;
  const auto from = panel_of(w, panel, lanes);
  if (k_end > transposed.cols) k_end = transposed.cols;
  for (Index k = k_begin; k < k_end; k += lanes) {
    const auto to = panel_of(transposed, panel_with(transposed, k / lanes, lanes), lanes);
    const Index rows = k_end - k < lanes ? k_end - k : lanes;
    for (Index j = 0; j < from.width; j += lanes) {
      typename S::V block[S::kLanes];
#pragma GCC unroll 16
      for (int i = 0; i < lanes; ++i)
        block[i] = i < rows ? S::load(from.data + (k + i) * from.stride + j) : S::broadcast(0);
      transpose<S>(block);
      const Index columns = from.width - j < lanes ? from.width - j : lanes;
      auto* out = to.data + (from.column + j) * to.stride + (k - to.column);
#pragma GCC unroll 16
      for (int i = 0; i < lanes; ++i)
        if (i < columns) S::store(out + i * to.stride, block[i]);
    }
  }
}

}  // namespace
}  // namespace localgrad
