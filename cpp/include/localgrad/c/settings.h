#pragma once

#include <stddef.h>
#include <stdint.h>

#include "localgrad/c/status.h"

/// @file
/// Named settings of networks and trainers. Settings that are not given have their defaults.
///
/// The names are those of the fields of localgrad::Options for networks, and those of the optimizers and of
/// localgrad::Regularization for trainers. Names and values are checked when the object is created.

#ifdef __cplusplus
extern "C" {
#endif

/// Settings by name. Not thread-safe: use an object from one thread at a time.
typedef struct localgrad_settings localgrad_settings;

/// Create empty settings. Thread-safe.
LOCALGRAD_API localgrad_status localgrad_settings_create(localgrad_settings** settings);

/// Free settings; `NULL` has no effect. Objects created with them are not affected.
LOCALGRAD_API void localgrad_settings_free(localgrad_settings* settings);

/// Set a text, for example the activation "tanh", replacing an earlier value of the same name.
LOCALGRAD_API localgrad_status localgrad_settings_set_text(localgrad_settings* settings, const char* name,
                                                           const char* text);

/// Set one text per layer.
LOCALGRAD_API localgrad_status localgrad_settings_set_texts(localgrad_settings* settings, const char* name,
                                                            const char* const* texts, size_t count);

/// Set a number, for example the learning_rate 0.01. Switches, such as nesterov, are 0 or 1.
LOCALGRAD_API localgrad_status localgrad_settings_set_number(localgrad_settings* settings, const char* name,
                                                             double number);

/// Set one number per layer.
LOCALGRAD_API localgrad_status localgrad_settings_set_numbers(localgrad_settings* settings, const char* name,
                                                              const double* numbers, size_t count);

/// Set an integer, for example the seed, or a switch, which is 0 or 1.
LOCALGRAD_API localgrad_status localgrad_settings_set_integer(localgrad_settings* settings, const char* name,
                                                              uint64_t integer);

#ifdef __cplusplus
}
#endif
