// The number of threads of calls with n_threads = 0: its limits, and which calls are shared, tested with a
// simulated clock.

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "engine/plan/sharing.hpp"
#include "engine/team/built_in.hpp"
#include "engine/team/quota.hpp"
#include "engine/team/threads.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/localgrad.hpp"
#include "test_io_support.hpp"

using namespace localgrad;

#if defined(LOCALGRAD_WRAP_PTHREAD_CREATE) && defined(__GLIBCXX__)
#include <sched.h>

#include <atomic>

namespace {
std::atomic<int> asked{0};  // number of system calls for the processors
}

extern "C" int __real_sched_getaffinity(pid_t, size_t, cpu_set_t*);
extern "C" int __wrap_sched_getaffinity(pid_t process, size_t size, cpu_set_t* set) {
  ++asked;
  return __real_sched_getaffinity(process, size, set);
}
extern "C" unsigned __real__ZNSt6thread20hardware_concurrencyEv();
extern "C" unsigned __wrap__ZNSt6thread20hardware_concurrencyEv() {
  ++asked;
  return __real__ZNSt6thread20hardware_concurrencyEv();
}

TEST_CASE("the number of processors is not queried in every call") {
  default_threads();
  asked = 0;
  for (int call = 0; call < 1000; ++call) default_threads();
  CHECK(asked < 100);
  CHECK(default_threads() == thread_limit().threads);
  asked = 0;
  thread_limit();
  CHECK(asked <= 1);  // only the affinity mask
}
#endif

