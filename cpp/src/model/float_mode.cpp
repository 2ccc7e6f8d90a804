#include "model/float_mode.hpp"

#if defined(__x86_64__) || defined(__SSE__)
#include <immintrin.h>
#endif

namespace localgrad {
namespace {

thread_local DefaultFloatMode* innermost = nullptr;

#if defined(__x86_64__) || defined(__SSE__)
constexpr std::uint32_t kDefault = 0x1f80, kSticky = 0x3f;  // bits of MXCSR; the default masks all exceptions
constexpr std::uint16_t kLegacyMode = 0x0c3f,
                        kLegacyDefault = 0x003f;  // rounding and masks; the precision bits are not compared
// 32-bit code returns doubles in the x87 unit, whose sticky flags also belong to the caller.
constexpr bool kReturnsInLegacy = sizeof(void*) == 4;

std::uint16_t legacy_control() {
  std::uint16_t control;
  __asm__ volatile("fnstcw %0" : "=m"(control));
  return control;
}
#elif defined(__aarch64__)
// On AArch64, traps are enabled by bits of FPCR where they are supported; the default value is 0.
std::uint64_t read_control() {
  std::uint64_t value;
  __asm__ volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}
void write_control(std::uint64_t value) { __asm__ volatile("msr fpcr, %0" : : "r"(value)); }
std::uint64_t read_status() {
  std::uint64_t value;
  __asm__ volatile("mrs %0, fpsr" : "=r"(value));
  return value;
}
void write_status(std::uint64_t value) { __asm__ volatile("msr fpsr, %0" : : "r"(value)); }
#endif

}  // namespace

// These functions are not inlined, so that the compiler cannot move a caller's arithmetic across them.
// Registers are only written if they change: writing is slower than reading.
#if defined(__x86_64__) || defined(__SSE__)
void DefaultFloatMode::enter() noexcept {
  mxcsr_ = _mm_getcsr();
  legacy_ = kReturnsInLegacy || (legacy_control() & kLegacyMode) != kLegacyDefault;
  if (legacy_) {
    std::fegetenv(&environment_);
    std::fesetenv(FE_DFL_ENV);
  }
  if (legacy_ || (mxcsr_ & ~kSticky) != kDefault) _mm_setcsr(kDefault | (mxcsr_ & kSticky));
}

void DefaultFloatMode::leave() const noexcept {
  if (legacy_) std::fesetenv(&environment_);
  if (legacy_ || _mm_getcsr() != mxcsr_) _mm_setcsr(mxcsr_);
}
#elif defined(__aarch64__)
void DefaultFloatMode::enter() noexcept {
  control_ = read_control();
  status_ = read_status();
  if (control_ != 0) write_control(0);
}

void DefaultFloatMode::leave() const noexcept {
  if (read_control() != control_) write_control(control_);
  if (read_status() != status_) write_status(status_);
}
#else
void DefaultFloatMode::enter() noexcept {
  std::fegetenv(&environment_);
  std::fesetenv(FE_DFL_ENV);
}

void DefaultFloatMode::leave() const noexcept { std::fesetenv(&environment_); }
#endif

DefaultFloatMode::DefaultFloatMode() noexcept : outer_(innermost) {
  enter();
  innermost = this;
}

DefaultFloatMode::~DefaultFloatMode() {
  innermost = outer_;
  leave();
}

CallersFloatMode::CallersFloatMode() noexcept : inner_(innermost), left_(innermost) {
  if (!left_) return;
  while (left_->outer_) left_ = left_->outer_;
  left_->leave();
  innermost = nullptr;  // the caller's function runs outside of any DefaultFloatMode
}

CallersFloatMode::~CallersFloatMode() {
  if (!left_) return;
  left_->enter();
  innermost = inner_;
}

}  // namespace localgrad
