"""Values of arguments that are names."""

from collections.abc import Collection, Mapping
from typing import Any

from localgrad._arguments.check import shown
from localgrad._arguments.names.similar import asked, near, plain
from localgrad._arguments.names.words import HINTS, SAME, for_other_outputs


def known_name(
    value: Any, argument: str, known: Collection[str], kind: str, outputs: Collection[str] = ()
) -> str:
    """Return the known name for a value that is this name or another library's equivalent.

    Parameters in parentheses are kept. `kind` is the key of the tables in `words`. `outputs` describes the
    outputs of the network, because some names mean the same only for some outputs. Raise a TypeError for a
    value that is not a str, and a ValueError for an unknown name, with a suggestion.
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
            hint, ours = for_other_outputs(ours, place), None
    if ours in known and hint is None:
        return f"{ours}{bracket}{rest}"
    meant = asked(hint) if hint else near(bare, known)
    raise ValueError(f"{argument} must be one of {names}, got {value!r}{meant}")


def history_name(name: str, names: Collection[str]) -> str:
    """Return the key for a name in a history, which may be another library's; otherwise the name itself."""
    if name in names:
        return name
    ours = common_name(name)
    return ours if ours in names else name


def common_name(name: str) -> str:
    """Return localgrad's name of a metric in a history.

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
    """Suggest a known name by the name of a function, class or module, such as "relu" for `nn.ReLU`."""
    called = getattr(value, "__name__", type(value).__name__)
    same = {plain(one): one for one in known}
    ours = same.get(plain(called)) if isinstance(called, str) else None
    return f"; did you mean {ours!r}?" if ours else ""
