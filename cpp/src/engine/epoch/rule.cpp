#include "engine/epoch/rule.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/check.hpp"

namespace localgrad {
namespace {

void check_share(double value, const char* name) {
  check(value >= 0 && value < 1, name, "at least 0 and below 1", value);
}

template <class O>
void check_moments(const O& o) {
  check_share(o.beta1, "beta1");
  check_share(o.beta2, "beta2");
  check_positive(o.epsilon, "epsilon");
}

void check_settings(const SGD& o) {
  check_share(o.momentum, "momentum");
  if (o.nesterov && o.momentum == 0)
    throw std::invalid_argument("momentum must be above 0 for nesterov, got 0");
}
void check_settings(const Adam& o) { check_moments(o); }
void check_settings(const AdamW& o) {
  check_moments(o);
  check_at_least_0(o.weight_decay, "weight_decay");
}
void check_settings(const NAdam& o) {
  check_moments(o);
  check_at_least_0(o.momentum_decay, "momentum_decay");
}
void check_settings(const RMSprop& o) {
  check_share(o.alpha, "alpha");
  check_positive(o.epsilon, "epsilon");
  check_share(o.momentum, "momentum");
}
void check_settings(const Adagrad& o) {
  check_at_least_0(o.lr_decay, "lr_decay");
  check_at_least_0(o.initial_accumulator, "initial_accumulator");
  check_positive(o.epsilon, "epsilon");
}
void check_settings(const Rprop& o) {
  check(o.eta_minus > 0 && o.eta_minus < 1, "eta_minus", "above 0 and below 1", o.eta_minus);
  check(o.eta_plus > 1 && std::isfinite(o.eta_plus), "eta_plus", "finite and above 1", o.eta_plus);
  check_at_least_0(o.min_step, "min_step");
  check(o.max_step >= o.min_step && std::isfinite(o.max_step), "max_step", "finite and at least min_step",
        o.max_step);
}
void check_settings(const Lion& o) {
  check_share(o.beta1, "beta1");
  check_share(o.beta2, "beta2");
  check_at_least_0(o.weight_decay, "weight_decay");
}

Update update_of(const SGD& o) { return o.momentum == 0 ? Update::sgd : Update::momentum; }
Update update_of(const Adam& o) { return o.amsgrad ? Update::amsgrad : Update::adam; }
Update update_of(const AdamW& o) { return o.amsgrad ? Update::amsgrad : Update::adam; }
Update update_of(const NAdam&) { return Update::nadam; }
Update update_of(const RMSprop& o) {
  if (o.centered) return o.momentum == 0 ? Update::rmsprop_centered : Update::rmsprop_centered_momentum;
  return o.momentum == 0 ? Update::rmsprop : Update::rmsprop_momentum;
}
Update update_of(const Adagrad&) { return Update::adagrad; }
Update update_of(const Rprop&) { return Update::rprop; }
Update update_of(const Lion&) { return Update::lion; }

double decay_of(const AdamW& o) { return o.weight_decay; }
double decay_of(const Lion& o) { return o.weight_decay; }
template <class O>
double decay_of(const O&) {
  return 0;
}

bool changes(const SGD&) { return false; }
bool changes(const RMSprop&) { return false; }
bool changes(const Adagrad& o) { return o.lr_decay != 0; }
bool changes(const Rprop&) { return false; }
bool changes(const Lion&) { return false; }
template <class O>
bool changes(const O&) {
  return true;
}

/// What is 0 as a float would make 0/0 of a unit's padding, what is infinite or has no normal reciprocal a not-a-number of quotient().
template <class T>
T usable_epsilon(double epsilon) {
  using Limits = std::numeric_limits<T>;
  return static_cast<T>(std::clamp<double>(epsilon, Limits::min(), Limits::max() / 8));
}

template <class T>
void set_numbers(const SGD& o, double factor, Progress&, UpdateSettings<T>& s) {
  s.rate = static_cast<T>(factor * o.learning_rate);
  s.keep = static_cast<T>(o.momentum);
  s.nesterov = o.nesterov;
}

template <class T, class O>
void set_moments(const O& o, std::uint64_t t, UpdateSettings<T>& s) {
  s.keep = static_cast<T>(o.beta1);
  s.take = static_cast<T>(1 - o.beta1);
  s.keep_square = static_cast<T>(o.beta2);
  s.take_square = static_cast<T>(1 - o.beta2);
  s.root = static_cast<T>(1 / std::sqrt(1 - std::pow(o.beta2, static_cast<double>(t))));
  s.epsilon = usable_epsilon<T>(o.epsilon);
}

template <class T, class O>
void set_adam(const O& o, double factor, std::uint64_t t, UpdateSettings<T>& s) {
  set_moments(o, t, s);
  s.rate = static_cast<T>(factor * o.learning_rate / (1 - std::pow(o.beta1, static_cast<double>(t))));
}
template <class T>
void set_numbers(const Adam& o, double factor, Progress& p, UpdateSettings<T>& s) {
  set_adam(o, factor, p.t, s);
}
template <class T>
void set_numbers(const AdamW& o, double factor, Progress& p, UpdateSettings<T>& s) {
  set_adam(o, factor, p.t, s);
}

template <class T>
void set_numbers(const NAdam& o, double factor, Progress& p, UpdateSettings<T>& s) {
  const auto mu = [&](std::uint64_t t) {
    return o.beta1 * (1 - 0.5 * std::pow(0.96, static_cast<double>(t) * o.momentum_decay));
  };
  set_moments(o, p.t, s);
  const double rate = factor * o.learning_rate, next = mu(p.t + 1);
  p.mu_product *= mu(p.t);
  s.slope_rate = static_cast<T>(rate * (1 - mu(p.t)) / (1 - p.mu_product));
  s.rate = static_cast<T>(rate * next / (1 - p.mu_product * next));
}

template <class T>
void set_numbers(const RMSprop& o, double factor, Progress&, UpdateSettings<T>& s) {
  s.rate = static_cast<T>(factor * o.learning_rate);
  s.keep_square = static_cast<T>(o.alpha);
  s.take_square = static_cast<T>(1 - o.alpha);
  s.epsilon = usable_epsilon<T>(o.epsilon);
  s.momentum = static_cast<T>(o.momentum);
}

template <class T>
void set_numbers(const Adagrad& o, double factor, Progress& p, UpdateSettings<T>& s) {
  s.rate = static_cast<T>(factor * o.learning_rate / (1 + static_cast<double>(p.t - 1) * o.lr_decay));
  s.epsilon = usable_epsilon<T>(o.epsilon);
}

template <class T>
void set_numbers(const Rprop& o, double factor, Progress&, UpdateSettings<T>& s) {
  s.rate = static_cast<T>(factor);
  s.keep = static_cast<T>(o.eta_minus);
  s.take = static_cast<T>(o.eta_plus);
  s.lowest = static_cast<T>(o.min_step);
  s.highest = static_cast<T>(o.max_step);
}

template <class T>
void set_numbers(const Lion& o, double factor, Progress&, UpdateSettings<T>& s) {
  s.rate = static_cast<T>(factor * o.learning_rate);
  s.keep = static_cast<T>(o.beta1);
  s.take = static_cast<T>(1 - o.beta1);
  s.keep_square = static_cast<T>(o.beta2);
  s.take_square = static_cast<T>(1 - o.beta2);
}

}  // namespace

template <class T>
Rule<T>::Rule(const Optimizer& optimizer) : optimizer_(optimizer) {
  check_at_least_0(learning_rate(), "learning_rate");
  std::visit([](const auto& o) { check_settings(o); }, optimizer_);
  update_ = std::visit([](const auto& o) { return update_of(o); }, optimizer_);
}

template <class T>
const char* Rule<T>::name() const {
#define LOCALGRAD_STRING(name, ...) #name,
  constexpr const char* names[] = {LOCALGRAD_UPDATES(LOCALGRAD_STRING)};
#undef LOCALGRAD_STRING
  return names[static_cast<int>(update_)];
}

template <class T>
double Rule<T>::learning_rate() const {
  return std::visit([](const auto& o) { return o.learning_rate; }, optimizer_);
}

template <class T>
double Rule<T>::weight_decay() const {
  return std::visit([](const auto& o) { return decay_of(o); }, optimizer_);
}

template <class T>
bool Rule<T>::varies() const {
  return std::visit([](const auto& o) { return changes(o); }, optimizer_);
}

template <class T>
T Rule<T>::initial(int state) const {
  if (const auto* o = std::get_if<Adagrad>(&optimizer_)) return static_cast<T>(o->initial_accumulator);
  if (const auto* o = std::get_if<Rprop>(&optimizer_))
    return state == 1 ? static_cast<T>(o->learning_rate) : T(0);
  return 0;
}

template <class T>
bool Rule<T>::is_size(int state) const {
  switch (update_) {
    case Update::adam:
    case Update::amsgrad:
    case Update::nadam:
      return state > 0;
    case Update::rmsprop:
    case Update::rmsprop_momentum:
    case Update::rmsprop_centered:
    case Update::rmsprop_centered_momentum:
    case Update::adagrad:
      return state == 0;
    case Update::rprop:
      return state == 1;
    case Update::sgd:
    case Update::momentum:
    case Update::lion:
      return false;
  }
  return false;
}

template <class T>
UpdateSettings<T> Rule<T>::next(Progress& progress, double factor) const {
  UpdateSettings<T> settings;
  ++progress.t;
  std::visit([&](const auto& o) { set_numbers(o, factor, progress, settings); }, optimizer_);
  return settings;
}

template class Rule<float>;
template class Rule<double>;

}  // namespace localgrad
