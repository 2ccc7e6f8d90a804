#include "engine/epoch/penalties.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/check.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

/// Expands a single number to one per layer.
template <class T>
void spread(std::vector<double>& values, std::size_t layers, const char* name) {
  if (values.size() == 1) values.resize(layers, double(values[0]));
  if (values.size() != layers)
    refuse(name, " must be one number or ", layers, ", one per layer, got ", values.size());
  for (const double value : values) {
    check_at_least_0(value, name);
    check_fits<T>(value, name);
  }
}

bool all_zero(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return value == 0; });
}

}  // namespace

template <class T>
Penalties<T>::Penalties(const Regularization& regularization, const Network<T>& network, double own_decay)
    : asked_(regularization), rates_(regularization, network) {
  const std::size_t layers = network.sizes().size() - 1;
  if (asked_.weight_decay.empty()) asked_.weight_decay = {own_decay};
  spread<T>(asked_.l1, layers, "l1");
  spread<T>(asked_.l2, layers, "l2");
  spread<T>(asked_.weight_decay, layers, "weight_decay");
  spread<T>(asked_.weight_lr_factor, layers, "weight_lr_factor");
  spread<T>(asked_.bias_lr_factor, layers, "bias_lr_factor");
  check_at_least_0(asked_.l2_by_rows, "l2_by_rows");
  check_fits<T>(asked_.l2_by_rows, "l2_by_rows");
  check_at_least_0(asked_.input_scale_lr_factor, "input_scale_lr_factor");
  check_fits<T>(asked_.input_scale_lr_factor, "input_scale_lr_factor");
  check_at_least_0(asked_.clip_value, "clip_value");
  check_at_least_0(asked_.clip_norm, "clip_norm");
  check_at_least_0(asked_.max_norm, "max_norm");
  plain_ = all_zero(asked_.l1) && all_zero(asked_.l2) && asked_.l2_by_rows == 0 &&
           all_zero(asked_.weight_decay) && asked_.clip_value == 0 && asked_.clip_norm == 0;
}

template <class T>
bool Penalties<T>::decays() const {
  return !all_zero(asked_.weight_decay);
}

template <class T>
T Penalties<T>::clip_value() const {
  return asked_.clip_value > 0 ? static_cast<T>(asked_.clip_value) : std::numeric_limits<T>::infinity();
}

template <class T>
Shrink<T> Penalties<T>::shrink(double root, int exponent) const {
  if (!std::isfinite(root))
    return {std::numeric_limits<T>::quiet_NaN(), 1};  // makes the parameters NaN, which is detected
  const double offset = std::min(1e-6, 1e-3 * asked_.clip_norm);
  // Computes clip_norm / (norm + offset) = fraction 2^power with separate significands and exponents;
  // fraction is in [1/2, 1).
  int power = 0, below = 0, carry = 0;
  const double above = std::frexp(asked_.clip_norm, &power);
  const double divisor = std::frexp(root + std::ldexp(offset, -exponent), &below);
  if (divisor == 0) return {};
  const double fraction = std::frexp(above / divisor, &carry);
  power += carry - below - exponent;
  if (power > 0) return {};
  // If the factor is too small for a T, it is split into two.
  const int second = power < std::numeric_limits<T>::min_exponent ? power / 2 : 0;
  return {static_cast<T>(std::ldexp(fraction, power - second)), std::ldexp(T(1), second)};
}

template <class T>
void Penalties<T>::fill(UpdateArgs<T>& u, Index i, double decay, Index rows) const {
  u.plain = plain_;
  if (plain_) return;
  u.clip = clip_value();
  u.shrink = u.shrink_more = 1;
  u.weights = u.biases = {};
  const auto l = static_cast<std::size_t>(i);
  if (l == asked_.l1.size()) return;
  const auto penalty = [&](double factor) {
    const double l2 = asked_.l2[l] + asked_.l2_by_rows / static_cast<double>(rows);
    return Penalty<T>{static_cast<T>(asked_.l1[l]), static_cast<T>(l2),
                      static_cast<T>(1 - decay * factor * asked_.weight_decay[l])};
  };
  u.weights = penalty(rates_.weights(i));
  if (asked_.penalize_biases) u.biases = penalty(rates_.biases(i));
}

#define LOCALGRAD_FOR(T) template class Penalties<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
