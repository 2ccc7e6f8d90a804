#pragma once

namespace localgrad {

/// Standardization of a row as it is read: number c becomes (x - mean) / std of column c. The arrays are
/// padded to whole vectors.
template <class T>
struct Shift {
  /// mean = high + low, because rounding a mean far from 0 to float would shift the column; factor = 1 / std.
  const T *high, *low, *factor;
  const double *mean, *inverse;  ///< for numbers that a T cannot represent
};

/// How rows are read: numbers are multiplied by `scale`, unless they are standardized. A Shift includes the
/// scale.
template <class T>
struct Reading {
  T scale = 1;
  const Shift<T>* shift = nullptr;
  Reading(T factor = 1, const Shift<T>* standard = nullptr) : scale(factor), shift(standard) {}
};

}  // namespace localgrad
