#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <vector>

#include "bytes.hpp"

namespace localgrad::io {

/// Reads the whole contents of a regular file or of a symbolic link to one.
///
/// Throws std::system_error with errno as its code and the path in its message: no such file, no permission,
/// a directory (EISDIR), a pipe or device (EINVAL, without waiting for it), or more than `limit` bytes
/// (EFBIG). Throws std::bad_alloc if there is not enough memory.
Bytes read_file(const std::filesystem::path& path,
                std::size_t limit = std::numeric_limits<std::size_t>::max());

/// Replaces the contents of the file with `pieces`, one after another. At any moment, a reader of `path`
/// sees either the old or the new contents, even after a power loss (provided that the file system
/// guarantees what fsync promises).
///
/// A temporary file in the same directory is written, synced and renamed, then the directory is synced. A
/// new file has mode 0666 minus the umask. An existing file keeps its mode and, where permitted, its owner;
/// hard links, access control lists and extended attributes of the old file are lost. If `path` is a
/// symbolic link, the file that it points to is replaced. Read-only files (EACCES) and anything other than
/// regular files (EISDIR, EINVAL) are not replaced.
///
/// A temporary file only remains if the process is killed. Its name, ".localgrad-*.tmp", is derived from the
/// target's name, and a live writer holds a lock on it (flock). The next call for the same target removes a
/// file without a lock; simultaneous writers use different names. Forked processes that do not call exec
/// inherit the lock: the file of a killed writer remains until they have ended. If the file system has no
/// locks, or inodes cannot be compared, each call uses a new name, and the files of killed processes remain.
///
/// Throws std::system_error with errno as its code and the path in its message. The temporary file is then
/// removed and the old file is unchanged, with one exception, which the message states: the new file is in
/// place, but syncing its directory failed.
void replace_file(const std::filesystem::path& path, const std::vector<Piece>& pieces);

}  // namespace localgrad::io
