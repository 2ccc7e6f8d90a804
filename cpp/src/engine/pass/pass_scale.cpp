// The input scales of a Pass.

#include "engine/pass/pass.hpp"

namespace localgrad {

template <class T>
void Pass<T>::make_scale() {
  if (buffers_ == Buffers::outputs) return;  // x is scaled in place
  const Index lanes = kernels_.lanes, in = width(0);
  scale_.activation = Activation::identity;
  scale_.narrow = false;
  scale_.delta = make_matrix(in, false);
  if (!learns_scale()) return;
  if (has_x_delta()) x_delta_ = make_matrix(in, false);
  scale_.w = {nullptr, 1, in, panel_count(in, lanes, kernels_.panel_vectors), 0};
  scale_.a[0] = make_matrix(in, true);
}

template <class T>
void Pass<T>::scale_x(Index begin, Index end, Place place) {
  const T* s = scale_.w.data ? scale_.w.data : network_->input_scales();
  const Index n = width(0);
  for (Index row = begin; row < end; ++row) {
    const T* from = matrix_a(0, place).row(row);
    T* to = inputs(0, place).row(row);
    for (Index k = 0; k < n; ++k) to[k] = s[k] * from[k];
  }
}

/// From the derivatives with respect to the scaled inputs, which are stored in the delta of the scales, those
/// with respect to the scales: d/ds_k = a_k d/d(s_k a_k).
template <class T>
void Pass<T>::unscale_delta(Index begin, Index end, Place place) {
  const Index n = width(0);
  for (Index row = begin; row < end; ++row) {
    T* delta = scale_.delta.row(row);
    const T* a = matrix_a(0, place).row(row);
    if (x_delta_.stride > 0)
      for (Index k = 0; k < n; ++k) x_delta_.row(row)[k] = delta[k] * scale_.w.data[k];
    for (Index k = 0; k < n; ++k) delta[k] *= a[k];
  }
}

// The members defined in this file.
#define LOCALGRAD_FOR(T) template class Pass<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
