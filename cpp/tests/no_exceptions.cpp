// A program without exceptions and run-time type information, as in many embedded systems: networks come from
// the C interface, and the calls of the C++ interface that return a Status can be used.

#include <cmath>
#include <cstdio>

#include "localgrad/localgrad.h"
#include "localgrad/localgrad.hpp"

#if defined(__cpp_exceptions) || defined(__cpp_rtti)
#error "this program is compiled with -fno-exceptions -fno-rtti"
#endif

namespace {

int failures = 0;

void check(bool good, const char* what) {
  if (good) return;
  ++failures;
  std::fprintf(stderr, "%s: %s\n", what, localgrad_last_error());
}

}  // namespace

int main() {
  const float inputs[] = {0.25f, -0.5f}, target[] = {1};
  const std::size_t sizes[] = {2, 3, 1};
  localgrad_network* network = nullptr;
  if (localgrad_network_create(LOCALGRAD_FLOAT32, sizes, 3, nullptr, &network) != LOCALGRAD_OK) return 77;
  const auto x = localgrad_rows_f32(inputs, 1, 2), y = localgrad_rows_f32(target, 1, 1);
  localgrad_trainer* trainer = nullptr;
  check(localgrad_trainer_create(network, "Adam", nullptr, 1, nullptr, 0, &trainer) == LOCALGRAD_OK,
        "create");
  double cost = 0;
  check(localgrad_trainer_try_step(trainer, &x, &y, nullptr, &cost) == LOCALGRAD_OK, "step");
  float c_output = 0, output = 0;
  const auto out = localgrad_matrix_f32(&c_output, 1, 1);
  check(localgrad_predict(network, &x, &out, 1) == LOCALGRAD_OK, "predict");

  // An error inside the library, where an exception is thrown and caught.
  const auto wrong = localgrad_rows_f32(inputs, 1, 1);
  check(localgrad_predict(network, &wrong, &out, 1) == LOCALGRAD_INVALID_ARGUMENT, "error");
  check(localgrad_network_load("no/file", &network) == LOCALGRAD_IO_ERROR, "load");

  const localgrad::Network<float> same({2, 3, 1});
  localgrad::Predictor<float> predictor(same);
  const localgrad::Status status = predictor.predict({inputs, 1, 2}, {&output, 1, 1});
  check(status == localgrad::Status::ok && std::isfinite(output), localgrad::message(status));
  localgrad_trainer_free(trainer);
  localgrad_network_free(network);
  return failures;
}
