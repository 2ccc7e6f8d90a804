#pragma once

#include "localgrad/export.h"

/// @file
/// Errors and versions of the C interface.

/// Version of the C interface in this header. It is increased when programs must be changed or compiled
/// again.
#define LOCALGRAD_C_API_VERSION 1

#ifdef __cplusplus
extern "C" {
#endif

/// Result of a call: one of the numbers below.
typedef int localgrad_status;

/// Values of #localgrad_status, the same as those of localgrad::Status in C++.
enum {
  LOCALGRAD_OK = 0,                ///< success
  LOCALGRAD_INVALID_ARGUMENT = 1,  ///< an argument, setting or file is invalid
  LOCALGRAD_BAD_EXAMPLE = 2,       ///< a number that is not finite, or a target or label out of range
  LOCALGRAD_NOT_FINITE = 3,        ///< training diverged; the network keeps its last finite parameters
  LOCALGRAD_OUT_OF_MEMORY = 4,     ///< memory could not be allocated
  LOCALGRAD_IO_ERROR = 5,          ///< a file could not be read or written
  LOCALGRAD_INTERRUPTED = 6,       ///< a function of the caller stopped the call
  LOCALGRAD_FAILED = 7             ///< any other error
};

/// Return the message of the last error in the calling thread, or an empty string.
///
/// The string is never `NULL`. It belongs to the thread and is valid until the next call that fails there. A
/// successful call does not change it. Messages have at most 511 bytes; longer ones are cut off. Thread-safe.
LOCALGRAD_API const char* localgrad_last_error(void);

/// Return a short description of a status, for example "success". Thread-safe.
LOCALGRAD_API const char* localgrad_status_text(localgrad_status status);

/// Return the version of the library at run time, for example "0.1.0". Thread-safe.
LOCALGRAD_API const char* localgrad_version(void);

/// Return the #LOCALGRAD_C_API_VERSION of the library at run time. Thread-safe.
LOCALGRAD_API int localgrad_c_api_version(void);

#ifdef __cplusplus
}
#endif
