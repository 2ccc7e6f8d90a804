"""Names that look alike."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

A = TypeVar("A")


def plain(name: str) -> str:
    """Return a name without its case, spaces, hyphens and underscores.

    Examples
    --------
    >>> plain("LeakyReLU") == plain("leaky_relu")
    True
    """
    return name.lower().translate(_FILLERS)


_FILLERS = str.maketrans("", "", " _-")


def asked(hint: str) -> str:
    """Ask in an error message whether a hint is meant; behind "nothing: " it says why nothing is needed.

    Examples
    --------
    >>> asked("'mse'"), asked("nothing: the cost is always measured")
    ("; did you mean 'mse'?", '; the cost is always measured')
    """
    reason = hint.removeprefix("nothing: ")
    return f"; did you mean {hint}?" if reason == hint else f"; {reason}"


def near(name: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """Ask in an error message whether a known name is meant that looks like this one.

    `cutoff` says how much like it, 1 being the same; next to one that hardly differs no other is offered.

    Examples
    --------
    >>> near("val_acc", ["cost", "val_cost", "val_accuracy"])
    "; did you mean 'val_accuracy'?"
    >>> near("x", ["cost"])
    ''
    """
    from difflib import get_close_matches  # only where something is wrong

    prefix = "val_" if name.startswith("val_") else ""
    bare = plain(name.removeprefix("val_"))
    # What "val_" adds to all names would make them all alike.
    names = {plain(one.removeprefix("val_")): one for one in known if one.startswith("val_") == bool(prefix)}
    found = get_close_matches(bare, names, n=1, cutoff=0.9) or get_close_matches(bare, names, 2, cutoff)
    return f"; did you mean {' or '.join(repr(names[one]) for one in found)}?" if found else ""


def by_word(answers: Mapping[A, str]) -> dict[str, A]:
    """Turn a table of answers and the words that ask for them around.

    Examples
    --------
    >>> by_word({"identity": "linear none"})
    {'linear': 'identity', 'none': 'identity'}
    """
    return {word: answer for answer, words in answers.items() for word in words.split()}
