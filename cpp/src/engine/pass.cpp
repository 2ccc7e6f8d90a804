#include "engine/pass.hpp"

#include <algorithm>

#include "model/names.hpp"

namespace localgrad {
namespace {

/// A row of width + 1 numbers in whole vectors, and not a multiple of 512 bytes: rows that far apart share cache sets.
Index padded(Index width, Index lanes, std::size_t size) {
  const Index stride = ceil_div(width + 1, lanes) * lanes;
  return stride * static_cast<Index>(size) % 512 == 0 ? stride + lanes : stride;
}

}  // namespace

template <class T>
typename Pass<T>::Matrix Pass<T>::make_matrix(Index width, bool ones) const {
  Matrix m;
  m.stride = padded(width, kernels_.lanes, sizeof(T));
  const auto stride = static_cast<std::size_t>(m.stride);
  const bool fits = capacity_ <= ~std::size_t{0} / stride;
  m.buffer = Buffer<T>(fits ? capacity_ * stride : ~std::size_t{0}, "workspace of a mini-batch");
  if (ones)
    for (std::size_t r = 0; r < capacity_; ++r) m.row(static_cast<Index>(r))[width] = 1;
  return m;
}

template <class T>
typename Pass<T>::Layer Pass<T>::make_layer(Index i, Activation activation, Index shares) const {
  const Index lanes = kernels_.lanes, most = kernels_.panel_vectors;
  const bool last = i + 1 == layers();
  Layer layer;
  layer.activation = activation;
  layer.w = {nullptr, width(i) + 1, width(i + 1), panel_count(width(i + 1), lanes, most, last ? 1 : shares),
             false};
  layer.transposed = {nullptr, width(i + 1), width(i), panel_count(width(i), lanes, most, shares), false};
  layer.a = make_matrix(width(i + 1), !last);
  const bool needs_z = keep_ == Keep::gradients && kernels_.needs_z[static_cast<int>(activation)];
  if (last || needs_z || keep_ == Keep::everything) layer.z = make_matrix(width(i + 1), false);
  if (last || keep_ != Keep::outputs) layer.delta = make_matrix(width(i + 1), false);
  return layer;
}

template <class T>
Pass<T>::Pass(const Network<T>& network, const Kernels<T>& kernels, std::size_t capacity, Keep keep,
              Copies copies)
    : network_(network),
      kernels_(kernels),
      capacity_(capacity),
      keep_(keep),
      cost_function_(cost_named(network.options().cost)),
      sizes_(network.sizes().begin(), network.sizes().end()) {
  const auto& options = network.options();
  for (int c = 0; c < copies.x; ++c) x_.push_back(make_matrix(width(0), true));
  for (Index i = 0; i + 1 < layers(); ++i)
    hidden_.push_back(make_layer(
        i, unit_activation(options.activation[static_cast<std::size_t>(i)], "activation"), copies.shares));
  for (int c = 0; c < copies.heads; ++c)
    heads_.push_back({make_layer(layers() - 1, output_activation(options.output), copies.shares),
                      make_matrix(width(layers()), false), std::vector<double>(capacity)});
}

template <class T>
std::size_t Pass<T>::panel_elements(Index i) const {
  const auto& w = panels(i);
  return static_cast<std::size_t>(panel_size(w.rows, w.cols, kernels_.lanes));
}

template <class T>
void Pass<T>::load_layer(Index i, Layer& layer) {
  const Index lanes = kernels_.lanes;
  if (!loaded_) {
    layer.w_buffer = Buffer<T>(panel_elements(i), "workspace of the weights");
    layer.w.data = layer.w_buffer.data();
    if (i > 0 && keep_ != Keep::outputs) {
      const auto elements = static_cast<std::size_t>(panel_size(width(i + 1), width(i), lanes));
      layer.transposed_buffer = Buffer<T>(elements, "workspace of the weights");
      layer.transposed.data = layer.transposed_buffer.data();
    }
  }
  const T* dense = network_.weights(static_cast<std::size_t>(i));
  for (Index p = 0; p < layer.w.panels; ++p) {
    const auto panel = panel_of(layer.w, p, lanes);
    for (Index k = 0; k < layer.w.rows; ++k) {
      T* row = panel.data + k * panel.stride;
      std::copy_n(dense + k * layer.w.cols + panel.column, panel.width, row);
      std::fill(row + panel.width, row + panel.stride,
                T(0));  // a step that diverged may have spoilt the padding
    }
    if (layer.transposed.data) kernels_.transpose(layer.w, p, 0, layer.w.rows, layer.transposed);
  }
}

template <class T>
void Pass<T>::load() {
  for (Index i = 0; i + 1 < layers(); ++i) load_layer(i, hidden_[static_cast<std::size_t>(i)]);
  for (auto& head : heads_) load_layer(layers() - 1, head.layer);
  loaded_ = true;
}

template <class T>
void Pass<T>::store(Network<T>& network) const {
  for (Index i = 0; i < layers(); ++i) {
    const auto& w = panels(i);
    T* dense = network.weights(static_cast<std::size_t>(i));
    for (Index p = 0; p < w.panels; ++p) {
      const auto panel = panel_of(w, p, kernels_.lanes);
      for (Index k = 0; k < w.rows; ++k)
        std::copy_n(panel.data + k * panel.stride, panel.width, dense + k * w.cols + panel.column);
    }
  }
}

template <class T>
void Pass<T>::forward_layer(Index i, Index begin, Index end, PanelRange panels, Place place) {
  const auto& to = layer(i, place);
  const bool keep_z = to.z.stride != 0;
  ForwardArgs<T> f;
  f.rows = end - begin;
  f.fan_in = width(i);
  f.fan_out = width(i + 1);
  f.a_prev = a(i, begin, place);
  f.a_prev_stride = i == 0 ? x_[0].stride : layer(i - 1).a.stride;
  if (loaded_)
    f.w = {to.w.data, to.w.rows, to.w.cols, to.w.panels, false};
  else
    f.w = {network_.weights(static_cast<std::size_t>(i)), to.w.rows, to.w.cols, to.w.panels, true};
  f.panel_begin = panels.begin;
  f.panel_end = panels.end;
  f.a = to.a.row(begin);
  f.a_stride = to.a.stride;
  f.keep_z = keep_z;
  f.z = keep_z ? to.z.row(begin) : f.a;
  f.z_stride = keep_z ? to.z.stride : f.a_stride;
  kernels_.forward[static_cast<int>(to.activation)](f);
}

template <class T>
void Pass<T>::output(Index begin, Index end, Place place) {
  const auto& head = heads_[static_cast<std::size_t>(place.head)];
  OutputArgs<T> o;
  o.rows = end - begin;
  o.width = width(layers());
  o.z = head.layer.z.row(begin);
  o.a = head.layer.a.row(begin);
  o.stride = head.layer.a.stride;
  o.y = head.y.row(begin);
  o.y_stride = head.y.stride;
  o.delta = head.layer.delta.row(begin);
  o.delta_stride = head.layer.delta.stride;
  o.cost = cost(begin, place);
  kernels_.output[static_cast<int>(cost_function_)][static_cast<int>(head.layer.activation)](o);
}

template <class T>
void Pass<T>::backward_layer(Index i, Index begin, Index end, PanelRange panels, Place place) {
  const auto& from = layer(i, place);
  const auto& to = layer(i - 1);
  BackwardArgs<T> d;
  d.rows = end - begin;
  d.fan_in = width(i);
  d.fan_out = width(i + 1);
  d.delta = from.delta.row(begin);
  d.delta_stride = from.delta.stride;
  const auto& w = from.transposed;
  d.w_transposed = {w.data, w.rows, w.cols, w.panels, false};
  d.panel_begin = panels.begin;
  d.panel_end = panels.end;
  d.z_prev = to.z.stride ? to.z.row(begin) : nullptr;
  d.a_prev = to.a.row(begin);
  d.a_prev_stride = to.a.stride;
  d.delta_prev = to.delta.row(begin);
  d.delta_prev_stride = to.delta.stride;
  kernels_.backward[static_cast<int>(to.activation)](d);
}

template <class T>
void Pass<T>::forward(Index begin, Index end) {
  for (Index i = 0; i < layers(); ++i) forward_layer(i, begin, end, all_panels(i), {});
}

template <class T>
void Pass<T>::backward(Index begin, Index end) {
  for (Index i = layers() - 1; i > 0; --i) backward_layer(i, begin, end, {0, transposed(i).panels}, {});
}

template <class T>
GradientArgs<T> Pass<T>::gradient_args(Index i, Index batch, Place place) {
  const auto& to = layer(i, place);
  GradientArgs<T> g{};
  g.batch = batch;
  g.a_prev = a(i, 0, place);
  g.a_prev_stride = i == 0 ? x_[0].stride : layer(i - 1).a.stride;
  g.delta = to.delta.row(0);
  g.delta_stride = to.delta.stride;
  g.one_over_batch = T(1) / static_cast<T>(batch);
  g.w = to.w;
  return g;
}

template class Pass<float>;
template class Pass<double>;

}  // namespace localgrad
