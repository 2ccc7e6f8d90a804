/* NULL for every argument that must not be NULL, and errors of creation and training. */
#include "check.h"

#define IS_NULL(name, call) FAILS(LOCALGRAD_INVALID_ARGUMENT, name " must not be NULL", call)

static void test_null(void) {
  localgrad_network *network = small_network(LOCALGRAD_FLOAT32), *result = NULL;
  localgrad_settings* settings = NULL;
  localgrad_trainer* trainer = NULL;
  localgrad_matrix matrix;
  localgrad_rows x = localgrad_rows_f32(kX, 4, 2);
  const size_t sizes[] = {2, 1};
  const char* texts[] = {NULL};
  char text[4];
  OK(localgrad_settings_create(&settings));
  OK(localgrad_trainer_create(network, "SGD", NULL, 4, NULL, 0, &trainer));
  IS_NULL("settings", localgrad_settings_create(NULL));
  IS_NULL("settings", localgrad_settings_set_text(NULL, "a", "b"));
  IS_NULL("name", localgrad_settings_set_text(settings, NULL, "b"));
  IS_NULL("text", localgrad_settings_set_text(settings, "a", NULL));
  IS_NULL("texts", localgrad_settings_set_texts(settings, "a", NULL, 1));
  IS_NULL("texts[i]", localgrad_settings_set_texts(settings, "a", texts, 1));
  IS_NULL("name", localgrad_settings_set_number(settings, NULL, 1));
  IS_NULL("numbers", localgrad_settings_set_numbers(settings, "a", NULL, 1));
  IS_NULL("name", localgrad_settings_set_integer(settings, NULL, 1));

  IS_NULL("sizes", localgrad_network_create(LOCALGRAD_FLOAT32, NULL, 2, NULL, &result));
  IS_NULL("network", localgrad_network_create(LOCALGRAD_FLOAT32, sizes, 2, NULL, NULL));
  IS_NULL("network", localgrad_network_copy(NULL, &result));
  IS_NULL("copy", localgrad_network_copy(network, NULL));
  IS_NULL("path", localgrad_network_load(NULL, &result));
  IS_NULL("network", localgrad_network_load("a", NULL));
  IS_NULL("network", localgrad_network_load_memory("a", 1, NULL));
  IS_NULL("path", localgrad_network_save(network, NULL));
  IS_NULL("network", localgrad_network_save(NULL, "a"));
  IS_NULL("network", localgrad_network_save_memory(NULL, text, 4, NULL));
  IS_NULL("network", localgrad_network_option(NULL, "seed", 0, text, 4, NULL));
  IS_NULL("name", localgrad_network_option(network, NULL, 0, text, 4, NULL));
  IS_NULL("network", localgrad_network_set_epochs(NULL, 1));
  IS_NULL("network", localgrad_network_set_seed(NULL, 1));
  IS_NULL("network", localgrad_network_set_feature_names(NULL, texts, 0));
  IS_NULL("names", localgrad_network_set_feature_names(network, NULL, 1));
  IS_NULL("names[i]", localgrad_network_set_feature_names(network, texts, 1));
  IS_NULL("network", localgrad_network_feature_name(NULL, 0, text, 4, NULL));
  IS_NULL("network", localgrad_network_parameters(NULL, &matrix));
  IS_NULL("parameters", localgrad_network_parameters(network, NULL));
  IS_NULL("weights", localgrad_network_weights(network, 0, NULL));
  IS_NULL("biases", localgrad_network_biases(network, 0, NULL));
  IS_NULL("scales", localgrad_network_input_scales(network, NULL));
  IS_NULL("parameters", localgrad_network_get_parameters(network, NULL));
  IS_NULL("parameters", localgrad_network_set_parameters(network, NULL));
  IS_NULL("network", localgrad_network_set_cost_function(NULL, NULL, NULL));
  IS_NULL("network", localgrad_network_standardize(NULL, &x, &x, NULL, 1));
  CHECK(localgrad_network_type(NULL) == -1 && localgrad_network_num_layers(NULL) == 0);
  CHECK(localgrad_network_layer_size(NULL, 0) == 0 && localgrad_network_num_parameters(NULL) == 0);
  CHECK(localgrad_network_target_width(NULL) == 0 && localgrad_network_classifies(NULL) == 0);
  CHECK(localgrad_network_epochs(NULL) == 0 && localgrad_trainer_position(NULL) == 0);

  matrix = localgrad_matrix_f32(NULL, 0, 1);
  IS_NULL("network", localgrad_predict(NULL, &x, &matrix, 1));
  IS_NULL("x", localgrad_predict(network, NULL, &matrix, 1));
  IS_NULL("out", localgrad_predict(network, &x, NULL, 1));
  IS_NULL("y", localgrad_evaluate(network, &x, NULL, NULL, 1, NULL, NULL));

  IS_NULL("network", localgrad_trainer_create(NULL, "SGD", NULL, 1, NULL, 0, &trainer));
  IS_NULL("optimizer", localgrad_trainer_create(network, NULL, NULL, 1, NULL, 0, &trainer));
  IS_NULL("trainer", localgrad_trainer_create(network, "SGD", NULL, 1, NULL, 0, NULL));
  IS_NULL("trainer", localgrad_trainer_step(NULL, &x, &x, NULL, NULL));
  IS_NULL("x", localgrad_trainer_step(trainer, NULL, &x, NULL, NULL));
  IS_NULL("y", localgrad_trainer_epoch(trainer, &x, NULL, NULL, 1, NULL, NULL, NULL));
  IS_NULL("order", localgrad_trainer_part(trainer, &x, &x, NULL, NULL, 1, NULL, NULL, NULL));
  IS_NULL("trainer", localgrad_trainer_end_epoch(NULL));
  IS_NULL("setting", localgrad_trainer_set_schedule(trainer, NULL, NULL, NULL));
  IS_NULL("path", localgrad_trainer_save(trainer, NULL));
  IS_NULL("trainer", localgrad_trainer_save_memory(NULL, NULL, 0, NULL));
  IS_NULL("path", localgrad_trainer_restore(trainer, NULL));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "data must not be null",
        localgrad_trainer_restore_memory(trainer, NULL, 8));
  CHECK(!result);
  localgrad_trainer_free(trainer);
  localgrad_settings_free(settings);
  localgrad_network_free(network);
}

