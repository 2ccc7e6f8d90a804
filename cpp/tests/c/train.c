/* Training. */
#include <math.h>

#include "check.h"

typedef struct Calls {
  int count, stop_at;
  localgrad_progress last;
} Calls;

static int count_calls(void* user, const localgrad_progress* progress) {
  Calls* calls = user;
  calls->last = *progress;
  return ++calls->count == calls->stop_at;
}

static double half(void* user, size_t step) {
  *(size_t*)user = step;
  return 0.5;
}

static void test_epochs(void) {
  enum { kRows = 100000 };
  static float x_data[2 * kRows], y_data[kRows];
  localgrad_network* network = small_network(LOCALGRAD_FLOAT32);
  localgrad_trainer* trainer = NULL;
  localgrad_settings* settings = NULL;
  localgrad_rows x = localgrad_rows_f32(x_data, kRows, 2), y = localgrad_rows_f32(y_data, kRows, 1);
  Calls calls = {0, 0, {0, 0, 0, 0, 0}};
  double first = 0, second = 0;
  size_t i;
  for (i = 0; i < kRows; ++i) {
    x_data[2 * i] = (float)(i % 10) / 10;
    x_data[2 * i + 1] = (float)(i % 7) / 7;
    y_data[i] = x_data[2 * i] * x_data[2 * i + 1];
  }
  OK(localgrad_settings_create(&settings));
  OK(localgrad_settings_set_integer(settings, "threads", 1));
  OK(localgrad_settings_set_number(settings, "learning_rate", 0.001));
  OK(localgrad_settings_set_number(settings, "weight_decay", 0.001));
  OK(localgrad_settings_set_number(settings, "clip_norm", 1));
  OK(localgrad_trainer_create(network, "AdamW", settings, 1, NULL, 0, &trainer));
  localgrad_settings_free(settings);
  OK(localgrad_trainer_epoch(trainer, &x, &y, NULL, 1, count_calls, &calls, &first));
  OK(localgrad_trainer_epoch(trainer, &x, &y, NULL, 0, NULL, NULL, &second));
  CHECK(second < first);
  CHECK(localgrad_network_epochs(network) == 2);
  if (calls.count > 0) {
    CHECK(calls.last.size == sizeof calls.last && calls.last.mini_batches_in_call == kRows);
    CHECK(calls.last.mini_batches > 0 && calls.last.mini_batches <= kRows && calls.last.cost > 0);
    CHECK(calls.last.epoch == 0);
    calls.stop_at = calls.count + 1;
    FAILS(LOCALGRAD_INTERRUPTED, "the call was interrupted",
          localgrad_trainer_epoch(trainer, &x, &y, NULL, 1, count_calls, &calls, &first));
    CHECK(localgrad_trainer_position(trainer) >= calls.last.mini_batches);
    CHECK(localgrad_trainer_position(trainer) < kRows);
    OK(localgrad_trainer_end_epoch(trainer));
    CHECK(localgrad_network_epochs(network) == 3);
  }
  localgrad_trainer_free(trainer);
  localgrad_network_free(network);
}

static void test_steps(localgrad_type type) {
  localgrad_network* network = small_network(type);
  localgrad_trainer *trainer = NULL, *weighted = NULL;
  localgrad_settings* settings = NULL;
  localgrad_rows x = localgrad_rows_f32(kX, 4, 2), y = localgrad_rows_f32(kY, 4, 1), weights = y;
  const uint32_t order[] = {3, 1}, wrong[] = {4};
  double cost = -1, later = -1;
  size_t last_step = 99;
  int i;
  OK(localgrad_trainer_create(network, "SGD", NULL, 4, NULL, 0, &trainer));
  OK(localgrad_trainer_step(trainer, &x, &y, NULL, &cost));
  for (i = 0; i < 50; ++i) OK(localgrad_trainer_step(trainer, &x, &y, NULL, &later));
  CHECK(later < cost);
  CHECK(localgrad_trainer_position(trainer) == 204);
  OK(localgrad_trainer_end_epoch(trainer));
  CHECK(localgrad_trainer_position(trainer) == 0);
  OK(localgrad_trainer_part(trainer, &x, &y, NULL, order, 2, NULL, NULL, NULL));
  CHECK(localgrad_trainer_position(trainer) == 2);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "order",
        localgrad_trainer_part(trainer, &x, &y, NULL, wrong, 1, NULL, NULL, NULL));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "weights must not be set",
        localgrad_trainer_step(trainer, &x, &y, &weights, NULL));

  OK(localgrad_trainer_set_schedule(trainer, "learning_rate", half, &last_step));
  OK(localgrad_trainer_step(trainer, &x, &y, NULL, NULL));
  OK(localgrad_trainer_step(trainer, &x, &y, NULL, NULL));
  CHECK(last_step == 1);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "the schedule of dropout requires",
        localgrad_trainer_set_schedule(trainer, "dropout", half, &last_step));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "got 'momentum'",
        localgrad_trainer_set_schedule(trainer, "momentum", half, &last_step));
  OK(localgrad_trainer_step(trainer, &x, &y, NULL, NULL));
  CHECK(last_step == 2);
  OK(localgrad_trainer_set_schedule(trainer, "learning_rate", NULL, NULL));

  OK(localgrad_settings_create(&settings));
  OK(localgrad_settings_set_integer(settings, "weighted", 1));
  OK(localgrad_trainer_create(network, "Rprop", settings, 4, NULL, 0, &weighted));
  OK(localgrad_trainer_step(weighted, &x, &y, &weights, NULL));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "weights must be set",
        localgrad_trainer_step(weighted, &x, &y, NULL, NULL));
  localgrad_settings_free(settings);
  localgrad_network_free(network);
  localgrad_trainer_free(weighted);
  localgrad_trainer_free(trainer);
  localgrad_trainer_free(NULL);
}

static void test_labels(void) {
  const size_t sizes[] = {2, 8, 2};
  const int32_t labels[] = {0, 1, 1, 0}, wrong[] = {0, 1, 2, 0};
  localgrad_settings* settings = NULL;
  localgrad_network* network = NULL;
  localgrad_trainer* trainer = NULL;
  localgrad_rows x = localgrad_rows_f32(kX, 4, 2), y = localgrad_labels_i32(labels, 4);
  double accuracy = 0;
  int i;
  OK(localgrad_settings_create(&settings));
  OK(localgrad_settings_set_text(settings, "output", "softmax"));
  OK(localgrad_settings_set_integer(settings, "standardize", 1));
  OK(localgrad_network_create(LOCALGRAD_FLOAT64, sizes, 3, settings, &network));
  OK(localgrad_network_standardize(network, &x, &y, NULL, 1));
  OK(localgrad_trainer_create(network, "Adam", NULL, 4, NULL, 0, &trainer));
  for (i = 0; i < 3000; ++i) OK(localgrad_trainer_step(trainer, &x, &y, NULL, NULL));
  OK(localgrad_evaluate(network, &x, &y, NULL, 0, NULL, &accuracy));
  CHECK(accuracy == 1);
  y = localgrad_labels_i32(wrong, 4);
  FAILS(LOCALGRAD_BAD_EXAMPLE, "y must be", localgrad_trainer_step(trainer, &x, &y, NULL, NULL));
  localgrad_settings_free(settings);
  localgrad_trainer_free(trainer);
  localgrad_network_free(network);
}

void test_train(void) {
  test_epochs();
  test_steps(LOCALGRAD_FLOAT32);
  test_steps(LOCALGRAD_FLOAT64);
  test_labels();
}
