#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

/// Stands for the thread pool of a host program.
class Pool {
 public:
  explicit Pool(int size) : size_(size) {}
  int size() const { return size_; }
  int calls() const { return calls_; }

  /// Calls work(index) for each index in 0..n-1, on size() threads, and returns when all calls have returned.
  void parallel_for(int n, const std::function<void(int)>& work) {
    ++calls_;
    std::atomic<int> next{0};
    const auto serve = [&] {
      for (int index = next++; index < n; index = next++) work(index);
    };
    std::vector<std::thread> others;
    while (static_cast<int>(others.size()) + 1 < size_) others.emplace_back(serve);
    serve();
    for (auto& other : others) other.join();
  }

 private:
  int size_, calls_ = 0;
};
