// The costs and gradients of a Pass.

#include <algorithm>
#include <utility>

#include "engine/pass/pass.hpp"
#include "model/network_functions.hpp"

namespace localgrad {

template <class T>
OutputArgs<T> Pass<T>::output_args(Index begin, Index end, Place place) {
  const auto& from = head(place);
  OutputArgs<T> o;
  o.rows = end - begin;
  o.width = width(layers());
  o.z = from.layer.z.row(begin);
  o.a = from.layer.a[0].row(begin);
  o.y = from.y.row(begin);
  o.delta = from.layer.delta.row(begin);
  o.stride = from.layer.delta.stride;
  o.cost = cost(begin, place);
  o.phi = activation_parameter(*network_, static_cast<std::size_t>(layers() - 1));
  o.parameters = cost_parameters_.data();
  return o;
}

template <class T>
void Pass<T>::output(Index begin, Index end, Place place) {
  const auto o = output_args(begin, end, place);
  const int c = static_cast<int>(cost_function_), phi = static_cast<int>(head(place).layer.activation);
  if (const auto both = kernels_.output[c][phi]) {
    both(o);
  } else {
    kernels_.cost[c](o);
    kernels_.output_delta[phi](o);
  }
  if (weighted()) weigh(begin, end, place);
}

template <class T>
void Pass<T>::output_delta(Index begin, Index end, Place place) {
  kernels_.output_delta[static_cast<int>(head(place).layer.activation)](output_args(begin, end, place));
  if (weighted()) weigh(begin, end, place);
}

template <class T>
void Pass<T>::backward_layer(Index i, Index begin, Index end, PanelRange panels, Place place,
                             Prefetch* prefetch) {
  const auto &from = layer(i, place), &to = i == 0 ? scale_ : layer(i - 1);
  const auto& a_prev = matrix_a(i, place);
  const auto& w = transposed(i, place);
  BackwardArgs<T> d;
  d.rows = end - begin;
  d.fan_in = width(i);
  d.fan_out = width(i + 1);
  d.delta = from.delta.row(begin);
  d.delta_stride = from.delta.stride;
  const bool row = copies_.dense && !from.narrow;
  if (row)
    d.w = {from.w.data, from.w.rows, from.w.cols, from.w.panels, from.w.row_stride};
  else
    d.w_transposed = {w.data, w.rows, w.cols, w.panels, w.row_stride};
  d.panel_begin = panels.begin;
  d.panel_end = panels.end;
  d.z_prev = to.z.stride ? to.z.row(begin) : nullptr;
  const auto& phi = to.drop_rate > 0 ? to.undropped : a_prev;
  d.a_prev = phi.row(begin);
  d.a_prev_stride = phi.stride;
  d.delta_prev = to.delta.row(begin);
  d.delta_prev_stride = to.delta.stride;
  d.prefetch = prefetch;
  if (i > 0) d.phi = activation_parameter(*network_, static_cast<std::size_t>(i - 1));
  (row ? kernels_.backward_row : kernels_.backward)[static_cast<int>(to.activation)](d);
  if (to.drop_rate > 0) undrop(i - 1, begin, end, panels);
  if (i == 0 && learns_scale()) unscale_delta(begin, end, place);
}

template <class T>
void Pass<T>::backward(Index begin, Index end, Place place, Index lowest) {
  if (!differentiates_x()) lowest = std::max<Index>(lowest, 0);
  for (Index i = layers() - 1; i > lowest; --i)
    backward_layer(i, begin, end, {0, transposed(i).panels}, place);
}

template <class T>
GradientArgs<T> Pass<T>::gradient_args(Index i, Index first, Index batch, Place place, bool dense) {
  const auto& to = layer(i, place);
  const bool scale = i == layers();  // its left factor is the column of ones
  const auto& a_prev = inputs(scale ? 0 : i, place);
  GradientArgs<T> g{};
  g.batch = batch;
  g.left = a_prev.row(first) + (scale ? width(0) : 0);
  g.left_stride = a_prev.stride;
  g.right = to.delta.row(first);
  g.right_stride = to.delta.stride;
  g.scale = T(1) / static_cast<T>(batch);
  g.w = to.w;
  if (dense) {
    const Index rows = scale ? 1 : width(i) + 1, cols = scale ? width(0) : width(i + 1);
    g.w = {nullptr, rows, cols, panel_count(cols, kernels_.lanes, kernels_.panel_vectors), cols};
  } else if (to.narrow) {
    std::swap(g.left, g.right);
    std::swap(g.left_stride, g.right_stride);
  }
  return g;
}

// The members defined in this file.
#define LOCALGRAD_FOR(T) template class Pass<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
