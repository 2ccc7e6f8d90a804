/* Networks and checkpoints in files and in memory. */
#include <stdlib.h>

#include "check.h"

static int same(const localgrad_network* a, const localgrad_network* b) {
  size_t size_a = 0, size_b = 0;
  unsigned char *file_a, *file_b;
  int equal;
  OK(localgrad_network_save_memory(a, NULL, 0, &size_a));
  OK(localgrad_network_save_memory(b, NULL, 0, &size_b));
  file_a = malloc(size_a);
  file_b = malloc(size_b);
  OK(localgrad_network_save_memory(a, file_a, size_a, NULL));
  OK(localgrad_network_save_memory(b, file_b, size_b, NULL));
  equal = size_a == size_b && memcmp(file_a, file_b, size_a) == 0;
  free(file_a);
  free(file_b);
  return equal;
}

void test_files(void) {
  localgrad_network *network = small_network(LOCALGRAD_FLOAT64), *loaded = NULL;
  unsigned char memory[2000];
  size_t size = 0;
  OK(localgrad_network_save(network, "c_interface.safetensors"));
  OK(localgrad_network_load("c_interface.safetensors", &loaded));
  CHECK(localgrad_network_type(loaded) == LOCALGRAD_FLOAT64 && same(network, loaded));
  localgrad_network_free(loaded);
  remove("c_interface.safetensors");
  OK(localgrad_network_save_memory(network, memory, sizeof memory, &size));
  OK(localgrad_network_load_memory(memory, size, &loaded));
  CHECK(same(network, loaded));
  localgrad_network_free(loaded);
  loaded = NULL;
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "bytes must be at least",
        localgrad_network_save_memory(network, memory, size - 1, &size));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "safetensors file",
        localgrad_network_load_memory(memory, size - 1, &loaded));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "data must not be null", localgrad_network_load_memory(NULL, 8, &loaded));
  FAILS(LOCALGRAD_IO_ERROR, "cannot read 'no/file'", localgrad_network_load("no/file", &loaded));
  FAILS(LOCALGRAD_IO_ERROR, "cannot write 'no/file'", localgrad_network_save(network, "no/file"));
  CHECK(!loaded);
  localgrad_network_free(network);
}

static localgrad_trainer* adam(localgrad_network* network) {
  localgrad_trainer* trainer = NULL;
  OK(localgrad_trainer_create(network, "Adam", NULL, 2, NULL, 0, &trainer));
  return trainer;
}

static void epoch(localgrad_trainer* trainer) {
  localgrad_rows x = localgrad_rows_f32(kX, 4, 2), y = localgrad_rows_f32(kY, 4, 1);
  OK(localgrad_trainer_epoch(trainer, &x, &y, NULL, 1, NULL, NULL, NULL));
}

void test_checkpoints(void) {
  localgrad_network *network = small_network(LOCALGRAD_FLOAT32), *other = small_network(LOCALGRAD_FLOAT32);
  localgrad_network *wide = small_network(LOCALGRAD_FLOAT64), *deep = NULL, *saved = NULL;
  localgrad_trainer *trainer = adam(network), *resumed = adam(other), *sgd = NULL, *of_wide = adam(wide),
                    *of_deep;
  unsigned char memory[4000], network_file[2000];
  const size_t sizes[] = {2, 4, 1};
  size_t size = 0, network_size = 0;
  epoch(trainer);
  OK(localgrad_trainer_save(trainer, "c_checkpoint.safetensors"));
  OK(localgrad_trainer_save_memory(trainer, memory, sizeof memory, &size));
  epoch(trainer);
  OK(localgrad_trainer_restore(resumed, "c_checkpoint.safetensors"));
  epoch(resumed);
  CHECK(same(network, other));
  OK(localgrad_trainer_restore_memory(resumed, memory, size));
  epoch(resumed);
  CHECK(same(network, other));
  remove("c_checkpoint.safetensors");
  OK(localgrad_network_load_memory(memory, size, &saved));
  CHECK(localgrad_network_epochs(saved) == 1);
  OK(localgrad_network_save_memory(network, network_file, sizeof network_file, &network_size));

  FAILS(LOCALGRAD_INVALID_ARGUMENT, "bytes must be at least",
        localgrad_trainer_save_memory(trainer, memory, 9, &size));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "no state of training",
        localgrad_trainer_restore_memory(resumed, network_file, network_size));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "expected 'float64', got 'float32'",
        localgrad_trainer_restore_memory(of_wide, memory, size));
  OK(localgrad_network_create(LOCALGRAD_FLOAT32, sizes, 3, NULL, &deep));
  of_deep = adam(deep);
  FAILS(LOCALGRAD_INVALID_ARGUMENT,
        "the checkpoint must have the architecture of the network, got other sizes",
        localgrad_trainer_restore_memory(of_deep, memory, size));
  OK(localgrad_trainer_create(other, "SGD", NULL, 2, NULL, 0, &sgd));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "rule must be 'sgd' for this optimizer, got 'adam'",
        localgrad_trainer_restore_memory(sgd, memory, size));
  FAILS(LOCALGRAD_IO_ERROR, "cannot write 'no/file'", localgrad_trainer_save(trainer, "no/file"));
  FAILS(LOCALGRAD_IO_ERROR, "cannot read 'no/file'", localgrad_trainer_restore(trainer, "no/file"));
  CHECK(same(network, other));
  localgrad_network_free(network);
  localgrad_network_free(other);
  localgrad_network_free(wide);
  localgrad_network_free(deep);
  localgrad_network_free(saved);
  localgrad_trainer_free(trainer); /* after its network */
  localgrad_trainer_free(resumed);
  localgrad_trainer_free(sgd);
  localgrad_trainer_free(of_wide);
  localgrad_trainer_free(of_deep);
}
