#pragma once

#include <string>

namespace localgrad {

/// Number of processors that the container may use; 0 if there is no quota.
///
/// This is the smallest quota / period, rounded up, of this process's cgroup and its ancestors, for cgroups
/// of version 1 and 2. The value is cached for a second.
int quota_threads();

/// As above, without the cache. `groups` is the content of /proc/self/cgroup, `root` the directory where
/// cgroups are mounted.
int quota_threads(const std::string& groups, const std::string& root);

}  // namespace localgrad