static void test_creation(void) {
  localgrad_network *network = small_network(LOCALGRAD_FLOAT32), *result = NULL;
  localgrad_trainer* trainer = NULL;
  localgrad_settings* settings = NULL;
  const size_t one[] = {2}, zero[] = {2, 0}, huge[] = {(size_t)1 << 24, (size_t)1 << 24};
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "type must be LOCALGRAD_FLOAT32 (0) or LOCALGRAD_FLOAT64 (1), got 2",
        localgrad_network_create(LOCALGRAD_UINT8, zero, 2, NULL, &result));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "sizes must have at least 2 elements, got 1",
        localgrad_network_create(LOCALGRAD_FLOAT32, one, 1, NULL, &result));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "sizes[1] must be at least 1, got 0",
        localgrad_network_create(LOCALGRAD_FLOAT32, zero, 2, NULL, &result));
  FAILS(LOCALGRAD_OUT_OF_MEMORY, "bytes of memory",
        localgrad_network_create(LOCALGRAD_FLOAT64, huge, 2, NULL, &result));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "optimizer must be one of 'SGD', 'Adam'",
        localgrad_trainer_create(network, "adam", NULL, 1, NULL, 0, &trainer));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "batch_size must be at least 1, got 0",
        localgrad_trainer_create(network, "Adam", NULL, 0, NULL, 0, &trainer));
  OK(localgrad_settings_create(&settings));
  OK(localgrad_settings_set_number(settings, "momentum", 0.5));
  FAILS(LOCALGRAD_INVALID_ARGUMENT,
        "settings must be those of a trainer with the optimizer Adam, got 'momentum'",
        localgrad_trainer_create(network, "Adam", settings, 1, NULL, 0, &trainer));
  OK(localgrad_settings_set_number(settings, "momentum", 1));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "momentum must be at least 0 and below 1, got 1",
        localgrad_trainer_create(network, "SGD", settings, 1, NULL, 0, &trainer));
  OK(localgrad_settings_set_number(settings, "momentum", 0));
  OK(localgrad_settings_set_number(settings, "threads", 1e10));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "threads must be at most",
        localgrad_trainer_create(network, "SGD", settings, 1, NULL, 0, &trainer));
  CHECK(!result && !trainer);
  localgrad_settings_free(settings);
  localgrad_network_free(network);
}

static void test_training(void) {
  localgrad_network* network = small_network(LOCALGRAD_FLOAT32);
  localgrad_trainer* trainer = NULL;
  localgrad_settings* settings = NULL;
  float bad[8] = {0, 1, 2, 3, 4, 5, 6, 7}, before[13], after[13];
  localgrad_matrix out = localgrad_matrix_f32(before, 1, 13);
  localgrad_rows x = localgrad_rows_f32(kX, 4, 2), y = localgrad_rows_f32(kY, 4, 1);
  double cost = 77;
  bad[3] = 1e38f;
  bad[3] *= 10;
  OK(localgrad_settings_create(&settings));
  OK(localgrad_settings_set_number(settings, "learning_rate", 1e30));
  OK(localgrad_trainer_create(network, "SGD", settings, 4, NULL, 0, &trainer));
  localgrad_settings_free(settings);
  OK(localgrad_network_get_parameters(network, &out));
  x = localgrad_rows_f32(bad, 4, 2);
  FAILS(LOCALGRAD_BAD_EXAMPLE, "x must be finite as float32, got inf at row 1, column 1",
        localgrad_trainer_step(trainer, &x, &y, NULL, &cost));
  x = localgrad_rows_f32(kX, 4, 2);
  y = localgrad_rows_f32(kY, 3, 1);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "y must have", localgrad_trainer_step(trainer, &x, &y, NULL, &cost));
  y = localgrad_rows_f32(kY, 4, 1);
  out.data = after;
  OK(localgrad_network_get_parameters(network, &out));
  CHECK(memcmp(before, after, sizeof before) == 0 && cost == 77);
  while (localgrad_trainer_step(trainer, &x, &y, NULL, NULL) == LOCALGRAD_OK) {
  }
  FAILS(LOCALGRAD_NOT_FINITE, "epoch 1, mini-batch ", localgrad_trainer_step(trainer, &x, &y, NULL, &cost));
  localgrad_trainer_free(trainer);
  localgrad_network_free(network);
}

void test_errors(void) {
  test_null();
  test_creation();
  test_training();
}
