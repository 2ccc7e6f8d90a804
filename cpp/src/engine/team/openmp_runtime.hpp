#pragma once

namespace localgrad {

/// Keeps the OpenMP run time in memory until the process ends. Its threads wait in its code. If a plug-in is
/// unloaded and nothing else uses the run time, the system would unload the code that they execute.
void keep_openmp_loaded();

}  // namespace localgrad
