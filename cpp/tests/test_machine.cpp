// Measurements of the machine. The tests do not check how large the speeds are.

#include <doctest/doctest.h>

#include <stdexcept>

#include "engine/plan/machine.hpp"
#include "kernels/dispatch.hpp"

using namespace localgrad;

TEST_CASE_TEMPLATE("the chains of the peak measurement compute the expected sum", T, float, double) {
  const auto& k = kernels<T>();
  T out[64] = {};
  const double one = k.peak(1, out);
  const double chains = one / (2 * k.lanes);
  // Chain i begins at i, and 0.999 i + 0.001 follows.
  const double sum = 0.999 * chains * (chains - 1) / 2 + 0.001 * chains;
  for (int lane = 0; lane < k.lanes; ++lane) CHECK(double(out[lane]) == doctest::Approx(sum).epsilon(1e-5));
  CHECK(k.peak(7, out) == 7 * one);
}

TEST_CASE("speeds are positive, for one thread and for several") {
  const auto one = measure_machine(1, 0.01);
  CHECK(one.flops > 0);
  CHECK(one.bandwidth > 0);
  CHECK(one.handover == 0);
  auto three = measure_machine(3, 0.01);
  // Other processes may occupy the processors.
  for (int tries = 0; three.handover == 0 && tries < 100; ++tries) three = measure_machine(3, 0.01);
  CHECK(three.flops > 0);
  CHECK(three.bandwidth > 0);
#if defined(LOCALGRAD_TEST_THREADS)
  CHECK(three.handover > 0);
#endif
  CHECK_THROWS_AS(measure_machine(0, 0.01), std::invalid_argument);
}
