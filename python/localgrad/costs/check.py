"""A check of the gradient of a custom cost."""

from __future__ import annotations  # so that help() shows ArrayLike by its name

import numpy as np
from numpy.typing import ArrayLike

from localgrad._arguments.check import choice, integer, real, shown
from localgrad._arrays.rows import numeric, shape_of
from localgrad.costs.custom import CustomCost, Rows, answer
from localgrad.costs.slopes import RANGES, Slopes, agreement, reach, slopes

_OUTPUTS = ("identity", "sigmoid", "softmax", "tanh", "relu")
_RANGE_REMEDY = "; if the outputs must be between 0 and 1, pass output='sigmoid' or a and y"
_STEPS = (1e-6, 1e-4, 1e-2)  # small steps are more accurate, costs computed in float32 need larger ones


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
    """Check the gradient of a custom cost against central differences.

    Parameters
    ----------
    cost : callable
        Function f(a, y) as described in `Network`. It returns the costs of the examples, of shape (n,), and
        the gradient ∇_a c, of shape (n, outputs).
    a, y : array_like of shape (n, outputs), optional
        Outputs and targets at which the gradient is checked, in float64. By default, 8 random rows of each
        in the range of `output`; the targets are 0 or 1 for sigmoid and softmax. Pass both, or
        neither; pass both if the cost expects other values.
    outputs : int, default 3
        Number of outputs of the random rows.
    output : {"identity", "sigmoid", "softmax", "tanh", "relu"}, default "identity"
        Activation function of the outputs. It determines their range.
    tolerance : float, default 1e-3
        Largest relative difference allowed between the two derivatives; above 0.
    seed : int, default 0
        Seed of the random rows.

    Returns
    -------
    float
        The largest relative difference found. It is relative to the larger of the two derivatives, and to at
        least 10⁻⁴ of the largest derivative, so that derivatives near 0 do not dominate.

    Raises
    ------
    ValueError
        If the gradient does not match the values of the cost. The message contains the largest difference,
        its position, and a likely cause if one is found. Also if the costs or the gradient have a wrong shape
        or are not finite, if the cost returns different values for the same rows, or if the cost of a row
        depends on other rows.
    TypeError
        If the cost does not return a tuple of two arrays of numbers.

    Notes
    -----
    At a kink, such as that of abs(a - y) at 0, any gradient between the slopes on both sides is accepted. The
    cost is called five times, with rows close to `a`. `fit` makes a coarser check with one call, and issues a
    `localgrad.warnings.CostGradientWarning` if it fails.

    Examples
    --------
    >>> import localgrad as lg
    >>> def quartic(a, y):
    ...     e = a - y
    ...     return (e**4).sum(axis=1) / 4, e**3
    >>> lg.check_cost(quartic) < 1e-6
    True
    >>> def factor_missing(a, y):  # the gradient should be 2 * (a - y)
    ...     return ((a - y) ** 2).sum(axis=1), a - y
    >>> lg.check_cost(factor_missing)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: the gradient of cost contradicts its values: ... it is 0.5 times ...
    """
    if not callable(cost) or isinstance(cost, type):
        raise TypeError(f"cost must be a function f(a, y), got {shown(cost)}")
    limit = real(tolerance, "tolerance", above=0.0)
    kind = choice(output, "output", _OUTPUTS)
    if (a is None) != (y is None):
        raise ValueError("a and y must be passed together, got only one of them")
    if a is None or y is None:
        points, wanted = _random(
            kind, integer(outputs, "outputs", at_least=1), integer(seed, "seed", at_least=0)
        )
    else:
        points, wanted = _given(a, "a"), _given(y, "y")
        if points.shape != wanted.shape:
            raise ValueError(f"y must have the shape {shape_of(points)} of a, got {shape_of(wanted)}")
    by_default = a is None and kind == "identity"
    base, gradient, _ = answer(cost, points, wanted, remedy=_RANGE_REMEDY if by_default else "")
    _check_rows(cost, points, wanted, base, gradient)
    directions = np.broadcast_to(np.eye(points.shape[1]), (*points.shape, points.shape[1]))
    tries = []
    for step in _STEPS:
        found = slopes(
            cost, points, wanted, directions * reach(points, wanted, step, RANGES.get(kind))[:, :, None]
        )
        if found.differ:
            raise ValueError("cost must return the same costs for the same rows, got different ones")
        tries.append(found)
    return _judge(tries, points, wanted, limit, by_default)


