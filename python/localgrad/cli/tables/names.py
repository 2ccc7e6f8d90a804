"""Names of columns that a user has mistyped or a file lacks."""

from collections.abc import Sequence
from difflib import get_close_matches

from localgrad.cli.errors import CommandError
from localgrad.cli.tables.source import Source

_SHOWN = 10


def check_name(name: str, source: Source, option: str) -> None:
    """Raise CommandError if a table lacks a column that an option names."""
    if name in source.columns:
        return
    close = like(name, source.columns)
    hint = f"did you mean {close!r}?" if close else f"the columns are {listed(source.columns)}"
    raise CommandError(f"{option}: {source.name} has no column {name!r}; {hint}")


def check_columns(needed: Sequence[str], source: Source) -> None:
    """Raise CommandError if a table lacks columns of a model."""
    missing = [name for name in needed if name not in source.columns]
    if not missing:
        return
    others = [name for name in source.columns if name not in needed]
    hints = [f"{name!r} may be {close!r}" for name in missing if (close := like(name, others))]
    hint = f"; {', '.join(hints)}" if hints else ""
    what = "column" if len(missing) == 1 else "columns"
    raise CommandError(
        f"{source.name}: the model needs the {what} {listed(missing)}, which the table lacks{hint}"
    )


def like(name: str, names: Sequence[str]) -> str | None:
    """Return the closest of some names, if one is close."""
    plain = {one.strip().lower(): one for one in reversed(names)}
    found = get_close_matches(name.strip().lower(), plain, 1)
    return plain[found[0]] if found else None


def listed(names: Sequence[str]) -> str:
    """Return names for a message, at most ten."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(repr, names[:_SHOWN])) + more
