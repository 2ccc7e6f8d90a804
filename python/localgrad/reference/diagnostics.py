"""Diagnostics of training: how large the quantities of backpropagation are in some mini-batches.

The first mini-batch of each epoch is measured and, if there are many, one of every 32 or more. In vanishing
and exploding gradients, δ of the lower layers is much smaller or larger than that of the output. A unit that
is saturated or dead has φ'(z) near 0, so that (D2) passes nothing on to the layers below.
"""

import math
from collections.abc import Sequence

from .functions import HiddenActivation, VectorActivation
from .matrix import Vector, dot
from .steps import Example, Layer

STEEPEST = {"sigmoid": 0.25, "hard_sigmoid": 1 / 6, "tanh": 1.0, "hard_tanh": 1.0, "softsign": 1.0}
"""Largest φ' of each bounded activation."""

SATURATED = 0.05
"""Share of the largest φ' below which a unit is saturated."""

DEAD = 1e-4
"""Size of φ' below which it is negligible."""

MOST_WEIGHTS = 1024
"""Largest number of weights of a layer that are all compared."""


def is_sampled(index: int, batch_size: int) -> bool:
    """Return whether mini-batch `index` of an epoch is measured; mini-batches of few rows are in groups.

    Examples
    --------
    >>> [index for index in range(200) if is_sampled(index, 64)]
    [0, 64, 128, 192]
    """
    return index % max(32, 4096 // batch_size) < -(-8 // batch_size)


def sampled_rows(batch: int) -> list[int]:
    """Return the rows of a mini-batch that are measured: all, or evenly spaced ones.

    Examples
    --------
    >>> sampled_rows(3), len(sampled_rows(100)), sampled_rows(2000)[:3]
    ([0, 1, 2], 25, [0, 7, 15])
    """
    count = min(batch, max(16, min(batch // 4, 256)))
    return [s * batch // count for s in range(count)]


class Diagnosis:
    """The measurements of one epoch.

    Parameters
    ----------
    sizes : sequence of int
        Widths of the layers.
    activations : sequence of (str, function)
        Name and φ of each layer, without dropout.
    lr_factor : list of Layer
        Factors of the learning rate, in the shapes of the parameters.
    with_noise : bool, default True
        Whether to estimate the gradient noise scale.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> diagnosis = Diagnosis([1, 1], [("identity", activation("identity"))], [Layer([[1.0]], [1.0])])
    >>> e = Example(0.5, [[3.0]], [[1.0], [3.0]], [[2.0]], [Layer([[2.0]], [2.0])])
    >>> diagnosis.add([e], e.gradients, [Layer([[4.0]], [0.0])], [Layer([[5.0]], [0.0])])
    >>> means = diagnosis.means()
    >>> means["delta_rms"], means["z_rms"], means["update_ratio"]
    ([2.0], [3.0], [0.25])
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activations: Sequence[tuple[str, HiddenActivation | VectorActivation]],
        lr_factor: Sequence[Layer],
        with_noise: bool = True,
    ) -> None:
        self._activations = activations
        self._trained = [any(map(any, factors.w)) or any(factors.b) for factors in lr_factor]
        self._lr_factor = lr_factor
        self._with_noise = with_noise
        self._widths = sizes[1:]
        self._delta: list[list[Vector]] = [[] for _ in self._widths]  # of each layer and example
        self._z: list[list[Vector]] = [[] for _ in self._widths]
        self._a: list[list[Vector]] = [[] for _ in self._widths]
        self._slopes: list[list[Vector]] = [[] for _ in self._widths]
        self._ratios: list[Vector] = []  # of each mini-batch and layer
        self._norms: list[Vector] = []
        self._noise: list[tuple[float, float]] = []  # variance and squared norm, of each mini-batch

    def add(
        self,
        examples: Sequence[Example],
        gradients: Sequence[Layer],
        before: Sequence[Layer],
        after: Sequence[Layer],
    ) -> None:
        """Add a mini-batch: its examples, their mean gradients, and the parameters around the update."""
        sampled = [examples[r] for r in sampled_rows(len(examples))]
        for e in sampled:
            for i, (_, phi) in enumerate(self._activations):
                z, a = e.weighted_inputs[i], e.activations[i + 1]
                self._z[i].append(z)
                self._a[i].append(a)
                # One example's derivative with respect to the bias is δ, by (G2).
                self._delta[i].append(e.gradients[i].b)
                if not isinstance(phi, VectorActivation):
                    self._slopes[i].append(phi.derivative(z, phi.value(z)))
        self._norms.append([math.sqrt(self._squares(i, g)) for i, g in enumerate(gradients)])
        self._ratios.append([_ratio(b.w, a.w) for b, a in zip(before, after[: len(before)], strict=True)])
        b = len(examples)
        if b > 1 and self._with_noise:
            # As in `gradient_noise_scale`, but with the norms of some of the examples.
            some = sampled[:: max(1, len(sampled) // 8)]
            mean = sum(self._squares(i, g) for e in some for i, g in enumerate(e.gradients)) / len(some)
            square = sum(self._squares(i, g) for i, g in enumerate(gradients))
            variance = (mean - square) * b / (b - 1)
            self._noise.append((variance, square - variance / b))

    def means(self) -> dict[str, list[float] | float]:
        """Return the diagnostics of the epoch, with one number for each layer."""
        lowest = self._trained.index(True) if any(self._trained) else len(self._widths)
        if len(self._trained) > len(self._widths) and self._trained[-1]:  # the input scales
            lowest = 0
        layers = range(len(self._widths))
        return {
            "delta_rms": [_rms(self._delta[i]) if i >= lowest else math.nan for i in layers],
            "z_rms": [_rms(self._z[i]) for i in layers],
            "a_rms": [_rms(self._a[i]) for i in layers],
            "saturated": [self._saturated(i) for i in layers],
            "dead": [self._dead(i) for i in layers],
            "update_ratio": [sum(row[i] for row in self._ratios) / len(self._ratios) for i in layers],
            "gradient_norm": [sum(row[i] for row in self._norms) / len(self._norms) for i in layers],
            "gradient_noise_scale": self._noise_scale(),
        }

    def _squares(self, i: int, gradient: Layer) -> float:
        """Return the squared norm of the trained part of the gradient of a layer."""
        factors = self._lr_factor[i]
        rows = [*zip(gradient.w, factors.w, strict=True), (gradient.b, factors.b)]
        return sum(g * g for row, of_row in rows for g, f in zip(row, of_row, strict=True) if f > 0)

    def _saturated(self, i: int) -> float:
        limit = SATURATED * STEEPEST.get(self._activations[i][0], 0.0)
        slopes = [abs(slope) for row in self._slopes[i] for slope in row]
        return sum(slope < limit for slope in slopes) / len(slopes) if slopes else 0.0

    def _dead(self, i: int) -> float:
        units = zip(*self._slopes[i], strict=True)
        return sum(all(abs(slope) < DEAD for slope in unit) for unit in units) / self._widths[i]

    def _noise_scale(self) -> float:
        if not self._noise:
            return math.nan
        variance, square = (sum(numbers) for numbers in zip(*self._noise, strict=True))
        if variance <= 0:
            return 0.0
        return variance / square if square > 0 else math.inf


def _rms(rows: Sequence[Vector]) -> float:
    return math.sqrt(sum(dot(row, row) for row in rows) / (len(rows) * len(rows[0])))


def _ratio(before: Sequence[Vector], after: Sequence[Vector]) -> float:
    """Return the root mean square of a change, divided by that of the numbers before it."""
    every = -(-len(before) * len(before[0]) // MOST_WEIGHTS)
    pairs = [
        (u, v)
        for row, new in zip(before, after, strict=True)
        for u, v in zip(row[::every], new[::every], strict=True)
    ]
    change, size = sum((v - u) ** 2 for u, v in pairs), sum(u * u for u, _ in pairs)
    if not change:
        return 0.0
    return math.sqrt(change / size) if size else math.inf
