#pragma once

#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <string>

#include "functions/range.hpp"
#include "text/message.hpp"

namespace localgrad {

/// A number in an error message.
inline std::string text(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%g", value);
  return std::isnan(value) ? "nan" : digits;
}

/// Throws std::invalid_argument "NAME must be WANTED, got VALUE" unless `good`.
inline void check(bool good, const std::string& name, const char* wanted, double value) {
  if (good) return;
  refuse(name, " must be ", wanted, ", got ", text(value));
}

inline void check(Range range, double value, const std::string& name) {
  const bool bounded = range == Range::share || range == Range::between_0_and_1;
  check(within(range, value), name, ((bounded ? "" : "finite and ") + std::string(describe(range))).c_str(),
        value);
}
inline void check_at_least_0(double value, const std::string& name) { check(Range::at_least_0, value, name); }

/// Settings are double. One that overflows T becomes infinite, and its product with 0 would be NaN.
template <class T>
void check_fits(double value, const std::string& name) {
  check(std::fabs(value) <= static_cast<double>(std::numeric_limits<T>::max()), name,
        sizeof(T) == 4 ? "finite as float32" : "finite", value);
}

}  // namespace localgrad
