#pragma once

#include <string>

namespace localgrad {

/// The processors that a container may use: the least quota / period, rounded up, of this process's cgroup
/// and its ancestors, of version 2 or 1; 0 without one. Read again when older than a second.
int quota_threads();

/// The same, read now. `groups`: what /proc/self/cgroup holds; `root`: where the cgroups are mounted.
int quota_threads(const std::string& groups, const std::string& root);

}  // namespace localgrad
