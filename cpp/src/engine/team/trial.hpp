#pragma once

namespace localgrad {

/// How many of `wanted` more threads the system would start now. So many are started by its own call, with stacks as large as
/// OpenMP's will be, all alive at once beside a reserve of memory, and have ended when this returns: an OpenMP run time that
/// is refused a thread ends the process, and a trial that is refused one tells. Where there are no POSIX threads: `wanted`.
///
/// It can't be more than a trial: a process or a limit that takes threads or memory away between it and the run time's own
/// calls is not seen.
int threads_to_be_had(int wanted);

/// Stacks of threads that have ended which the C library keeps for the next ones; at least 1.
int stacks_kept();

}  // namespace localgrad
