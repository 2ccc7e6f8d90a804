"""The desired slopes of a fit on values and slopes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from localgrad._arguments.check import real
from localgrad._arrays.rows import exact, numeric, readable, shape_of
from localgrad._data.feed import ArrayFeed, Feed
from localgrad._model.model import Model

_ROWS = 16  # in the checksum of the slopes


@dataclass(frozen=True, eq=False)
class Slopes:
    """Desired derivatives of the outputs with respect to the inputs, (n, m_L m_1), and their weight."""

    array: NDArray[Any]
    weight: float

    @property
    def settings(self) -> dict[str, Any]:
        """Settings stored in a checkpoint."""
        some = exact(self.array[:: max(1, len(self.array) // _ROWS)][:_ROWS], np.dtype(np.float64))
        return {"slope_weight": self.weight, "y_slope": f"CRC {crc32(some.tobytes()):08x}"}


def slopes_of(given: Mapping[str, Any], model: Model, feed: Feed) -> Slopes | None:
    """Check the arguments `y_slope` and `slope_weight`."""
    value = given.get("y_slope")
    weight = real(given.get("slope_weight", 1.0), "slope_weight", above=0.0)
    if value is None:
        if weight != 1.0:
            raise ValueError("y_slope must be an array with slope_weight, got None")
        return None
    _check(given, model, feed)
    assert isinstance(feed, ArrayFeed)
    n, inputs, outputs = len(feed.data.rows), model.sizes[0], model.sizes[-1]
    array = numeric(value, "y_slope")
    if array.shape != (n, outputs, inputs) and not (outputs == 1 and array.shape == (n, inputs)):
        shape = f"({n}, {inputs})" if outputs == 1 else f"({n}, {outputs}, {inputs})"
        raise ValueError(
            f"y_slope must have shape {shape}, the derivatives of each output with respect to each input, "
            f"got {shape_of(array)}"
        )
    return Slopes(readable(array.reshape(n, outputs * inputs), model.dtype), weight)


def _check(given: Mapping[str, Any], model: Model, feed: Feed) -> None:
    if not isinstance(feed, ArrayFeed):
        raise ValueError("y_slope does not support blocks")
    if model.output == "softmax":
        raise ValueError(
            "y_slope must be None for output 'softmax': it requires an output activation of single units"
        )
    if model.target_width != model.sizes[-1]:
        raise ValueError(
            f"y_slope must be None for the cost {model.cost!r}, which has several outputs per target"
        )
    for name, used in (
        ("dropout", any(model.dropout)),
        ("input_dropout", model.options["input_dropout"]),
        ("input_noise", model.options["input_noise"]),
        ("clip_per_example", given.get("clip_per_example") is not None),
        ("sampler='importance'", given.get("sampler") == "importance"),
    ):
        if used:
            raise ValueError(f"y_slope does not support {name}")
