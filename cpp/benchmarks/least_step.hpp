#pragma once

// The time that a step of Adam for one example takes at least: (F) and (D2) in the order of their sums, then
// the operations of Adam for every parameter, on numbers that stay in L1, in the order that was the fastest.

#include <algorithm>
#include <iterator>

#include "functions/updates.hpp"
#include "order_of_sums.hpp"
#include "simd/twice.hpp"

namespace bench {

class AdamOperations {
 public:
  AdamOperations() {
    const float values[] = {-1e-3f, 0.9f, 0.1f, 0.999f, 0.001f, 1, 1e-8f};
    std::copy(std::begin(values), std::end(values), numbers_.values);
    std::fill(std::begin(a_), std::end(a_), 0.5f);
  }
  /// Updates this number of vectors, whose gradients are multiples of `unit`. The first part of the rule for
  /// some of them alternates with the second part for those before, which do not depend on each other.
  void run(int vectors, float unit) {
    const auto n = localgrad::broadcast<Pair, Rule>(numbers_, 1);
    const auto delta = Pair::broadcast(unit);
    for (int first = 0; first < vectors; first += kGroup) {
#pragma GCC unroll 4
      for (int i = first; i < first + kGroup; i += 2) {
        const int at = i % kVectors * Simd::kLanes;
        const auto gradient = delta * Pair::load(a_ + at);
        Pair::V kept[] = {Pair::load(m_ + at), Pair::load(v_ + at)};
        Pair::store(rest_ + at, Rule::begin<Pair>(n, gradient, kept));
        Pair::store(m_ + at, kept[0]);
        Pair::store(v_ + at, kept[1]);
      }
#pragma GCC unroll 4
      for (int i = first + kVectors - kGroup; i < first + kVectors; i += 2) {
        const int at = i % kVectors * Simd::kLanes;
        const Pair::V kept[] = {Pair::load(m_ + at), Pair::load(v_ + at)};
        Pair::store(w_ + at, Rule::end<Pair>(n, Pair::load(w_ + at), kept, Pair::load(rest_ + at)));
      }
    }
  }

 private:
  using Pair = localgrad::Twice<Simd>;
  using Rule = localgrad::AdamStep;
  static constexpr int kGroup = 8, kVectors = 32, kNumbers = kVectors * Simd::kLanes;
  localgrad::StepNumbers<float> numbers_{};
  alignas(64) float a_[kNumbers] = {}, m_[kNumbers] = {}, v_[kNumbers] = {}, w_[kNumbers] = {},
                    rest_[kNumbers] = {};
};

template <int in, int hidden, int out>
inline void least_step(AdamOperations& adam, const float* x, float* y) {
  order_of_sums<in, hidden>(x, y);
  const auto delta = chain<hidden>(chain<out>(Simd::broadcast(y[0])));
  adam.run(((in + 1) * hidden + (hidden + 1) * (hidden + out)) / Simd::kLanes, delta[0]);
}

}  // namespace bench
