#include "engine/plan/machine.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "engine/team/team.hpp"
#include "engine/team/threads.hpp"
#include "kernels/dispatch.hpp"
#include "model/buffer.hpp"
#include "model/float_mode.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

constexpr double kOperations = 2e8;  // per thread and measurement of the peak: 2 ms at 100 GFLOP/s
constexpr Index kElements = 64 * 1024 * 1024 / 8;  // 64 MB per array, more than most caches
constexpr Index kLine = 64 / sizeof(double);       // doubles per cache line
// Per measurement, because reading the clock takes about as long as a handover.
constexpr int kRoundTrips = 20;
constexpr int kSpins = 5000;  // a few microseconds, longer than a handover between two processors

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Runs `work`, which returns an amount, repeatedly on a team for about `seconds`. Returns the largest total
/// amount per second of one repetition.
template <class Work>
double best_rate(int threads, double seconds, const Work& work) {
  double best = 0, start = 0;
  std::atomic<double> amount{0};
  std::atomic<bool> again{true};
  const double end = now() + seconds;
  run_team(threads, [&](const Team& team) {
    while (again.load(std::memory_order_relaxed)) {
      team.once([&] { start = now(); });
      team.meet();
      team.each([&](const Member& member) {
        const double done = work(member);
        for (double sum = amount.load(); !amount.compare_exchange_weak(sum, sum + done);) {
        }
      });
      team.meet();
      team.once([&] {
        const double stop = now();
        best = std::max(best, amount.exchange(0) / (stop - start));
        again.store(stop < end, std::memory_order_relaxed);
      });
      team.meet();
    }
  });
  return best;
}

double measure_flops(int threads, double seconds, double operations) {
  const auto& k = kernels<float>();
  float probe[64];
  const auto rounds = static_cast<Index>(operations / k.peak(1, probe));
  return best_rate(threads, seconds, [&](const Member&) {
    float out[64];
    return k.peak(rounds, out);
  });
}

/// Computes a = b + 3 c, each member on its own part of the arrays: two numbers are read and one is written.
double measure_bandwidth(int threads, double seconds, Index elements) {
  const Buffer<double> arrays(static_cast<std::size_t>(3 * elements), "the bandwidth's arrays");
  return best_rate(threads, seconds, [&](const Member& member) {
    const Index begin = share_begin(elements, member.index, member.count);
    const Index end = share_begin(elements, member.index + 1, member.count);
    double* a = arrays.data();
    const double *b = a + elements, *c = b + elements;
    for (Index i = begin; i < end; ++i) a[i] = b[i] + 3 * c[i];
    return 3.0 * sizeof(double) * static_cast<double>(end - begin);
  });
}

/// Returns the shortest round trip between two threads, measured for about `seconds`: one writes some cache
/// lines, as activations are passed between owners, and then a flag; the other reads the lines and writes
/// another flag. Returns 0 if no round trip was completed in time (another process may occupy the other
/// processor).
double round_trip(Index lines, double seconds) {
  struct alignas(128) Flag {
    std::atomic<long> value{0};
  };
  Flag there, back;
  std::atomic<bool> over{false};
  std::atomic<double> seen{0};
  const Buffer<double> buffer(static_cast<std::size_t>(lines * kLine), "lines of a cache");
  double best = 0;
  run_members(2, [&](const Member& member) {
    if (member.count < 2) return;
    const double end = now() + seconds;
    const auto came = [&](const Flag& flag, long trip) {
      for (int spins = 0; flag.value.load(std::memory_order_acquire) != trip; ++spins) {
        if (over.load(std::memory_order_relaxed)) return false;
        if (spins < kSpins) continue;
        std::this_thread::yield();  // the other thread may need this processor
        if (now() > end) over.store(true);
      }
      return true;
    };
    for (long trip = 0; !over.load(std::memory_order_relaxed);) {
      const double start = now();
      for (const long last = trip + kRoundTrips; trip < last;) {
        ++trip;
        double sum = 0;
        if (member.index == 0) {
          for (Index l = 0; l < lines; ++l) buffer.data()[l * kLine] += 1;
          there.value.store(trip, std::memory_order_release);
          if (!came(back, trip)) return;
        } else {
          if (!came(there, trip)) return;
          for (Index l = 0; l < lines; ++l) sum += buffer.data()[l * kLine];
          seen.store(sum, std::memory_order_relaxed);
          back.value.store(trip, std::memory_order_release);
        }
      }
      if (member.index != 0) continue;
      const double stop = now(), each = (stop - start) / kRoundTrips;
      best = best > 0 ? std::min(best, each) : each;
      if (stop > end) over.store(true);
    }
  });
  return best;
}

/// Sets speed.handover and speed.line. The tasks of an executor cannot exchange anything.
void measure_exchange(double seconds, MachineSpeed& speed) {
  if (has_executor()) return;
  constexpr Index lines = 256;
  const double bare = round_trip(0, seconds), laden = round_trip(lines, seconds);
  speed.handover = bare / 2;
  speed.line = std::max(0.0, laden - bare) / static_cast<double>(lines);
}

}  // namespace

const MachineSpeed& calibration() {
  static const MachineSpeed calibrated = [] {
    constexpr double brief = 3e-4;
    MachineSpeed speed;
    speed.flops = measure_flops(1, brief, 1e7);
    speed.bandwidth = measure_bandwidth(1, brief, Index{1} << 17);
    if (thread_limit().threads > 1) measure_exchange(brief, speed);
    // On a busy machine the measurement may fail or be wrong. Typical values are used then, because the
    // result is kept for the life of the process.
    constexpr double usual_handover = 1.5e-7, usual_line = 1e-8;
    if (!(speed.handover > 0 && speed.handover < 1e-6)) speed.handover = usual_handover;
    if (!(speed.line > 0 && speed.line < 1e-7)) speed.line = usual_line;
    return speed;
  }();
  return calibrated;
}

double start_seconds(int threads) {
  static std::atomic<double> measured{0};
  static std::atomic<std::uint32_t> of{0};
  const std::uint32_t generation = executor_generation();
  if (const double known = measured.load(); known > 0 && of.load() == generation) return known;
  constexpr int starts = 15;
  double times[starts];
  const auto nothing = [](const Member&) {};
  run_members(threads, nothing);
  for (double& time : times) {
    const double start = now();
    run_members(threads, nothing);
    time = now() - start;
  }
  std::nth_element(times, times + starts / 2, times + starts);
  // Limits the error on a busy machine.
  measured.store(std::clamp(times[starts / 2], kUsualStart / 10, kUsualStart * 10));
  of.store(generation);
  return measured.load();
}

MachineSpeed measure_machine(int threads, double seconds) {
  const DefaultFloatMode mode;
  if (threads < 1) refuse("threads must be at least 1, got ", threads);
  MachineSpeed speed;
  speed.flops = measure_flops(threads, seconds, kOperations);
  speed.bandwidth = measure_bandwidth(threads, seconds, kElements);
  if (threads > 1) measure_exchange(seconds, speed);
  return speed;
}

}  // namespace localgrad
