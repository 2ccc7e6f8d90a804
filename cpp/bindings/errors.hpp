#pragma once

#include <string>
#include <system_error>

namespace localgrad::python {

/// Raises the subclass of OSError for the error's number (such as FileNotFoundError), with its errno and
/// filename. Must be called with the GIL held.
[[noreturn]] void throw_os_error(const std::system_error& error, const std::string& path);

/// Returns f(); converts a std::system_error to that OSError.
template <class F>
auto with_path(const std::string& path, const F& f) {
  try {
    return f();
  } catch (const std::system_error& error) {
    throw_os_error(error, path);
  }
}

}  // namespace localgrad::python
