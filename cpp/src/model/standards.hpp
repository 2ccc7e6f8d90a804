#pragma once

#include <vector>

#include "functions/shift.hpp"
#include "localgrad/standardization.hpp"

namespace localgrad {

/// A Standardization in the form in which rows are read and outputs are written.
template <class T>
class Standards {
 public:
  /// `scale` is Options::input_scale. If `variances`, the outputs are the mean and the logarithm of the
  /// variance of each target; otherwise, outputs / targets of them estimate each target. Throws
  /// std::invalid_argument if a number is out of range.
  Standards(Standardization learned, double scale, std::size_t outputs, bool variances);
  Standards(const Standards&) = delete;
  Standards& operator=(const Standards&) = delete;

  const Standardization& learned() const { return learned_; }
  const Shift<T>* inputs() const { return &inputs_.shift; }
  /// Null if targets are not standardized.
  const Shift<T>* targets() const { return factors_.empty() ? nullptr : &targets_.shift; }

  /// Converts a row of outputs to the units of the targets.
  void restore(T* a) const {
    for (std::size_t j = 0; j < factors_.size(); ++j)
      a[j] = static_cast<T>(static_cast<double>(a[j]) * factors_[j] + shifts_[j]);
  }
  /// Multiplies a row of derivatives by those of restore().
  void chain(T* slopes) const {
    for (std::size_t j = 0; j < factors_.size(); ++j) slopes[j] *= static_cast<T>(factors_[j]);
  }

 private:
  struct Columns {
    Columns(const std::vector<double>& mean, const std::vector<double>& std, double scale, const char* what);
    std::vector<T> high, low, factor;
    std::vector<double> means, inverse;
    Shift<T> shift;
  };
  Standardization learned_;
  Columns inputs_, targets_;
  std::vector<double> factors_, shifts_;  // of each output; empty if targets are not standardized
};

}  // namespace localgrad
