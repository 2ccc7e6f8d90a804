/* Predictors, gradients and online training, which do not allocate memory after their creation. */
#include <math.h>
#include <stdlib.h>

#include "check.h"

static void test_predictor(void) {
  localgrad_network *network = small_network(LOCALGRAD_FLOAT32), *other = small_network(LOCALGRAD_FLOAT64);
  localgrad_predictor* predictor = NULL;
  localgrad_rows x = localgrad_rows_f32(kX, 4, 2), more = x;
  float expected[4], out[8], bad[2] = {1, 0};
  localgrad_matrix to = localgrad_matrix_f32(expected, 4, 1), parameters;
  const double doubles[2] = {0, 1};
  size_t bytes = 0, r;
  void* memory;
  OK(localgrad_predict(network, &x, &to, 1));
  OK(localgrad_predictor_bytes(network, 2, &bytes));
  memory = malloc(bytes);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "workspace",
        localgrad_predictor_create(network, 2, memory, 8, &predictor));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "bytes must be 0 without memory, got 8",
        localgrad_predictor_create(network, 2, NULL, 8, &predictor));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "max_rows", localgrad_predictor_create(network, 0, NULL, 0, &predictor));
  OK(localgrad_predictor_create(network, 2, memory, bytes, &predictor));
  to = localgrad_matrix_f32(out, 4, 1);
  to.stride = 2;
  OK(localgrad_predictor_predict(predictor, &x, &to));
  for (r = 0; r < 4; ++r) CHECK(out[2 * r] == expected[r]);
  more.row_stride *= 2; /* rows 0 and 2 */
  more.rows = 2;
  to = localgrad_matrix_f32(out, 2, 1);
  OK(localgrad_predictor_predict(predictor, &more, &to));
  CHECK(out[0] == expected[0] && out[1] == expected[2]);

  OK(localgrad_network_parameters(network, &parameters));
  ((float*)parameters.data)[12] += 1;
  OK(localgrad_predictor_update(predictor, network));
  OK(localgrad_predictor_predict(predictor, &more, &to));
  CHECK(out[0] != expected[0]);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "network must have the type of the predictor",
        localgrad_predictor_update(predictor, other));
  localgrad_network_free(network); /* the predictor does not refer to it */
  localgrad_network_free(other);

  bad[1] = (float)log(0);
  x = localgrad_rows_f32(bad, 1, 2);
  to = localgrad_matrix_f32(out, 1, 1);
  FAILS(LOCALGRAD_BAD_EXAMPLE, "an example is invalid", localgrad_predictor_predict(predictor, &x, &to));
  x = localgrad_rows_f64(doubles, 1, 2);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "x.type must be that of the network, 0, got 1",
        localgrad_predictor_predict(predictor, &x, &to));
  x = localgrad_rows_f32(kX, 1, 3);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "x must have rows of 2 numbers, got 3",
        localgrad_predictor_predict(predictor, &x, &to));
  x = localgrad_rows_f32(kX, 2, 2);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "out must have shape (2, 1), got (1, 1)",
        localgrad_predictor_predict(predictor, &x, &to));
  x.column_stride = 8;
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "x.column_stride must be 4, got 8",
        localgrad_predictor_predict(predictor, &x, &to));
  x = localgrad_rows_f32(kX, 2, 2);
  x.row_stride = 4;
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "x.row_stride must be", localgrad_predictor_predict(predictor, &x, &to));
  x = localgrad_rows_f32(kX, 1, 2);
  x.data = (const char*)kX + 1;
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "x.data must be aligned to 4 bytes, got an address with remainder",
        localgrad_predictor_predict(predictor, &x, &to));
  x = localgrad_rows_f32(kX, 1, 2);
  to.data = (char*)out + 2;
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "out.data must be aligned to 4 bytes, got an address with remainder",
        localgrad_predictor_predict(predictor, &x, &to));
  x = localgrad_rows_f32(kX, 2, 2);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "predictor must not be NULL", localgrad_predictor_predict(NULL, &x, &to));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "x must not be NULL", localgrad_predictor_predict(predictor, NULL, &to));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "out must not be NULL", localgrad_predictor_predict(predictor, &x, NULL));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "network must not be NULL", localgrad_predictor_update(predictor, NULL));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "predictor must not be NULL",
        localgrad_predictor_create(NULL, 1, NULL, 0, NULL));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "network must not be NULL", localgrad_predictor_bytes(NULL, 1, &bytes));
  localgrad_predictor_free(predictor);
  localgrad_predictor_free(NULL);
  free(memory);
}

