"""The plots of the guide: what its page draws, block by block."""

import re
import tempfile
from contextlib import chdir
from pathlib import Path
from typing import Any

from pictures.style import WIDTH, styled, write

_PAGE = Path(__file__).parents[1] / "guide" / "plots.md"
_HEIGHT = 3.0  # inches
_HEIGHTS = {
    "plot_first_layer": 3.9,
    "plot_confusion_matrix": 4.2,
    "plot_calibration": 3.8,
    "plot_predictions": 3.8,
    "plot_decision_boundary": 3.6,
}


def draw(folder: Path) -> None:
    """Run the code of the page and write the axes of each block that a picture follows."""
    blocks = re.split(r"^```python\n", _PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    names: dict[str, Any] = {}
    with styled(), tempfile.TemporaryDirectory() as scratch, chdir(scratch):
        for block in blocks:
            code, text = re.split(r"^```$", block, maxsplit=1, flags=re.MULTILINE)
            exec(code, names)
            shown = re.search(r"images/(plot_\w+)\.svg", text)
            if shown:
                drawn = names["ax"].figure
                drawn.set_size_inches(WIDTH, _HEIGHTS.get(shown[1], _HEIGHT))
                write(folder / f"{shown[1]}.svg", drawn)
