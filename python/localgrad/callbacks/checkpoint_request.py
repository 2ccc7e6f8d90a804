"""Requests of callbacks for checkpoints, and the best value stored in a checkpoint."""

import json
import math
from typing import NamedTuple

import localgrad._core as _core
from localgrad._arrays.rows import FloatArray

NOTE = "training"  # the entry of a checkpoint with the state of the Python code as JSON, without arrays


class Best(NamedTuple):
    """The monitored value of a best checkpoint, and the parameters of the network to load from it."""

    monitor: str
    higher: bool  # whether higher is better
    value: float
    parameters: FloatArray


class Request(NamedTuple):
    """A request to write a checkpoint."""

    path: bytes
    best: Best | None = None


def best_of(path: bytes) -> tuple[str, bool, float] | None:
    """Return (monitor, whether higher is better, best value) of a checkpoint.

    Return None if the file is not a checkpoint that was written with a `Best`.
    """
    try:
        _, _, notes, _ = _core.load_checkpoint(path)
        best = json.loads(notes[NOTE])["best"]
        found = best["monitor"], best["higher"], best["value"]
    except (ValueError, OverflowError, KeyError, TypeError, RecursionError):
        return None
    right = type(found[0]) is str and type(found[1]) is bool and type(found[2]) in (int, float)
    return found if right and not math.isnan(found[2]) else None
