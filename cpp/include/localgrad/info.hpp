#pragma once

#include <string>
#include <vector>

#include "localgrad/export.h"

namespace localgrad {

/// Build configuration and detected hardware, as returned by info().
struct LOCALGRAD_API Info {
  /// Version of the library, for example "0.1.0".
  std::string version;
  /// Instruction set in use: "portable", "avx2" or "avx512".
  std::string isa;
  /// Instruction sets that the processor and the operating system support.
  std::vector<std::string> isa_available;
  /// Whether the instruction set in use fuses multiply-adds. All instruction sets that do give the same
  /// results, bit for bit.
  bool fused_multiply_add = false;
  /// Default number of threads.
  int threads = 1;
  /// What limits the default number of threads: "processors", "affinity mask", "cgroup quota",
  /// "OMP_NUM_THREADS", "executor" and so on.
  std::string threads_from;
  /// The library's own threads, as chosen by the build option LOCALGRAD_THREADS: "openmp", "std" or "none".
  std::string threading;
  /// Version of the OpenMP specification that the compiler implements, or "none" if `threading` is not
  /// "openmp".
  std::string openmp;
  /// Name and version of the compiler.
  std::string compiler;
};

/// Return the build configuration and the detected hardware.
LOCALGRAD_API Info info();

/// Choose the instruction set for the whole process: one of Info::isa_available, or "" for the default.
///
/// The default is the last of them, or the one that the environment variable LOCALGRAD_ISA names. Objects
/// that exist, such as a Trainer or a Predictor, keep the instruction set that was in use when they were
/// created; all other calls use the new one from then on. It is safe to call this from any thread at any
/// time.
///
/// Throws std::invalid_argument if the name is not available, with a list of those that are, and leaves the
/// instruction set unchanged.
void set_isa(const std::string& name);

/// The names that Options accepts, as returned by names().
struct LOCALGRAD_API Names {
  /// Activation functions of hidden layers.
  std::vector<std::string> activations;
  /// Activation functions of the output layer: those of hidden layers and softmax.
  std::vector<std::string> outputs;
  /// Costs, without "custom".
  std::vector<std::string> costs;
  /// Initialization methods.
  std::vector<std::string> inits;
};

/// Return the names that Options accepts.
LOCALGRAD_API Names names();

}  // namespace localgrad
