// One row through a small network. The inputs of a call depend on the outputs of the call before, as in a
// control loop, so that calls cannot overlap.

#include <memory>

#include "harness.hpp"
#include "localgrad/localgrad.hpp"
#include "order_of_sums.hpp"
#if defined(LOCALGRAD_BENCH_EIGEN)
#include "eigen_net.hpp"
#endif

namespace bench {
namespace {

template <int in, int hidden, int out>
struct Row {
  float x[in] = {}, y[out] = {};
  Row() {
    for (int i = 0; i < in; ++i) x[i] = 0.1f * static_cast<float>(i % 7) - 0.3f;
  }
  /// Make the next input depend on the outputs.
  void next() {
    x[0] = 0.25f * y[0] + 0.1f;
    touch(this);
  }
};

template <int in, int hidden, int out>
Group predict_group() {
  using namespace localgrad;
  Group group("predict 1 x " + std::to_string(in) + "-" + std::to_string(hidden) + "-" +
              std::to_string(hidden) + "-" + std::to_string(out));
  Options options;
  options.activation = {"tanh"};
  const auto net =
      std::make_shared<Network<float>>(std::vector<std::size_t>{in, hidden, hidden, out}, options);
  using Row = Row<in, hidden, out>;
  group.add("bound: the order of the sums", [row = Row()]() mutable {
    order_of_sums<in, hidden>(row.x, row.y);
    row.next();
  });
  const auto predictor = std::make_shared<Predictor<float>>(*net);
  group.add("localgrad::Predictor", [predictor, row = Row()]() mutable {
    predictor->predict({row.x, 1, in}, {row.y, 1, out});
    row.next();
  });
  group.add("localgrad::predict", [net, row = Row()]() mutable {
    predict(*net, Rows(row.x, 1, in), row.y);
    row.next();
  });
#if defined(LOCALGRAD_BENCH_EIGEN)
  const auto eigen = std::make_shared<EigenNet<in, hidden, out>>(net->parameters());
  group.add("Eigen, fixed size", [eigen, row = Row()]() mutable {
    eigen->predict(row.x, row.y);
    row.next();
  });
#endif
  return group;
}

}  // namespace

std::vector<Group> predict_groups() { return {predict_group<4, 64, 2>(), predict_group<32, 64, 8>()}; }

}  // namespace bench
