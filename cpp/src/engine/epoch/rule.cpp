#include "engine/epoch/rule.hpp"

#include <cstring>
#include <string>
#include <type_traits>

#include "functions/built.hpp"
#include "model/check.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

struct StepTraits {
  const char* name;
  int states;
  bool (*is_size)(int);
};
template <class... Step>
const StepTraits& traits_of(int step, StepList<Step...>) {
  static constexpr StepTraits traits[] = {{Step::kName, Step::kStates, &Step::is_size}...};
  return traits[step];
}

template <class O>
using RuleOf = UpdateRule<std::decay_t<O>>;

/// Checks the range of each setting.
struct CheckRange {
  void operator()(const char* name, double value, Range range) const { check(range, value, name); }
  void operator()(const char*, bool) const {}
};

template <class O, class = void>
constexpr bool kDecays = false;
template <class O>
constexpr bool kDecays<O, std::void_t<decltype(O::weight_decay)>> = true;

/// Whether the numbers of an optimizer's step depend on its progress.
template <class T, class O, class = void>
constexpr bool kVaries = true;
template <class T, class O>
constexpr bool
    kVaries<T, O, std::void_t<decltype(UpdateRule<O>::template numbers<T>(std::declval<O>(), 1.0))>> = false;

}  // namespace

template <class T>
Rule<T>::Rule(const Optimizer& optimizer) : optimizer_(optimizer) {
  const auto accept = [&](const auto& o) {
    if (!is_built(RuleOf<decltype(o)>::kName))
      refuse("optimizer must not be ", RuleOf<decltype(o)>::kName, ", ", kNotBuilt);
    RuleOf<decltype(o)>::settings(o, CheckRange());
    RuleOf<decltype(o)>::check(o, [](bool good, const char* name, const char* wanted, double value) {
      check(good, name, wanted, value);
    });
    step_ = first_step(optimizer_.index(), &optimizer_) + RuleOf<decltype(o)>::step(o);
  };
  std::visit(accept, optimizer_);
}

template <class T>
const char* Rule<T>::name() const {
  return traits_of(step_, AllSteps()).name;
}

template <class T>
int Rule<T>::states() const {
  return traits_of(step_, AllSteps()).states;
}

template <class T>
bool Rule<T>::is_size(int state) const {
  return traits_of(step_, AllSteps()).is_size(state);
}

template <class T>
T Rule<T>::initial(int state) const {
  return std::visit([&](const auto& o) { return static_cast<T>(RuleOf<decltype(o)>::initial(o, state)); },
                    optimizer_);
}

template <class T>
double Rule<T>::learning_rate() const {
  return std::visit([](const auto& o) { return o.learning_rate; }, optimizer_);
}

template <class T>
double Rule<T>::weight_decay() const {
  const auto decay = [](const auto& o) -> double {
    if constexpr (kDecays<std::decay_t<decltype(o)>>) return o.weight_decay;
    return 0;
  };
  return std::visit(decay, optimizer_);
}

template <class T>
bool Rule<T>::varies() const {
  return std::visit([](const auto& o) { return kVaries<T, std::decay_t<decltype(o)>>; }, optimizer_);
}

template <class T>
StepNumbers<T> Rule<T>::next(Progress& progress, double factor) const {
  ++progress.t;
  StepNumbers<T> all{};
  const auto set = [&](const auto& o) {
    using O = std::decay_t<decltype(o)>;
    const auto keep = [&](const auto& numbers) { std::memcpy(all.values, &numbers, sizeof numbers); };
    if constexpr (kVaries<T, O>)
      keep(UpdateRule<O>::template numbers<T>(o, factor, progress));
    else
      keep(UpdateRule<O>::template numbers<T>(o, factor));
  };
  std::visit(set, optimizer_);
  return all;
}

#define LOCALGRAD_FOR(T) template class Rule<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
