#pragma once

#include "functions/updates.hpp"

namespace localgrad {

/// An optimizer at work.
template <class T>
class Rule {
 public:
  /// Throws std::invalid_argument for settings out of range.
  explicit Rule(const Optimizer& optimizer);

  /// Where its kernels are in the table.
  int step() const { return step_; }
  /// What it remembers means the same to all optimizers of this name.
  const char* name() const;
  int states() const;
  T initial(int state) const;     ///< of each number of a state
  bool is_size(int state) const;  ///< of squares, or of steps: no number of it is negative
  double learning_rate() const;
  double weight_decay() const;  ///< the optimizer's own
  /// Whether the settings change from step to step by themselves.
  bool varies() const;
  /// The numbers of the mini-batch after `progress`, which moves on, with a learning rate of `factor` times
  /// the optimizer's.
  StepNumbers<T> next(Progress& progress, double factor) const;

 private:
  Optimizer optimizer_;
  int step_;
};

}  // namespace localgrad
