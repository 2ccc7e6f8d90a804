#include "harness.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace bench {
namespace {

double now() {
  const auto time = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count());
}

double quantile(std::vector<double>& numbers, double q) {
  const auto at = static_cast<std::ptrdiff_t>(q * static_cast<double>(numbers.size() - 1));
  std::nth_element(numbers.begin(), numbers.begin() + at, numbers.end());
  return numbers[static_cast<std::size_t>(at)];
}

}  // namespace

void Group::run(double seconds) {
  constexpr double burst = 10e3;  // nanoseconds
  constexpr int alone = 20;       // calls per burst that are timed one by one
  std::vector<long> lengths;
  for (auto& contender : contenders_) {
    contender.repeat(1000);
    const double start = now();
    contender.repeat(1000);
    lengths.push_back(std::max(1L, std::lround(burst * 1000 / (now() - start))));
  }
  for (const double end = now() + seconds * 1e9; now() < end;)
    for (std::size_t c = 0; c < contenders_.size(); ++c) {
      auto& contender = contenders_[c];
      const double start = now();
      contender.repeat(lengths[c]);
      contender.bursts.push_back((now() - start) / static_cast<double>(lengths[c]));
      for (int i = 0; i < alone; ++i) {
        const double before = now();
        contender.repeat(1);
        contender.calls.push_back(now() - before);
      }
    }
  std::printf("\n%-44s %9s %6s %9s   %8s %8s %8s\n", name_.c_str(), "ns/call", "ratio", "least", "p50", "p99",
              "p99.9");
  double first = 0;
  for (auto& contender : contenders_) {
    const double median = quantile(contender.bursts, 0.5);
    if (first == 0) first = median;
    std::printf("  %-42s %9.1f %6.2f %9.1f   %8.0f %8.0f %8.0f\n", contender.name.c_str(), median,
                median / first, quantile(contender.bursts, 0), quantile(contender.calls, 0.5),
                quantile(contender.calls, 0.99), quantile(contender.calls, 0.999));
  }
}

}  // namespace bench
