/* Trains a network on the exclusive or, keeps it in memory as a file, loads it and predicts. */
#include <stdio.h>
#include <stdlib.h>

#include "localgrad/localgrad.h"

static void check(localgrad_status status) {
  if (status == LOCALGRAD_OK) return;
  fprintf(stderr, "error %d: %s\n", status, localgrad_last_error());
  exit(EXIT_FAILURE);
}

int main(void) {
  const float inputs[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}}, targets[4] = {0, 1, 1, 0};
  const localgrad_rows x = localgrad_rows_f32(&inputs[0][0], 4, 2), y = localgrad_rows_f32(targets, 4, 1);

  const size_t sizes[] = {2, 8, 1};
  localgrad_settings* options;
  check(localgrad_settings_create(&options));
  check(localgrad_settings_set_text(options, "activation", "tanh"));
  check(localgrad_settings_set_text(options, "output", "sigmoid"));
  check(localgrad_settings_set_text(options, "cost", "cross_entropy"));
  localgrad_network* network;
  check(localgrad_network_create(LOCALGRAD_FLOAT32, sizes, 3, options, &network));
  localgrad_settings_free(options);

  localgrad_settings* settings;
  check(localgrad_settings_create(&settings));
  check(localgrad_settings_set_number(settings, "learning_rate", 0.01));
  localgrad_trainer* trainer;
  check(localgrad_trainer_create(network, "Adam", settings, 4, NULL, 0, &trainer));
  localgrad_settings_free(settings);
  double cost;
  for (int step = 0; step < 1000; ++step) check(localgrad_trainer_step(trainer, &x, &y, NULL, &cost));
  printf("cost %.4f\n", cost);

  size_t bytes;
  check(localgrad_network_save_memory(network, NULL, 0, &bytes)); /* asks for the size */
  void* file = malloc(bytes);
  if (!file) return EXIT_FAILURE;
  check(localgrad_network_save_memory(network, file, bytes, NULL));
  localgrad_network* loaded;
  check(localgrad_network_load_memory(file, bytes, &loaded));
  free(file);

  float outputs[4];
  const localgrad_matrix out = localgrad_matrix_f32(outputs, 4, 1);
  check(localgrad_predict(loaded, &x, &out, 1));
  for (int i = 0; i < 4; ++i) printf("%g xor %g: %.2f\n", inputs[i][0], inputs[i][1], outputs[i]);

  localgrad_trainer_free(trainer);
  localgrad_network_free(network);
  localgrad_network_free(loaded);
  return EXIT_SUCCESS;
}
