#include "c_api/guard.hpp"

#include <cstring>
#include <exception>

#include "engine/api/status_of.hpp"
#include "localgrad/localgrad.h"
#include "localgrad/version.h"

namespace localgrad::c_api {
namespace {

static_assert(LOCALGRAD_OK == static_cast<int>(Status::ok));
static_assert(LOCALGRAD_INVALID_ARGUMENT == static_cast<int>(Status::invalid_argument));
static_assert(LOCALGRAD_BAD_EXAMPLE == static_cast<int>(Status::bad_example));
static_assert(LOCALGRAD_NOT_FINITE == static_cast<int>(Status::not_finite));
static_assert(LOCALGRAD_OUT_OF_MEMORY == static_cast<int>(Status::out_of_memory));
static_assert(LOCALGRAD_IO_ERROR == static_cast<int>(Status::io_error));
static_assert(LOCALGRAD_INTERRUPTED == static_cast<int>(Status::interrupted));
static_assert(LOCALGRAD_FAILED == static_cast<int>(Status::failed));

// Not a string: it must not allocate, nor need a destructor when a thread ends after the library is unloaded.
thread_local char last_error[512] = "";

localgrad_status keep(Status status, const char* what) noexcept {
  std::strncpy(last_error, what, sizeof last_error - 1);
  // Do not cut UTF-8 in the middle of a character.
  if (std::strlen(what) >= sizeof last_error) {
    std::size_t end = sizeof last_error - 1;
    while (end > 0 && (static_cast<unsigned char>(what[end]) & 0xc0u) == 0x80u) --end;
    last_error[end] = '\0';
  }
  return static_cast<localgrad_status>(status);
}

}  // namespace

localgrad_status handle_exception() noexcept {
  const Status status = status_of_exception();
  try {
    throw;
  } catch (const OutOfMemory& error) {
    return keep(status, error.what());
  } catch (const std::bad_alloc&) {  // whose message is "std::bad_alloc"
    return keep(status, message(status));
  } catch (const std::exception& error) {
    return keep(status, error.what());
  } catch (...) {
    return keep(status, message(status));
  }
}

localgrad_status handle(Status status) noexcept {
  return status == Status::ok ? LOCALGRAD_OK : keep(status, message(status));
}

}  // namespace localgrad::c_api

using namespace localgrad::c_api;

const char* localgrad_last_error(void) { return last_error; }

const char* localgrad_status_text(localgrad_status status) {
  return localgrad::message(static_cast<localgrad::Status>(status));
}

const char* localgrad_version(void) { return LOCALGRAD_VERSION_STRING; }

int localgrad_c_api_version(void) { return LOCALGRAD_C_API_VERSION; }
