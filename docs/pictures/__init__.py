"""The pictures and tables of the documentation.

``python -m pictures``, run in this folder's parent, draws all of them, as a build of the documentation does.
Each module draws one subject; `style` holds the colors and turns a figure into an SVG file for light and dark
pages.
"""

import time
from collections.abc import Callable
from pathlib import Path

from pictures import (
    backpropagation,
    benchmark,
    diagnosis,
    digits,
    engine,
    inspection,
    latency,
    levenberg_marquardt,
    network_graph,
    penguins,
    plots,
    quadrants,
)

_DOCS = Path(__file__).parents[1]
IMAGES = _DOCS / "images"  # committed, as the README shows some of them
TABLES = _DOCS / "_build" / "tables"

_DRAWN: tuple[Callable[[Path], None], ...] = (
    quadrants.draw,
    digits.draw_curves,
    digits.draw_misread,
    network_graph.draw,
    backpropagation.draw,
    engine.draw,
    benchmark.draw,
    latency.draw,
    levenberg_marquardt.draw,
    penguins.draw,
    plots.draw,
    diagnosis.draw,
)
_WRITTEN = (benchmark.write_tables, inspection.write_table)


def draw_all(images: Path = IMAGES, tables: Path = TABLES) -> None:
    """Draw every picture, write every table and print how long each took.

    Parameters
    ----------
    images, tables : Path
        The folders to write to.
    """
    for folder, write in (*((images, draw) for draw in _DRAWN), *((tables, write) for write in _WRITTEN)):
        start = time.perf_counter()
        folder.mkdir(parents=True, exist_ok=True)
        write(folder)
        name = f"{write.__module__}.{write.__name__}"
        print(f"{name:<32}{time.perf_counter() - start:6.1f} s", flush=True)
