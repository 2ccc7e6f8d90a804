// Teams: behavior if the system refuses to start threads, and counting the threads of the run time.

#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "engine/team/team.hpp"
#include "localgrad/localgrad.hpp"

using namespace localgrad;

#if defined(LOCALGRAD_WRAP_PTHREAD_CREATE)
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(LOCALGRAD_TEST_OPENMP)
#include <omp.h>

#include "engine/team/trial.hpp"
#endif
#if defined(LOCALGRAD_TEST_THREADS)
#include "engine/team/pool.hpp"
#endif

#include <atomic>
#include <chrono>

namespace {

std::atomic<bool (*)()> at_start{nullptr};  // called before the library starts a thread
// Threads started by the library itself or by the tests, not by OpenMP, and their limit.
std::atomic<int> starts{0}, most{1 << 30};

/// For its lifetime, the system refuses to start more than `count` threads of the library.
struct Limit {
  explicit Limit(int count) {
    starts = 0;
    most = count;
  }
  ~Limit() { most = 1 << 30; }
};

[[maybe_unused]] int members(int wanted) {
  int count = 0;
  run_team(wanted, [&](const Team& team) {
    team.once([&] { count = team.count(); });
    team.meet();
  });
  return count;
}

template <class Work>
void in_a_thread(const Work& work) {
  std::thread(work).join();
}

}  // namespace

extern "C" int __real_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
extern "C" int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                                     void* (*start)(void*), void* argument) {
  if (const auto ask = at_start.load(); ask && !ask()) return EAGAIN;
  if (starts.fetch_add(1) >= most) return EAGAIN;
  return __real_pthread_create(thread, attributes, start, argument);
}

#if defined(LOCALGRAD_WRAP_STD_THREAD)
extern "C" void __real__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE(
    void* thread, void* state, void (*depend)());
extern "C" void __wrap__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE(
    void* thread, void* state, void (*depend)()) {
  if (starts.fetch_add(1) >= most) throw std::system_error(EAGAIN, std::generic_category());
  __real__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE(thread, state,
                                                                                               depend);
}
#endif

#if defined(LOCALGRAD_TEST_OPENMP)
TEST_CASE("a trial returns how many threads the system can start") {
  CHECK(threads_to_be_had(3) == 3);
  const Limit limit(2);
  CHECK(threads_to_be_had(3) == 2);
  CHECK(threads_to_be_had(3) == 0);
}

TEST_CASE("a team is as large as the system allows") {
  in_a_thread([] {
    {
      const Limit limit(0);
      CHECK(members(4) == 1);
    }
    {
      const Limit limit(2);
      CHECK(members(4) == 3);
    }
    CHECK(members(4) == 4);
  });
}

TEST_CASE("threads that are running are not tried again, but those that have ended are") {
  in_a_thread([] {
    CHECK(helpers_at_hand() == 0);
    CHECK(members(3) == 3);
    CHECK(helpers_at_hand() == 2);
    {
      const Limit limit(0);
      CHECK(members(3) == 3);
      CHECK(starts == 0);
      CHECK(members(5) == 3);  // the threads that are running
      CHECK(members(2) == 2);  // OpenMP ends the third
      CHECK(helpers_at_hand() == 1);
      CHECK(members(3) == 2);
    }
    in_a_thread([] {  // which has a separate team
      const Limit limit(0);
      CHECK(members(3) == 1);
    });
  });
}

TEST_CASE("the teams of two calling threads grow one after the other") {
  static std::atomic<int> trying, together;
  trying = together = 0;
  // The first thread waits some time for the second, which must not start its trial.
  at_start = [] {
    thread_local bool met = false;
    if (met) return true;
    met = true;
    if (++trying == 2) ++together;
    for (int wait = 0; wait < 100 && trying < 2; ++wait)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    --trying;
    return true;
  };
  const auto grow = [] { CHECK(members(3) == 3); };
  std::thread one(grow), other(grow);
  one.join();
  other.join();
  at_start = nullptr;
  CHECK(together == 0);
}

TEST_CASE("if the run time provides fewer threads, more are not requested in every call") {
  in_a_thread([] {
    omp_set_dynamic(1);
    const int many = omp_get_num_procs() + 3;
    const int come = members(many);
    if (come < many) {
      starts = 0;
      for (int call = 0; call < 200; ++call) members(many);
      CHECK(starts < 20 * many);
    }
    omp_set_dynamic(0);
  });
}

#endif

