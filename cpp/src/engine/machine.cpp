#include "engine/machine.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "engine/team.hpp"
#include "engine/threads.hpp"
#include "kernels/dispatch.hpp"
#include "model/buffer.hpp"

namespace localgrad {
namespace {

constexpr double kOperations = 2e8;  // of one measurement of the peak, a thread: 2 ms at 100 GFLOP/s
constexpr Index kElements = 64 * 1024 * 1024 / 8;  // 64 MB an array, more than caches usually hold
constexpr Index kLine = 64 / sizeof(double);       // of doubles
constexpr int kRoundTrips = 200;
constexpr int kSpins = 5000;  // some microseconds, longer than a handover between two processors

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Lets a team do `work`, which returns an amount, again and again for about `seconds`; the largest sum of the members'
/// amounts a second that one turn reached.
template <class Work>
double best_rate(int threads, double seconds, const Work& work) {
  double best = 0;
  std::atomic<double> amount{0};
  std::atomic<bool> again{true};
  run_team(threads, [&](const Member& member) {
    double end = 0;
    while (again.load(std::memory_order_relaxed)) {
      member.meet();
      const double start = now();
      const double done = work(member);
      for (double sum = amount.load(); !amount.compare_exchange_weak(sum, sum + done);) {
      }
      member.meet();
      if (member.index == 0) {
        const double stop = now();
        best = std::max(best, amount.exchange(0) / (stop - start));
        if (end == 0) end = start + seconds;
        again.store(stop < end, std::memory_order_relaxed);
      }
      member.meet();
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

/// a = b + 3 c, each member on its own part of the arrays: two numbers read and one written.
double measure_bandwidth(int threads, double seconds, Index elements) {
  const Buffer<double> arrays(static_cast<std::size_t>(3 * elements), "the bandwidth's arrays");
  return best_rate(threads, seconds, [&](const Member& member) {
    const Index begin = elements * member.index / member.count;
    const Index end = elements * (member.index + 1) / member.count;
    double* a = arrays.data();
    const double *b = a + elements, *c = b + elements;
    for (Index i = begin; i < end; ++i) a[i] = b[i] + 3 * c[i];
    return 3.0 * sizeof(double) * static_cast<double>(end - begin);
  });
}

/// Two flags, each on a cache line of its own, written in turns: a word goes there and back in two handovers.
double measure_handover(int threads, double seconds) {
  if (threads < 2) return 0;
  struct alignas(128) Flag {
    std::atomic<long> value{0};
    void wait_for(long number) const {
      // Gives its turn away in the end: the other thread may have to run on this processor.
      for (int spins = 0; value.load(std::memory_order_acquire) != number; ++spins)
        if (spins > kSpins) std::this_thread::yield();
    }
  };
  Flag there, back;
  const double rate = best_rate(2, seconds, [&](const Member& member) {
    if (member.count < 2) return 0.0;
    Flag& mine = member.index == 0 ? there : back;
    const Flag& other = member.index == 0 ? back : there;
    const long start = mine.value.load(std::memory_order_relaxed);
    for (long trip = start + 1; trip <= start + kRoundTrips; ++trip) {
      if (member.index == 1) other.wait_for(trip);
      mine.value.store(trip, std::memory_order_release);
      if (member.index == 0) other.wait_for(trip);
    }
    return double{kRoundTrips};  // of two members: the handovers
  });
  return rate > 0 ? 1 / rate : 0;
}

/// Lines that one member writes and, when they have met, the other reads, as activations go from owner to owner.
double measure_line(int threads, double seconds) {
  if (threads < 2) return 0;
  constexpr Index lines = 256;
  const Buffer<double> buffer(static_cast<std::size_t>(lines * kLine), "lines of a cache");
  std::atomic<double> seen{0};
  const double rate = best_rate(2, seconds, [&](const Member& member) {
    for (Index l = 0; member.index == 0 && l < lines; ++l) buffer.data()[l * kLine] += 1;
    member.meet();
    double sum = 0;
    for (Index l = 0; member.index == 1 && l < lines; ++l) sum += buffer.data()[l * kLine];
    if (member.index == 1) seen.store(sum, std::memory_order_relaxed);
    return member.index == 1 ? double{lines} : 0.0;
  });
  return rate > 0 ? 1 / rate : 0;
}

}  // namespace

const MachineSpeed& calibration() {
  static const MachineSpeed speed = [] {
    constexpr double brief = 3e-4;
    const int threads = thread_limit().threads;
    return MachineSpeed{measure_flops(1, brief, 1e7), measure_bandwidth(1, brief, Index{1} << 17),
                        measure_handover(threads, brief), measure_line(threads, brief)};
  }();
  return speed;
}

MachineSpeed measure_machine(int threads, double seconds) {
  if (threads < 1)
    throw std::invalid_argument("threads must be at least 1, given " + std::to_string(threads));
  return {measure_flops(threads, seconds, kOperations), measure_bandwidth(threads, seconds, kElements),
          measure_handover(threads, seconds), measure_line(threads, seconds)};
}

}  // namespace localgrad
