#pragma once

#include "localgrad/export.h"

namespace localgrad {

/// A task of the library: the host calls `task(argument, index)`. It does not throw.
using ExecutorTask = void (*)(void* argument, int index);

/// A function of the host that runs tasks: it calls `task(argument, index)` once for each index in 0..n-1,
/// in any order and on any threads, and returns when all calls have returned.
///
/// `context` is the pointer that was given to set_executor(). Tasks of one run never wait for each other. A
/// function that calls them one after another is therefore correct, as is a pool with fewer threads than
/// tasks.
using ExecutorRun = void (*)(void* context, int n, ExecutorTask task, void* argument);

/// Use the threads of the host program instead of the library's own.
///
/// From then on, functions that use several threads divide their work into runs of tasks, and the library
/// starts no threads. This works with every value of the build option LOCALGRAD_THREADS, also with `none`.
/// Results are bit-identical to those of one thread. Custom costs, schedules and interrupt functions are
/// still called on the thread that called the library, except custom costs and schedules in train_fleet().
///
/// An argument `n_threads` above 0 is the number of tasks of each run. With 0, the library chooses, up to
/// `concurrency`; training then measures whether runs are faster than the calling thread alone.
///
/// `run` must not throw. Several threads may call it at the same time if they call the library at the same
/// time. An index that it does not call, for example because the host's pool has been shut down, is computed
/// by the calling thread afterward.
///
/// No other thread may be in a function of the library during this call. The executor belongs to one copy of
/// the library: each shared library that contains one has its own. A process created by `fork` inherits the
/// executor; call this function again there, because threads do not survive a fork.
///
/// \param run Function that runs tasks; null restores the threads of the library.
/// \param context Pointer that is passed to `run`.
/// \param concurrency Number of tasks that the host can run at the same time, including the calling thread if
///   it takes part, at most 1024. With 0, it is determined as for the library's own threads: from the number
///   of processors, the affinity mask and the container's quota.
/// \throws std::invalid_argument if `concurrency` is out of range.
LOCALGRAD_API void set_executor(ExecutorRun run, void* context = nullptr, int concurrency = 0);

}  // namespace localgrad
