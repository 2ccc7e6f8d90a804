#pragma once

#include <type_traits>

#include "localgrad/c/status.h"
#include "localgrad/status.hpp"
#include "text/message.hpp"

// Between C and C++: exceptions become a status and a message.
namespace localgrad::c_api {

/// Returns the status of the exception that is being handled, and keeps its message for the thread.
localgrad_status handle_exception() noexcept;

/// Returns the status of a call that does not throw. Keeps a message for the thread if it failed.
localgrad_status handle(Status status) noexcept;

/// Calls `call`, which returns a Status or nothing, and returns the status of the result.
template <class Call>
localgrad_status guarded(const Call& call) noexcept {
  try {
    if constexpr (std::is_same_v<decltype(call()), Status>) return handle(call());
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
