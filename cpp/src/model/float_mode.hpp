#pragma once

#include <cfenv>
#include <cstdint>

#include "localgrad/export.h"

namespace localgrad {

/// Sets the processor's default floating-point mode for its lifetime: round to nearest, subnormal numbers,
/// no traps.
///
/// The destructor restores the previous mode, including the sticky flags. Every public function that
/// computes and every thread of a team creates one, so that results do not depend on the mode that a caller
/// or the creator of a thread has set (torch.set_flush_denormal, fesetround, feenableexcept, -ffast-math).
/// This takes a few nanoseconds. Objects can be nested; they must be destroyed in reverse order on the
/// thread that created them.
class LOCALGRAD_API DefaultFloatMode {
 public:
  DefaultFloatMode() noexcept;
  ~DefaultFloatMode();
  DefaultFloatMode(const DefaultFloatMode&) = delete;
  DefaultFloatMode& operator=(const DefaultFloatMode&) = delete;

 private:
  friend class CallersFloatMode;
  void enter() noexcept;
  void leave() const noexcept;

  DefaultFloatMode* outer_;
#if defined(__x86_64__) || defined(__SSE__)
  std::uint32_t mxcsr_;
  // Whether the x87 unit, which may be used to convert text, has another mode: see environment_.
  bool legacy_;
  std::fenv_t environment_;
#elif defined(__aarch64__)
  std::uint64_t control_, status_;
#else
  std::fenv_t environment_;
#endif
};

/// Like DefaultFloatMode, but faster: for functions that do not call user-defined functions and do not parse
/// or print numbers. Predicting one row takes only a few hundred nanoseconds.
class BriefFloatMode {
#if defined(__x86_64__)
 public:
  BriefFloatMode() noexcept : mxcsr_(__builtin_ia32_stmxcsr()) {
    if ((mxcsr_ & ~kSticky) != kDefault) __builtin_ia32_ldmxcsr(kDefault | (mxcsr_ & kSticky));
  }
  ~BriefFloatMode() {
    if (__builtin_ia32_stmxcsr() != mxcsr_) __builtin_ia32_ldmxcsr(mxcsr_);
  }
  BriefFloatMode(const BriefFloatMode&) = delete;
  BriefFloatMode& operator=(const BriefFloatMode&) = delete;

 private:
  static constexpr std::uint32_t kDefault = 0x1f80, kSticky = 0x3f;
  std::uint32_t mxcsr_;
#else
  DefaultFloatMode mode_;
#endif
};

/// Like BriefFloatMode, but does not restore the sticky flags: reading them waits for all earlier arithmetic.
class ControlMode {
#if defined(__x86_64__)
 public:
  ControlMode() noexcept : mxcsr_(__builtin_ia32_stmxcsr()), changed_((mxcsr_ & ~kSticky) != kDefault) {
    if (changed_) __builtin_ia32_ldmxcsr(kDefault | (mxcsr_ & kSticky));
  }
  ~ControlMode() {
    if (changed_) __builtin_ia32_ldmxcsr(mxcsr_);
  }
  ControlMode(const ControlMode&) = delete;
  ControlMode& operator=(const ControlMode&) = delete;

 private:
  static constexpr std::uint32_t kDefault = 0x1f80, kSticky = 0x3f;
  std::uint32_t mxcsr_;
  bool changed_;
#else
  DefaultFloatMode mode_;
#endif
};

/// Restores the caller's mode while a user-defined function runs, within one or more DefaultFloatModes.
///
/// The caller keeps any mode that the function sets. Outside of a DefaultFloatMode it has no effect.
class LOCALGRAD_API CallersFloatMode {
 public:
  CallersFloatMode() noexcept;
  ~CallersFloatMode();
  CallersFloatMode(const CallersFloatMode&) = delete;
  CallersFloatMode& operator=(const CallersFloatMode&) = delete;

 private:
  DefaultFloatMode *inner_, *left_;
};

}  // namespace localgrad
