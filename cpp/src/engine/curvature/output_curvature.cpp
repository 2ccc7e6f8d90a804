#include "engine/curvature/output_curvature.hpp"

#include <cmath>

#include "kernels/lanes.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

template <class T>
T dot(Index n, const T* a, const T* b) {
  T sum = 0;
  for (Index j = 0; j < n; ++j) sum += a[j] * b[j];
  return sum;
}

/// factor * t; 0 if t is 0, also if the factor has overflowed.
template <class T>
T times(T factor, T t) {
  return t == 0 ? T(0) : factor * t;
}

}  // namespace

template <class T>
OutputCurvature<T>::OutputCurvature(const Network<T>& network, const Kernels<T>& kernels, Curvature matrix)
    : kernels_(kernels),
      hessian_(matrix == Curvature::hessian),
      cost_(cost_of(network)),
      output_(output_of(network)),
      curved_in_(curved_in(cost_, output_)),
      width_(static_cast<Index>(network.sizes().back())),
      size_(ceil_div(width_ + 1, kVirtualLanes) * kVirtualLanes),
      phi_(activation_parameter(network, network.sizes().size() - 2)),
      parameters_(network.sizes().back(), "parameters of the cost"),
      standards_(standards_of(network)) {
  if (cost_ == Cost::custom) refuse("cost must have a second derivative, got a custom cost");
  for (Index j = 0; j < width_; ++j)
    parameters_.data()[j] = column_parameter(network, static_cast<std::size_t>(j));
}

/// Computes phi', c'' and, for the Hessian, c' of a row.
template <class T>
void OutputCurvature<T>::prepare(const OutputRow<T>& row) const {
  cost_second_derivative(cost_, output_, width_, row.z, row.a, row.y, parameters_.data(), seconds(row));
  if (curved_in_ == CurvedIn::z) return;
  if (is_unitwise(output_))
    kernels_.activation_derivative[static_cast<int>(output_)](width_, row.z, row.a, phi_, slopes(row));
  if (hessian_)
    kernels_.cost_gradient[static_cast<int>(cost_)][static_cast<int>(output_)](
        width_, row.a, row.y, parameters_.data(), firsts(row));
}

template <class T>
void OutputCurvature<T>::multiply(const OutputRow<T>& row, T* t) const {
  chain(t);
  if (curved_in_ == CurvedIn::pairs) {
    multiply_pairs(row, t);
  } else if (curved_in_ == CurvedIn::softmax) {  // the Jacobian of delta = a sum(y) - y
    T mass = 0;
    for (Index j = 0; j < width_; ++j) mass += row.y[j];
    const T mean = dot(width_, row.a, t);
    for (Index j = 0; j < width_; ++j) t[j] = mass * (row.a[j] * (t[j] - mean));
  } else {
    prepare(row);
    if (curved_in_ == CurvedIn::z)
      for (Index j = 0; j < width_; ++j) t[j] = times(seconds(row)[j], t[j]);
    else if (is_unitwise(output_))
      multiply_apart(row, t);
    else
      multiply_softmax(row, t);
  }
  chain(t);
}

/// With e = mu - y: c'' is (e^-s, -e e^-s; -e e^-s, e^2 e^-s / 2), and its expectation diag(e^-s, 1/2).
template <class T>
void OutputCurvature<T>::multiply_pairs(const OutputRow<T>& row, T* t) const {
  if (hessian_)
    kernels_.cost_gradient[static_cast<int>(cost_)][static_cast<int>(output_)](
        width_, row.a, row.y, parameters_.data(), firsts(row));
  const Index half = width_ / 2;
  for (Index j = 0; j < half; ++j) {
    const T of_mu = t[j], of_s = t[half + j];
    t[j] = times(exp_of(-row.a[half + j]), of_mu);
    t[half + j] = T(0.5) * of_s;
    if (!hessian_) continue;
    const T pull = firsts(row)[j], square = T(0.5) * (row.a[j] - row.y[j]) * pull;
    t[j] -= times(pull, of_s);
    t[half + j] = times(square, of_s) - times(pull, of_mu);
  }
}

/// R{c' phi'} = c'' R{a} phi' + c' phi'' R{z}, R{a} = phi' R{z}.
template <class T>
void OutputCurvature<T>::multiply_apart(const OutputRow<T>& row, T* t) const {
  T *slope = slopes(row), *outer = seconds(row), *first = firsts(row);
  for (Index j = 0; j < width_; ++j) outer[j] = times(outer[j] * slope[j], slope[j] * t[j]);
  const bool bends = hessian_ && times_second_derivative(output_, width_, row.z, row.a, slope, t, slope);
  for (Index j = 0; j < width_; ++j) t[j] = bends ? outer[j] + first[j] * slope[j] : outer[j];
}

/// The product with the Jacobian of softmax, with c'', and with the Jacobian again; for the Hessian also with
/// the derivatives of the Jacobian.
template <class T>
void OutputCurvature<T>::multiply_softmax(const OutputRow<T>& row, T* t) const {
  const T *a = row.a, *first = firsts(row);
  T* second = seconds(row);
  const T mean = dot(width_, a, t);
  for (Index j = 0; j < width_; ++j) {
    t[j] = a[j] * (t[j] - mean);
    second[j] *= t[j];
  }
  T level = dot(width_, second, a);
  const T pull = hessian_ ? dot(width_, first, a) : T(0);
  if (hessian_) level += dot(width_, first, t);
  for (Index j = 0; j < width_; ++j) {
    const T bent = hessian_ ? t[j] * (first[j] - pull) : T(0);
    t[j] = a[j] * (second[j] - level) + bent;
  }
}

template <class T>
void OutputCurvature<T>::factor(const OutputRow<T>& row, Index k, T* f) const {
  for (Index j = 0; j < width_; ++j) f[j] = 0;
  if (curved_in_ == CurvedIn::pairs) {
    f[k] = k < width_ / 2 ? exp_of(T(-0.5) * row.a[width_ / 2 + k]) : std::sqrt(T(0.5));
  } else if (curved_in_ == CurvedIn::softmax || !is_unitwise(output_)) {
    // B is sum(y) (diag(a) - a a^T), or J^T diag(c'') J with J = diag(a) - a a^T.
    T root = 0;
    if (curved_in_ == CurvedIn::softmax) {
      for (Index j = 0; j < width_; ++j) root += row.y[j];
      root = std::sqrt(root * row.a[k]);
    } else {
      if (k == 0) prepare(row);
      root = std::sqrt(seconds(row)[k]) * row.a[k];
    }
    for (Index j = 0; j < width_; ++j) f[j] = root * ((j == k ? T(1) : T(0)) - row.a[j]);
  } else {
    if (k == 0) prepare(row);
    f[k] = std::sqrt(seconds(row)[k]) * (curved_in_ == CurvedIn::z ? T(1) : slopes(row)[k]);
  }
  chain(f);
}

#define LOCALGRAD_FOR(T) template class OutputCurvature<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
