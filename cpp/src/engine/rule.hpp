#pragma once

#include "functions/list.hpp"
#include "functions/updates.hpp"
#include "localgrad/optimizer.hpp"

namespace localgrad {

/// An update rule with its settings.
template <class T>
struct Rule {
  Update update;
  int states;
  UpdateSettings<T> settings;
};

/// The update rule that does what an optimiser's settings say. Throws std::invalid_argument for settings out of range.
template <class T>
Rule<T> rule_of(const Optimizer& optimizer);

}  // namespace localgrad
