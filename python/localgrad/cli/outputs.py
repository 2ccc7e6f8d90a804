"""Files that a command writes: replaced whole or not at all, and checked before the work begins."""

import os
from collections.abc import Callable
from typing import BinaryIO

from localgrad.cli.errors import CommandError, reason


def check_writable(*paths: str | None) -> None:
    """Raise CommandError if `write` could not write to one of the paths; None is none."""
    for path in paths:
        if path is not None:
            _check(path)


def _check(path: str) -> None:
    if not path:
        raise CommandError("the name of a file to write is empty")
    if os.path.isdir(path):
        raise CommandError(f"cannot write {path}: it is a folder")
    if os.path.exists(path):
        if not os.access(path, os.W_OK):
            raise CommandError(f"cannot write {path}: no permission")
        if not os.path.isfile(path):
            return  # a pipe or a device: nothing beside it is touched
    try:
        draft = _draft(path)
        with open(draft, "xb"):
            pass
        os.remove(draft)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise CommandError(f"cannot write {path}: {why}") from None


def write(path: str, produce: Callable[[BinaryIO], object]) -> None:
    """Let `produce` write a file, put it in the place of `path`, of which nothing is lost before, and say so.

    Raises
    ------
    CommandError
        If the system refuses; what stood at `path` still does.
    """
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as stream:
                produce(stream)
        else:
            _replace(path, produce)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {reason(error)}", status=1) from None
    print(f"wrote {path}")


def _replace(path: str, produce: Callable[[BinaryIO], object]) -> None:
    draft = _draft(path)
    try:
        with open(draft, "xb") as stream:
            produce(stream)
        os.replace(draft, os.path.realpath(path))
    except BaseException:
        if os.path.exists(draft):
            os.remove(draft)
        raise


def _draft(path: str) -> str:
    # In the same folder, for only there a rename is atomic; behind a link, where the file itself lies.
    folder, name = os.path.split(os.path.realpath(path))
    return os.path.join(folder, f".{name[:100]}.{os.getpid()}.part")
