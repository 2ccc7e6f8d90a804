#pragma once

#include "localgrad/config.h"

namespace localgrad {

/// Whether an activation, cost or optimizer belongs to this build. Names of functions that do not are known
/// too, for error messages; their kernels are null.
constexpr bool is_built([[maybe_unused]] const char* name) {
#if defined(LOCALGRAD_FUNCTIONS)  // ",tanh,mse,Adam,"
  for (const char* at = LOCALGRAD_FUNCTIONS; *at; ++at) {
    int i = 0;
    while (name[i] && at[i + 1] == name[i]) ++i;
    if (*at == ',' && !name[i] && at[i + 1] == ',') return true;
  }
  return false;
#else
  return true;
#endif
}

/// Why a function that is_built() rejects cannot be used, for error messages.
constexpr const char* kNotBuilt = "which this build does not contain: add it to LOCALGRAD_FUNCTIONS";

}  // namespace localgrad
