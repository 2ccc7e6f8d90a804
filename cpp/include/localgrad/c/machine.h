#pragma once

#include "localgrad/c/status.h"

/// @file
/// The instruction set and the threads that the library uses, for the whole process.

#ifdef __cplusplus
extern "C" {
#endif

/// Return the instruction set in use, for example "avx2"; an empty string after an error. Thread-safe.
LOCALGRAD_API const char* localgrad_isa(void);

/// Choose the instruction set, for example "portable", or the default with "". Thread-safe.
///
/// Objects that exist keep theirs. A name that the processor or the build does not have gives
/// #LOCALGRAD_INVALID_ARGUMENT; the message lists those that are available.
LOCALGRAD_API localgrad_status localgrad_set_isa(const char* name);

/// A task of the library: the host calls it with each index.
typedef void (*localgrad_task)(void* argument, int index);

/// Function of the host that calls task(argument, index) once for each index in 0..n-1, in any order and on
/// any threads, and returns when all calls have returned. Tasks of one call never wait for each other.
typedef void (*localgrad_executor)(void* context, int n, localgrad_task task, void* argument);

/// Use the threads of the host program instead of the library's own, or the library's again if `run` is
/// `NULL`; see localgrad::set_executor.
///
/// `context` is passed to `run`. `concurrency` is the number of tasks that the host can run at the same time,
/// or 0 for the number of processors that the process can use. No other thread may be in a function of the
/// library during this call.
LOCALGRAD_API localgrad_status localgrad_set_executor(localgrad_executor run, void* context, int concurrency);

#ifdef __cplusplus
}
#endif
