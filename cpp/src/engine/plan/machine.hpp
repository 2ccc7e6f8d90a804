#pragma once

#include "localgrad/export.h"

namespace localgrad {

/// Measured peak performance of the machine.
struct MachineSpeed {
  double flops = 0;      ///< float32 operations per second of all threads: fused multiply-adds in registers
  double bandwidth = 0;  ///< bytes per second that all threads read and write in large arrays
  double handover = 0;   ///< seconds until a thread sees what another has written; 0 for one thread
  /// Seconds per cache line, of many lines written by one thread and read by another; 0 for one thread.
  double line = 0;
};

/// Measures each value for about `seconds` and returns the best of many short measurements. It uses arrays
/// of 192 MB in total.
///
/// A team may get fewer than `threads` threads, see run_team. Throws std::invalid_argument if threads < 1,
/// and OutOfMemory.
LOCALGRAD_API MachineSpeed measure_machine(int threads, double seconds);

/// Measurements for the predictions of plans, made once per process, when first needed, in less than 5 ms on
/// an idle machine: flops and bandwidth (with 4 MB) of one thread, handover and line between two threads.
const MachineSpeed& calibration();

/// Seconds to start a team whose threads are awake, before it is measured.
constexpr double kUsualStart = 3e-6;

/// Seconds to start and end a team of the default size whose threads are awake, or to run as many tasks by an
/// executor. Measured when first needed, and again for each executor.
double start_seconds(int threads);

}  // namespace localgrad
