#pragma once

#include <cfenv>
#include <cstdint>

namespace localgrad {

/// While one lives, its thread computes in the processor's default floating-point mode: to nearest, with
/// subnormals, without traps. The destructor restores the mode that it found, sticky flags included. Every
/// function of the library that computes begins with one, and so does every member of a team: results then do
/// not depend on what a caller, or the thread's creator, has set (torch.set_flush_denormal, fesetround,
/// feenableexcept, -ffast-math). Takes some nanoseconds. They may be nested, and end in reverse order on the
/// thread that made them.
class DefaultFloatMode {
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
  bool legacy_;  // whether the x87 unit, which conversions of text may use, has another mode: environment_
  std::fenv_t environment_;
#elif defined(__aarch64__)
  std::uint64_t control_, status_;
#else
  std::fenv_t environment_;
#endif
};

/// The same, in less time, where no function of the caller's is called and no number is parsed or printed:
/// predicting one row takes some hundred nanoseconds.
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

/// Within one DefaultFloatMode or several, restores the mode of the first one's caller for a function of the
/// caller's own. Whatever mode that function sets, the caller gets back. Without one it does nothing.
class CallersFloatMode {
 public:
  CallersFloatMode() noexcept;
  ~CallersFloatMode();
  CallersFloatMode(const CallersFloatMode&) = delete;
  CallersFloatMode& operator=(const CallersFloatMode&) = delete;

 private:
  DefaultFloatMode *inner_, *left_;
};

}  // namespace localgrad
