#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <exception>
#include <thread>

namespace localgrad::python {

/// Calls f(), which waits for the GIL or runs Python and has no C++ objects that need to be destroyed.
///
/// While Python shuts down, versions up to 3.13 terminate a daemon thread that requests the GIL, by unwinding
/// its stack. This must not unwind a team of threads, a catch (...) or a destructor. Instead, the thread
/// sleeps until the process ends, as in Python 3.14.
template <class F>
auto never_unwound(const F& f) {
  try {
    return f();
  } catch (...) {
    if (std::current_exception()) throw;
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  }
}

/// Releases the GIL for its lifetime. pybind11's gil_scoped_release would end the process while Python shuts
/// down.
class WithoutGil {
 public:
  WithoutGil() : state_(PyEval_SaveThread()) {}
  ~WithoutGil() {
    never_unwound([&] { PyEval_RestoreThread(state_); });
  }
  WithoutGil(const WithoutGil&) = delete;
  WithoutGil& operator=(const WithoutGil&) = delete;

 private:
  PyThreadState* state_;
};

/// Calls f() without the GIL and returns its result.
template <class F>
auto without_gil(const F& f) {
  const WithoutGil released;
  return f();
}

/// Holds the GIL for its lifetime, with the same precaution. Call Python functions by never_unwound while it
/// exists.
class WithGil {
 public:
  WithGil() : state_(never_unwound([] { return PyGILState_Ensure(); })) {}
  ~WithGil() { PyGILState_Release(state_); }
  WithGil(const WithGil&) = delete;
  WithGil& operator=(const WithGil&) = delete;

 private:
  PyGILState_STATE state_;
};

/// Runs the handlers of pending signals; an exception of a handler ends the call. Called without the GIL.
inline bool handle_signals() {
  const WithGil with_gil;
  if (never_unwound([] { return PyErr_CheckSignals(); }) != 0) throw pybind11::error_already_set();
  return false;
}

/// Calls a Python function as f(*arguments). Requires the GIL.
inline pybind11::object call(const pybind11::object& f, const pybind11::tuple& arguments) {
  PyObject* answer = never_unwound([&] { return PyObject_CallObject(f.ptr(), arguments.ptr()); });
  if (!answer) throw pybind11::error_already_set();
  return pybind11::reinterpret_steal<pybind11::object>(answer);
}

}  // namespace localgrad::python
