"""Folders with a checkpoint of each member of a fleet."""

import os
import re
from collections.abc import Sequence
from typing import Any

from localgrad._arguments.check import file_path

_MEMBER = re.compile(r"member-(\d+)\.safetensors")
_UNFINISHED = ".tmp"  # the ending of files that were being written when their process was killed


def member_path(folder: str, k: int) -> str:
    """Return the path of the checkpoint of a member."""
    return os.path.join(folder, f"member-{k}.safetensors")


def is_member(name: str) -> bool:
    """Return whether a file name is that of the checkpoint of a member."""
    return _MEMBER.fullmatch(name) is not None


def names(folder: str) -> list[str]:
    """Return the names of the files in a folder to resume from, without unfinished ones."""
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"resume must be an existing folder, got {folder!r}")
    return [name for name in os.listdir(folder) if not name.endswith(_UNFINISHED)]


def to_resume(folder: Any, members: int) -> Sequence[str | None]:
    """Return the checkpoint of each member, None for those that have none yet."""
    path = os.fsdecode(file_path(folder, "resume"))
    there = names(path)
    numbers = {int(found[1]) for name in there if (found := _MEMBER.fullmatch(name))}
    # An empty folder is that of a run which was killed before its first checkpoint.
    if there and not numbers:
        raise ValueError(
            f"resume must be a folder with checkpoints such as {member_path('', 0)!r}, got {path!r}"
        )
    if numbers and max(numbers) >= members:
        raise ValueError(
            f"resume must be the folder of a fit with {members} members, got one with a checkpoint of member "
            f"{max(numbers)}"
        )
    return [member_path(path, k) if k in numbers else None for k in range(members)]


def to_write(folder: Any) -> str:
    """Return the path of a folder that exists or can be created."""
    path = os.fsdecode(file_path(folder, "checkpoint"))
    if os.path.exists(path) and not os.path.isdir(path):
        raise NotADirectoryError(f"checkpoint must be a folder, got the file {path!r}")
    if not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        raise FileNotFoundError(f"checkpoint must be in an existing folder, got {path!r}")
    return path


def prepare(folder: str, resume: Any) -> None:
    """Create a folder; remove the checkpoints of other runs, because a folder must not have those of two."""
    os.makedirs(folder, exist_ok=True)
    if resume is not None and os.path.samefile(folder, resume):
        return
    for name in os.listdir(folder):
        if is_member(name):
            os.unlink(os.path.join(folder, name))
