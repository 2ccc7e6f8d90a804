#include "engine/team/quota.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>

namespace localgrad {
namespace {

constexpr int kUnlimited = std::numeric_limits<int>::max();

int whole(double quota, double period) {
  if (!(quota > 0 && period > 0) || quota / period > 1e6) return kUnlimited;
  return std::max(1, static_cast<int>(std::ceil(quota / period)));
}

int quota_of_version_2(const std::string& folder) {
  std::ifstream file(folder + "/cpu.max");
  std::string quota;  // can be "max"
  double period = 0;
  return file >> quota >> period ? whole(std::strtod(quota.c_str(), nullptr), period) : kUnlimited;
}

int quota_of_version_1(const std::string& folder) {
  std::ifstream quota_file(folder + "/cpu.cfs_quota_us"), period_file(folder + "/cpu.cfs_period_us");
  double quota = 0, period = 0;  // a quota of -1 means none
  return quota_file >> quota && period_file >> period ? whole(quota, period) : kUnlimited;
}

/// Smallest quota of a cgroup and all its ancestors. In a container, the cgroup's path may not exist; the
/// root is then the container's cgroup.
template <class Quota>
int least_along(const std::string& root, std::string path, const Quota& quota) {
  int least = quota(root);
  for (; path.size() > 1; path.resize(path.find_last_of('/'))) least = std::min(least, quota(root + path));
  return least;
}

bool names_cpu(const std::string& controllers) {
  return ("," + controllers + ",").find(",cpu,") != std::string::npos;
}

}  // namespace

int quota_threads(const std::string& groups, const std::string& root) {
  int least = std::min(quota_of_version_2(root), quota_of_version_1(root + "/cpu"));
  std::istringstream lines(groups);
  for (std::string line; std::getline(lines, line);) {  // number:controllers:/path
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos || line[second + 1] != '/') continue;
    const std::string controllers = line.substr(first + 1, second - first - 1),
                      path = line.substr(second + 1);
    if (controllers.empty()) {
      for (const char* at : {"", "/unified"})
        least = std::min(least, least_along(root + at, path, quota_of_version_2));
    } else if (names_cpu(controllers)) {
      for (const std::string& at : {std::string("cpu"), controllers})
        least = std::min(least, least_along(root + "/" + at, path, quota_of_version_1));
    }
  }
  return least == kUnlimited ? 0 : least;
}

int quota_threads() {
  using Clock = std::chrono::steady_clock;
  static std::atomic<Clock::rep> read_at{0};
  static std::atomic<int> known{0};
  const Clock::rep now = Clock::now().time_since_epoch().count(),
                   last = read_at.load(std::memory_order_acquire);
  if (last == 0 || now - last > Clock::duration(std::chrono::seconds(1)).count()) {
    std::ifstream file("/proc/self/cgroup");
    const std::string groups{std::istreambuf_iterator<char>(file), {}};
    known.store(quota_threads(groups, "/sys/fs/cgroup"), std::memory_order_relaxed);
    read_at.store(now, std::memory_order_release);
  }
  return known.load(std::memory_order_relaxed);
}

}  // namespace localgrad
