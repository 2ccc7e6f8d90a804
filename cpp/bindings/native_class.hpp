#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <new>
#include <utility>

namespace localgrad::python {

/// The Python objects that a value of C holds, for Python's garbage collector; specialized where there are
/// any.
template <class C>
struct Held {
  static constexpr bool any = false;
  static int visit(const C&, visitproc, void*) { return 0; }
  static void clear(C&) {}
};

/// The value as a Python object. Unlike py::cast it frees the whole value if registering it runs out of
/// memory: until then the object only refers to it.
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

/// A class of the core, final. `__new__` makes an instance with its value. (pybind11 makes the value in
/// `__init__`: methods of an instance without it read unwritten memory, and running out of memory in its
/// dispatcher ends the process.)
template <class C>
class NativeClass {
 public:
  /// The instances are made by functions of the core alone.
  NativeClass(pybind11::module_& m, const char* name)
      : class_(m, name, pybind11::is_final(), pybind11::custom_type_setup(set_up)) {}

  /// The instances are what make(..) returns; `extra` names its arguments.
  template <class... Arguments, class... Extra>
  NativeClass(pybind11::module_& m, const char* name, std::unique_ptr<C> (*make)(Arguments...),
              const Extra&... extra)
      : NativeClass(m, name) {
    pybind11::cpp_function function(
        [make](Arguments... arguments) { return adopt(make(std::forward<Arguments>(arguments)...)); },
        pybind11::name(name), extra...);
    class_.attr("__doc__") = function.doc();  // its signature
    make_ = function.release().ptr();
  }

  pybind11::class_<C>* operator->() { return &class_; }

 private:
  static void set_up(PyHeapTypeObject* heap) {
    PyTypeObject& type = heap->ht_type;
    type.tp_new = make_instance;
    type.tp_init = [](PyObject*, PyObject*, PyObject*) { return 0; };
    // pybind11 does not look at what this returns.
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
    PyErr_Format(PyExc_TypeError, "%s does not support construction: functions of the core return it",
                 type->tp_name);
    return nullptr;
  }

  /// Null while the instance is being made or taken down: the collector may come at any time.
  static C* value_of(PyObject* self) {
    auto* instance = reinterpret_cast<pybind11::detail::instance*>(self);
    if (!instance->simple_layout || !pybind11::detail::is_holder_constructed(self)) return nullptr;
    return instance->get_value_and_holder().template value_ptr<C>();
  }

  inline static PyObject* make_ = nullptr;  // lives as long as the process
  pybind11::class_<C> class_;
};

/// A method as a function of its object. pybind11 passes a null pointer to a method itself that is called
/// with None, unless its arguments have names.
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
