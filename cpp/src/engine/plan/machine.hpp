#pragma once

namespace localgrad {

/// The measured peak of a machine, to compare the speed of a training step with.
struct MachineSpeed {
  double flops = 0;      ///< float32 operations a second of all threads: fused multiply-adds in registers
  double bandwidth = 0;  ///< bytes a second that they read and write of large arrays together
  double handover = 0;   ///< seconds until a thread sees what another has written; 0 for one thread
  double line = 0;  ///< seconds for each of many cache lines written by one thread, read by another; likewise
};

/// Measures each for about `seconds` and returns the best of many short measurements, with arrays of 192 MB
/// together. `threads` is at least 1, else std::invalid_argument; a team may get fewer, see run_team. Throws
/// OutOfMemory.
MachineSpeed measure_machine(int threads, double seconds);

/// The same for a plan's predictions, measured once a process, when first needed, in less than 5 ms on an
/// idle machine: flops and bandwidth (of 4 MB) of one thread, handover and line between two.
const MachineSpeed& calibration();

}  // namespace localgrad
