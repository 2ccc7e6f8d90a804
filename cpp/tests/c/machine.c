/* The instruction set, threads of the host, and random numbers of the host. */
#include "check.h"

static void run_in_turn(void* context, int n, localgrad_task task, void* argument) {
  int i;
  ++*(int*)context;
  for (i = 0; i < n; ++i) task(argument, i);
}

static uint64_t next_random(void* user) {
  uint64_t* state = user;
  return *state = *state * 6364136223846793005u + 1442695040888963407u;
}

void test_machine(void) {
  enum { kRows = 3000 };
  static float x_data[2 * kRows], expected[kRows], out[kRows];
  localgrad_network* network = small_network(LOCALGRAD_FLOAT32);
  localgrad_rows x = localgrad_rows_f32(x_data, kRows, 2);
  localgrad_matrix to = localgrad_matrix_f32(expected, kRows, 1), parameters;
  int runs = 0;
  uint64_t random = 1;
  float before;
  OK(localgrad_predict(network, &x, &to, 2));
  OK(localgrad_set_executor(run_in_turn, &runs, 2));
  to.data = out;
  OK(localgrad_predict(network, &x, &to, 2));
  CHECK(runs > 0 && memcmp(out, expected, sizeof out) == 0);
  OK(localgrad_set_executor(NULL, NULL, 0));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "concurrency", localgrad_set_executor(run_in_turn, &runs, -1));

  FAILS(LOCALGRAD_INVALID_ARGUMENT, "got 'sse'", localgrad_set_isa("sse"));
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "name must not be NULL", localgrad_set_isa(NULL));
  OK(localgrad_set_isa("portable"));
  CHECK(strcmp(localgrad_isa(), "portable") == 0);
  OK(localgrad_set_isa(""));

  OK(localgrad_network_parameters(network, &parameters));
  before = *(float*)parameters.data;
  OK(localgrad_network_initialize(network, next_random, &random));
  CHECK(*(float*)parameters.data != before && random != 1);
  FAILS(LOCALGRAD_INVALID_ARGUMENT, "function must not be NULL",
        localgrad_network_initialize(network, NULL, NULL));
  localgrad_network_free(network);
}
