"""What a callback asks for with a checkpoint, and what a file says of the best one."""

import json
import math
from typing import NamedTuple

import localgrad._core as _core
from localgrad._arrays.rows import FloatArray

NOTE = "training"  # the entry of a file under which what Python saves is kept as JSON; arrays are beside it


class Best(NamedTuple):
    """What makes a checkpoint the best, and the parameters that a network read from it gets."""

    monitor: str
    higher: bool  # is better
    value: float
    parameters: FloatArray


class Request(NamedTuple):
    """A checkpoint to write."""

    path: bytes
    best: Best | None = None


def best_of(path: bytes) -> tuple[str, bool, float] | None:
    """Return the monitor, whether higher is better, and the number of the best checkpoint in a file.

    None if the file is not a checkpoint that was written with a best.
    """
    try:
        _, _, notes, _ = _core.load_checkpoint(path)
        best = json.loads(notes[NOTE])["best"]
        found = best["monitor"], best["higher"], best["value"]
    except (ValueError, OverflowError, KeyError, TypeError, RecursionError):
        return None
    right = type(found[0]) is str and type(found[1]) is bool and type(found[2]) in (int, float)
    return found if right and not math.isnan(found[2]) else None