static void test_gradients(void) {
  localgrad_network* network = small_network(LOCALGRAD_FLOAT64);
  localgrad_gradients* gradients = NULL;
  localgrad_rows x = localgrad_rows_f32(kX, 4, 2), y = localgrad_rows_f32(kY, 4, 1), weights = y;
  double gradient[13], x_gradient[8], cost = -1, expected = -2, shifted = -3;
  localgrad_matrix g = localgrad_matrix_f64(gradient, 1, 13), of_x = localgrad_matrix_f64(x_gradient, 4, 2),
                   all;
  size_t bytes = 0;
  OK(localgrad_gradients_bytes(network, 4, &bytes));
  CHECK(bytes > 0);
  OK(localgrad_gradients_create(network, 4, NULL, 0, &gradients));
  OK(localgrad_gradients_compute(gradients, &x, &y, NULL, &g, &cost, &of_x));
  OK(localgrad_evaluate(network, &x, &y, NULL, 1, &expected, NULL));
  CHECK(fabs(cost - expected) < 1e-12);
  OK(localgrad_network_parameters(network, &all)); /* the derivative by the last bias, by differences */
  ((double*)all.data)[12] += 1e-6;
  OK(localgrad_evaluate(network, &x, &y, NULL, 1, &shifted, NULL));
  CHECK(fabs((shifted - expected) / 1e-6 - gradient[12]) < 1e-5);
  OK(localgrad_gradients_compute(gradients, &x, &y, &weights, &g, NULL, NULL));

  FAILS(LOCALGRAD_INVALID_ARGUMENT, "gradient must not be NULL",
        localgrad_gradients_compute(gradients, &x, &y, NULL, NULL, &cost, NULL));
  of_x.stride = 3;
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "x_gradient.stride must be 2, got 3",
        localgrad_gradients_compute(gradients, &x, &y, NULL, &g, &cost, &of_x));
  x.rows = 5;
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "an argument is invalid",
        localgrad_gradients_compute(gradients, &x, &y, NULL, &g, &cost, NULL));
  localgrad_network_free(network); /* the gradients keep it alive */
  x.rows = 4;
  OK(localgrad_gradients_compute(gradients, &x, &y, NULL, &g, &cost, NULL));
  localgrad_gradients_free(gradients);
  localgrad_gradients_free(NULL);
}

static void test_online(void) {
  localgrad_network *network = small_network(LOCALGRAD_FLOAT32), *usual = small_network(LOCALGRAD_FLOAT32);
  localgrad_trainer *trainer = NULL, *steps = NULL;
  localgrad_settings* settings = NULL;
  localgrad_rows x = localgrad_rows_f32(kX, 4, 2), y = localgrad_rows_f32(kY, 4, 1), wrong = x;
  float before[13], after[13], expected[13];
  localgrad_matrix of_before = localgrad_matrix_f32(before, 1, 13),
                   of_after = localgrad_matrix_f32(after, 1, 13);
  localgrad_matrix of_expected = localgrad_matrix_f32(expected, 1, 13);
  double cost = 0, expected_cost = 1;
  size_t bytes = 0;
  void* memory;
  OK(localgrad_settings_create(&settings));
  OK(localgrad_settings_set_integer(settings, "online", 1));
  OK(localgrad_settings_set_integer(settings, "threads", 1));
  OK(localgrad_trainer_bytes(network, "Adam", settings, 4, &bytes));
  memory = malloc(bytes);
  OK(localgrad_trainer_create(network, "Adam", settings, 4, memory, bytes, &trainer));
  localgrad_settings_free(settings);
  OK(localgrad_trainer_create(usual, "Adam", NULL, 4, NULL, 0, &steps));
  OK(localgrad_network_get_parameters(network, &of_before));
  OK(localgrad_trainer_try_step(trainer, &x, &y, NULL, &cost));
  OK(localgrad_network_get_parameters(network, &of_after));
  CHECK(memcmp(before, after, sizeof before) == 0);
  OK(localgrad_trainer_undo(trainer));
  OK(localgrad_trainer_try_step(trainer, &x, &y, NULL, &cost));
  OK(localgrad_trainer_sync(trainer));
  OK(localgrad_network_get_parameters(network, &of_after));
  OK(localgrad_trainer_try_step(steps, &x, &y, NULL, &expected_cost));
  OK(localgrad_network_get_parameters(usual, &of_expected));
  CHECK(cost == expected_cost && memcmp(after, expected, sizeof after) == 0);
  wrong.columns = 1;
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "an argument is invalid",
        localgrad_trainer_try_step(trainer, &wrong, &y, NULL, NULL));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "trainer must not be NULL",
        localgrad_trainer_try_step(NULL, &x, &y, NULL, NULL));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "trainer must not be NULL", localgrad_trainer_sync(NULL));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "trainer must not be NULL", localgrad_trainer_undo(NULL));
  OK(localgrad_trainer_sync(steps)); /* nothing to copy */
  localgrad_trainer_free(trainer);
  localgrad_trainer_free(steps);
  localgrad_network_free(network);
  localgrad_network_free(usual);
  free(memory);
}

void test_real_time(void) {
  test_predictor();
  test_gradients();
  test_online();
}
