#pragma once

#include <functional>
#include <vector>

#include "functions/updates.hpp"

namespace localgrad {

/// Enables settings that are disabled: sets numbers that are 0 to 0.25 if `numbers`, and flags to true if
/// `flags`. Counts the changes.
struct SwitchOn {
  bool numbers, flags;
  int* changes;
  void operator()(const char*, double& setting, Range) const {
    if (numbers && setting == 0) *changes += 1, setting = 0.25;
  }
  void operator()(const char*, bool& setting) const {
    if (flags && !setting) *changes += 1, setting = true;
  }
};

template <class O>
void add_forms(std::vector<Optimizer>& all) {
  for (const bool numbers : {false, true})
    for (const bool flags : {false, true}) {
      O o;
      int number_changes = 0, flag_changes = 0;
      bool good = true;
      UpdateRule<O>::settings(o, SwitchOn{numbers, false, &number_changes});
      UpdateRule<O>::settings(o, SwitchOn{false, flags, &flag_changes});
      UpdateRule<O>::check(o, [&](bool fits, auto...) { good = good && fits; });
      if (good && numbers == (number_changes > 0) && flags == (flag_changes > 0)) all.push_back(o);
    }
}
template <class... O>
void add_forms_of(std::vector<Optimizer>& all, const std::variant<O...>*) {
  (add_forms<O>(all), ...);
}

/// Every optimizer with its defaults, and with momentum, decay and variants if it has them.
inline std::vector<Optimizer> every_optimizer() {
  std::vector<Optimizer> all;
  add_forms_of(all, static_cast<const Optimizer*>(nullptr));
  return all;
}

}  // namespace localgrad
