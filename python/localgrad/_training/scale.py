"""The check of the scale of the training data.

The limits, which `localgrad.warnings.ScaleWarning` lists, were measured: beyond them, training with SGD and
Adam fails, or is much worse than on standardized data.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

import localgrad._core as _core
from localgrad._model.model import Model
from localgrad._support.warn import warn
from localgrad.costs.slopes import RANGES
from localgrad.warnings import ScaleWarning

_FEWEST = 10  # fewest rows for a meaningful mean and standard deviation
_MANY = 100  # fewest rows for a meaningful correlation
# Costs that accept targets of any size.
_COSTS = [name for name, limits in _core.names()["targets"].items() if limits == (-math.inf, math.inf)]
_SLOWLY = "from which networks learn slowly or not at all"

_Numbers = NDArray[np.float64]


def check_scale(model: Model, rows: NDArray[Any], targets: NDArray[Any], *, size_alone: bool = False) -> bool:
    """Warn of inputs (n, m_1) and targets (n, width) that are too large, too small or too far from 0.

    With few rows, or if `size_alone`, only the size is checked, because a few successive rows may be close
    together although the data is not. What the network standardizes is not checked. Return whether the result
    is final, so that no more rows need checking.
    """
    enough = len(rows) >= _FEWEST
    size_alone = size_alone or not enough
    own_inputs, own_targets = model.options["standardize"], model.standardizes_targets
    usual = own_inputs or _usual_inputs(model, rows, size_alone)
    if usual and (own_targets or _usual_targets(model, targets, size_alone)):
        return enough
    with np.errstate(all="ignore"):  # the core rejects what is not finite
        least = 0.0 if enough else 1e3  # with few rows, warn only of numbers that are far too large
        found = [
            None if own_inputs else _inputs(model, rows, targets, least, size_alone),
            None if own_targets else _targets(model, targets, least, size_alone),
        ]
    texts = [text for text in found if text]
    if texts:
        warn("; ".join(texts), ScaleWarning)
    return enough or bool(texts)


# Quick tests come first. They suffice for most data and take a few microseconds; the full check would slow
# down fits of a hundred rows.


def _usual_inputs(model: Model, rows: NDArray[Any], size_alone: bool) -> bool:
    """Return True if no column can have a mean of 30, and none is small or nearly constant."""
    square = model.options["input_scale"] ** 2 * _mean_square(rows)
    if size_alone:
        return bool(square < 100**2 / rows.shape[1])
    return bool(0.01 < square < 900 / rows.shape[1]) and _vary(rows)


def _usual_targets(model: Model, y: NDArray[Any], size_alone: bool) -> bool:
    """Return True if targets are labels, or neither large nor small nor nearly constant."""
    if y.ndim == 1:
        return True
    if model.output in RANGES or not _mean_square(y) < 90**2 / y.shape[1]:
        return False
    return size_alone or _vary(y)


def _vary(array: NDArray[Any]) -> bool:
    """Return True if all columns vary in a few of the rows, by similar amounts and around 0."""
    some = array[:: max(1, len(array) // _FEWEST)]
    if array.shape[1] <= 16:  # for which lists are faster than arrays
        columns = some.T.tolist()
        low, high = [min(one) for one in columns], [max(one) for one in columns]
        varies = [b - a for a, b in zip(low, high, strict=True)]
        near = all(v > 0.2 * b and v > -0.2 * a for a, b, v in zip(low, high, varies, strict=True))
        return near and min(varies) > max(0.1, 0.01 * max(varies))
    lows, highs = some.min(axis=0), some.max(axis=0)
    range_ = highs - lows
    if not range_.min() > max(0.1, 0.01 * float(range_.max())):
        return False
    return bool((range_ > 0.2 * np.maximum(highs, -lows)).all())


def _mean_square(array: NDArray[Any]) -> float:
    """Return the mean square of floating-point numbers; NaN, which fails every comparison, for others."""
    if array.dtype.kind != "f":
        return math.nan
    # Not np.vdot: the threads of its BLAS would take processors from training for some milliseconds.
    return float(np.einsum("ij,ij->", array, array)) / array.size


def _inputs(
    model: Model, rows: NDArray[Any], targets: NDArray[Any], least: float, size_alone: bool
) -> str | None:
    scale = abs(model.options["input_scale"])
    highest = scale * max(-float(rows.min()), float(rows.max()))
    if not 0 < highest <= np.finfo(model.dtype).max or (size_alone and highest < 100):
        return None
    mean, deviation = _moments(rows, scale)
    away, size = abs(mean), np.hypot(mean, deviation)
    bad = size >= max(100.0, least)
    small = False
    if not size_alone:
        varies = deviation > 1e-9 * away
        bad |= (away >= 30) & (away >= 10 * deviation)
        bad |= (away >= 10) & (away >= 20 * deviation) & varies
        close = ((away >= 2) & (away >= 20 * deviation)) | (away >= 50 * deviation)
        if varies.any() and close[varies].all():
            bad |= varies
        bad |= _lost(rows, targets, mean / scale, deviation / scale)
        small = highest <= 0.1 and 0 < deviation.max() <= 0.01
    if not (bad.any() or small):
        return None
    after = "" if scale == 1 else " after input_scale"
    remedy = "standardize them, X = (X - X.mean(axis=0)) / X.std(axis=0)"
    if (deviation == 0).any():
        remedy += " (without constant columns)"
    if model.cost != "poisson":
        remedy += ", or pass standardize=True to Network"
    if rows.dtype == np.uint8 and scale == 1:
        remedy = "pass input_scale=1/255 to Network, or " + remedy
    if small:
        return f"X has standard deviations of at most {deviation.max():.4g}{after}, {_SLOWLY}; {remedy}"
    worst = int(np.argmax(np.where(bad, size, -1)))
    return (
        f"X has columns with standard deviations from {deviation.min():.4g} to {deviation.max():.4g} and "
        f"means from {mean.min():.4g} to {mean.max():.4g}{after} (column {worst}: mean {mean[worst]:.4g}, "
        f"standard deviation {deviation[worst]:.4g}), {_SLOWLY}; {remedy}"
    )


def _lost(rows: NDArray[Any], y: NDArray[Any], mean: _Numbers, deviation: _Numbers) -> NDArray[np.bool_]:
    """Return which columns are much smaller than others although the targets depend on them."""
    lost = np.zeros(len(deviation), bool)
    small = np.flatnonzero((deviation > 0) & (deviation <= 0.003 * deviation.max()))
    # The targets of an autoencoder are its inputs, so that each column is related to itself.
    if len(small) and len(rows) >= _MANY and y.shape != rows.shape:
        y = y.reshape(len(y), -1)
        center, spread = _moments(y)
        x = (rows[:, small] - mean[small]) / deviation[small]
        related = x.T @ ((y - center) / np.where(spread > 0, spread, 1))
        lost[small] = (abs(related) >= 0.4 * len(rows)).any(axis=1) & _spread_out(x)
    return lost


def _spread_out(x: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which columns are not just a constant with a few outliers, whose deviation means little."""
    quarter = len(x) // 4
    ordered = np.sort(x, axis=0)
    return np.asarray(ordered[quarter] < ordered[-1 - quarter])


