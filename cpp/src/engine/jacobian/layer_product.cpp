#include "engine/jacobian/layer_product.hpp"

#include <algorithm>

#include "kernels/lanes.hpp"

namespace localgrad {
namespace {

/// A row of activations, with room for the ones and the padding of narrow.hpp.
Index padded(Index width) { return ceil_div(width + 1, kVirtualLanes) * kVirtualLanes; }

/// Number of elements that all buffers need.
template <class T>
std::size_t size_of(const Network<T>& network, Index stride) {
  const auto& sizes = network.sizes();
  const auto row = [](std::size_t width) {
    return static_cast<std::size_t>(padded(static_cast<Index>(width)));
  };
  std::size_t rows = row(sizes.front()) + row(sizes.back());
  for (std::size_t l = 1; l < sizes.size(); ++l) rows += 2 * row(sizes[l]);
  const std::size_t units = *std::max_element(sizes.begin(), sizes.end()) + 1;
  const auto packed = LayerCall<T>::packed_size(network, sizes.size() - 2, 1);
  return rows + product(2 * units, static_cast<std::size_t>(stride)) +
         (is_narrow(network) ? static_cast<std::size_t>(packed) : 0);
}

}  // namespace

template <class T>
LayerProduct<T>::LayerProduct(const OutputDerivatives<T>& of, Index columns)
    : of_(of),
      network_(of.network()),
      kernels_(of.kernels()),
      columns_(columns),
      stride_(ceil_div(columns, kernels_.lanes) * kernels_.lanes),
      numbers_(size_of(network_, stride_), "workspace of derivatives") {
  const auto& sizes = network_.sizes();
  T* next = numbers_.data();
  const auto take = [&](Index n) { return std::exchange(next, next + n); };
  const auto row = [&](Index width) {
    T* a = take(padded(width));
    a[width] = 1;
    return a;
  };
  x_ = row(width(0));
  seed_ = take(padded(width(sizes.size() - 1)));
  const Index units = static_cast<Index>(*std::max_element(sizes.begin(), sizes.end())) + 1;
  from_ = take(units * stride_);
  to_ = take(units * stride_);
  const T* w = network_.parameters();
  layers_.reserve(sizes.size() - 1);
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    LayerCall<T> call(network_, kernels_, i, w);
    if (call.narrow()) {
      call = LayerCall<T>(network_, kernels_, i, take(LayerCall<T>::packed_size(network_, i, 1)));
      call.pack(kernels_, w);
    }
    T* a = row(width(i + 1));
    layers_.push_back({call, a, take(padded(width(i + 1)))});
    w += (sizes[i] + 1) * sizes[i + 1];
  }
}

template <class T>
bool LayerProduct<T>::forward(const Rows& x, std::size_t row) {
  if (!gather_row(kernels_, x, row, x_, of_.reading())) return false;
  if (const T* s = network_.input_scales())
    for (Index k = 0; k < width(0); ++k) x_[k] *= s[k];
  const T* a = x_;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    auto& [call, to, z] = layers_[i];
    call(1, a, 0, to, 0, z);
    a = to;
    if (i + 1 < layers_.size())
      kernels_.activation_derivative[static_cast<int>(activation_of(network_, i))](
          width(i + 1), z, a, activation_parameter(network_, i), z);
  }
  return true;
}

template <class T>
void LayerProduct<T>::set(Index c) {
  const std::size_t head = layers_.size() - 1;
  const Index width = this->width(head + 1);
  OutputArgs<T> o{};
  o.rows = 1;
  o.width = width;
  o.z = layers_[head].z;
  o.a = layers_[head].a;
  o.delta = seed_;
  o.stride = padded(width);
  o.phi = activation_parameter(network_, head);
  kernels_.output_delta[static_cast<int>(output_of(network_))](o);
  if (of_.standards()) of_.standards()->chain(seed_);
  for (Index j = 0; j < width; ++j) from_[j * stride_ + c] = seed_[j];
}

template <class T>
void LayerProduct<T>::set_units() {
  const std::size_t head = layers_.size() - 1;
  const Activation phi = output_of(network_);
  if (is_unitwise(phi)) {  // a diagonal matrix
    kernels_.activation_derivative[static_cast<int>(phi)](columns_, layers_[head].z, layers_[head].a,
                                                          activation_parameter(network_, head), seed_);
    if (of_.standards()) of_.standards()->chain(seed_);
    for (Index j = 0; j < columns_; ++j) {
      T* const row = from_ + j * stride_;
      std::fill_n(row, columns_, T(0) * seed_[j]);  // with the sign that set() gives
      row[j] = seed_[j];
    }
    return;
  }
  for (Index j = 0; j < columns_; ++j) {
    std::fill_n(seed_, columns_, T(0));
    seed_[j] = 1;
    set(j);
  }
}

template <class T>
void LayerProduct<T>::pull_back() {
  for (std::size_t i = layers_.size(); i-- > 0; std::swap(from_, to_)) {
    const Index in = width(i), out = width(i + 1), columns = columns_, stride = stride_;
    // (D2) as (F) with phi(z) = z: the inputs are the rows of w, and the weights are the derivatives. -0 as a
    // bias changes no sum, not even the sign of a zero.
    std::fill_n(from_ + out * stride, columns, T(-0.0));
    ForwardArgs<T> f{};
    f.rows = in;
    f.fan_in = out;
    f.fan_out = columns;
    f.a_prev = network_.weights(i);
    f.a_prev_stride = out;
    f.w = {from_, out + 1, columns, panel_count(columns, kernels_.lanes, kernels_.panel_vectors), stride};
    f.panel_end = f.w.panels;
    f.z = f.a = to_;
    f.z_stride = f.a_stride = stride;
    kernels_.forward[static_cast<int>(Activation::identity)](f);
    const T* slopes = i > 0 ? layers_[i - 1].z : network_.input_scales();
    for (Index k = 0; slopes && k < in; ++k) {
      T* const row = to_ + k * stride;
      const T slope = slopes[k];
      for (Index c = 0; c < columns; ++c) row[c] *= slope;
    }
  }
}

template <class T>
void LayerProduct<T>::copy_inputs(Index c, T* out) const {
  const Index in = width(0);
  for (Index k = 0; k < in; ++k) out[k] = from_[k * stride_ + c];
  scale_slopes(of_.reading(), in, out);
}

#define LOCALGRAD_FOR(T) template class LayerProduct<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
