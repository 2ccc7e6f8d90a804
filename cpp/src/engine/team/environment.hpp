#pragma once

namespace localgrad {

/// OMP_NUM_THREADS for the outermost level when this library was loaded; 0 if it was not set.
int num_threads_at_load();

}  // namespace localgrad
