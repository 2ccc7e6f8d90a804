"""Costs of the user's own: whether the gradient that they return is that of their values."""

from __future__ import annotations  # help() then shows ArrayLike by its name

from collections.abc import Callable
from functools import partial
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad import _core
from localgrad._arguments.check import choice, integer, real, shown
from localgrad._arrays.objects import NUMBERS
from localgrad._arrays.rows import as_rows, numeric, shape_of
from localgrad._arrays.tensors import is_tensor
from localgrad._functions import CustomCost
from localgrad._model.model import Model
from localgrad._support.warn import warn
from localgrad.warnings import CostGradientWarning

__all__ = ["check_cost", "gradient_check"]

Rows = NDArray[Any]

_RANGE_REMEDY = "; for outputs between 0 and 1 give output='sigmoid' or a, y"
_FEW = 8  # rows that fit looks at
_STEPS = (1e-6, 1e-4, 1e-2)  # small for accuracy, larger for costs that are computed in float32
# Where outputs of an activation lie.
_RANGES = _core.names()["ranges"]


def check_cost(
    cost: CustomCost,
    a: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    outputs: int = 3,
    output: str = "identity",
    tolerance: float = 1e-3,
    seed: int = 0,
) -> float:
    """Compare the gradient that a cost of your own returns with central differences of its values.

    Parameters
    ----------
    cost : callable
        f(a, y) as for `Network`: it returns the costs of the rows, (n,), and the gradient ∇_a c, (n, m_L).
    a, y : array_like of shape (n, outputs), optional
        Outputs and targets to compare at, in float64. By default 8 rows of each are drawn at random, as
        they suit `output`: targets are rows of 0 and 1 for sigmoid and softmax (as labels arrive), below 0
        and above 1 too for identity. Give both for a cost that expects something else, or neither.
    outputs : int, default 3
        How many outputs the rows that are drawn have.
    output : str, default "identity"
        The activation that the outputs come from: it says where they may lie.
    tolerance : float, default 1e-3
        The largest difference that passes, as a share of the larger of the two derivatives; above 0.
    seed : int, default 0
        Key of the random rows.

    Returns
    -------
    float
        The largest difference found, as such a share (of derivatives near 0, of 10⁻⁴ of the largest).

    Raises
    ------
    ValueError
        If the gradient contradicts the values: the message names the largest difference and where it is, and
        the likely cause if there is one. If what the cost returns has a wrong shape or is not finite, if it
        returns different costs for the same rows, or if the cost of a row depends on the other rows.
    TypeError
        If the cost does not return a tuple of two arrays of numbers.

    Notes
    -----
    At a kink, as of abs(a - y) at 0, whatever lies between the slopes of the two sides passes. The cost is
    called five times, with rows next to the given ones. `fit` makes a coarser comparison of its own, with one
    call, and warns (`localgrad.warnings.CostGradientWarning`).

    Examples
    --------
    >>> import localgrad as lg
    >>> def quartic(a, y):
    ...     e = a - y
    ...     return (e**4).sum(axis=1) / 4, e**3
    >>> lg.check_cost(quartic) < 1e-6
    True
    >>> def forgotten(a, y):  # the 2 of the square
    ...     return ((a - y) ** 2).sum(axis=1), a - y
    >>> lg.check_cost(forgotten)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: the gradient of cost contradicts its values: ... it is 0.5 times ...
    """
    if not callable(cost) or isinstance(cost, type):
        raise TypeError(f"cost must be a function f(a, y), got {shown(cost)}")
    limit = real(tolerance, "tolerance", above=0.0)
    kind = choice(output, "output", _RANGES)
    if (a is None) != (y is None):
        raise ValueError("a and y must be given together, got one without the other")
    if a is None or y is None:
        points, wanted = _random(
            kind, integer(outputs, "outputs", at_least=1), integer(seed, "seed", at_least=0)
        )
    else:
        points, wanted = _given(a, "a"), _given(y, "y")
        if points.shape != wanted.shape:
            raise ValueError(f"y must have the shape {shape_of(points)} of a, got {shape_of(wanted)}")
    by_default = a is None and kind == "identity"
    base, gradient, _ = _answer(cost, points, wanted, remedy=_RANGE_REMEDY if by_default else "")
    _check_rows(cost, points, wanted, base, gradient)
    directions = np.broadcast_to(np.eye(points.shape[1]), (*points.shape, points.shape[1]))
    tries = []
    for step in _STEPS:
        slopes = _slopes(
            cost, points, wanted, directions * _reach(points, wanted, step, _RANGES[kind])[:, :, None]
        )
        if slopes.differ:
            raise ValueError("cost must return the same costs for the same rows, got different ones")
        tries.append(slopes)
    return _judge(tries, points, wanted, limit, by_default)


