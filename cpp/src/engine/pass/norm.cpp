#include "engine/pass/norm.hpp"

#include <cmath>
#include <type_traits>

#include "kernels/lanes.hpp"

namespace localgrad {
namespace {

/// Adds the squares of number(0) .. number(n - 1) to the lanes.
template <class Number>
void add_squares(Index n, const Number& number, double* lane) {
  const auto add = [&](int i, double one) { lane[i] += one * one; };
  Index k = 0;
  for (; k + kVirtualLanes <= n; k += kVirtualLanes)
    for (int i = 0; i < kVirtualLanes; ++i) add(i, number(k + i));
  for (int i = 0; k + i < n; ++i) add(i, number(k + i));
}

/// Adds up the lanes, which are overwritten.
double total(double* lane) {
  for (int half = kVirtualLanes / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lane[i] += lane[i + half];
  return lane[0];
}

template <class Number>
double sum_of_squares(Index n, const Number& number) {
  double lane[kVirtualLanes] = {};
  add_squares(n, number, lane);
  return total(lane);
}

}  // namespace

template <class T>
double sum_of_squares_of(Index n, const T* v, double scale) {
  return sum_of_squares(n, [=](Index k) { return scale * static_cast<double>(v[k]); });
}

template <class T>
double sum_of_squares_of_rows(Index count, const Index* rows, Index n, const T* v, Index stride,
                              double scale) {
  double lane[kVirtualLanes] = {};
  for (Index r = 0; r < count; ++r) {
    const T* row = v + rows[r] * stride;
    add_squares(
        n, [=](Index k) { return scale * static_cast<double>(row[k]); }, lane);
  }
  return total(lane);
}

template <class T>
double sum_of_squared_differences(Index n, const T* v, const T* w) {
  return sum_of_squares(n, [=](Index k) { return static_cast<double>(v[k]) - static_cast<double>(w[k]); });
}

template <class T>
double norm_of(Index n, const T* v) {
  const double sum = sum_of_squares_of(n, v, 1);
  if constexpr (std::is_same_v<T, double>) {
    using Squares = SquareRange<double>;
    if (sum > Squares::kMost) return std::sqrt(sum_of_squares_of(n, v, Squares::kDown)) * Squares::kUp;
    if (sum < Squares::kLeast) return std::sqrt(sum_of_squares_of(n, v, Squares::kUp)) * Squares::kDown;
  }
  return std::sqrt(sum);
}

#define LOCALGRAD_FOR(T)                                                                       \
  template double sum_of_squares_of(Index, const T*, double);                                  \
  template double sum_of_squares_of_rows(Index, const Index*, Index, const T*, Index, double); \
  template double sum_of_squared_differences(Index, const T*, const T*);                       \
  template double norm_of(Index, const T*);
LOCALGRAD_FOR(float)
LOCALGRAD_FOR(double)
#undef LOCALGRAD_FOR

}  // namespace localgrad
