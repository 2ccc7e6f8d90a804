#include <stdlib.h>

#include "check.h"

int failures = 0;

const float kX[8] = {0, 0, 0, 1, 1, 0, 1, 1}, kY[4] = {0, 1, 1, 0};

void check_fails(const char* file, int line, const char* call, localgrad_status expected, const char* text,
                 localgrad_status status) {
  if (status == expected && strstr(localgrad_last_error(), text)) return;
  ++failures;
  fprintf(stderr, "%s:%d: %s: got %d: %s\n", file, line, call, status, localgrad_last_error());
}

localgrad_network* small_network(localgrad_type type) {
  const size_t sizes[] = {2, 3, 1};
  localgrad_settings* options = NULL;
  localgrad_network* network = NULL;
  OK(localgrad_settings_create(&options));
  OK(localgrad_settings_set_integer(options, "seed", 7));
  OK(localgrad_settings_set_text(options, "activation", "tanh"));
  OK(localgrad_network_create(type, sizes, 3, options, &network));
  localgrad_settings_free(options);
  if (!network) exit(1);
  return network;
}

int main(void) {
  CHECK(strcmp(localgrad_last_error(), "") == 0);
  CHECK(localgrad_c_api_version() == LOCALGRAD_C_API_VERSION);
  CHECK(strlen(localgrad_version()) >= 5);
  CHECK(strcmp(localgrad_status_text(LOCALGRAD_OK), "success") == 0);
  CHECK(strlen(localgrad_status_text(99)) > 0);
  if (strlen(localgrad_isa()) == 0) {
    fprintf(stderr, "%s\n", localgrad_last_error());
    return 77; /* the processor does not have the instruction set */
  }
  test_network();
  test_settings();
  test_files();
  test_predict();
  test_real_time();
  test_machine();
  test_train();
  test_checkpoints();
  test_errors();
  return failures > 0;
}