def gradient_check(model: Model, rows: NDArray[Any], targets: NDArray[Any]) -> Callable[[], None] | None:
    """Warn if the gradient of a network's own cost contradicts its values at a few rows; one call of it.

    What cannot be judged passes: costs that draw random numbers, fail, or are not finite next to the rows. A
    plain function is called at once. One that may keep a state (a closure, a method, an object) must not
    train otherwise for having been called, and so the check is returned, to be made after the training.
    """
    cost = model.custom_cost
    if cost is None:
        return None
    which = np.linspace(0, len(rows) - 1, min(len(rows), _FEW)).astype(np.intp)
    width, dtype = model.sizes[-1], model.dtype
    y, a = as_rows(targets[which], width, dtype), np.empty((len(which), width), dtype)
    try:
        model.native.predict(np.ascontiguousarray(rows[which]), a, 1, "X")
    except ValueError:  # training reads the row next, and tells of it
        return None
    # In float64, so that differences say something.
    range_ = _RANGES[model.output.partition("(")[0]]
    check = partial(_compare, cost, a.astype(np.float64), y.astype(np.float64), range_)
    if not isinstance(cost, FunctionType) or cost.__closure__:
        return check
    check()
    return None


def _compare(cost: CustomCost, a: Rows, y: Rows, range_: tuple[float, float]) -> None:
    # The same signs in every process, with nothing of NumPy's random state.
    signs = np.where(np.arange(a.size).reshape(a.shape) * 2654435761 % 2**32 < 2**31, 1.0, -1.0)
    try:
        found = _slopes(cost, a, y, (signs * _reach(a, y, 1e-3, range_))[:, None, :])
    except Exception:  # so few rows may be none of its kind; what is wrong with others is told in training
        return
    if found.differ:
        return
    low, high = np.minimum(found.before, found.after), np.maximum(found.before, found.after)
    error = np.abs(found.gradient - np.clip(found.gradient, low, high))
    most = np.maximum(np.maximum(abs(low), abs(high)), abs(found.gradient))
    # A tenth for the curvature, and what rounding does: to the costs, even if they are computed in float32;
    # to numbers of size 1 on the way there; to a - y and 1 - a.
    slack = 0.1 * most + 1e-6 * found.size + 8 * found.eps
    near = np.maximum(np.maximum(abs(a), abs(y)), 0.0 if np.isinf(range_).all() else 1.0)
    slack += 8 * found.eps * np.sum(near * abs(found.own), axis=1, keepdims=True)
    bad = error > slack
    # A single row may lie where a cost has been made safe, as by clipping.
    if bad.sum() > np.count_nonzero(most) // 5:
        worst = np.unravel_index(np.argmax(np.where(bad, error, -1.0)), bad.shape)
        slope = (found.before[worst] + found.after[worst]) / 2
        warn(
            "the gradient of cost contradicts its values: where a step changes the cost of an example by "
            f"{slope:.4g}, the gradient says {found.gradient[worst]:.4g}; localgrad.check_cost tells where",
            CostGradientWarning,
        )


class _Slopes(NamedTuple):
    """Changes of the costs (n, q) along directions: before and after each row, and what the gradient says."""

    before: Rows
    after: Rows
    gradient: Rows
    length: Rows  # of the directions
    size: Rows  # of the costs, (n, 1)
    own: Rows  # the gradient itself, (n, m)
    eps: float  # of the type of the costs that were returned
    differ: bool  # whether the same row has had two costs