#if defined(LOCALGRAD_TEST_THREADS) && defined(LOCALGRAD_WRAP_STD_THREAD)
namespace {

/// Number of members of a team of a pool that have seen each other.
int members(ThreadPool& pool, int wanted) {
  std::atomic<int> seen{0};
  struct Both {
    std::atomic<int>& seen;
    int count = 0;
  } both{seen};
  pool.run(
      wanted,
      [](void* context, const Team& team) {
        auto& result = *static_cast<Both*>(context);
        team.each([&](const Member& member) { result.seen += 1 + member.index; });
        team.meet();
        team.once([&] { result.count = team.count(); });
      },
      &both);
  CHECK(seen == both.count * (both.count + 1) / 2);
  return both.count;
}

}  // namespace

TEST_CASE("a pool starts threads when they are needed, keeps them, and joins them when it is closed") {
  ThreadPool pool;
  {
    const Limit limit(0);
    CHECK(members(pool, 4) == 1);
    CHECK(pool.waiting() == 0);
  }
  {
    const Limit limit(2);
    CHECK(members(pool, 4) == 3);
    CHECK(pool.waiting() == 2);
  }
  CHECK(members(pool, 4) == 4);
  {
    const Limit limit(0);
    CHECK(members(pool, 2) == 2);
    CHECK(members(pool, 4) == 4);
    CHECK(starts == 0);
    CHECK(members(pool, 6) == 4);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(5));  // the threads stop spinning and block
  CHECK(members(pool, 4) == 4);
  CHECK(pool.waiting() == 3);
  pool.close();
  CHECK(pool.waiting() == 0);
  CHECK(members(pool, 4) == 1);
  pool.close();
}

TEST_CASE("several threads share a pool, and a team can be started within another") {
  ThreadPool pool;
  std::vector<std::thread> callers;
  std::atomic<int> complete{0};
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&, caller] {
      for (int call = 0; call < 100; ++call) {
        complete += members(pool, 2 + caller % 2) == 2 + caller % 2;
        if (call % 30 == 29) std::this_thread::sleep_for(std::chrono::microseconds(200 + 100 * caller));
      }
    });
  for (auto& caller : callers) caller.join();
  CHECK(complete == 400);
  CHECK(pool.waiting() >= 2);
  CHECK(pool.waiting() <= 6);
  struct Nested {
    ThreadPool& pool;
    int count = 0;
  } nested{pool};
  pool.run(
      2,
      [](void* context, const Team& team) {
        auto& inner = *static_cast<Nested*>(context);
        team.once([&] { inner.count = members(inner.pool, 2); });
      },
      &nested);
  CHECK(nested.count == 2);
  pool.close();
}

#if !defined(__SANITIZE_THREAD__)  // the sanitizer refuses to start threads in a forked process
TEST_CASE("a forked process has new threads") {
  CHECK(members(3) == 3);
  const pid_t child = fork();
  if (child == 0) _exit(members(3) == 3 && members(4) == 4 ? 0 : 1);
  int status = 1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(members(3) == 3);
}
#endif

TEST_CASE_TEMPLATE("every call that uses a team succeeds with the available threads", T, float, double) {
  const Network<T> start({20, 30, 4});
  std::vector<T> x(2000 * 20, T(0.5)), y(2000 * 4, T(0.25)), expected(2000 * 4), out(2000 * 4);
  const Rows rows(x.data(), 2000, 20);
  const Targets targets(Rows(y.data(), 2000, 4));
  predict(start, rows, expected.data(), 1);
  const double cost = evaluate(start, rows, targets, 1).cost;
  const auto gradient = backprop(start, rows, targets, 1).gradient;
  const auto trained = [&](int threads) {
    Network<T> net(start);
    Trainer<T>(net, SGD{0.1}, 100, threads).epoch(rows, targets);
    return std::vector<T>(net.parameters(), net.parameters() + net.num_parameters());
  };
  const auto parameters = trained(1);
  for (const int allowed : {0, 1, 2, 1000})
    in_a_thread([&] {
      const Limit limit(allowed);
      for (const int threads : {0, 1, 4, 1024}) {
        CAPTURE(allowed);
        CAPTURE(threads);
        if (threads == 1024 && allowed == 1000) continue;
        predict(start, rows, out.data(), threads);
        CHECK(out == expected);
        CHECK(evaluate(start, rows, targets, threads).cost == cost);
        CHECK(backprop(start, rows, targets, threads).gradient == gradient);
        CHECK(trained(threads) == parameters);
      }
    });
}
#endif
#endif
