"""The value of an argument that is a name."""

from collections.abc import Collection, Mapping
from typing import Any

from localgrad._arguments.check import shown
from localgrad._arguments.names.similar import asked, near, plain
from localgrad._arguments.names.words import HINTS, SAME, beside_the_point


def known_name(
    value: Any, argument: str, known: Collection[str], kind: str, outputs: Collection[str] = ()
) -> str:
    """Return a known name for what is one, or means the same; `kind` names the table of such names.

    What stands in parentheses behind a name stays. `outputs` says what holds of the network's outputs. A
    TypeError for what is no name, a ValueError for another, each with what may be meant.
    """
    names = ", ".join(repr(one) for one in known)
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be one of {names}, got {shown(value)}{_of_object(value, known)}")
    bare, bracket, rest = value.partition("(")
    bare = bare.strip()
    if bare in known:
        return value
    key = plain(bare)
    hint = HINTS.get(kind, {}).get(key)
    same = {plain(one): one for one in known} | SAME.get(kind, {})
    ours = same.get(key)
    if isinstance(ours, tuple):
        ours, place = ours
        if not any(one in place for one in outputs):
            hint, ours = beside_the_point(ours, place), None
    if ours in known and hint is None:
        return f"{ours}{bracket}{rest}"
    meant = asked(hint) if hint else near(bare, known)
    raise ValueError(f"{argument} must be one of {names}, got {value!r}{meant}")


def history_name(name: str, names: Collection[str]) -> str:
    """Return the number of a history that a name means: itself if there is one, else what others call so."""
    if name in names:
        return name
    ours = common_name(name)
    return ours if ours in names else name


def common_name(name: str) -> str:
    """Return what a number of a history is called here.

    Examples
    --------
    >>> common_name("val_loss"), common_name("acc"), common_name("mine")
    ('val_cost', 'accuracy', 'mine')
    """
    prefix = "val_" if name.startswith("val_") else ""
    key = plain(name.removeprefix("val_"))
    ours: Mapping[str, Any] = SAME["metrics"] | SAME["monitor"]
    return f"{prefix}{ours[key]}" if key in ours else name


def _of_object(value: Any, known: Collection[str]) -> str:
    """Return a hint for a function, class or module that has the name of something known."""
    called = getattr(value, "__name__", type(value).__name__)
    same = {plain(one): one for one in known}
    ours = same.get(plain(called)) if isinstance(called, str) else None
    return f"; did you mean {ours!r}?" if ours else ""
