#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "localgrad/localgrad.hpp"

using namespace localgrad;

namespace {

/// Restores the instruction set at the end of a test.
struct Restore {
  std::string isa = info().isa;
  ~Restore() { set_isa(isa); }
};

std::vector<float> after_steps(Trainer<float>& trainer, const Network<float>& net) {
  const std::vector<float> x(8 * 5, 0.5f), y(8 * 3, 0.25f);
  for (int i = 0; i < 3; ++i) trainer.step(Rows(x.data(), 8, 5), Targets(Rows(y.data(), 8, 3)));
  return {net.parameters(), net.parameters() + net.num_parameters()};
}

}  // namespace

TEST_CASE("the instruction set can be chosen from code") {
  const Restore restore;
  const auto available = info().isa_available;
  for (const auto& isa : available) {
    set_isa(isa);
    CHECK(info().isa == isa);
  }
  set_isa("");
  CHECK(info().isa == restore.isa);  // the suite runs with LOCALGRAD_ISA
  std::string list;
  for (const auto& isa : available) list += (list.empty() ? "" : ", ") + isa;
  CHECK_THROWS_WITH_AS(set_isa("sse9"),
                       ("isa must be an available instruction set (" + list + "), got 'sse9'").c_str(),
                       std::invalid_argument);
  CHECK(info().isa == restore.isa);
}

TEST_CASE("an object keeps its instruction set") {
  const Restore restore;
  const std::vector<std::size_t> sizes = {5, 20, 3};
  Network<float> one(sizes), two(sizes), three(sizes);
  Trainer<float> first(one, Adam{}, 8), second(two, Adam{}, 8);
  set_isa(info().isa_available.front());
  Trainer<float> portable(three, Adam{}, 8);
  const auto expected = after_steps(first, one);
  CHECK(after_steps(second, two) == expected);
  // Without fused multiply-adds, the portable kernels round differently.
  if (restore.isa != info().isa && !info().fused_multiply_add)
    CHECK(after_steps(portable, three) != expected);
}

TEST_CASE("the instruction set can change while other threads compute") {
  const Restore restore;
  const Network<float> net({5, 20, 3});
  const std::vector<float> x(5, 0.5f);
  std::atomic<bool> over{false};
  std::thread other([&] {
    while (!over) {
      float out[3];
      predict(net, Rows(x.data(), 1, 5), out);
    }
  });
  for (int i = 0; i < 1000; ++i)
    for (const auto& isa : info().isa_available) set_isa(isa);
  over = true;
  other.join();
}
