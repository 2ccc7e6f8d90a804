// The input scales of a Pass.

#include "engine/pass/pass.hpp"

namespace localgrad {

template <class T>
void Pass<T>::make_scale() {
  if (buffers_ == Buffers::outputs) return;  // x is scaled in place
  const Index lanes = kernels_.lanes, in = width(0);
  scale_.activation = Activation::identity;
  scale_.narrow = false;
  scale_.w = {nullptr, 1, in, panel_count(in, lanes, kernels_.panel_vectors), 0};
  scale_.a[0] = make_matrix(in, true);
  scale_.delta = make_matrix(in, false);
}

template <class T>
void Pass<T>::scale_x(Index begin, Index end, Place place) {
  const T* s = scale_.w.data ? scale_.w.data : network_.input_scales();
  const Index n = width(0);
  for (Index row = begin; row < end; ++row) {
    const T* from = matrix_a(0, place).row(row);
    T* to = inputs(0, place).row(row);
    for (Index k = 0; k < n; ++k) to[k] = s[k] * from[k];
  }
}

/// (D2) from the first layer of weights to its inputs, and (G1) of each example: the derivative with respect
/// to s_k is that with respect to s_k a_k, times a_k.
template <class T>
void Pass<T>::backward_to_scale(Index begin, Index end, Place place) {
  backward_layer(0, begin, end, {0, transposed(0).panels}, place);
  const Index n = width(0);
  for (Index row = begin; row < end; ++row) {
    T* delta = scale_.delta.row(row);
    const T* a = matrix_a(0, place).row(row);
    for (Index k = 0; k < n; ++k) delta[k] *= a[k];
  }
}

template class Pass<float>;  // the members defined in this file
template class Pass<double>;

}  // namespace localgrad
