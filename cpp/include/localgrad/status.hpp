#pragma once

namespace localgrad {

/// Result of a function that does not throw.
///
/// Each value corresponds to an exception that other functions throw for the same reason. Their numbers are
/// those of the C interface and do not change.
enum class Status : int {
  ok = 0,                ///< success
  invalid_argument = 1,  ///< a wrong shape or setting: std::invalid_argument
  bad_example = 2,       ///< a number that is not finite, or a target or label out of range: BadExample
  not_finite = 3,        ///< training diverged: NonFiniteCost
  out_of_memory = 4,     ///< memory could not be allocated: OutOfMemory
  io_error = 5,          ///< a file could not be read or written: std::system_error
  interrupted = 6,       ///< an interrupt function returned true: Interrupted
  failed = 7             ///< any other exception, such as one of a custom cost
};

/// Return a short description of a status, for example "success".
constexpr const char* message(Status status) noexcept {
  switch (status) {
    case Status::ok:
      return "success";
    case Status::invalid_argument:
      return "an argument is invalid";
    case Status::bad_example:
      return "an example is invalid";
    case Status::not_finite:
      return "training diverged";
    case Status::out_of_memory:
      return "memory could not be allocated";
    case Status::io_error:
      return "a file could not be read or written";
    case Status::interrupted:
      return "the call was interrupted";
    case Status::failed:
      break;
  }
  return "an unexpected error occurred";
}

}  // namespace localgrad
