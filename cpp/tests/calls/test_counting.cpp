#include <doctest/doctest.h>

#include <memory>
#include <mutex>
#include <vector>

#include "count.hpp"

TEST_CASE("allocations and locks are counted") {
  std::mutex mutex;
  std::shared_ptr<int> shared;
  void* volatile memory = nullptr;
  CHECK(calls::count(3, [] {}) == "");
  CHECK(calls::count(2, [&] { delete new std::vector<int>(5); }) == "4 allocations, 4 frees");
  CHECK(calls::count(1, [&] { memory = std::aligned_alloc(64, 64); }) == "1 allocations");
  CHECK(calls::count(1, [&] { std::free(memory); }) == "1 frees");
  CHECK(calls::count(5, [&] { const std::lock_guard<std::mutex> lock(mutex); }) == "5 locks");
  CHECK(calls::count(1, [&] { std::atomic_store(&shared, std::shared_ptr<int>()); }) == "1 locks");
}
