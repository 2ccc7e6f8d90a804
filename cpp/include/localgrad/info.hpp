#pragma once

#include <string>
#include <vector>

namespace localgrad {

/// What this build is and what it found on this machine.
struct Info {
  std::string version;
  std::string isa;                         ///< instruction set in use: "portable", "avx2" or "avx512"
  std::vector<std::string> isa_available;  ///< those that this processor and operating system support
  bool fused_multiply_add = false;         ///< whether the one in use keeps the promise of equal bits
  int threads = 1;                         ///< the default number of threads
  std::string threads_from;  ///< what limits it: "processors", "affinity mask", "OMP_NUM_THREADS", ..
  std::string openmp;        ///< the OpenMP run time's version, or "none"
  std::string compiler;
};
Info info();

/// The names that Options takes.
struct Names {
  std::vector<std::string> activations, outputs, costs, inits;
};
Names names();

}  // namespace localgrad
