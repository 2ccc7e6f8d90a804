"""Types of command-line arguments: functions that convert a word or raise `ArgumentTypeError`."""

import argparse
import math
from collections.abc import Callable

from localgrad._arguments.check import MAX_THREADS

COLUMN_KINDS = ("numeric", "categorical", "boolean", "date", "identifier")


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


def positive(word: str) -> float:
    """Convert a word to a finite number above 0.

    Examples
    --------
    >>> positive("2.5")
    2.5
    """
    number = _number(word)
    if number is None or not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {word!r}")
    return number


def fraction_or_file(word: str) -> float | str:
    """Convert a share of at least 0 and below 1; return other words, the names of files, as they are.

    Examples
    --------
    >>> fraction_or_file("0.2"), fraction_or_file("test.csv")
    (0.2, 'test.csv')
    """
    number = _number(word)
    if number is None:
        return word
    if not 0 <= number < 1:
        raise argparse.ArgumentTypeError(f"expected a share of at least 0 and below 1, got {word}")
    return number


def column_kind(word: str) -> tuple[str, str]:
    """Convert the name of a column and its kind.

    Examples
    --------
    >>> column_kind("size=numeric")
    ('size', 'numeric')
    """
    name, equals, kind = word.rpartition("=")
    if not equals or kind not in COLUMN_KINDS:
        raise argparse.ArgumentTypeError(f"expected NAME=KIND with {', '.join(COLUMN_KINDS)}, got {word!r}")
    return name, kind


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add the argument for the file of a model."""
    parser.add_argument("model", metavar="MODEL", help="model written by localgrad train")


def add_table(parser: argparse.ArgumentParser) -> None:
    """Add the arguments for the file with a table."""
    parser.add_argument(
        "data",
        metavar="DATA",
        help="table: .csv, .tsv or .txt, also with .gz, .bz2, .xz or .zst, or .parquet; - for CSV from the "
        "standard input",
    )
    parser.add_argument(
        "--sep",
        type=_separator,
        metavar="CHARACTER",
        help="separator of the columns of text files (default: found)",
    )
    parser.add_argument("--encoding", metavar="NAME", help="encoding of text files (default: utf-8)")
    parser.add_argument(
        "--decimal",
        choices=(".", ","),
        default=".",
        help="decimal sign of numbers in text files: . as in 1.5, or , as in 1,5 (default: .)",
    )


def _separator(word: str) -> str:
    character = {"\\t": "\t", "tab": "\t"}.get(word, word)
    if len(character) != 1 or not character.isascii() or character.isalnum() or character in '"\r\n':
        raise argparse.ArgumentTypeError(f"expected one character such as , or ; or tab, got {word!r}")
    return character


def add_threads(parser: argparse.ArgumentParser) -> None:
    """Add the option `--threads`."""
    parser.add_argument(
        "--threads",
        type=at_least(1, MAX_THREADS + 1),
        metavar="N",
        help="number of threads (default: chosen by localgrad)",
    )
