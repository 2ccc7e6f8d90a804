"""Tables for notebooks."""

from collections.abc import Iterable, Sequence
from html import escape


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return HTML of a title and a table of text, with the first column aligned to the left."""
    lines = [f"<p>{escape(title)}</p>", "<table>"]
    for kind, row in (("th", header), *(("td", row) for row in rows)):
        sides = ("left", *["right"] * (len(row) - 1))
        cells = (
            f'<{kind} style="text-align: {side}">{escape(text)}</{kind}>'
            for side, text in zip(sides, row, strict=True)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "\n".join([*lines, "</table>"])