def _targets(model: Model, y: NDArray[Any], least: float, size_alone: bool) -> str | None:
    cost = model.cost.partition("(")[0]
    own = cost == "custom" and model.output == "identity"
    if y.ndim == 1 or not (cost in _COSTS or cost == "poisson" or own):
        return None
    low, high = float(y.min()), float(y.max())
    if not max(-low, high) <= np.finfo(model.dtype).max:
        return None
    if cost == "poisson" or own:
        # The scale of a custom cost is unknown: warn only of targets that are too large for any cost.
        mean, deviation = _moments(y)
        size = np.hypot(mean, deviation)
        if size.max() < 1e3:
            return None
        return _standardize(y, mean, deviation, int(np.argmax(size)), counts=cost == "poisson")
    range_ = RANGES.get(model.output.partition("(")[0])
    if range_ is not None and (text := _out_of_reach(model, y, range_, least, size_alone)):
        return text
    if range_ is not None and range_[1] < math.inf:
        return None if size_alone else _small(y, low, high, bounded=True)
    if max(-low, high) >= 90 or (low * high > 0 and not size_alone):
        mean, deviation = _moments(y)
        away, size = abs(mean), np.hypot(mean, deviation)
        bad = size >= max(150.0, least)
        if not size_alone:
            # A constant column that is not large is learned by the bias.
            bad |= ((away >= 90) & (away >= 3 * deviation) | (away >= 50 * deviation)) & (
                deviation > 1e-9 * away
            )
        if bad.any():
            return _standardize(y, mean, deviation, int(np.argmax(np.where(bad, size, -1.0))))
    return None if size_alone else _small(y, low, high)


