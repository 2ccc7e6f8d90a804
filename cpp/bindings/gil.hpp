#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <exception>
#include <thread>

namespace localgrad::python {

/// Calls f(), which waits for the GIL or runs Python, and nothing of C++ that could be in the way of the following.
///
/// If Python is shutting down, up to 3.13 a daemon thread that wants the GIL back is made to leave by unwinding its stack. That
/// must not pass a team of threads, a catch (...) or a destructor, and would run others that need the GIL. Here the thread goes to
/// sleep for what is left of the process's life, as it does in Python 3.14.
template <class F>
auto never_unwound(const F& f) {
  try {
    return f();
  } catch (...) {
    if (std::current_exception()) throw;
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  }
}

/// Releases the GIL for its lifetime, as pybind11's gil_scoped_release does, which ends the process if Python is shutting down.
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

/// Holds the GIL for its lifetime, as gil_scoped_acquire does, with the same care. What runs Python meanwhile wants to be called by
/// never_unwound.
class WithGil {
 public:
  WithGil() : state_(never_unwound([] { return PyGILState_Ensure(); })) {}
  ~WithGil() { PyGILState_Release(state_); }
  WithGil(const WithGil&) = delete;
  WithGil& operator=(const WithGil&) = delete;

 private:
  PyGILState_STATE state_;
};

/// Calls a function of Python's, as f(*arguments). With the GIL held.
inline pybind11::object call(const pybind11::object& f, const pybind11::tuple& arguments) {
  PyObject* answer = never_unwound([&] { return PyObject_CallObject(f.ptr(), arguments.ptr()); });
  if (!answer) throw pybind11::error_already_set();
  return pybind11::reinterpret_steal<pybind11::object>(answer);
}

}  // namespace localgrad::python
