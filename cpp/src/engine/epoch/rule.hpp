#pragma once

#include "functions/updates.hpp"

namespace localgrad {

/// The update rule of an optimizer.
template <class T>
class Rule {
 public:
  /// Throws std::invalid_argument for settings out of range.
  explicit Rule(const Optimizer& optimizer);

  /// Index of its kernels in the table.
  int step() const { return step_; }
  /// Name of its state: optimizers of the same name can use it.
  const char* name() const;
  int states() const;
  T initial(int state) const;  ///< initial value of a state variable
  /// Whether a state variable is a mean square or a step size, which cannot be negative.
  bool is_size(int state) const;
  double learning_rate() const;
  double weight_decay() const;  ///< weight decay of the optimizer, 0 if it has none
  /// Whether the numbers of a step depend on the progress.
  bool varies() const;
  /// Advances `progress` by one mini-batch and returns the numbers of its step, with a learning rate of
  /// `factor` times the optimizer's.
  StepNumbers<T> next(Progress& progress, double factor) const;

 private:
  Optimizer optimizer_;
  int step_;
};

}  // namespace localgrad
