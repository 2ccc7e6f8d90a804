#pragma once

namespace localgrad {

/// Returns how many of `wanted` additional threads the system can start now.
///
/// OpenMP runtimes end the process if a thread cannot be started. This function therefore starts `wanted`
/// threads itself, with stacks as large as OpenMP's, keeps all of them and a reserve of memory alive at the
/// same time, and returns when they have ended. Without POSIX threads it returns `wanted`.
///
/// Threads or memory that other code takes between this trial and the OpenMP calls are not detected.
int threads_to_be_had(int wanted);

/// Number of stacks of ended threads that the C library keeps for new threads; at least 1.
int stacks_kept();

}  // namespace localgrad
