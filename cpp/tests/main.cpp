#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <stdexcept>

#include "localgrad/info.hpp"

#ifdef LOCALGRAD_TEST_SANITIZED
/// Memory of the C run-time library for thread_local objects: threads of OpenMP may still be ending when the
/// process exits.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:__cxa_thread_atexit_impl\n"; }
#endif

int main(int argc, char** argv) {
  try {
    std::printf("instruction set: %s\n", localgrad::info().isa.c_str());
  } catch (const std::invalid_argument& e) {
    std::printf("skipped: %s\n", e.what());
    return 77;
  }
  return doctest::Context(argc, argv).run();
}
