// Compares localgrad in an embedded program with Eigen and with what the order of its sums permits:
//
//     embedded [SECONDS] [WORD]     SECONDS per table; only tables whose name contains WORD

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "harness.hpp"
#include "localgrad/info.hpp"

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
  const char* word = argc > 2 ? argv[2] : "";
  std::printf("localgrad %s, %s, %s; percentiles include a clock of about 20 ns\n",
              localgrad::info().version.c_str(), localgrad::info().isa.c_str(),
              localgrad::info().compiler.c_str());
  for (const auto& groups : {bench::predict_groups, bench::train_groups})
    for (auto& group : groups())
      if (std::strstr(group.name().c_str(), word)) group.run(seconds);
}
