#pragma once

namespace localgrad {

/// How many of `wanted` more threads the system would start now. It starts them by its own call, with stacks
/// as large as OpenMP's, all alive at once beside a reserve of memory, and returns when they have ended: an
/// OpenMP run time that is refused a thread ends the process. Without POSIX threads: `wanted`.
///
/// A process or a limit that takes threads or memory away between the trial and the run time's own calls is
/// not seen.
int threads_to_be_had(int wanted);

/// Stacks of threads that have ended which the C library keeps for the next ones; at least 1.
int stacks_kept();

}  // namespace localgrad
