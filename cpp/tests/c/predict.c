/* Prediction and evaluation. */
#include <math.h>

#include "check.h"

static int double_cost(void* user, size_t n, size_t width, const void* a, const void* y, double* cost,
                       void* gradient) {
  size_t i;
  for (i = 0; i < n * width; ++i) {
    const double error = ((const double*)a)[i] - ((const double*)y)[i];
    cost[i] = error * error;
    ((double*)gradient)[i] = 2 * error;
  }
  return *(const int*)user;
}

static void test_custom_cost(void) {
  const size_t sizes[] = {2, 3, 1};
  localgrad_settings* options = NULL;
  localgrad_network *network = NULL, *usual = small_network(LOCALGRAD_FLOAT64);
  localgrad_rows x = localgrad_rows_f32(kX, 4, 2), y = localgrad_rows_f32(kY, 4, 1);
  double cost = 0, half = 0;
  int result = 0;
  OK(localgrad_settings_create(&options));
  OK(localgrad_settings_set_text(options, "cost", "custom"));
  OK(localgrad_settings_set_text(options, "activation", "tanh"));
  OK(localgrad_settings_set_integer(options, "seed", 7));
  OK(localgrad_network_create(LOCALGRAD_FLOAT64, sizes, 3, options, &network));
  localgrad_settings_free(options);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "cost function must be set",
        localgrad_evaluate(network, &x, &y, NULL, 1, &cost, NULL));
  OK(localgrad_network_set_cost_function(network, double_cost, &result));
  OK(localgrad_evaluate(network, &x, &y, NULL, 1, &cost, NULL));
  OK(localgrad_evaluate(usual, &x, &y, NULL, 1, &half, NULL));
  CHECK(fabs(cost - 2 * half) < 1e-12);
  result = -3;
  FAILS(LOCALGRAD_FAILED, "the cost function returned -3",
        localgrad_evaluate(network, &x, &y, NULL, 1, &cost, NULL));
  OK(localgrad_network_set_cost_function(network, NULL, NULL));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "cost must be 'custom'",
        localgrad_network_set_cost_function(usual, double_cost, &result));
  localgrad_network_free(network);
  localgrad_network_free(usual);
}

void test_predict(void) {
  localgrad_network* network = small_network(LOCALGRAD_FLOAT32);
  const uint8_t bytes[8] = {0, 0, 0, 1, 1, 0, 1, 1};
  float out[4], spread[8];
  double cost = -1, accuracy = 0;
  size_t r;
  localgrad_rows x = localgrad_rows_f32(kX, 4, 2), y = localgrad_rows_f32(kY, 4, 1);
  localgrad_rows x_bytes = localgrad_rows_u8(bytes, 4, 2), weights = localgrad_rows_f32(kY, 4, 1);
  localgrad_matrix to = localgrad_matrix_f32(out, 4, 1), wide = localgrad_matrix_f32(spread, 4, 1);
  OK(localgrad_predict(network, &x, &to, 0));
  for (r = 0; r < 8; ++r) spread[r] = 77;
  wide.stride = 2;
  OK(localgrad_predict(network, &x_bytes, &wide, 1));
  for (r = 0; r < 4; ++r) CHECK(spread[2 * r] == out[r] && spread[2 * r + 1] == 77);
  OK(localgrad_evaluate(network, &x, &y, NULL, 0, &cost, &accuracy));
  CHECK(accuracy == -1);
  OK(localgrad_evaluate(network, &x, &y, &weights, 0, NULL, NULL));

  to = localgrad_matrix_f32(out, 4, 2);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "out must have shape (4, 1), got (4, 2)",
        localgrad_predict(network, &x, &to, 0));
  to = localgrad_matrix_of(LOCALGRAD_FLOAT64, out, 4, 1);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "out.type must be LOCALGRAD_FLOAT32 (0), got 1",
        localgrad_predict(network, &x, &to, 0));
  to = localgrad_matrix_f32(out, 4, 1);
  to.stride = 0;
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "out.stride must be at least 1, got 0",
        localgrad_predict(network, &x, &to, 0));
  to = localgrad_matrix_f32(NULL, 4, 1);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "out.data must not be NULL", localgrad_predict(network, &x, &to, 0));
  to = localgrad_matrix_f32(out, 4, 1);
  to.size = 0;
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "out.size must be at least", localgrad_predict(network, &x, &to, 0));
  x.columns = 3;
  to = localgrad_matrix_f32(out, 4, 1);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "x must have rows of 2 numbers, got 3",
        localgrad_predict(network, &x, &to, 0));
  x = localgrad_rows_f32(NULL, 4, 2);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "x.data must not be NULL", localgrad_predict(network, &x, &to, 0));
  x = localgrad_rows_f32(kX, 4, 2);
  x.type = 11;
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "x.type must be one of", localgrad_predict(network, &x, &to, 0));
  x.size = 0;
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "x.size must be at least", localgrad_predict(network, &x, &to, 0));
  x = localgrad_rows_f32(kX, 4, 2);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "n_threads", localgrad_predict(network, &x, &to, -1));
  x = localgrad_rows_f32(NULL, 0, 2);
  to = localgrad_matrix_f32(NULL, 0, 1);
  OK(localgrad_predict(network, &x, &to, 0));
  localgrad_network_free(network);
  test_custom_cost();
}
