/* Networks, their settings and their parameters. */
#include "check.h"

static void check_option(const localgrad_network* network, const char* name, size_t index,
                         const char* expected) {
  char text[32];
  size_t needed = 0;
  OK(localgrad_network_option(network, name, index, NULL, 0, &needed));
  CHECK(needed == strlen(expected) + 1);
  OK(localgrad_network_option(network, name, index, text, needed, NULL));
  CHECK(strcmp(text, expected) == 0);
}

static void test_parameters(localgrad_type type) {
  localgrad_network* network = small_network(type);
  localgrad_network* copy = NULL;
  localgrad_matrix all, weights, biases, scales, out;
  localgrad_rows in;
  float numbers[13], ones[13];
  double wide[13];
  size_t i;
  OK(localgrad_network_parameters(network, &all));
  CHECK(all.size == sizeof all && all.type == type && all.rows == 1 && all.columns == 13);
  OK(localgrad_network_weights(network, 1, &weights));
  CHECK(weights.rows == 3 && weights.columns == 1);
  OK(localgrad_network_biases(network, 1, &biases));
  CHECK(biases.rows == 1 && biases.columns == 1);
  OK(localgrad_network_input_scales(network, &scales));
  CHECK(scales.rows == 0 && !scales.data);
  if (type == LOCALGRAD_FLOAT32) {
    CHECK((float*)weights.data == (float*)all.data + 9);
    CHECK((float*)biases.data == (float*)all.data + 12);
  } else {
    CHECK((double*)weights.data == (double*)all.data + 9);
    CHECK((double*)biases.data == (double*)all.data + 12);
  }
  for (i = 0; i < 13; ++i) ones[i] = (float)(i + 1);
  in = localgrad_rows_f32(ones, 1, 13);
  OK(localgrad_network_copy(network, &copy));
  OK(localgrad_network_set_parameters(network, &in));
  out = localgrad_matrix_f64(wide, 1, 13);
  OK(localgrad_network_get_parameters(network, &out));
  out = localgrad_matrix_f32(numbers, 1, 13);
  OK(localgrad_network_get_parameters(network, &out));
  for (i = 0; i < 13; ++i) CHECK(numbers[i] == ones[i] && wide[i] == (double)ones[i]);
  OK(localgrad_network_get_parameters(copy, &out));
  CHECK(numbers[1] != ones[1]);

  in = localgrad_rows_f32(ones, 1, 12);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "parameters must have shape (1, 13), got (1, 12)",
        localgrad_network_set_parameters(network, &in));
  ones[0] = 0;
  ones[12] /= ones[0];
  in = localgrad_rows_f32(ones, 1, 13);
  FAILS(LOCALGRAD_BAD_EXAMPLE, "parameters must be finite, got inf at row 0, column 12",
        localgrad_network_set_parameters(network, &in));
  OK(localgrad_network_get_parameters(network, &out));
  CHECK(numbers[0] == 1);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "i must be below 2, got 2",
        localgrad_network_weights(network, 2, &weights));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "i must be below 2",
        localgrad_network_biases(network, (size_t)-1, &biases));
  localgrad_network_free(network);
  localgrad_network_free(copy);
}