def _slopes(cost: CustomCost, a: Rows, y: Rows, d: Rows) -> _Slopes:
    """Call the cost once, with the rows a (n, m) twice each, and with a + d and a - d for d (n, q, m)."""
    n, q, m = d.shape
    around = np.concatenate([a[:, None], a[:, None], a[:, None] + d, a[:, None] - d], axis=1)
    flat = np.ascontiguousarray(around.reshape(-1, m))
    with np.errstate(all="ignore"):
        costs, gradient, eps = _answer(cost, flat, np.repeat(y, 2 + 2 * q, axis=0), finite=False)
        costs = costs.reshape(n, -1)
        base = costs[:, :1]
        # The steps that rounding has left.
        up, down = around[:, 2 : 2 + q] - a[:, None], a[:, None] - around[:, 2 + q :]
        g = gradient.reshape(n, -1, m)[:, 0]
        said = np.einsum("nqm,nm->nq", (up + down) / 2, g)
        after, before = costs[:, 2 : 2 + q] - base, base - costs[:, 2 + q :]
    bad = ~(np.isfinite(after) & np.isfinite(before) & np.isfinite(said))
    after, before, said = (np.where(bad, 0.0, part) for part in (after, before, said))
    size = np.where(np.isfinite(base), abs(base), 0.0)
    differ = bool((np.isfinite(base[:, 0]) & (costs[:, 0] != costs[:, 1])).any())
    length = np.linalg.norm((up + down) / 2, axis=-1)
    return _Slopes(before, after, said, length, size, np.where(np.isfinite(g), g, 0.0), eps, differ)


def _reach(a: Rows, y: Rows, step: float, range_: tuple[float, float]) -> Rows:
    """Return how far to step from each output (n, m), inside its range."""
    # Costs change with a - y, but some with a alone, such as an angle.
    size, error = abs(a), abs(a - y)
    far = np.maximum(size, np.sqrt(size * error))
    far = np.where(far > 0, far, np.where(error > 0, error, 1.0))
    far = np.minimum(far, np.minimum(a - range_[0], range_[1] - a))
    return np.asarray(step * far)


def _judge(tries: list[_Slopes], a: Rows, y: Rows, limit: float, by_default: bool) -> float:
    """Return the largest difference as a share, or raise the ValueError that names it."""
    with np.errstate(all="ignore"):
        gradient = [np.nan_to_num(t.gradient / t.length) for t in tries]
        slope = [np.nan_to_num((t.before + t.after) / 2 / t.length) for t in tries]
        floor = 1e-4 * max(float(abs(gradient[0]).max()), float(abs(slope[0]).max()), 1e-300)
        shares = [
            np.maximum(abs(g - s) - 4 * t.eps * t.size / t.length, 0.0)
            / np.maximum(np.maximum(abs(g), abs(s)), floor)
            for g, s, t in zip(gradient, slope, tries, strict=True)
        ]
        sides = np.stack([tries[1].before, tries[1].after]) / tries[1].length
        slack = limit * abs(sides).max(axis=0)
        kink = abs(sides[0] - sides[1]) > 1e-2 * abs(sides).max(axis=0)
        between = (gradient[0] >= sides.min(axis=0) - slack) & (gradient[0] <= sides.max(axis=0) + slack)
    share = np.where(kink & between, 0.0, np.min(shares, axis=0))
    worst = float(share.max())
    if worst <= limit:
        return worst
    g, s = gradient[0], slope[1]
    inside = (a > 0) & (a < 1)
    only_outside = by_default and inside.any() and not (share > limit)[inside].any()
    row, column = (int(k) for k in np.unravel_index(np.argmax(abs(g - s) * (share > limit)), share.shape))
    raise ValueError(
        f"the gradient of cost contradicts its values: at row {row}, output {column} (a = "
        f"{a[row, column]:.4g}, y = {y[row, column]:.4g}) it is {g[row, column]:.6g}, central differences "
        f"give {s[row, column]:.6g}{_RANGE_REMEDY if only_outside else _cause(g, s, len(a))}"
    )


def _cause(g: Rows, s: Rows, n: int) -> str:
    """Say what is likely wrong if the gradient is the same multiple of the differences everywhere."""
    there = abs(s) > 1e-3 * abs(s).max()
    if not there.any():
        return ""
    ratios = g[there] / s[there]
    ratio = float(np.median(ratios))
    if not (ratio and np.allclose(ratios, ratio, rtol=1e-2)):
        return ""
    m = g.shape[1]
    causes = (
        (-1.0, "its sign is wrong"),
        (0.5, "a factor 2, as of the derivative of a square, is missing in it"),
        (2.0, "a factor ½, as of ½ (a - y)², is missing in the costs"),
        (1 / n, "the gradient is divided by the number of rows, the costs are not"),
        (n, "the costs are divided by the number of rows, the gradient is not"),
        (1 / m, "the gradient is divided by the number of outputs, the costs are not"),
        (m, "the costs are means over the outputs, the gradient is that of sums"),
    )
    words = [cause for factor, cause in causes if factor != 1 and abs(ratio / factor - 1) < 1e-2]
    return f"; everywhere it is {ratio:.4g} times these" + (f": {' or '.join(words)}" if words else "")


