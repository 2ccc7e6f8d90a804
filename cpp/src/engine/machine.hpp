#pragma once

namespace localgrad {

/// What a machine can do at best, to hold the speed of a training step against.
struct MachineSpeed {
  double flops =
      0;  ///< float32 operations a second of all threads together, fused multiply-adds in registers
  double bandwidth = 0;  ///< bytes a second that they read and write of arrays of 192 MB together
  double handover = 0;   ///< seconds until a thread sees what another has written; 0 for one thread
};

/// Measures each of the three for about `seconds` and gives the best of many short measurements. `threads` is at least 1,
/// else std::invalid_argument; a team may get fewer, as run_team says. Throws OutOfMemory.
MachineSpeed measure_machine(int threads, double seconds);

}  // namespace localgrad