void test_network(void) {
  localgrad_network* network = small_network(LOCALGRAD_FLOAT64);
  const char* names[] = {"left", "right"};
  char text[8];
  size_t needed = 0;
  CHECK(localgrad_network_type(network) == LOCALGRAD_FLOAT64);
  CHECK(localgrad_network_num_layers(network) == 3);
  CHECK(localgrad_network_layer_size(network, 1) == 3);
  CHECK(localgrad_network_layer_size(network, 3) == 0);
  CHECK(localgrad_network_num_parameters(network) == 13);
  CHECK(localgrad_network_target_width(network) == 1);
  CHECK(localgrad_network_classifies(network) == 0);
  CHECK(localgrad_network_epochs(network) == 0);
  OK(localgrad_network_set_epochs(network, 5));
  CHECK(localgrad_network_epochs(network) == 5);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "epochs must be at most",
        localgrad_network_set_epochs(network, (uint64_t)-1));
  check_option(network, "activation", 0, "tanh");
  check_option(network, "cost", 0, "mse");
  check_option(network, "seed", 0, "7");
  check_option(network, "standardize", 0, "0");
  OK(localgrad_network_set_seed(network, (uint64_t)-1));
  check_option(network, "seed", 0, "18446744073709551615");
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "index must be below 1 for the option 'activation', got 1",
        localgrad_network_option(network, "activation", 1, NULL, 0, &needed));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "index must be 0",
        localgrad_network_option(network, "cost", 1, NULL, 0, NULL));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "got 'colour'",
        localgrad_network_option(network, "colour", 0, NULL, 0, NULL));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "bytes must be at least 5, got 4",
        localgrad_network_option(network, "activation", 0, text, 4, &needed));
  CHECK(needed == 5);

  OK(localgrad_network_feature_name(network, 1, text, sizeof text, NULL));
  CHECK(strcmp(text, "") == 0);
  OK(localgrad_network_set_feature_names(network, names, 2));
  OK(localgrad_network_feature_name(network, 1, text, sizeof text, NULL));
  CHECK(strcmp(text, "right") == 0);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "input must be below 2",
        localgrad_network_feature_name(network, 2, text, sizeof text, NULL));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "feature_names", localgrad_network_set_feature_names(network, names, 1));
  OK(localgrad_network_set_feature_names(network, NULL, 0));
  localgrad_network_free(network);
  localgrad_network_free(NULL);
  test_parameters(LOCALGRAD_FLOAT32);
  test_parameters(LOCALGRAD_FLOAT64);
}

void test_settings(void) {
  const size_t sizes[] = {2, 3, 4, 2};
  const char* activations[] = {"relu", "leaky_relu(0.2)"};
  const double rates[] = {0, 0.5};
  localgrad_settings* options = NULL;
  localgrad_network* network = NULL;
  OK(localgrad_settings_create(&options));
  OK(localgrad_settings_set_texts(options, "activation", activations, 2));
  OK(localgrad_settings_set_numbers(options, "dropout", rates, 2));
  OK(localgrad_settings_set_text(options, "output", "softmax"));
  OK(localgrad_settings_set_number(options, "input_scale", 0.25));
  OK(localgrad_settings_set_number(options, "seed", 12));
  OK(localgrad_settings_set_integer(options, "learn_input_scale", 1));
  OK(localgrad_network_create(LOCALGRAD_FLOAT32, sizes, 4, options, &network));
  check_option(network, "activation", 1, "leaky_relu(0.2)");
  check_option(network, "dropout", 1, "0.5");
  check_option(network, "input_scale", 0, "0.25");
  check_option(network, "seed", 0, "12");
  check_option(network, "learn_input_scale", 0, "1");
  check_option(network, "cost", 0, "cross_entropy");
  CHECK(localgrad_network_classifies(network) == 1);
  localgrad_network_free(network);

#define REFUSED(text)                     \
  FAILS(LOCALGRAD_INVALID_ARGUMENT, text, \
        localgrad_network_create(LOCALGRAD_FLOAT32, sizes, 4, options, &network))
  OK(localgrad_settings_set_number(options, "learn_input_scale", 2));
  REFUSED("learn_input_scale must be 0 or 1, got 2");
  OK(localgrad_settings_set_number(options, "learn_input_scale", 0));
  OK(localgrad_settings_set_number(options, "seed", 0.5));
  REFUSED("seed must be an integer and at least 0, got 0.5");
  OK(localgrad_settings_set_text(options, "seed", "1"));
  REFUSED("seed must be a number, got text");
  OK(localgrad_settings_set_integer(options, "seed", 1));
  OK(localgrad_settings_set_number(options, "output", 1));
  REFUSED("output must be text, got a number");
  OK(localgrad_settings_set_texts(options, "output", activations, 2));
  REFUSED("output must be a single value, got 2");
  OK(localgrad_settings_set_text(options, "output", "tanh"));
  OK(localgrad_settings_set_numbers(options, "dropout", NULL, 0));
  REFUSED("dropout must be one rate or 2");
  OK(localgrad_settings_set_number(options, "dropout", 1));
  REFUSED("dropout must be at least 0 and below 1, got 1");
  OK(localgrad_settings_set_number(options, "dropout", 0));
  OK(localgrad_settings_set_number(options, "learning_rate", 1));
  REFUSED("settings must be those of a network, got 'learning_rate'");
  localgrad_settings_free(options);
  localgrad_settings_free(NULL);
}
