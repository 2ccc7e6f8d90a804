#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <thread>

namespace localgrad::python {

/// Releases the GIL for its lifetime.
///
/// pybind11's gil_scoped_release does the same, but ends the process if Python is shutting down while a daemon
/// thread computes: up to Python 3.13 that thread, wanting the GIL back, is then made to leave by unwinding its
/// stack, which must not pass a destructor, and would run others that need the GIL. Here it goes to sleep for
/// what is left of the process's life, as it does in Python 3.14.
class WithoutGil {
 public:
  WithoutGil() : state_(PyEval_SaveThread()) {}
  ~WithoutGil() {
    try {
      PyEval_RestoreThread(state_);
    } catch (...) {  // the unwinding alone: C functions throw nothing
      for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
    }
  }
  WithoutGil(const WithoutGil&) = delete;
  WithoutGil& operator=(const WithoutGil&) = delete;

 private:
  PyThreadState* state_;
};

}  // namespace localgrad::python
