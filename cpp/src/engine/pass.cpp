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
  m.buffer = Buffer<T>(capacity_ * static_cast<std::size_t>(m.stride), "workspace of a mini-batch");
  if (ones)
    for (std::size_t r = 0; r < capacity_; ++r) m.buffer.data()[static_cast<Index>(r) * m.stride + width] = 1;
  return m;
}

template <class T>
Pass<T>::Pass(const Network<T>& network, const Kernels<T>& kernels, std::size_t capacity, Keep keep)
    : network_(network),
      kernels_(kernels),
      capacity_(capacity),
      keep_(keep),
      cost_function_(cost_named(network.options().cost)),
      sizes_(network.sizes().begin(), network.sizes().end()),
      layer_(sizes_.size() - 1),
      cost_(capacity) {
  for (Index l = 0; l <= layers(); ++l) a_.push_back(make_matrix(width(l), l < layers()));
  for (Index i = 0; i < layers(); ++i) {
    auto& layer = layer_[static_cast<std::size_t>(i)];
    const bool last = i + 1 == layers();
    const auto& options = network.options();
    layer.activation = last ? output_activation(options.output)
                            : unit_activation(options.activation[static_cast<std::size_t>(i)], "activation");
    layer.w = {nullptr, width(i) + 1, width(i + 1), false};
    const bool keeps_z = last || keep == Keep::everything ||
                         (keep == Keep::gradients && kernels.needs_z[static_cast<int>(layer.activation)]);
    z_.push_back(keeps_z ? make_matrix(width(i + 1), false) : Matrix{});
    delta_.push_back(last || keep != Keep::outputs ? make_matrix(width(i + 1), false) : Matrix{});
  }
  y_stride_ = padded(width(layers()), kernels.lanes, sizeof(T));
  y_ = Buffer<T>(capacity * static_cast<std::size_t>(y_stride_), "workspace of a mini-batch");
}

template <class T>
std::size_t Pass<T>::panel_elements(Index i) const {
  const auto& w = panels(i);
  return static_cast<std::size_t>(panel_size(w.rows, w.cols, kernels_.lanes));
}

template <class T>
void Pass<T>::load() {
  const Index lanes = kernels_.lanes, most = kernels_.panel_vectors;
  for (Index i = 0; i < layers(); ++i) {
    auto& layer = layer_[static_cast<std::size_t>(i)];
    if (!loaded_) {
      layer.w_buffer = Buffer<T>(panel_elements(i), "workspace of the weights");
      layer.w.data = layer.w_buffer.data();
      if (i > 0 && keep_ != Keep::outputs) {
        const auto elements = static_cast<std::size_t>(panel_size(width(i + 1), width(i), lanes));
        layer.transposed_buffer = Buffer<T>(elements, "workspace of the weights");
        layer.transposed = {layer.transposed_buffer.data(), width(i + 1), width(i), false};
      }
    }
    const T* dense = network_.weights(static_cast<std::size_t>(i));
    for (Index p = 0; p < panel_count(layer.w.cols, lanes, most); ++p) {
      const auto panel = panel_of(layer.w, p, lanes, most);
      for (Index k = 0; k < layer.w.rows; ++k) {
        T* row = panel.data + k * panel.stride;
        std::copy_n(dense + k * layer.w.cols + panel.column, panel.width, row);
        std::fill(row + panel.width, row + panel.stride,
                  T(0));  // a step that diverged may have spoilt the padding
      }
      if (layer.transposed.data) kernels_.transpose(layer.w, p, 0, layer.w.rows, layer.transposed);
    }
  }
  loaded_ = true;
}

template <class T>
void Pass<T>::store(Network<T>& network) const {
  const Index lanes = kernels_.lanes, most = kernels_.panel_vectors;
  for (Index i = 0; i < layers(); ++i) {
    const auto& w = panels(i);
    T* dense = network.weights(static_cast<std::size_t>(i));
    for (Index p = 0; p < panel_count(w.cols, lanes, most); ++p) {
      const auto panel = panel_of(w, p, lanes, most);
      for (Index k = 0; k < w.rows; ++k)
        std::copy_n(panel.data + k * panel.stride, panel.width, dense + k * w.cols + panel.column);
    }
  }
}

template <class T>
void Pass<T>::forward(Index begin, Index end) {
  for (Index i = 0; i < layers(); ++i) {
    const auto l = static_cast<std::size_t>(i);
    const auto& layer = layer_[l];
    ForwardArgs<T> f;
    f.rows = end - begin;
    f.fan_in = width(i);
    f.fan_out = width(i + 1);
    f.a_prev = a(i, begin);
    f.a_prev_stride = a_[l].stride;
    if (loaded_)
      f.w = {layer.w.data, layer.w.rows, layer.w.cols, false};
    else
      f.w = {network_.weights(l), layer.w.rows, layer.w.cols, true};
    f.a = a(i + 1, begin);
    f.a_stride = a_[l + 1].stride;
    f.keep_z = z_[l].stride != 0;
    f.z = f.keep_z ? z(i, begin) : f.a;
    f.z_stride = f.keep_z ? z_[l].stride : f.a_stride;
    kernels_.forward[static_cast<int>(layer.activation)](f);
  }
}

template <class T>
void Pass<T>::output(Index begin, Index end) {
  const auto last = layer_.size() - 1;
  const Index i = layers() - 1;
  OutputArgs<T> o;
  o.rows = end - begin;
  o.width = width(layers());
  o.z = z(i, begin);
  o.a = a(i + 1, begin);
  o.stride = z_[last].stride;
  o.y = y(begin);
  o.y_stride = y_stride_;
  o.delta = delta(i, begin);
  o.delta_stride = delta_[last].stride;
  o.cost = cost(begin);
  kernels_.output[static_cast<int>(cost_function_)][static_cast<int>(layer_[last].activation)](o);
}

template <class T>
void Pass<T>::backward(Index begin, Index end) {
  for (Index i = layers() - 1; i > 0; --i) {
    const auto l = static_cast<std::size_t>(i);
    const auto& w = layer_[l].transposed;
    BackwardArgs<T> d;
    d.rows = end - begin;
    d.fan_in = width(i);
    d.fan_out = width(i + 1);
    d.delta = delta(i, begin);
    d.delta_stride = delta_[l].stride;
    d.w_transposed = {w.data, w.rows, w.cols, false};
    d.z_prev = z_[l - 1].stride ? z(i - 1, begin) : nullptr;
    d.a_prev = a(i, begin);
    d.a_prev_stride = a_[l].stride;
    d.delta_prev = delta(i - 1, begin);
    d.delta_prev_stride = delta_[l - 1].stride;
    kernels_.backward[static_cast<int>(layer_[l - 1].activation)](d);
  }
}

template <class T>
GradientArgs<T> Pass<T>::gradient_args(Index i, Index batch) const {
  const auto l = static_cast<std::size_t>(i);
  GradientArgs<T> g{};
  g.batch = batch;
  g.a_prev = a_[l].buffer.data();
  g.a_prev_stride = a_[l].stride;
  g.delta = delta_[l].buffer.data();
  g.delta_stride = delta_[l].stride;
  g.one_over_batch = T(1) / static_cast<T>(batch);
  return g;
}

template class Pass<float>;
template class Pass<double>;

}  // namespace localgrad
