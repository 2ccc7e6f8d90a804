// Predicting a row, and training steps after the construction of a Trainer, must not allocate memory.

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

#include "localgrad/localgrad.hpp"

namespace {

std::atomic<long> allocations{0};

}  // namespace

// Counts the allocations of all vectors. Buffers do not use operator new, but each is allocated together
// with a vector.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size ? size : 1);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace localgrad;

TEST_CASE_TEMPLATE("predicting a row and training steps do not allocate memory", T, float, double) {
  for (const std::vector<std::size_t>& sizes :
       {std::vector<std::size_t>{4, 64, 64, 2}, {30, 20, 10}, {5, 3, 1}}) {
    Network<T> net(sizes);
    const std::vector<float> x(8 * sizes.front(), 0.5f), y(8 * sizes.back(), 0.25f);
    std::vector<T> out(3 * sizes.back());
    Trainer<T> trainer(net, SGD{0.1, 0.9, true}, 8, 1);
    const Rows rows(x.data(), 8, sizes.front());
    const Targets targets(Rows(y.data(), 8, sizes.back()));
    trainer.step(rows, targets);  // allocates the order of the rows
    const std::uint32_t order[] = {3, 1, 4, 1, 5};
    const long before = allocations;
    predict(net, Rows(x.data(), 1, sizes.front()), out.data());
    predict(net, Rows(x.data(), 3, sizes.front()), out.data());
    trainer.step(rows, targets);
    trainer.epoch(rows, targets);
    trainer.part(rows, targets, order, 5);
    const long after = allocations;
    CHECK(after == before);
  }
}
