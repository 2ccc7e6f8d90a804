#pragma once

namespace localgrad {

/// Valid range of a finite number x: x >= 0, x > 0, x > 1, x != 0, 0 <= x < 1 or 0 < x < 1.
enum class Range { at_least_0, above_0, above_1, not_0, share, between_0_and_1 };

inline bool within(Range range, double x) {
  switch (range) {
    case Range::at_least_0:
      return __builtin_isfinite(x) && x >= 0;
    case Range::above_0:
      return __builtin_isfinite(x) && x > 0;
    case Range::above_1:
      return __builtin_isfinite(x) && x > 1;
    case Range::not_0:
      return __builtin_isfinite(x) && x != 0;
    case Range::share:
      return x >= 0 && x < 1;
    case Range::between_0_and_1:
      return x > 0 && x < 1;
  }
  return false;
}

/// Describes a range in an error message about a finite number.
constexpr const char* describe(Range range) {
  switch (range) {
    case Range::at_least_0:
      return "at least 0";
    case Range::above_0:
      return "above 0";
    case Range::above_1:
      return "above 1";
    case Range::not_0:
      return "not 0";
    case Range::share:
      return "at least 0 and below 1";
    case Range::between_0_and_1:
      return "between 0 and 1";
  }
  return "";
}

}  // namespace localgrad
