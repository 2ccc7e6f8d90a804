// Teams: behavior if the system refuses to start threads, and counting the threads of the run time.

#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "engine/team/team.hpp"
#include "engine/team/trial.hpp"
#include "localgrad/localgrad.hpp"

using namespace localgrad;

#if defined(LOCALGRAD_WRAP_PTHREAD_CREATE)
#include <pthread.h>

#if defined(LOCALGRAD_TEST_OPENMP)
#include <omp.h>
#endif

#include <atomic>
#include <chrono>

namespace {

std::atomic<bool (*)()> at_start{nullptr};  // called before the library starts a thread
// Threads started by the library itself, not by OpenMP, and their limit.
std::atomic<int> starts{0}, most{1 << 30};

/// For its lifetime, the system refuses to start more than `count` threads of the library.
struct Limit {
  explicit Limit(int count) {
    starts = 0;
    most = count;
  }
  ~Limit() { most = 1 << 30; }
};

int members(int wanted) {
  int count = 0;
  run_team(wanted, [&](const Member& member) {
    if (member.index == 0) count = member.count;
    member.meet();
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

TEST_CASE("a trial returns how many threads the system can start") {
  CHECK(threads_to_be_had(3) == 3);
  const Limit limit(2);
  CHECK(threads_to_be_had(3) == 2);
  CHECK(threads_to_be_had(3) == 0);
}

#if defined(LOCALGRAD_TEST_OPENMP)
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