namespace {

/// Simulates `calls` calls, whose durations on one thread and shared are given by functions. Returns the
/// total time.
template <class Alone, class Shared>
double passed(Sharing& sharing, const RowsWork& work, double predicted, int calls, const Alone& alone,
              const Shared& shared) {
  double clock = 0;
  for (int call = 0; call < calls; ++call) {
    const auto decision = sharing.share(work, predicted, 2, 1);
    const double lasts = decision.shared ? shared(clock) : alone(clock);
    Sharing::record(decision, lasts);
    clock += lasts;
  }
  return clock;
}

void write(const std::filesystem::path& path, const char* text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("calls of any duration take about as long as the faster way for any prediction") {
  for (double alone = 2e-5; alone < 0.05; alone *= 1.7)
    for (const double truth : {0.5, 0.6, 0.8, 0.95, 1.0, 1.2, 2.0, 5.0})
      for (const double guess : {0.5, 0.7, 1.3}) {
        CAPTURE(alone);
        CAPTURE(truth);
        CAPTURE(guess);
        Sharing sharing;
        const RowsWork work{alone, 7};
        const int calls = static_cast<int>(std::max(2.0 / alone, 400.0));
        const double seconds = passed(
            sharing, work, guess * alone, calls, [&](double) { return alone; },
            [&](double) { return truth * alone; });
        CHECK(seconds <= 1.1 * calls * alone * std::min(1.0, truth));
      }
}

TEST_CASE("a team that loses a core is not used until it has the core again") {
  for (double alone = 2e-5; alone < 0.05; alone *= 3) {
    CAPTURE(alone);
    Sharing sharing;
    const RowsWork work{alone, 7};
    const int calls = static_cast<int>(std::max(3.0 / alone, 400.0));
    const auto single = [&](double) { return alone; };
    // Each time slice of another process delays a member.
    double held_up = 0;
    const auto slow = [&](double clock) {
      const bool slice = clock - held_up > 8e-3;
      if (slice) held_up = clock;
      return alone * 0.9 + (slice ? 4e-3 : 0);
    };
    CHECK(passed(sharing, work, 0.5 * alone, calls, single, slow) <= 1.1 * calls * alone);
    const auto quick = [&](double) { return 0.5 * alone; };
    passed(sharing, work, 0.5 * alone, calls, single, quick);
    CHECK(passed(sharing, work, 0.5 * alone, calls, single, quick) <= 1.1 * calls * 0.5 * alone);
  }
}

TEST_CASE("long calls are always shared, and threads are started when calls have lost as much time") {
  Sharing sharing;
  for (int call = 0; call < 5; ++call) {
    const auto decision = sharing.share({0.2, 7}, 0.1, 2, 0);
    CHECK(decision.shared);
    Sharing::record(decision, 10);
  }
  const RowsWork brief{4e-5, 7};
  int before = 0;
  auto decision = sharing.share(brief, 2e-5, 2, 0);
  for (; !decision.shared; ++before) {
    Sharing::record(decision, 4e-5);
    decision = sharing.share(brief, 2e-5, 2, 0);
  }
  CHECK(before > 2);
  CHECK(before < 20);
  Sharing::record(decision, 1e-3);  // the time of the start is not attributed to the team
  CHECK(sharing.share(brief, 2e-5, 2, 1).shared);
}

TEST_CASE("calls of different networks or durations are independent") {
  Sharing sharing;
  const auto half = [](double seconds) { return [=](double) { return 0.5 * seconds; }; };
  const auto full = [](double seconds) { return [=](double) { return seconds; }; };
  const auto twice = [](double seconds) { return [=](double) { return 2 * seconds; }; };
  passed(sharing, {1e-4, 1}, 5e-5, 1000, full(1e-4), twice(1e-4));
  CHECK_FALSE(sharing.share({1e-4, 1}, 5e-5, 2, 1).shared);
  CHECK(sharing.share({1e-3, 1}, 5e-4, 2, 1).shared);
  CHECK(sharing.share({1e-4, 2}, 5e-5, 2, 1).shared);
  CHECK(passed(sharing, {1e-4, 3}, 5e-5, 1000, full(1e-4), half(1e-4)) < 0.06);
}

TEST_CASE("the times of nested calls are separate") {
  Sharing sharing;
  const RowsWork outer{4e-3, 1}, inner{1e-4, 2};
  const auto slow = sharing.share(outer, 2e-3, 2, 1);
  CHECK(slow.shared);
  const auto quick = sharing.share(inner, 5e-5, 2, 1);
  CHECK(quick.shared);
  Sharing::record(quick, 5e-5);
  Sharing::record(slow, 40e-3);
  CHECK_FALSE(sharing.share(outer, 2e-3, 2, 1).shared);
  CHECK(sharing.share(inner, 5e-5, 2, 1).shared);
}

TEST_CASE("a slot that another call has taken is not changed") {
  Sharing sharing;
  const RowsWork outer{4e-3, 1};
  const auto first = sharing.share(outer, 2e-3, 2, 1);
  for (std::uint64_t kind = 2; kind < 200; ++kind) sharing.share({4e-3, kind}, 2e-3, 2, 1);
  Sharing::record(first, 40e-3);
  for (std::uint64_t kind = 199; kind > 150; --kind) {
    CAPTURE(kind);
    CHECK(sharing.share({4e-3, kind}, 2e-3, 2, 1).shared);
  }
}

#if defined(LOCALGRAD_TEST_OPENMP)
TEST_CASE("the duration of a custom cost is not attributed to the team") {
  std::thread([] {
    if (default_threads() < 2) return;
    constexpr std::size_t n = 2000;
    Network<double> net({20, 30, 4}, [] {
      Options options;
      options.cost = "custom";
      return options;
    }());
    net.set_cost_function([&](std::size_t rows, std::size_t width, const double*, const double*, double* cost,
                              double* gradient) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      std::fill_n(cost, rows, 0.0);
      std::fill_n(gradient, rows * width, 0.0);
    });
    const std::vector<double> x(n * 20, 0.5), y(n * 4, 0.25);
    const Rows rows(x.data(), n, 20);
    run_members(default_threads(), [](const Member&) {});
    if (helpers_at_hand() < 1) return;  // limited by the environment
    const auto threads = [&] {
      return RowsTeam(0, rows_work(net, kernels<double>(), n, 3), n / 8).threads();
    };
    const int before = threads();
    CHECK(before > 1);
    for (int call = 0; call < 3; ++call) backprop(net, rows, Targets(Rows(y.data(), n, 4)), 0);
    CHECK(threads() == before);
  }).join();
}
#endif

TEST_CASE_TEMPLATE("the work of a call grows with rows, widths, activations and inputs", T, float, double) {
  const auto& k = kernels<T>();
  const auto seconds = [&](std::vector<std::size_t> sizes, std::size_t rows, int passes = 1) {
    return rows_work(Network<T>(std::move(sizes)), k, rows, passes).seconds;
  };
  CHECK(seconds({20, 30, 4}, 2000) > 1.8 * seconds({20, 30, 4}, 1000));
  CHECK(seconds({20, 30, 4}, 2000, 3) > 2 * seconds({20, 30, 4}, 2000));
  CHECK(seconds({2000, 1}, 1000) > seconds({20, 1}, 1000));
  CHECK(seconds({20, 31, 30, 4}, 1000) > seconds({20, 30, 4}, 1000));
}

TEST_CASE("a call has the requested or chosen number of threads, but not more than parts") {
  const RowsWork nothing{1e-6, 1}, much{1, 1};
  CHECK(RowsTeam(5, nothing, 10).threads() == 5);
  CHECK(RowsTeam(5, nothing, 3).threads() == 3);
  CHECK(RowsTeam(0, nothing, 10).threads() == 1);
  CHECK(RowsTeam(0, much, 1).threads() == 1);
  CHECK(RowsTeam(0, much, 1000).threads() == thread_limit().threads);
  CHECK_THROWS_AS(RowsTeam(-1, much, 10), std::invalid_argument);
  CHECK_THROWS_AS(RowsTeam(kMaxThreads + 1, much, 10), std::invalid_argument);
}

TEST_CASE("the default number of threads is the smallest limit, which is named") {
  const auto is = [](const ThreadLimit& limit, int threads, const std::string& from) {
    CAPTURE(limit.from);
    CHECK(limit.threads == threads);
    CHECK(limit.from == from);
  };
  const BuiltInLimit plain{8, "", 0, false};
  is(least(plain, 8, 8, 0), 8, "processors");
  is(least(plain, 8, 0, 0), 8, "processors");
  is(least(plain, 8, 3, 0), 3, "affinity mask");
  is(least(plain, 8, 3, 2), 2, "cgroup quota");
  is(least(BuiltInLimit{2, "", 0, false}, 8, 8, 0), 2, "OpenMP");
  is(least(BuiltInLimit{2, "OMP_NUM_THREADS", 0, false}, 8, 8, 0), 2, "OMP_NUM_THREADS");
  is(least(BuiltInLimit{8, "OMP_NUM_THREADS", 0, false}, 8, 8, 0), 8, "OMP_NUM_THREADS");
  is(least(BuiltInLimit{9, "OMP_NUM_THREADS", 0, false}, 8, 8, 0), 8, "processors");
  is(least(BuiltInLimit{4, "OMP_THREAD_LIMIT", 0, false}, 8, 8, 0), 4, "OMP_THREAD_LIMIT");
  // Bound to places: the affinity mask of the calling thread is that of its place.
  is(least(BuiltInLimit{8, "", 8, false}, 8, 1, 0), 8, "OpenMP places");
  is(least(BuiltInLimit{2, "OMP_NUM_THREADS", 8, false}, 8, 1, 0), 2, "OMP_NUM_THREADS");
  is(least(BuiltInLimit{8, "", 4, false}, 8, 1, 2), 2, "cgroup quota");
  is(least(BuiltInLimit{8, "", 1, false}, 8, 1, 0), 1, "OpenMP places");
  is(least(BuiltInLimit{8, "", 0, true}, 8, 8, 0), 8, "processors, which OMP_DYNAMIC may lower");
}

TEST_CASE("a quota is the smallest along the path of the cgroup") {
  const io::test::TemporaryFolder folder;
  const std::string root = folder.path();
  CHECK(quota_threads("0::/a/b\n", root) == 0);
  write(folder / "a/b/cpu.max", "max 100000\n");
  CHECK(quota_threads("0::/a/b\n", root) == 0);
  write(folder / "a/cpu.max", "350000 100000\n");
  CHECK(quota_threads("0::/a/b\n", root) == 4);
  CHECK(quota_threads("0::/elsewhere\n", root) == 0);
  write(folder / "a/b/cpu.max", "50000 100000\n");
  CHECK(quota_threads("1:name=systemd:/a\n0::/a/b\n", root) == 1);
  // As in a container, where the path of the cgroup does not exist.
  write(folder / "cpu.max", "200000 100000\n");
  CHECK(quota_threads("0::/docker/f00\n", root) == 2);
  for (const char* damaged : {"", "max", "x 100000", "100000 0", "-1 100000", "nan nan", "1e300 1"}) {
    write(folder / "cpu.max", damaged);
    CHECK(quota_threads("0::/\nnonsense\n:\n::\n", root) == 0);
  }
  write(folder / "cpu,cpuacct/job/cpu.cfs_quota_us", "150000");
  write(folder / "cpu,cpuacct/job/cpu.cfs_period_us", "100000");
  CHECK(quota_threads("4:cpu,cpuacct:/job/step\n", root) == 2);
  CHECK(quota_threads("4:cpuacct,cpuset:/job/step\n", root) == 0);
  write(folder / "cpu/cpu.cfs_quota_us", "-1");
  write(folder / "cpu/cpu.cfs_period_us", "100000");
  CHECK(quota_threads("", root) == 0);
}
