"""Standardization of data: means, standard deviations, and outputs in the units of the targets."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .functions import UnitActivation
from .matrix import Vector

# Regression costs with a meaning for shifted targets.
SHIFTED = ("mse", "mae", "huber", "log_cosh", "quantile", "gaussian_nll", "custom")


@dataclass(frozen=True)
class Standardization:
    """Means and standard deviations of the inputs and targets; those of targets are None for classifiers.

    Examples
    --------
    >>> learned = learn([[1.0], [3.0]], [[5.0], [5.0]], [1.0, 1.0])
    >>> learned.input_mean, learned.input_std, learned.target_mean, learned.target_std
    ([2.0], [1.0], [5.0], [1.0])
    """

    input_mean: Vector
    input_std: Vector
    target_mean: Vector | None
    target_std: Vector | None

    def inputs(self, rows: Sequence[Vector]) -> list[Vector]:
        """Return standardized inputs: (x - mean) / std."""
        return [_standard(row, self.input_mean, self.input_std) for row in rows]

    def targets(self, rows: Sequence[Vector]) -> list[Vector]:
        """Return standardized targets; unchanged targets for classifiers."""
        if self.target_mean is None or self.target_std is None:
            return list(rows)
        return [_standard(row, self.target_mean, self.target_std) for row in rows]

    def output(self, cost: str, heads: int) -> "Affine | None":
        """Return φ of an identity output layer in the units of the targets; None for classifiers.

        Means, medians and quantiles of y are std a + mean. The logarithm of a variance, which is a square of
        std times larger, is s + 2 log std.
        """
        if self.target_mean is None or self.target_std is None:
            return None
        factors, shifts = self.target_std * heads, self.target_mean * heads
        if cost == "gaussian_nll":
            factors = self.target_std + [1.0] * len(self.target_std)
            shifts = self.target_mean + [2 * math.log(std) for std in self.target_std]
        return Affine(factors, shifts)


class Affine(UnitActivation):
    """The output activation a_j = factor_j z_j + shift_j.

    Examples
    --------
    >>> phi = Affine([2.0], [10.0])
    >>> phi.value([3.0]), phi.derivative([3.0], [16.0])
    ([16.0], [2.0])
    """

    def __init__(self, factors: Vector, shifts: Vector) -> None:
        super().__init__(lambda z: z, lambda z, a: 1.0)
        object.__setattr__(self, "_factors", factors)
        object.__setattr__(self, "_shifts", shifts)

    _factors: Vector
    _shifts: Vector

    def value(self, z: Vector) -> Vector:
        """Return a."""
        return [f * z_j + s for f, z_j, s in zip(self._factors, z, self._shifts, strict=True)]

    def derivative(self, z: Vector, a: Vector) -> Vector:
        """Return the factors."""
        return list(self._factors)


def learn(rows: Sequence[Vector], targets: Sequence[Vector] | None, weights: Vector) -> Standardization:
    """Return the means and standard deviations of inputs and, unless None, targets.

    Parameters
    ----------
    rows, targets : sequence of vectors
        Inputs and targets of the examples.
    weights : vector
        Weight of each example, at least 0 and not all 0; an example of weight 2 counts as two examples.

    Returns
    -------
    Standardization
        Means and standard deviations of the columns.

    Examples
    --------
    >>> learn([[1.0], [3.0]], None, [3.0, 1.0]).input_mean
    [1.5]
    """
    inputs = [moments(column, weights) for column in zip(*rows, strict=True)]
    of_targets = (
        None if targets is None else [moments(column, weights) for column in zip(*targets, strict=True)]
    )
    return Standardization(
        [mean for mean, _ in inputs],
        [std for _, std in inputs],
        None if of_targets is None else [mean for mean, _ in of_targets],
        None if of_targets is None else [std for _, std in of_targets],
    )


def moments(column: Sequence[float], weights: Vector) -> tuple[float, float]:
    """Return the weighted mean and standard deviation of a column.

    A standard deviation below 1 that may be due to rounding is replaced by 1.

    Examples
    --------
    >>> moments([2.0, 4.0], [1.0, 1.0]), moments([7.0, 7.0], [1.0, 1.0])
    ((3.0, 1.0), (7.0, 1.0))
    """
    # Differences from one of the numbers are exact where all are close together.
    origin = next(x for x, w in zip(column, weights, strict=True) if w > 0)
    apart = [x - origin for x in column]
    weight = math.fsum(weights)
    mean = math.fsum(w * d for w, d in zip(weights, apart, strict=True)) / weight
    variance = math.fsum(w * (d - mean) ** 2 for w, d in zip(weights, apart, strict=True)) / weight
    mean, std = origin + mean, math.sqrt(variance)
    constant = std <= 2 * math.ulp(1.0) * abs(mean) or std < 0.5**1022
    return mean, max(std, 1.0) if constant else std


def _standard(row: Vector, mean: Vector, std: Vector) -> Vector:
    return [(x - m) / s for x, m, s in zip(row, mean, std, strict=True)]
