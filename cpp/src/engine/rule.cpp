#include "engine/rule.hpp"

#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace localgrad {
namespace {

std::string text(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%g", value);
  return digits;
}

void check(const SGD& sgd) {
  if (!(sgd.learning_rate >= 0) || std::isinf(sgd.learning_rate))
    throw std::invalid_argument("learning_rate must be a finite number of at least 0, given " +
                                text(sgd.learning_rate));
  if (!(sgd.momentum >= 0 && sgd.momentum < 1))
    throw std::invalid_argument("momentum must be at least 0 and below 1, given " + text(sgd.momentum));
  if (sgd.nesterov && sgd.momentum == 0)
    throw std::invalid_argument("nesterov must be false for momentum 0, given true");
}

template <class T>
Rule<T> rule(const SGD& sgd) {
  check(sgd);
  const UpdateSettings<T> settings{static_cast<T>(sgd.learning_rate), static_cast<T>(sgd.momentum),
                                   sgd.nesterov};
  return {sgd.momentum == 0 ? Update::sgd : Update::momentum, sgd.momentum == 0 ? 0 : 1, settings};
}

}  // namespace

template <class T>
Rule<T> rule_of(const Optimizer& optimizer) {
  return std::visit([](const auto& settings) { return rule<T>(settings); }, optimizer);
}

template Rule<float> rule_of(const Optimizer&);
template Rule<double> rule_of(const Optimizer&);

}  // namespace localgrad
