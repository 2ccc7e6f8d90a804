#pragma once

// LOCALGRAD_API marks what a shared library exports. LOCALGRAD_SHARED is defined for programs that link the
// shared library, and LOCALGRAD_EXPORTS in addition while it is compiled. With a static library it is empty,
// so that the symbols stay hidden in a shared library that contains it.
#if !defined(LOCALGRAD_SHARED)
#define LOCALGRAD_API
#elif !defined(_WIN32)
#define LOCALGRAD_API __attribute__((visibility("default")))
#elif defined(LOCALGRAD_EXPORTS)
#define LOCALGRAD_API __declspec(dllexport)
#else
#define LOCALGRAD_API __declspec(dllimport)
#endif
