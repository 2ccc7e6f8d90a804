#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <stdexcept>

#include "localgrad/info.hpp"

int main(int argc, char** argv) {
  try {
    std::printf("instruction set: %s\n", localgrad::info().isa.c_str());
  } catch (const std::invalid_argument& e) {
    std::printf("skipped: %s\n", e.what());
    return 77;
  }
  return doctest::Context(argc, argv).run();
}
