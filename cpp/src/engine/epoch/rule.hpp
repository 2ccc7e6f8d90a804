#pragma once

#include <cstdint>
#include <vector>

#include "functions/list.hpp"
#include "functions/updates.hpp"
#include "localgrad/optimizer.hpp"

namespace localgrad {

/// How far an optimiser has come; all else that it remembers stands beside the parameters.
struct Progress {
  std::uint64_t t = 0;    ///< mini-batches
  double mu_product = 1;  ///< NAdam: mu_1 .. mu_t
};

/// An update rule with its settings.
template <class T>
class Rule {
 public:
  /// Throws std::invalid_argument for settings out of range.
  explicit Rule(const Optimizer& optimizer);

  Update update() const { return update_; }
  /// In the list of updates. What it remembers means the same to all optimisers of this name.
  const char* name() const;
  T initial(int state) const;     ///< of each number of a state
  bool is_size(int state) const;  ///< of squares, or of steps: no number of it is negative
  double learning_rate() const;
  double weight_decay() const;  ///< the optimiser's own
  /// Whether the settings change from step to step by themselves.
  bool varies() const;
  /// The numbers of the mini-batch behind `progress`, which moves on, with a learning rate of `factor` times the optimiser's.
  UpdateSettings<T> next(Progress& progress, double factor) const;

 private:
  Optimizer optimizer_;
  Update update_;
};

}  // namespace localgrad