def _judge(tries: list[Slopes], a: Rows, y: Rows, limit: float, by_default: bool) -> float:
    """Return the largest relative difference; raise ValueError if it exceeds the limit."""
    # Derivatives close to 0 differ mostly by rounding, so their relative difference would be large.
    g, s, share, _ = agreement(tries, limit, least=1e-4)
    worst = float(share.max())
    if worst <= limit:
        return worst
    inside = (a > 0) & (a < 1)
    only_outside = by_default and inside.any() and not (share > limit)[inside].any()
    row, column = (int(k) for k in np.unravel_index(np.argmax(abs(g - s) * (share > limit)), share.shape))
    raise ValueError(
        f"the gradient of cost contradicts its values: at row {row}, output {column} (a = "
        f"{a[row, column]:.4g}, y = {y[row, column]:.4g}) it is {g[row, column]:.6g}, central differences "
        f"give {s[row, column]:.6g}{_RANGE_REMEDY if only_outside else _cause(g, s, len(a))}"
    )


def _cause(g: Rows, s: Rows, n: int) -> str:
    """Return the likely cause as text if the gradient is everywhere the same multiple of the differences."""
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
        (0.5, "it lacks a factor 2, as in the derivative of a square"),
        (2.0, "the costs lack a factor ½, as in ½ (a - y)²"),
        (1 / n, "the gradient is divided by the number of rows, but the costs are not"),
        (n, "the costs are divided by the number of rows, but the gradient is not"),
        (1 / m, "the gradient is divided by the number of outputs, but the costs are not"),
        (m, "the costs are means over the outputs, but the gradient is that of their sums"),
    )
    words = [cause for factor, cause in causes if factor != 1 and abs(ratio / factor - 1) < 1e-2]
    return f"; it is {ratio:.4g} times the differences everywhere" + (
        f": {' or '.join(words)}" if words else ""
    )


def _check_rows(cost: CustomCost, a: Rows, y: Rows, base: Rows, gradient: Rows) -> None:
    """Raise ValueError if the cost of a row depends on the other rows."""
    alone, its_gradient, _ = answer(cost, a[:1], y[:1])
    for name, one, many in (("cost", alone[0], base[0]), ("gradient", its_gradient[0], gradient[0])):
        if not np.allclose(one, many, rtol=1e-5, atol=1e-9):
            # The difference may also come from a cost that is not deterministic; call it again to find out.
            again, *_ = answer(cost, a, y)
            if not np.array_equal(again, base):
                raise ValueError("cost must return the same costs for the same rows, got different ones")
            raise ValueError(
                f"cost must return the {name} of each row independently of other rows (fit takes the mean), "
                f"got {one} for row 0 alone and {many} for row 0 of {len(a)}; is it divided by the number of "
                "rows?"
            )


def _given(value: ArrayLike, name: str) -> Rows:
    array = numeric(value, name)
    if array.ndim != 2 or not array.size:
        raise ValueError(f"{name} must have shape (n, outputs), got {shape_of(array)}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")
    return array


def _random(output: str, m: int, seed: int) -> tuple[Rows, Rows]:
    """Return random outputs and targets (8, m) in the range of an output activation."""
    draw, n = np.random.default_rng(seed), 8
    if output == "softmax":
        a = draw.dirichlet(np.full(m, 2.0), n) if m > 1 else np.ones((n, 1))
        return np.clip(a, 0.01, None), np.eye(m)[np.arange(n) % m]
    if output == "sigmoid":
        y = (np.arange(n)[:, None] + np.arange(m)) % 2
        return draw.uniform(0.05, 0.95, (n, m)), y.astype(np.float64)
    if output == "tanh":
        return draw.uniform(-0.95, 0.95, (n, m)), draw.uniform(-1, 1, (n, m))
    if output == "relu":
        return draw.gamma(2.0, 1.0, (n, m)) + 0.1, draw.gamma(2.0, 1.0, (n, m))
    return draw.normal(size=(n, m)), draw.normal(size=(n, m))
