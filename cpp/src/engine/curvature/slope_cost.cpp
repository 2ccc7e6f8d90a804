#include "engine/curvature/slope_cost.hpp"

#include <algorithm>
#include <utility>

#include "engine/curvature/row_sums.hpp"
#include "engine/curvature/second_derivatives.hpp"
#include "model/network_functions.hpp"

namespace localgrad {

template <class T>
SlopeCost<T>::SlopeCost(const Network<T>& network, const Kernels<T>& kernels, std::size_t capacity,
                        std::size_t frames, double weight, Arena* arena)
    : kernels_(kernels),
      weight_(static_cast<T>(weight)),
      learns_scale_(network.options().learn_input_scale),
      inputs_(static_cast<Index>(network.sizes().front())),
      outputs_(static_cast<Index>(network.sizes().back())) {
  const auto make = [&](std::size_t rows, Index columns) {
    return Buffer<T>(product(rows, static_cast<std::size_t>(columns)), "workspace of slopes", arena);
  };
  const auto inputs = static_cast<std::size_t>(inputs_), each = capacity / frames;
  double numbers = 0;  // in the rows of the examples
  for (std::size_t i = 0; i + 1 < network.sizes().size(); ++i) {
    Layer l;
    l.phi = activation_of(network, i);
    l.parameter = activation_parameter(network, i);
    l.in = static_cast<Index>(network.sizes()[i]);
    l.out = static_cast<Index>(network.sizes()[i + 1]);
    l.left_stride = row_stride<T>(l.in + 1);
    l.right_stride = row_stride<T>(l.out);
    const auto m = static_cast<double>(inputs_), left = static_cast<double>(l.left_stride),
               right = static_cast<double>(l.right_stride);
    numbers += static_cast<double>(capacity) *
               (i > 0 ? (1 + m) * (left + right) + m * right : left + right + 2 * m * right);
    if (i == 0) numbers += static_cast<double>(frames) * m * (left + right);
    layers_.push_back(std::move(l));
  }
  const double bytes = numbers * sizeof(T), most = static_cast<double>(~std::size_t{0});
  check_memory(bytes < most ? static_cast<std::size_t>(bytes) : ~std::size_t{0}, "workspace of slopes");
  for (Layer& l : layers_) {
    const bool first = &l == &layers_.front();
    const std::size_t tangents = capacity * inputs, rows = capacity + (first ? frames * inputs : tangents);
    l.down = make(static_cast<std::size_t>(l.in), l.right_stride);
    if (!first || learns_scale_) l.up = make(static_cast<std::size_t>(l.out), l.left_stride);
    l.left = make(rows, l.left_stride);
    l.right = make(rows, l.right_stride);
    l.bent = make(tangents, l.right_stride);
    if (first) e_ = make(tangents, l.right_stride);
  }
  for (std::size_t frame = 0; frame < frames; ++frame)
    put_directions(static_cast<Index>(frame * (each + inputs)));
  target_ = make(capacity, target_stride());
  units_ = make(1, target_stride());
  direction_ = make(1, inputs_);
  slope_ = make(capacity, layers_.back().right_stride);
  dense_ = make(1, static_cast<Index>(network.num_parameters()));
  if (learns_scale_) {
    scale_ = make(1, inputs_);
    scale_right_ = make(capacity, layers_.front().left_stride);
  }
  read(network, nullptr);
}

/// With a standardization, the slopes are those of standardized targets along standardized inputs.
template <class T>
void SlopeCost<T>::read(const Network<T>& network, const Standards<T>* standards) {
  const double scale = network.options().input_scale;
  const Standardization none, &learned = standards ? standards->learned() : none;
  for (Index k = 0; k < inputs_; ++k) {
    const auto input = static_cast<std::size_t>(k);
    direction_.data()[k] = standards ? T(1) : static_cast<T>(scale);
    for (Index j = 0; j < outputs_; ++j) {
      const auto output = static_cast<std::size_t>(j);
      const double of_target = learned.target_std.empty() ? 1 : learned.target_std[output];
      units_.data()[j * inputs_ + k] =
          standards ? static_cast<T>(learned.input_std[input] / scale / of_target) : T(1);
    }
  }
}

template <class T>
void SlopeCost<T>::load(const Pass<T>& pass, const Member& member) {
  T* dense = dense_.data();
  for (Index i = 0; i < pass.parts(); dense += pass.parameters(i), ++i) {
    if (i % member.count != member.index) continue;
    pass.unpack(i, pass.w(i).data, i < layers() ? dense : scale_.data());
    if (i == layers()) continue;
    const Layer& l = layer(i);
    for (Index k = 0; k < l.in; ++k)
      std::copy_n(dense + k * l.out, l.out, l.down.data() + k * l.right_stride);
    for (Index k = 0; k < l.in && l.up.size() > 0; ++k)
      for (Index j = 0; j < l.out; ++j) l.up.data()[j * l.left_stride + k] = dense[k * l.out + j];
  }
}

template <class T>
void SlopeCost<T>::compute(Pass<T>& pass, Index begin, Index end, Frame frame, T factor, Index lowest) {
  put_inputs(pass, begin, end, frame);
  for (Index i = 1; i < layers(); ++i) {
    put_activations(pass, i, begin, end, frame);
    const Layer& l = layer(i);
    multiply(kernels_, (end - begin) * inputs_, l.in,
             l.left.data() + tangent_of(frame, begin) * l.left_stride, l.left_stride, l.down.data(), l.out,
             l.right_stride, l.bent.data() + begin * inputs_ * l.right_stride, l.right_stride);
  }
  put_output(pass, begin, end, frame, factor);
  for (Index i = layers() - 1; i > std::max<Index>(lowest, 0); --i)
    backward_layer(pass, i, begin, end, frame);
  if (learns_scale_ && lowest < 0) scale_inputs(pass, begin, end, frame);
}

/// Rows of the identity matrix, which never change.
template <class T>
void SlopeCost<T>::put_directions(Index row) {
  const Layer& l = layers_.front();
  T* to = l.left.data() + row * l.left_stride;
  for (Index k = 0; k < inputs_; ++k, to += l.left_stride) {
    std::fill_n(to, l.in + 1, T(0));
    to[k] = 1;
  }
}

/// a of the inputs, and z' of the first layer. The only number of a' that is not 0 is in the column of its
/// direction.
template <class T>
void SlopeCost<T>::put_inputs(Pass<T>& pass, Index begin, Index end, Frame frame) {
  const Layer& l = layer(0);
  const T* s = learns_scale_ ? scale_.data() : nullptr;
  for (Index r = begin; r < end; ++r) {
    T *left = l.left.data() + row_of(0, frame, r) * l.left_stride,
      *z = l.bent.data() + r * inputs_ * l.right_stride;
    const T* x = pass.a(0, r);
    for (Index k = 0; k < inputs_; ++k) left[k] = s ? s[k] * x[k] : x[k];
    left[l.in] = 1;
    for (Index k = 0; k < inputs_; ++k, z += l.right_stride) {
      const T length = length_of(k), *w = l.down.data() + k * l.right_stride;
      for (Index j = 0; j < l.out; ++j) z[j] = length * w[j];
    }
  }
}

/// phi'' z' of the tangents of a row.
template <class T>
void SlopeCost<T>::bend(const Layer& l, Index row, const T* z, const T* a, const T* slope) {
  T* bent = l.bent.data() + row * inputs_ * l.right_stride;
  for (Index k = 0; k < inputs_; ++k, bent += l.right_stride)
    if (!times_second_derivative(l.phi, l.out, z, a, slope, bent, bent)) std::fill_n(bent, l.out, T(0));
}

/// a and a' of layer index i - 1, which lead to layer index i. In the pass, a becomes phi'.
template <class T>
void SlopeCost<T>::put_activations(Pass<T>& pass, Index i, Index begin, Index end, Frame frame) {
  const Layer &l = layer(i), &from = layer(i - 1);
  const auto derivative = kernels_.activation_derivative[static_cast<int>(from.phi)];
  for (Index r = begin; r < end; ++r) {
    T *left = l.left.data() + row_of(i, frame, r) * l.left_stride, *slope = pass.a(i, r),
      *tangent = l.left.data() + tangent_of(frame, r) * l.left_stride;
    std::copy_n(slope, l.in, left);
    left[l.in] = 1;
    derivative(l.in, pass.z(i - 1, r), slope, from.parameter, slope);
    const T* z = from.bent.data() + r * inputs_ * from.right_stride;
    for (Index k = 0; k < inputs_; ++k, tangent += l.left_stride, z += from.right_stride) {
      for (Index j = 0; j < l.in; ++j) tangent[j] = slope[j] * z[j];
      tangent[l.in] = 0;
    }
    bend(from, r, pass.z(i - 1, r), left, slope);
  }
}

/// The cost, and d and e of the output layer.
template <class T>
void SlopeCost<T>::put_output(Pass<T>& pass, Index begin, Index end, Frame frame, T factor) {
  const Index head = layers() - 1;
  const Layer& l = layer(head);
  const auto derivative = kernels_.activation_derivative[static_cast<int>(l.phi)];
  for (Index r = begin; r < end; ++r) {
    T *d = l.right.data() + row_of(head, frame, r) * l.right_stride, *e = e_of(head, frame, r),
      *bent = l.bent.data() + r * inputs_ * l.right_stride, *slope = slope_.data() + r * l.right_stride;
    derivative(l.out, pass.z(head, r), pass.a(layers(), r), l.parameter, slope);
    const T of_example = pass.weighted() ? weight_ * *pass.weight(r) : weight_;
    double squares = 0;
    for (Index k = 0; k < inputs_; ++k)
      for (Index j = 0; j < l.out; ++j) {
        const Index at = k * l.right_stride + j, jk = j * inputs_ + k;
        const T error = slope[j] * bent[at] - target(r)[jk] * units_.data()[jk];
        squares += static_cast<double>(error) * static_cast<double>(error);
        e[at] = factor * of_example * error;
      }
    *pass.cost(r) += static_cast<double>(of_example) * 0.5 * squares;
    bend(l, r, pass.z(head, r), pass.a(layers(), r), slope);
    std::copy_n(pass.delta(head, r), l.out, d);
    for (Index k = 0; k < inputs_; ++k, e += l.right_stride, bent += l.right_stride)
      for (Index j = 0; j < l.out; ++j) {
        d[j] += bent[j] * e[j];
        e[j] *= slope[j];
      }
  }
}

/// From d and e of layer index i to those of i - 1.
template <class T>
void SlopeCost<T>::backward_layer(Pass<T>& pass, Index i, Index begin, Index end, Frame frame) {
  const Layer &l = layer(i), &to = layer(i - 1);
  const auto d_of = [&](Index layer_index, Index r) {
    const Layer& of = layer(layer_index);
    return of.right.data() + row_of(layer_index, frame, r) * of.right_stride;
  };
  const auto through_w = [&](Index rows, const T* from, T* out) {
    multiply(kernels_, rows, l.out, from, l.right_stride, l.up.data(), l.in, l.left_stride, out,
             to.right_stride);
  };
  through_w(end - begin, d_of(i, begin), d_of(i - 1, begin));
  through_w((end - begin) * inputs_, e_of(i, frame, begin), e_of(i - 1, frame, begin));
  for (Index r = begin; r < end; ++r) {
    T *d = d_of(i - 1, r), *e = e_of(i - 1, frame, r);
    const T *slope = pass.a(i, r), *bent = to.bent.data() + r * inputs_ * to.right_stride;
    for (Index j = 0; j < to.out; ++j) d[j] *= slope[j];
    for (Index k = 0; k < inputs_; ++k, e += to.right_stride, bent += to.right_stride)
      for (Index j = 0; j < to.out; ++j) {
        d[j] += bent[j] * e[j];
        e[j] *= slope[j];
      }
  }
}

/// dc/ds_k = x_k (w^T d)_k + direction_k (w^T e)_k, where e is that of direction k.
template <class T>
void SlopeCost<T>::scale_inputs(Pass<T>& pass, Index begin, Index end, Frame frame) {
  const Layer& l = layer(0);
  multiply(kernels_, end - begin, l.out, l.right.data() + row_of(0, frame, begin) * l.right_stride,
           l.right_stride, l.up.data(), l.in, l.left_stride, scale_right_.data() + begin * l.left_stride,
           l.left_stride);
  for (Index r = begin; r < end; ++r) {
    T* to = scale_right_.data() + r * l.left_stride;
    const T *x = pass.a(0, r), *e = e_of(0, frame, r);
    for (Index k = 0; k < inputs_; ++k, e += l.right_stride) {
      const T* w = l.down.data() + k * l.right_stride;
      T sum = 0;
      for (Index j = 0; j < l.out; ++j) sum += w[j] * e[j];
      to[k] = to[k] * x[k] + direction_.data()[k] * sum;
    }
  }
}

/// The sum of e a'^T of the first layer is that of the products of sum_r e and a'. The numbers of a' are
/// moved to the former, so that the latter are rows of the identity matrix.
template <class T>
void SlopeCost<T>::add_inputs(Frame frame, Index begin, Index end) {
  const Layer& l = layers_.front();
  for (Index k = begin; k < end; ++k) {
    const T length = length_of(k), *e = e_of(0, frame, frame.first) + k * l.right_stride;
    T* sum = l.right.data() + (first_of_inputs(frame) + k) * l.right_stride;
    std::fill_n(sum, l.out, T(0));
    for (Index r = 0; r < frame.rows; ++r, e += inputs_ * l.right_stride)
      for (Index j = 0; j < l.out; ++j) sum[j] += e[j];
    for (Index j = 0; j < l.out; ++j) sum[j] *= length;
  }
}

template <class T>
void SlopeCost<T>::replace(GradientArgs<T>& g, Index i, Frame frame, bool narrow) const {
  const bool scale = i == layers();  // the left factor is the column of ones
  const Layer& l = layer(scale ? 0 : i);
  const Index first = scale || i > 0 ? row_of(scale ? 0 : i, frame, frame.first) : first_of_inputs(frame);
  g.batch = scale ? frame.rows : i > 0 ? frame.rows * (1 + inputs_) : frame.rows + inputs_;
  g.left = l.left.data() + first * l.left_stride + (scale ? l.in : 0);
  g.left_stride = l.left_stride;
  g.right =
      scale ? scale_right_.data() + frame.first * l.left_stride : l.right.data() + first * l.right_stride;
  g.right_stride = scale ? l.left_stride : l.right_stride;
  if (!narrow) return;
  std::swap(g.left, g.right);
  std::swap(g.left_stride, g.right_stride);
}

#define LOCALGRAD_FOR(T) template class SlopeCost<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
