#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <new>
#include <utility>

namespace localgrad::python {

/// The Python objects that an instance of C refers to, for Python's garbage collector. Specialized for the
/// classes that refer to any.
template <class C>
struct Held {
  static constexpr bool any = false;
  static int visit(const C&, visitproc, void*) { return 0; }
  static void clear(C&) {}
};

/// Converts a value to a Python object. Unlike py::cast, it frees the whole value if its registration runs
/// out of memory: until then, the object only refers to it.
template <class C>
pybind11::object adopt(std::unique_ptr<C> value) {
  pybind11::object self = pybind11::cast(value.get(), pybind11::return_value_policy::reference);
  auto* instance = reinterpret_cast<pybind11::detail::instance*>(self.ptr());
  auto held = instance->get_value_and_holder();
  new (&held.template holder<std::unique_ptr<C>>()) std::unique_ptr<C>(std::move(value));
  held.set_holder_constructed();
  instance->owned = true;
  return self;
}

/// A final class of the core, whose instances are created by `__new__`. pybind11 creates them in `__init__`:
/// without it, methods would read uninitialized memory, and running out of memory in its dispatcher ends the
/// process.
template <class C>
class NativeClass {
 public:
  /// Registers a class whose instances are only created by functions of the core.
  NativeClass(pybind11::module_& m, const char* name)
      : class_(m, name, pybind11::is_final(), pybind11::custom_type_setup(set_up)) {}

  /// Registers a class whose instances are created by make(..); `extra` are the names of its arguments.
  template <class... Arguments, class... Extra>
  NativeClass(pybind11::module_& m, const char* name, std::unique_ptr<C> (*make)(Arguments...),
              const Extra&... extra)
      : NativeClass(m, name) {
    pybind11::cpp_function function(
        [make](Arguments... arguments) { return adopt(make(std::forward<Arguments>(arguments)...)); },
        pybind11::name(name), extra...);
    class_.attr("__doc__") = function.doc();  // the signature
    make_ = function.release().ptr();
  }

  pybind11::class_<C>* operator->() { return &class_; }

 private:
  static void set_up(PyHeapTypeObject* heap) {
    PyTypeObject& type = heap->ht_type;
    type.tp_new = make_instance;
    type.tp_init = [](PyObject*, PyObject*, PyObject*) { return 0; };
    // pybind11 does not check the result of tp_alloc.
    type.tp_alloc = [](PyTypeObject* of, Py_ssize_t n) {
      PyObject* self = PyType_GenericAlloc(of, n);
      if (!self) throw pybind11::error_already_set();
      return self;
    };
    if (!Held<C>::any) return;
    type.tp_flags |= Py_TPFLAGS_HAVE_GC;
    type.tp_traverse = [](PyObject* self, visitproc visit, void* arg) -> int {
      Py_VISIT(Py_TYPE(self));
      const C* value = value_of(self);
      return value ? Held<C>::visit(*value, visit, arg) : 0;
    };
    type.tp_clear = [](PyObject* self) {
      if (C* value = value_of(self)) Held<C>::clear(*value);
      return 0;
    };
  }

  static PyObject* make_instance(PyTypeObject* type, PyObject* arguments, PyObject* names) {
    if (make_) return PyObject_Call(make_, arguments, names);
    PyErr_Format(PyExc_TypeError, "%s does not support construction; it is returned by functions of the core",
                 type->tp_name);
    return nullptr;
  }

  /// Null while the instance is being created or destroyed: the garbage collector may run at any time.
  static C* value_of(PyObject* self) {
    auto* instance = reinterpret_cast<pybind11::detail::instance*>(self);
    if (!instance->simple_layout || !pybind11::detail::is_holder_constructed(self)) return nullptr;
    return instance->get_value_and_holder().template value_ptr<C>();
  }

  inline static PyObject* make_ = nullptr;  // never freed
  pybind11::class_<C> class_;
};

/// Converts a method to a function of its object. If arguments have no names, pybind11 passes a null pointer
/// to a method that is called with None.
template <class C, class R, class... A>
auto method(R (C::*function)(A...) const) {
  return [function](const C& self, A... arguments) -> R {
    return (self.*function)(std::forward<A>(arguments)...);
  };
}
template <class C, class R, class... A>
auto method(R (C::*function)(A...)) {
  return [function](C& self, A... arguments) -> R { return (self.*function)(std::forward<A>(arguments)...); };
}

}  // namespace localgrad::python