def _out_of_reach(
    model: Model, y: NDArray[Any], range_: tuple[float, float], least: float, size_alone: bool
) -> str | None:
    """Return a warning if targets are out of the range of the output, for any parameters."""
    bounded = range_[1] < math.inf
    if least > 0 or (size_alone and not bounded):
        return None
    # A part of a series may lie a little outside.
    margin = (1.0 if size_alone else 0.1) * (range_[1] - range_[0]) if bounded else 0.0
    outside = np.mean((y < range_[0] - margin) | (y > range_[1] + margin), axis=0)
    if outside.max() < (0.4 if bounded else 0.9):
        return None
    limits = f"between {range_[0]:g} and {range_[1]:g}" if bounded else "above 0"
    remedy = "scale y into that range" if bounded else "make y positive"
    return (
        f"y lies between {float(y.min()):.4g} and {float(y.max()):.4g}, the output {model.output!r} "
        f"{limits}; {remedy}, or use output='identity'"
    )


def _small(y: NDArray[Any], low: float, high: float, *, bounded: bool = False) -> str | None:
    """Return a warning if all targets are small, or one column is much smaller than another."""
    if high - low > 0.1 and y.shape[1] == 1:
        return None
    mean, deviation = _moments(y)
    varies = deviation > 1e-9 * abs(mean)
    worst = int(np.argmax(deviation))
    if varies[worst] and deviation[worst] <= 0.015 and np.ptp(y * 1.0, axis=0).max() <= 0.1:
        return _standardize(y, mean, deviation, worst)
    beside = varies & (deviation <= 0.003 * deviation.max()) & (deviation >= 1e-6 * deviation.max())
    if not bounded and beside.any() and (beside := beside & _spread_out(y)).any():
        return _standardize(y, mean, deviation, int(np.argmax(beside)))
    return None


def _standardize(
    y: NDArray[Any], mean: _Numbers, deviation: _Numbers, column: int, *, counts: bool = False
) -> str:
    where = f"column {column} of y has" if y.shape[1] > 1 else "y has"
    if counts:
        remedy = "y / y.mean(axis=0)"
    elif deviation[column] > 1e-9 * abs(mean[column]):
        remedy = "(y - y.mean(axis=0)) / y.std(axis=0)"
    else:
        remedy = "y - y.mean(axis=0)"
    return (
        f"{where} mean {mean[column]:.4g} and standard deviation {deviation[column]:.4g}, {_SLOWLY}; train "
        f"on {remedy}, and undo that after predict"
    )


def _moments(array: NDArray[Any], scale: float = 1.0) -> tuple[_Numbers, _Numbers]:
    """Return the means and the standard deviations of the columns."""
    numbers = np.asarray(array, np.float64) * scale
    mean = numbers.mean(axis=0)
    return mean, np.sqrt(np.mean((numbers - mean) ** 2, axis=0))
