#pragma once

#include <string>
#include <system_error>

namespace localgrad::python {

/// Raises the subclass of OSError that belongs to the error's number (FileNotFoundError and the like), with
/// its errno and filename. Call with the GIL held.
[[noreturn]] void throw_os_error(const std::system_error& error, const std::string& path);

/// What f() gives; a std::system_error becomes that OSError.
template <class F>
auto with_path(const std::string& path, const F& f) {
  try {
    return f();
  } catch (const std::system_error& error) {
    throw_os_error(error, path);
  }
}

}  // namespace localgrad::python
