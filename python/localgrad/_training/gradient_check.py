"""A quick check of the gradient of a custom cost against its values."""

from collections.abc import Callable
from functools import partial
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._arrays.rows import as_rows
from localgrad._model.model import Model
from localgrad._support.warn import warn
from localgrad.costs import CustomCost
from localgrad.costs.custom import Rows
from localgrad.costs.slopes import RANGES, reach, slopes
from localgrad.warnings import CostGradientWarning

_FEW = 8  # rows


def gradient_check(model: Model, rows: NDArray[Any], targets: NDArray[Any]) -> Callable[[], None] | None:
    """Warn if the gradient of a custom cost contradicts its values at a few rows; one call of the cost.

    Costs that cannot be checked are accepted: those that draw random numbers, fail, or are not finite near
    the rows. A plain function is called at once. For any other callable (a closure, a method, an object) the
    check is returned, to be run after training, because the callable may keep a state and an extra call must
    not change the result.
    """
    cost = model.custom_cost
    if cost is None:
        return None
    which = np.linspace(0, len(rows) - 1, min(len(rows), _FEW)).astype(np.intp)
    width, dtype = model.sizes[-1], model.dtype
    y, a = as_rows(targets[which], width, dtype), np.empty((len(which), width), dtype)
    try:
        model.native.predict(np.ascontiguousarray(rows[which]), a, 1, "X")
    except ValueError:  # training will read the row, and report it
        return None
    # In float64: differences of float32 costs would be mostly rounding errors.
    range_ = RANGES.get(model.output.partition("(")[0])
    check = partial(_compare, cost, a.astype(np.float64), y.astype(np.float64), range_)
    if not isinstance(cost, FunctionType) or cost.__closure__:
        return check
    check()
    return None


def _compare(cost: CustomCost, a: Rows, y: Rows, range_: tuple[float, float] | None) -> None:
    # Fixed pseudo-random signs, because NumPy's random state must not change.
    signs = np.where(np.arange(a.size).reshape(a.shape) * 2654435761 % 2**32 < 2**31, 1.0, -1.0)
    try:
        found = slopes(cost, a, y, (signs * reach(a, y, 1e-3, range_))[:, None, :])
    except Exception:  # the cost may not support so few rows; training reports other errors
        return
    if found.differ:
        return
    low, high = np.minimum(found.before, found.after), np.maximum(found.before, found.after)
    error = np.abs(found.gradient - np.clip(found.gradient, low, high))
    most = np.maximum(np.maximum(abs(low), abs(high)), abs(found.gradient))
    # The tolerance is a tenth, for the curvature, plus rounding errors of the costs (possibly computed in
    # float32), of intermediate numbers of size 1, and of a - y and 1 - a.
    slack = 0.1 * most + 1e-6 * found.size + 8 * found.eps
    near = np.maximum(np.maximum(abs(a), abs(y)), 0.0 if range_ is None else 1.0)
    slack += 8 * found.eps * np.sum(near * abs(found.own), axis=1, keepdims=True)
    bad = error > slack
    # A few rows may lie where the cost is clipped for safety, so up to a fifth may contradict.
    if bad.sum() > np.count_nonzero(most) // 5:
        worst = np.unravel_index(np.argmax(np.where(bad, error, -1.0)), bad.shape)
        slope = (found.before[worst] + found.after[worst]) / 2
        warn(
            "the gradient of cost contradicts its values: a small step changes the cost of an example by "
            f"{slope:.4g}, but by {found.gradient[worst]:.4g} according to the gradient; "
            "localgrad.check_cost shows where",
            CostGradientWarning,
        )
