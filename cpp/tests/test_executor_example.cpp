// The example of an executor in docs/guide/embedding.md.

#include <doctest/doctest.h>

#include <vector>

#include "example_pool.hpp"

// [example]
#include "localgrad/localgrad.hpp"

void use_threads_of(Pool& pool) {
  localgrad::set_executor(
      [](void* context, int n, localgrad::ExecutorTask task, void* argument) {
        static_cast<Pool*>(context)->parallel_for(n, [=](int index) { task(argument, index); });
      },
      &pool, pool.size());
}
// [example]

TEST_CASE("the example of an executor in the documentation gives the results of one thread") {
  const localgrad::Network<float> net({20, 30, 4});
  std::vector<float> x(2000 * 20, 0.5f), expected(2000 * 4), out(2000 * 4);
  const localgrad::Rows rows(x.data(), 2000, 20);
  localgrad::predict(net, rows, expected.data(), 1);
  Pool pool(2);
  use_threads_of(pool);
  localgrad::predict(net, rows, out.data(), 5);
  localgrad::set_executor(nullptr);
  CHECK(out == expected);
  CHECK(pool.calls() > 0);
}
