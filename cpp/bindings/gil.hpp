#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <exception>
#include <thread>

namespace localgrad::python {

/// Calls f(), which waits for the GIL or runs Python and holds nothing of C++ that needs to be unwound.
///
/// While Python shuts down, versions up to 3.13 end a daemon thread that wants the GIL by unwinding its
/// stack. That must not pass a team of threads, a catch (...) or a destructor. Here the thread sleeps for the
/// rest of the process's life instead, as in Python 3.14.
template <class F>
auto never_unwound(const F& f) {
  try {
    return f();
  } catch (...) {
    if (std::current_exception()) throw;
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  }
}

/// Releases the GIL for its lifetime. (pybind11's gil_scoped_release ends the process while Python shuts
/// down.)
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

/// What f() gives, called without the GIL.
template <class F>
auto without_gil(const F& f) {
  const WithoutGil released;
  return f();
}

/// Holds the GIL for its lifetime, with the same care. Call Python under it by never_unwound.
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
