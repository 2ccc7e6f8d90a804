#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <vector>

#include "bytes.hpp"

namespace localgrad::io {

/// The whole content of a regular file (or of a link to one).
///
/// Throws std::system_error with errno as its code and the path in its message: no such file, no permission,
/// a folder (EISDIR), a pipe or device (EINVAL; it does not wait for them), more than `limit` bytes (EFBIG).
/// std::bad_alloc if memory does not suffice.
Bytes read_file(const std::filesystem::path& path,
                std::size_t limit = std::numeric_limits<std::size_t>::max());

/// Replaces the content of the file by `pieces`, one after another: a reader of `path` sees all of the old or
/// all of the new content at any moment, even after a power loss (as far as the file system keeps what fsync
/// promises).
///
/// A temporary file in the same folder is written, synced and renamed, then the folder is synced. A new file
/// has the mode 0666 less the umask; an existing one keeps its mode and, where permitted, its owner; hard
/// links, access lists and extended attributes of the old file are not kept. A symbolic link stays and the
/// file it points to is replaced. A read-only file is not replaced (EACCES), nor is anything but a regular
/// file (EISDIR, EINVAL).
///
/// Only a killed process leaves a temporary file. Its name, ".localgrad-*.tmp", follows from the target's,
/// and a living writer holds a lock on it (flock): the next call for the same target removes one without;
/// several writers at a time use several names. The lock passes to forked processes that do not exec: a dead
/// writer's file stays until they have ended. Where the file system has no locks, or inodes cannot be
/// compared, each call uses a new name and files of killed processes stay.
///
/// Throws std::system_error with errno as its code and the path in its message; the temporary file is then
/// gone and the old file as it was. One exception, which the message states: the new file is in place, but
/// syncing its folder failed.
void replace_file(const std::filesystem::path& path, const std::vector<Piece>& pieces);

}  // namespace localgrad::io
