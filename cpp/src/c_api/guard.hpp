#pragma once

#include "localgrad/c/status.h"
#include "text/message.hpp"

// Between C and C++: exceptions become a status and a message.
namespace localgrad::c_api {

/// Returns the status of the exception that is being handled, and keeps its message for the thread.
localgrad_status handle_exception() noexcept;

/// Calls `call` and returns the status of the result.
template <class Call>
localgrad_status guarded(const Call& call) noexcept {
  try {
    call();
    return LOCALGRAD_OK;
  } catch (...) {
    return handle_exception();
  }
}

/// Returns the result of `call`, or `otherwise` after an error.
template <class Result, class Call>
Result guarded_or(Result otherwise, const Call& call) noexcept {
  Result result = otherwise;
  return guarded([&] { result = call(); }) == LOCALGRAD_OK ? result : otherwise;
}

/// Returns what an argument points to. Throws std::invalid_argument if it is null.
template <class Argument>
Argument& given(Argument* argument, const char* name) {
  if (!argument) refuse(name, " must not be NULL");
  return *argument;
}

}  // namespace localgrad::c_api
