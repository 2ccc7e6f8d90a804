"""Names that resemble each other."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

A = TypeVar("A")


def plain(name: str) -> str:
    """Return a name in lower case, without spaces, hyphens and underscores.

    Examples
    --------
    >>> plain("LeakyReLU") == plain("leaky_relu")
    True
    """
    return name.lower().translate(_FILLERS)


_FILLERS = str.maketrans("", "", " _-")


def asked(hint: str) -> str:
    """Return a suggestion for the end of an error message.

    A hint that begins with "nothing: " explains why the name is not needed, and becomes a statement.

    Examples
    --------
    >>> asked("'mse'"), asked("nothing: the cost is always measured")
    ("; did you mean 'mse'?", '; the cost is always measured')
    """
    reason = hint.removeprefix("nothing: ")
    return f"; did you mean {hint}?" if reason == hint else f"; {reason}"


def near(name: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """Suggest known names that resemble a name, for the end of an error message; "" if there are none.

    `cutoff` is the minimum similarity, where 1 means equal. If one name is almost equal, it is the only
    suggestion.

    Examples
    --------
    >>> near("val_acc", ["cost", "val_cost", "val_accuracy"])
    "; did you mean 'val_accuracy'?"
    >>> near("x", ["cost"])
    ''
    """
    from difflib import get_close_matches  # only needed for errors

    prefix = "val_" if name.startswith("val_") else ""
    bare = plain(name.removeprefix("val_"))
    # Compared without "val_", which would make all names similar.
    names = {plain(one.removeprefix("val_")): one for one in known if one.startswith("val_") == bool(prefix)}
    # If a name is almost equal, the value is probably a typo of it; others are suggested only without one.
    found = get_close_matches(bare, names, n=1, cutoff=0.9) or get_close_matches(bare, names, 2, cutoff)
    return f"; did you mean {' or '.join(repr(names[one]) for one in found)}?" if found else ""


def by_word(answers: Mapping[A, str]) -> dict[str, A]:
    """Invert a table whose values are words separated by spaces: map each word to its key.

    Examples
    --------
    >>> by_word({"identity": "linear none"})
    {'linear': 'identity', 'none': 'identity'}
    """
    return {word: answer for answer, words in answers.items() for word in words.split()}
