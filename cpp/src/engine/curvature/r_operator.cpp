#include "engine/curvature/r_operator.hpp"

#include <algorithm>

namespace localgrad {

template <class T>
ROperator<T>::ROperator(const Network<T>& network, Curvature matrix, const T* v)
    : Base(network),
      hessian_(matrix == Curvature::hessian),
      v_(v),
      curvature_(network, kernels_, matrix),
      scratch_(this->make(this->chunk_, 3 * curvature_.size())) {
  for (Index i = 0; i < layers(); ++i) layers_.push_back(make_layer(i));
  if (learns_scale()) scale_right_ = this->make(this->chunk_, row_stride<T>(this->width(0)));
}

template <class T>
typename ROperator<T>::Layer ROperator<T>::make_layer(Index i) const {
  Layer l;
  l.in = this->width(i);
  l.out = this->width(i + 1);
  l.paired = i > 0 || learns_scale();
  l.left_stride = l.in + 1;
  l.right_stride = l.down_stride = row_stride<T>(l.out);
  l.up_stride = row_stride<T>(l.in);
  const Index halves = l.paired ? 2 : 1;
  l.left = this->make(halves * this->chunk_, l.left_stride);
  l.right = this->make(2 * this->chunk_, l.right_stride);
  l.down = this->make(halves * (l.in + 1), l.down_stride);
  if (l.paired) l.up = this->make(l.right_stride + l.out, l.up_stride);
  return l;
}

template <class T>
void ROperator<T>::load(const Member& member) {
  for (Index i = 0; i < layers(); ++i) {
    const Layer& l = layer(i);
    const T *w = this->weights(i), *v = v_ + (w - network_.parameters());
    const Index rows = l.in + 1;
    for (Index k = share_begin(rows, member.index, member.count);
         k < share_begin(rows, member.index + 1, member.count); ++k) {
      if (l.paired) std::copy_n(w + k * l.out, l.out, l.down.data() + k * l.down_stride);
      std::copy_n(v + k * l.out, l.out, l.rows_of_v() + k * l.down_stride);
    }
    if (!l.paired) continue;
    if (hessian_) Base::transpose(member, l.in, l.out, v, l.up.data(), l.up_stride);
    Base::transpose(member, l.in, l.out, w, l.up.data() + l.right_stride * l.up_stride, l.up_stride);
  }
}

template <class T>
void ROperator<T>::compute(Pass<T>& pass, int, Index at, Index first, Index rows, const T* weights) {
  for (Index i = 0; i < layers(); ++i) {
    i == 0 ? put_inputs(pass, at, first, rows) : put_activations(pass, i, at, first, rows);
    forward_layer(i, first, rows);
  }
  put_output(pass, at, first, rows, weights);
  for (Index i = layers() - 1; i >= (learns_scale() ? 0 : 1); --i) backward_layer(pass, i, at, first, rows);
}

/// Writes a of the inputs and R{a}, which is not 0 if they have scales, to left.
template <class T>
void ROperator<T>::put_inputs(Pass<T>& pass, Index at, Index first, Index rows) {
  const Layer& l = layer(0);
  const T *s = network_.input_scales(), *s_dot = s ? v_ + (s - network_.parameters()) : nullptr;
  for (Index r = 0; r < rows; ++r) {
    const T* x = pass.a(0, at + r);
    T *tangent = l.left_row(first + r), *left = tangent + (s ? l.left_stride : 0);
    if (s) tangent[l.in] = 0;
    for (Index k = 0; k < l.in; ++k) {
      if (s) tangent[k] = s_dot[k] * x[k];
      left[k] = s ? s[k] * x[k] : x[k];
    }
    left[l.in] = 1;
  }
}

/// From R{z} of a hidden layer, which is in left, R{a}, and writes a there too. In the pass, a becomes phi',
/// and z becomes phi'' R{z}.
template <class T>
void ROperator<T>::put_activations(Pass<T>& pass, Index i, Index at, Index first, Index rows) {
  const Layer& l = layer(i);
  const Activation phi = this->phi(i - 1);
  for (Index r = 0; r < rows; ++r) {
    T *tangent = l.left_row(first + r), *left = tangent + l.left_stride;
    std::copy_n(pass.a(i, at + r), l.in, left);
    tangent[l.in] = 0;
    left[l.in] = 1;
  }
  this->slopes(pass, i - 1, at, rows);
  for (Index r = 0; r < rows; ++r) {
    T *tangent = l.left_row(first + r), *slope = pass.a(i, at + r), *z = pass.z(i - 1, at + r);
    if (hessian_ && !times_second_derivative(phi, l.in, z, tangent + l.left_stride, slope, tangent, z))
      std::fill_n(z, l.in, T(0));
    for (Index j = 0; j < l.in; ++j) tangent[j] *= slope[j];
  }
}

/// R{z}, which is written to left of the next layer or, of the output layer, to right.
template <class T>
void ROperator<T>::forward_layer(Index i, Index first, Index rows) {
  const Layer& l = layer(i);
  const Index stride = l.left_stride * (l.paired ? 2 : 1);
  const bool last = i + 1 == layers();
  T* const to = last ? l.right_row(first) + l.right_stride : layer(i + 1).left_row(first);
  const Index to_stride = 2 * (last ? l.right_stride : layer(i + 1).left_stride);
  multiply(kernels_, rows, stride, l.left_row(first), stride, l.down.data(), l.out, l.down_stride, to,
           to_stride);
}

/// (D1), and R of it. All that follows is linear in them, so that they include the sample weights.
template <class T>
void ROperator<T>::put_output(Pass<T>& pass, Index at, Index first, Index rows, const T* weights) {
  const Index head = layers() - 1;
  const Layer& l = layer(head);
  this->output(pass, at, rows);
  for (Index r = 0; r < rows; ++r) {
    T *delta = l.right_row(first + r), *tangent = delta + l.right_stride;
    T* scratch = scratch_.data() + 3 * (first + r) * curvature_.size();
    curvature_.multiply({pass.z(head, at + r), pass.a(head + 1, at + r), pass.y(at + r), scratch}, tangent);
    for (Index j = 0; j < l.out; ++j) {
      delta[j] = weights[r] * pass.delta(head, at + r)[j];
      tangent[j] *= weights[r];
    }
  }
}

/// (D2) and R of it, from layer index i to right of i - 1, or to that of the input scales.
template <class T>
void ROperator<T>::backward_layer(Pass<T>& pass, Index i, Index at, Index first, Index rows) {
  const Layer &l = layer(i), *to = i > 0 ? &layer(i - 1) : nullptr;
  const Index stride = row_stride<T>(l.in), half = l.right_stride;
  const T *right = l.right_row(first), *w = l.up.data() + half * l.up_stride;
  T* tangents = to ? to->right_row(first) + to->right_stride : scale_right_.data() + first * stride;
  const Index to_stride = to ? 2 * to->right_stride : stride;
  const auto from_right = [&](const T* from, Index depth, const T* b, T* out) {
    multiply(kernels_, rows, depth, from, 2 * half, b, l.in, l.up_stride, out, to_stride);
  };
  if (hessian_)
    from_right(right, half + l.out, l.up.data(), tangents);
  else
    from_right(right + half, l.out, w, tangents);
  if (hessian_ && to) from_right(right, l.out, w, to->right_row(first));
  for (Index r = 0; r < rows; ++r) {
    T *tangent = tangents + r * to_stride, *slope = pass.a(i, at + r);  // of the inputs: x
    for (Index j = 0; j < l.in; ++j) tangent[j] *= slope[j];
    if (!hessian_ || !to) continue;
    T *delta = to->right_row(first + r), *bent = pass.z(i - 1, at + r);
    for (Index j = 0; j < l.in; ++j) {
      tangent[j] += delta[j] * bent[j];
      delta[j] *= slope[j];
    }
  }
}

template <class T>
typename ROperator<T>::Factors ROperator<T>::factors(Index i, Index rows) const {
  const Layer& first = layer(0);
  if (i == layers())  // the left factor is the column of ones
    return {first.left.data() + 2 * first.left_stride - 1, 2 * first.left_stride, scale_right_.data(),
            row_stride<T>(first.in), rows};
  const Layer& l = layer(i);
  if (hessian_ && l.paired) return {l.left.data(), l.left_stride, l.right.data(), l.right_stride, 2 * rows};
  const Index skip = l.paired ? l.left_stride : 0;  // a and R{delta} alone
  return {l.left.data() + skip, l.left_stride + skip, l.right.data() + l.right_stride, 2 * l.right_stride,
          rows};
}

#define LOCALGRAD_FOR(T) template class ROperator<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
