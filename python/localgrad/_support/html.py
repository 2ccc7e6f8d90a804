"""Tables for notebooks."""

from collections.abc import Iterable, Sequence
from html import escape


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: str = "") -> str:
    """Return HTML of a title and a table of text; columns whose header is in `numbers` are on the right."""
    sides = ["right" if name in numbers.split() else "left" for name in header]
    lines = [f"<p>{escape(title)}</p>", "<table>"]
    for kind, row in (("th", header), *(("td", row) for row in rows)):
        cells = (
            f'<{kind} style="text-align: {side}">{escape(text)}</{kind}>'
            for side, text in zip(sides, row, strict=True)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "\n".join([*lines, "</table>"])