def _check_rows(cost: CustomCost, a: Rows, y: Rows, base: Rows, gradient: Rows) -> None:
    """Refuse a cost of a row that depends on which other rows come with it."""
    alone, its_gradient, _ = _answer(cost, a[:1], y[:1])
    for name, one, many in (("cost", alone[0], base[0]), ("gradient", its_gradient[0], gradient[0])):
        if not np.allclose(one, many, rtol=1e-5, atol=1e-9):
            again, *_ = _answer(cost, a, y)
            if not np.array_equal(again, base):
                raise ValueError("cost must return the same costs for the same rows, got different ones")
            raise ValueError(
                f"cost must return the {name} of each row by itself (fit takes the mean), got {one} for row "
                f"0 alone and {many} for it among {len(a)} rows; is it divided by the number of rows?"
            )


def _answer(
    cost: CustomCost, a: Rows, y: Rows, *, finite: bool = True, remedy: str = ""
) -> tuple[Rows, Rows, float]:
    """Call the cost with copies of the rows; return costs (n,) and gradient (n, m) as float64, checked.

    And what rounding the type of the costs stands for. `remedy` ends the error for what is not finite.
    """
    with np.errstate(all="ignore"):  # what is not finite is told of below
        answer: Any = cost(a.copy(), y.copy())
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise TypeError(
            f"cost must return a tuple of 2 arrays, the costs and their gradient, got {shown(answer)}"
        )
    result, eps = [], 0.0
    for value, what, shape in ((answer[0], "costs", a.shape[:1]), (answer[1], "a gradient", a.shape)):
        array = _as_the_core_reads(value, f"cost must return {what} of shape {shape_of(np.empty(shape))}")
        if array.shape != shape:
            raise ValueError(f"cost must return {what} of shape {shape}, got {shape_of(array)}")
        if array.dtype.kind == "f":
            eps = max(eps, float(np.finfo(array.dtype).eps))
        array = array.astype(np.float64)
        if finite and not np.isfinite(array).all():
            raise ValueError(f"cost must return finite {what}, got {array[~np.isfinite(array)][0]}{remedy}")
        result.append(array)
    return result[0], result[1], eps


def _as_the_core_reads(value: Any, expected: str) -> Rows:
    """Return what NumPy alone makes of it: in training nothing else is read."""
    try:
        array = np.asarray(value)
    except Exception:
        remedy = "; detach it" if is_tensor(value) else ""
        raise TypeError(f"{expected}, real numbers, got {type(value).__name__}{remedy}") from None
    if array.dtype.kind not in NUMBERS:
        raise TypeError(f"{expected}, real numbers, got an array of dtype {array.dtype}")
    return array


def _given(value: ArrayLike, name: str) -> Rows:
    array = numeric(value, name)
    if array.ndim != 2 or not array.size:
        raise ValueError(f"{name} must have shape (n, outputs), got {shape_of(array)}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")
    return array


def _random(output: str, m: int, seed: int) -> tuple[Rows, Rows]:
    """Return outputs and targets (8, m) of the kind that a network's output gives."""
    draw, n = np.random.default_rng(seed), 8
    if output == "softmax":
        a = draw.dirichlet(np.full(m, 2.0), n) if m > 1 else np.ones((n, 1))
        return np.clip(a, 0.01, None), np.eye(m)[np.arange(n) % m]
    low, high = _RANGES[output]
    if output == "sigmoid":  # labels
        y = (np.arange(n)[:, None] + np.arange(m)) % 2
        return draw.uniform(0.05, 0.95, (n, m)), y.astype(np.float64)
    if np.isfinite([low, high]).all():
        margin = 0.025 * (high - low)
        return draw.uniform(low + margin, high - margin, (n, m)), draw.uniform(low, high, (n, m))
    if np.isfinite(low):
        return draw.gamma(2.0, 1.0, (n, m)) + (low + 0.1), draw.gamma(2.0, 1.0, (n, m)) + low
    return draw.normal(size=(n, m)), draw.normal(size=(n, m))
