"""Whether the numbers of the training data are of a size that networks learn from.

The limits, which `localgrad.warnings.ScaleWarning` lists, were measured: beyond them trainings with SGD and
Adam fail, or fall far behind those on standardized data.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from localgrad._warn import warn
from localgrad.warnings import ScaleWarning

if TYPE_CHECKING:
    from localgrad._state import State

__all__ = ["check_scale"]

_FEWEST = 10  # rows of which a mean and a standard deviation say something
_COSTS = ("mse", "mae", "huber", "log_cosh", "quantile", "gaussian_nll")
_RANGES = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "hard_tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
}

_SLOWLY = "from which networks learn slowly or not at all"


def check_scale(network: "State", rows: NDArray[Any], targets: NDArray[Any]) -> None:
    """Warn of inputs (n, m_1) and targets (n, width) that are too large, too small or too far from 0."""
    if len(rows) < _FEWEST or (_usual_inputs(network, rows) and _usual_targets(network, targets)):
        return
    with np.errstate(all="ignore"):  # what is not finite is refused elsewhere
        found = [text for text in (_inputs(network, rows), _targets(network, targets)) if text]
    if found:
        warn("; ".join(found), ScaleWarning)


# For most data a few microseconds settle it; fits of a hundred rows would notice more.


def _usual_inputs(network: "State", rows: NDArray[Any]) -> bool:
    """Tell that no column can have a mean of 30, and that not all are small."""
    square = network.input_scale**2 * _mean_square(rows)
    return bool(0.01 < square < 900 / rows.shape[1])


def _usual_targets(network: "State", y: NDArray[Any]) -> bool:
    """Tell that targets are labels, or neither large nor small nor close to one number."""
    if y.ndim == 1:
        return True
    if y.shape[1] > 1 or network.output in _RANGES or not _mean_square(y) < 90**2:
        return False
    some = y[:: len(y) // _FEWEST, 0].tolist()
    low, high = min(some), max(some)
    return bool(high - low > 0.1 and high - low > 0.2 * max(high, -low))


def _mean_square(array: NDArray[Any]) -> float:
    """Return the mean square of floating numbers; NaN, which compares with nothing, for others."""
    return float(np.vdot(array, array)) / array.size if array.dtype.kind == "f" else math.nan


def _inputs(network: "State", rows: NDArray[Any]) -> str | None:
    scale = abs(network.input_scale)
    highest = scale * max(-float(rows.min()), float(rows.max()))
    if not (30 <= highest <= np.finfo(network.dtype).max or 0 < highest <= 0.1):
        return None
    mean, deviation = _moments(rows, scale)
    size = np.hypot(mean, deviation)
    large = (size >= 100) | ((abs(mean) >= 30) & (abs(mean) >= 10 * deviation))
    if not (large.any() if highest >= 30 else 0 < deviation.max() <= 0.01):
        return None
    after = "" if scale == 1 else " after input_scale"
    remedy = "standardize them, X = (X - X.mean(axis=0)) / X.std(axis=0)"
    if (deviation == 0).any():
        remedy += " (without columns that are constant)"
    if rows.dtype == np.uint8 and scale == 1:
        remedy = "pass input_scale=1/255 to Network, or " + remedy
    if highest < 30:
        return f"X has standard deviations of at most {deviation.max():.4g}{after}, {_SLOWLY}; {remedy}"
    worst = int(np.argmax(np.where(large, size, 0)))
    return (
        f"X has columns with standard deviations from {deviation.min():.4g} to {deviation.max():.4g} and "
        f"means from {mean.min():.4g} to {mean.max():.4g}{after} (column {worst}: mean {mean[worst]:.4g}, "
        f"standard deviation {deviation[worst]:.4g}), {_SLOWLY}; {remedy}"
    )


def _targets(network: "State", y: NDArray[Any]) -> str | None:
    if y.ndim == 1 or network.cost.partition("(")[0] not in _COSTS:
        return None
    low, high = float(y.min()), float(y.max())
    if not max(-low, high) <= np.finfo(network.dtype).max:
        return None
    range_ = _RANGES.get(network.output.partition("(")[0])
    if range_ is not None:
        outside = np.mean((y < 2 * range_[0] - range_[1]) | (y > 2 * range_[1] - range_[0]), axis=0)
        if outside.max() >= 0.5:
            return (
                f"y lies between {low:.4g} and {high:.4g}, the output {network.output!r} between "
                f"{range_[0]:g} and {range_[1]:g}; scale y into that range, or use output='identity'"
            )
    elif max(-low, high) >= 90 or low * high > 0:
        mean, deviation = _moments(y)
        away = abs(mean)
        large = (
            (np.hypot(mean, deviation) >= 150)
            | ((away >= 90) & (away >= 3 * deviation))
            | (away >= 50 * deviation)
        )
        large &= deviation > 1e-9 * away  # a column that is constant is learned by its bias
        if large.any():
            return _standardize(y, mean, deviation, int(np.argmax(np.where(large, away + deviation, -1.0))))
    if high - low <= 0.1 or (y.shape[1] > 1 and (y.max(axis=0) * 1.0 - y.min(axis=0)).max() <= 0.1):
        mean, deviation = _moments(y)
        worst = int(np.argmax(deviation))
        if 1e-9 * abs(mean[worst]) < deviation[worst] <= 0.015:
            return _standardize(y, mean, deviation, worst)
    return None


def _standardize(y: NDArray[Any], mean: NDArray[Any], deviation: NDArray[Any], column: int) -> str:
    where = f"column {column} of y has" if y.shape[1] > 1 else "y has"
    return (
        f"{where} mean {mean[column]:.4g} and standard deviation {deviation[column]:.4g}, {_SLOWLY}; train "
        "on (y - y.mean(axis=0)) / y.std(axis=0), and undo that after predict"
    )


def _moments(array: NDArray[Any], scale: float = 1.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the means of the columns and their standard deviations."""
    numbers = np.asarray(array, np.float64) * scale
    mean = numbers.mean(axis=0)
    return mean, np.sqrt(np.mean((numbers - mean) ** 2, axis=0))
