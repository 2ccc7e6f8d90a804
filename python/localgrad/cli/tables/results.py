"""Where the commands print their results."""

import contextlib
import json
import sys
from collections.abc import Iterator
from typing import Any

from localgrad.cli.outputs import write

STANDARD = "-"  # the standard output


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
