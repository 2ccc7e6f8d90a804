"""Regression metrics. Each is a mean over the examples and outputs."""

from __future__ import annotations  # so that help() shows types by their names

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arguments.check import real
from localgrad._arrays.rows import numeric
from localgrad._arrays.weights import Weights
from localgrad.metrics.inputs import as_outputs, as_targets, as_weights
from localgrad.metrics.registry import metric

_Columns: TypeAlias = NDArray[np.float64]
_Term: TypeAlias = Callable[[_Columns, _Columns], _Columns]

_BLOCK = 2**16  # numbers converted to float64 at a time, few enough to stay in the cache
_USUAL = (1e-140, 1e140)  # squares of numbers in this range, and sums of many, neither overflow nor underflow


@metric(higher_is_better=False)
def mse(y: ArrayLike, a: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    """Return the mean squared error, the mean of (y - a)² over examples and outputs.

    The cost ``"mse"`` is different: it is half the sum over the outputs.

    Parameters
    ----------
    y : array_like of shape (n, m_L), or (n,) for a single output
        Targets.
    a : array_like of shape (n, m_L) or (n,)
        Outputs.
    sample_weight : array_like of shape (n,), optional
        Sample weights. By default, all examples have weight 1.

    Returns
    -------
    float
        Error, at least 0.

    Raises
    ------
    TypeError, ValueError
        If an array does not contain real numbers or shapes do not match.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.mse([[1, 2], [3, 4]], [[1, 3], [3, 6]])
    1.25
    """
    return float(_Means(y, a, sample_weight).of(_square, degree=2).mean())


@metric(higher_is_better=False)
def rmse(y: ArrayLike, a: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    """Return the root mean squared error, averaged over the outputs.

    Parameters
    ----------
    y, a, sample_weight
        As in `mse`.

    Returns
    -------
    float
        Error, at least 0.

    Raises
    ------
    TypeError, ValueError
        As in `mse`.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.rmse([1, 2, 3, 4], [1, 2, 3, 6])
    1.0
    """
    means = _Means(y, a, sample_weight)
    # The root is taken in units, because the mean of squares itself may overflow.
    return float(np.sqrt(means.of(_square, degree=0)).mean() * means.unit)


@metric(higher_is_better=False)
def mae(y: ArrayLike, a: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    """Return the mean absolute error, the mean of abs(y - a) over examples and outputs.

    Parameters
    ----------
    y, a, sample_weight
        As in `mse`.

    Returns
    -------
    float
        Error, at least 0.

    Raises
    ------
    TypeError, ValueError
        As in `mse`.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.mae([1, 2], [1, 5], sample_weight=[2, 1])
    1.0
    """
    return float(_Means(y, a, sample_weight).of(lambda y, a: np.abs(y - a)).mean())


@metric(higher_is_better=True)
def r2(y: ArrayLike, a: ArrayLike, *, sample_weight: ArrayLike | None = None) -> float:
    """Return R², the coefficient of determination 1 - Σ (y - a)² / Σ (y - ȳ)².

    Parameters
    ----------
    y, a, sample_weight
        As in `mse`.

    Returns
    -------
    float
        R², at most 1, averaged over the outputs. NaN for a single example. If a column of `y` is constant,
        its R² is 1 if the output equals that constant, otherwise 0.

    Raises
    ------
    TypeError, ValueError
        As in `mse`.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.r2([1, 2, 3], [1, 2, 2])
    0.5
    """
    means = _Means(y, a, sample_weight)
    if len(means.a) < 2:
        return math.nan
    first = means.y[0].astype(np.float64) / means.unit  # subtracted: a constant y has variance 0 exactly
    center = means.of(lambda y, a: y - first, degree=0)
    missed = means.of(_square, degree=0)
    variance = means.of(lambda y, a: (y - first - center) ** 2, degree=0)
    with np.errstate(all="ignore"):
        share = np.where(variance == 0, missed > 0, missed / variance)
    return float(1.0 - share.mean())


@metric(higher_is_better=False)
def pinball(y: ArrayLike, a: ArrayLike, q: float = 0.5, *, sample_weight: ArrayLike | None = None) -> float:
    """Return the pinball loss, the mean of max(q (y - a), (q - 1)(y - a)) over examples and outputs.

    Its expected value is minimal if a is the q-quantile of y.

    Parameters
    ----------
    y, a, sample_weight
        As in `mse`.
    q : float, default 0.5
        The quantile that the outputs predict, in (0, 1).

    Returns
    -------
    float
        Pinball loss, at least 0.

    Raises
    ------
    TypeError, ValueError
        As in `mse`, or if `q` is out of range.

    References
    ----------
    Koenker & Bassett, "Regression Quantiles", 1978.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.metrics.pinball([1, 3], [2, 2]), lg.metrics.pinball([1, 3], [2, 2], 0.75)
    (0.5, 0.5)
    """
    high = real(q, "q", above=0.0, below=1.0)
    return float(
        _Means(y, a, sample_weight).of(lambda y, a: np.maximum(high * (y - a), (high - 1) * (y - a))).mean()
    )


def _square(y: _Columns, a: _Columns) -> _Columns:
    return np.asarray((y - a) ** 2)


class _Means:
    """Means over the examples, one per output, in double precision.

    Numbers are divided by `unit`, which is usually 1. If squares or sums would overflow or underflow, it is a
    power of 2 close to the largest number.
    """

    def __init__(self, y: ArrayLike, a: ArrayLike, sample_weight: ArrayLike | None) -> None:
        self.a = as_outputs(a)
        self.y = as_targets(numeric(y, "y"), self.a)
        self._weights: Weights | None = as_weights(sample_weight, len(self.a))
        largest = max(max(float(x.max()), -float(x.min())) for x in (self.y, self.a))
        common = largest == 0 or _USUAL[0] < largest < _USUAL[1] or not math.isfinite(largest)
        self.unit = 1.0 if common else math.ldexp(1.0, max(math.frexp(largest)[1] - 1, -1022))

    def of(self, term: _Term, degree: int = 1) -> _Columns:
        """Return the mean of term(y, a), which is homogeneous of this degree.

        With degree 0, the result is not multiplied by powers of `unit`.
        """
        n, width = self.a.shape
        total = np.zeros(width)
        rows = max(1, _BLOCK // width)
        with np.errstate(all="ignore"):
            for first in range(0, n, rows):
                part = slice(first, first + rows)
                y, a = (x[part].astype(np.float64) for x in (self.y, self.a))
                if self.unit != 1.0:
                    y, a = y / self.unit, a / self.unit
                terms = term(y, a)
                total += terms.sum(axis=0) if self._weights is None else self._weights[part] @ terms
            mean = total / (n if self._weights is None else self._weights.sum())
            for _ in range(degree):  # unit**degree could overflow even if the product does not
                mean = mean * self.unit
        return np.asarray(mean)
