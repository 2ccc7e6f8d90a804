#pragma once

/// @file
/// The whole C interface of localgrad, for C99 and any language that can call C.
///
/// Objects are opaque: functions ending in `_create`, `_copy` and `_load` make them, functions ending in
/// `_free` free them. Most functions return a #localgrad_status. If it is not #LOCALGRAD_OK,
/// localgrad_last_error() describes the error, results that are returned through pointers are not written,
/// and objects are as they were before the call, unless stated otherwise. No function throws or ends the
/// process.
///
/// An argument that must not be `NULL` and is gives #LOCALGRAD_INVALID_ARGUMENT. Other invalid pointers, and
/// objects that were freed, cannot be detected.
///
/// **Versions.** Later versions of the library with the same #LOCALGRAD_C_API_VERSION accept programs that
/// were compiled with earlier headers: functions and numbers of enumerations stay, fields are added at the
/// end of structs only.

#include "localgrad/c/arrays.h"
#include "localgrad/c/machine.h"
#include "localgrad/c/network.h"
#include "localgrad/c/predict.h"
#include "localgrad/c/real_time.h"
#include "localgrad/c/settings.h"
#include "localgrad/c/status.h"
#include "localgrad/c/trainer.h"
