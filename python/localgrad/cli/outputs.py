"""What commands write: files, checked before the work begins and replaced atomically, and results."""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from localgrad.cli.errors import CommandError, reason

STANDARD = "-"  # the standard output


def check_not_read(written: Iterable[str | None], read: Sequence[str | None]) -> None:
    """Raise CommandError if a file to write is one to read; None is ignored."""
    for path in written:
        if path is not None and any(same_file(path, one) for one in read if one is not None):
            raise CommandError(f"{path} must not be both read and written")


def same_file(one: str, other: str) -> bool:
    """Return whether two paths are the same existing file."""
    return os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other)


def check_writable(*paths: str | None) -> None:
    """Raise CommandError if one of the paths cannot be written; None is ignored."""
    for path in paths:
        if path is not None:
            _check(path)


def _check(path: str) -> None:
    if not path:
        raise CommandError("the name of an output file must not be empty")
    if os.path.isdir(path):
        raise CommandError(f"cannot write {path}: it is a folder")
    if os.path.exists(path):
        if not os.access(path, os.W_OK):
            raise CommandError(f"cannot write {path}: no permission")
        if not os.path.isfile(path):
            return  # a pipe or a device, which is written directly, without a temporary file next to it
    try:
        draft = _draft(path)
        with open(draft, "xb"):
            pass
        os.remove(draft)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise CommandError(f"cannot write {path}: {why}") from None


def write(path: str, produce: Callable[[BinaryIO], object]) -> None:
    """Call `produce` to write a temporary file, replace `path` with it, and print a message.

    Raises
    ------
    CommandError
        If the file cannot be written. An existing file at `path` is left unchanged.
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
    # The temporary file is in the same folder as the target of `path`, because renaming is atomic only within
    # a file system. Symbolic links are resolved, so that the link is kept and its target is replaced.
    folder, name = os.path.split(os.path.realpath(path))
    return os.path.join(folder, f".{name[:100]}.{os.getpid()}.part")


@contextlib.contextmanager
def printing(path: str | None) -> Iterator[Any]:
    """Yield the standard output; if `path` is "-", print to the standard error while the block runs."""
    output = sys.stdout
    with contextlib.redirect_stdout(sys.stderr if path == STANDARD else output):
        yield output


def counted(number: int, what: str) -> str:
    """Return a number of things.

    Examples
    --------
    >>> counted(1, "row"), counted(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def write_json(path: str, facts: Any, output: Any) -> None:
    """Write facts as JSON to a file, or to `output` if `path` is "-"."""
    text = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
    if path == STANDARD:
        output.write(text)
    else:
        write(path, lambda stream: stream.write(text.encode()))
