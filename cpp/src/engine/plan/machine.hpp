#pragma once

namespace localgrad {

/// What a machine can do at best, to hold the speed of a training step against.
struct MachineSpeed {
  double flops =
      0;  ///< float32 operations a second of all threads together, fused multiply-adds in registers
  double bandwidth = 0;  ///< bytes a second that they read and write of large arrays together
  double handover = 0;   ///< seconds until a thread sees what another has written; 0 for one thread
  double line =
      0;  ///< seconds for each of many cache lines that one thread writes and another reads; likewise
};

/// Measures each of them for about `seconds` and gives the best of many short measurements, with arrays of 192 MB together.
/// `threads` is at least 1, else std::invalid_argument; a team may get fewer, as run_team says. Throws OutOfMemory.
MachineSpeed measure_machine(int threads, double seconds);

/// The same for a plan's predictions, measured once a process, when first asked for, in less than 5 ms on an idle machine: flops and
/// bandwidth of one thread, the latter of 4 MB, handover and line between two.
const MachineSpeed& calibration();

}  // namespace localgrad
