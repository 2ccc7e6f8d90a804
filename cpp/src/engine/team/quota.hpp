#pragma once

#include <string>

namespace localgrad {

/// The processors that a container may keep busy: the least quota / period, rounded up, of this process's cgroup and those around
/// it, of version 2 or 1; 0 where there is none. Read again when what is known is older than a second.
int quota_threads();

/// The same, read now. `groups`: what /proc/self/cgroup holds; `root`: where the cgroups are mounted.
int quota_threads(const std::string& groups, const std::string& root);

}  // namespace localgrad
