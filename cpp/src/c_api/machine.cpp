#include "c_api/guard.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/executor.hpp"
#include "localgrad/info.hpp"
#include "localgrad/localgrad.h"

using namespace localgrad::c_api;

const char* localgrad_isa(void) {
  return guarded_or("", [] { return localgrad::kernel_table().name; });
}

localgrad_status localgrad_set_isa(const char* name) {
  return guarded([&] { localgrad::set_isa(&given(name, "name")); });
}

localgrad_status localgrad_set_executor(localgrad_executor run, void* context, int concurrency) {
  return guarded([&] { localgrad::set_executor(run, context, concurrency); });
}
