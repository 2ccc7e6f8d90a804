#pragma once

#include "engine/team/team.hpp"

namespace localgrad {

// The library's own threads. CMake compiles one of {openmp,std,no}_team.cpp, according to
// LOCALGRAD_THREADS.

/// Implements run_team without an executor, for n_threads > 1.
void run_threads(int n_threads, void (*work)(void* context, const Team& team), void* context);

/// Implements helpers_at_hand without an executor.
int waiting_threads();

/// Whether default_threads() is 1 because threads are lost in this process, which was forked.
bool lacks_threads();

/// Limits of the environment for a team that is started on the calling thread.
struct BuiltInLimit {
  int threads = 1;        ///< largest number of threads
  const char* from = "";  ///< what limits `threads`; empty if it is the run time's own count of processors
  /// Number of processors in the places that threads are bound to; 0 if they are not bound.
  int processors = 0;
  bool may_lower = false;  ///< whether OMP_DYNAMIC allows the run time to use fewer threads
};
BuiltInLimit built_in_limit();

/// Value of LOCALGRAD_THREADS: "openmp", "std" or "none".
const char* threading();

/// Version of the OpenMP specification, or "none" without OpenMP.
const char* openmp_version();

}  // namespace localgrad
