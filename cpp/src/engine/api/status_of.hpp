#pragma once

#include <new>
#include <stdexcept>
#include <system_error>

#include "localgrad/error.hpp"
#include "localgrad/status.hpp"

namespace localgrad {

/// The Status of the exception that is being handled.
inline Status status_of_exception() noexcept {
  try {
    throw;
  } catch (const BadExample&) {
    return Status::bad_example;
  } catch (const NonFiniteCost&) {
    return Status::not_finite;
  } catch (const Interrupted&) {
    return Status::interrupted;
  } catch (const std::invalid_argument&) {
    return Status::invalid_argument;
  } catch (const std::bad_alloc&) {
    return Status::out_of_memory;
  } catch (const std::system_error&) {
    return Status::io_error;
  } catch (...) {
    return Status::failed;
  }
}

}  // namespace localgrad
