#pragma once

// Times several ways of computing the same thing in one run: rounds of short bursts, in which every contender
// gets its turn, so that a change of the processor's frequency affects all of them.

#include <functional>
#include <string>
#include <vector>

namespace bench {

/// Contenders for one task.
class Group {
 public:
  explicit Group(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }
  /// Add a contender: f() is one call.
  template <class F>
  void add(std::string name, F f) {
    contenders_.push_back({std::move(name), [f](long n) mutable {
                             for (long i = 0; i < n; ++i) f();
                           }});
  }
  /// Run all contenders for about `seconds` in total and print a table: the median time of a call in bursts,
  /// its ratio to that of the first contender, the shortest time, which other programs affect least, and
  /// percentiles of calls that are timed one by one.
  void run(double seconds);

 private:
  struct Contender {
    std::string name;
    std::function<void(long n)> repeat;
    std::vector<double> bursts = {}, calls = {};  // nanoseconds
  };
  std::string name_;
  std::vector<Contender> contenders_;
};

/// Makes the compiler assume that *p is read and written here.
template <class T>
inline void touch(T* p) {
  __asm__ volatile("" : : "r"(p) : "memory");
}

/// The groups of the files of this folder.
std::vector<Group> predict_groups();
std::vector<Group> train_groups();

}  // namespace bench
