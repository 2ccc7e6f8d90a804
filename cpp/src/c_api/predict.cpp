#include "localgrad/predict.hpp"

#include "c_api/arrays.hpp"
#include "c_api/objects.hpp"

using namespace localgrad;
using namespace localgrad::c_api;

localgrad_status localgrad_predict(const localgrad_network* network, const localgrad_rows* x,
                                   const localgrad_matrix* out, int n_threads) {
  return guarded([&] {
    with_network(network, [&](const auto& net) {
      const Rows rows = rows_of(x, "x");
      Result<Element<decltype(net)>> result(out, "out", rows.n, net.sizes().back());
      predict(net, rows, result.data(), n_threads);
      result.finish();
    });
  });
}

localgrad_status localgrad_evaluate(const localgrad_network* network, const localgrad_rows* x,
                                    const localgrad_rows* y, const localgrad_rows* weights, int n_threads,
                                    double* cost, double* accuracy) {
  return guarded([&] {
    const auto result = with_network(network, [&](const auto& net) {
      return evaluate(net, rows_of(x, "x"), targets_of(y, weights), n_threads);
    });
    if (cost) *cost = result.cost;
    if (accuracy) *accuracy = result.accuracy;
  });
}
