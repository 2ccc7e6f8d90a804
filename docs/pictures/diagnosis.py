"""The pictures of the chapter on diagnosis: what its page draws, block by block."""

import doctest
import io
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from pictures.style import WIDTH, styled, write

_PAGE = Path(__file__).parents[1] / "tutorial" / "not_learning.md"
_HEIGHT = 2.3  # inches
_HEIGHTS = {"diagnose_targets": 2.9}


def draw(folder: Path) -> None:
    """Run the code of the page and write the figure of each block that a picture follows."""
    blocks = re.split(r"^```python\n", _PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    names: dict[str, Any] = {}
    with styled():
        for block in blocks:
            code, text = re.split(r"^```$", block, maxsplit=1, flags=re.MULTILINE)
            with redirect_stdout(io.StringIO()):  # what the page shows as text
                for example in doctest.DocTestParser().get_examples(code):
                    exec(example.source, names)
            shown = re.search(r"images/(diagnose_\w+)\.svg", text)
            if shown:
                names["figure"].set_size_inches(WIDTH, _HEIGHTS.get(shown[1], _HEIGHT))
                write(folder / f"{shown[1]}.svg", names["figure"])
