#include <doctest/doctest.h>

#include <vector>

#include "count.hpp"
#include "localgrad/localgrad.hpp"

using namespace localgrad;

namespace {

const std::vector<std::size_t> kNarrow[] = {{4, 64, 64, 2}, {32, 64, 64, 8}},
                               kWide[] = {{2048, 2048, 3}, {5, 2100, 2}};

/// Calls f() as often as LOCALGRAD_CALLS says, or a thousand times, less often if one call takes `work`
/// thousand multiplications.
template <class F>
std::string count_calls(std::size_t work, const F& f) {
  f();  // the first call may allocate
  return calls::count(calls::repetitions(static_cast<long>(1000000 / (1000 + 50 * work)) + 1), f);
}

template <class T>
void check_predictor(const std::vector<std::size_t>& sizes) {
  for (const std::size_t rows : {1, 3, 4, 64}) {
    const Network<T> net(sizes);
    Predictor<T> predictor(net, rows < 64 ? rows : 16);
    std::vector<T> x(rows * sizes.front(), T(0.5)), y(rows * sizes.back());
    const auto predict = [&] {
      return predictor.predict({x.data(), rows, sizes.front()}, {y.data(), rows, sizes.back()});
    };
    bool ok = true;
    CHECK(count_calls(rows * net.num_parameters() / 1000, [&] { ok &= predict() == Status::ok; }) == "");
    CHECK(ok);
    x[0] = 1 / (x[0] - T(0.5));  // infinite
    CHECK(calls::count(10, [&] { ok &= predict() == Status::bad_example; }) == "");
    CHECK(ok);
    CHECK(calls::count(10, [&] { ok &= predictor.update(net) == Status::ok; }) == "");
    CHECK(ok);
  }
}

}  // namespace

TEST_CASE_TEMPLATE("Predictor::predict neither allocates nor locks", T, float, double) {
  for (const auto& sizes : kNarrow) check_predictor<T>(sizes);
}

TEST_CASE_TEMPLATE("Predictor::predict of wide layers neither allocates nor locks", T, float, double) {
  for (const auto& sizes : kWide) check_predictor<T>(sizes);
}

TEST_CASE_TEMPLATE("a Predictor in memory of the caller allocates nothing", T, float, double) {
  const Network<T> net(kNarrow[0]);
  std::vector<unsigned char> memory(Predictor<T>::bytes(net, 4));
  CHECK(calls::count(10, [&] {
          Predictor<T> predictor(net, 4, {memory.data(), memory.size()});
          Predictor<T> moved(std::move(predictor));
        }) == "");
}

TEST_CASE_TEMPLATE("predict of a few rows neither allocates nor locks", T, float, double) {
  for (const auto& sizes : kNarrow)
    for (const std::size_t rows : std::vector<std::size_t>{1, 3, 4, 16}) {
      const Network<T> net(sizes);
      const std::vector<float> x(rows * sizes.front(), 0.5f);
      std::vector<T> y(rows * sizes.back());
      CHECK(count_calls(rows, [&] { predict(net, Rows(x.data(), rows, sizes.front()), y.data()); }) == "");
    }
}
