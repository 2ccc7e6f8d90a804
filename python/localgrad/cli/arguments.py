"""Types of command-line arguments: functions that convert a word or raise `ArgumentTypeError`."""

import argparse
from collections.abc import Callable

from localgrad._arguments.check import MAX_THREADS


def at_least(least: int, below: int | None = None) -> Callable[[str], int]:
    """Return a function that converts a word to an integer in [least, below).

    Examples
    --------
    >>> at_least(1)("12")
    12
    """

    def read(word: str) -> int:
        try:
            number = int(word)
        except ValueError:
            raise argparse.ArgumentTypeError(f"expected an integer, got {word!r}") from None
        if number < least:
            raise argparse.ArgumentTypeError(f"expected at least {least}, got {word}")
        if below is not None and number >= below:
            raise argparse.ArgumentTypeError(f"expected less than {below}, got {word}")
        return number

    return read


def layer_sizes(word: str) -> tuple[int, ...]:
    """Convert widths separated by hyphens or commas.

    Examples
    --------
    >>> layer_sizes("784-30-10")
    (784, 30, 10)
    """
    try:
        return tuple(at_least(1)(width) for width in word.replace("-", ",").split(","))
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"expected widths of at least 1 separated by hyphens or commas, such as 128-64, got {word!r}"
        ) from None


def add_threads(parser: argparse.ArgumentParser) -> None:
    """Add the option `--threads`."""
    parser.add_argument(
        "--threads",
        type=at_least(1, MAX_THREADS + 1),
        metavar="N",
        help="number of threads (default: chosen by localgrad)",
    )
