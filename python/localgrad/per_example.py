"""What the gradients of single examples say, computed without those gradients."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["GradientNoise", "GradientNorms"]


@dataclass(frozen=True, eq=False)
class GradientNorms:
    """Result of `Network.gradient_norms`: norms of the gradient of each example's own cost, float64.

    Attributes
    ----------
    layers : ndarray of shape (n, len(sizes) - 1)
        Norms by layer: ``layers[r, i]`` belongs to ``weights[i]`` and ``biases[i]`` together. With
        `learn_input_scale` there is one more column, the last, for `Network.input_scales`.
    total : ndarray of shape (n,)
        Norms of the whole gradients, the root of the sum of the squares of a row of `layers`.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([2, 1], init=([[[1, -1]]], [[0]]), dtype="float64")
    >>> norms = net.gradient_norms([[2.0, 2.0], [2.0, 1.0]], [5.0, 1.0])
    >>> norms.total
    array([15.,  0.])
    """

    layers: NDArray[np.float64]
    total: NDArray[np.float64]


@dataclass(frozen=True)
class GradientNoise:
    """Result of `Network.gradient_noise_scale`; ``float(noise)`` is its `scale`.

    Attributes
    ----------
    scale : float
        The simple noise scale, `variance` / `squared_norm`. Infinite if `squared_norm` is not above 0: there
        are too few examples to tell the expected gradient from 0. 0 if all gradients are equal.
    variance : float
        Unbiased estimate of tr Σ, the sum of the variances of all components of an example's gradient.
    squared_norm : float
        Unbiased estimate of the squared norm of the expected gradient. It can be negative.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([1, 1], init="zeros", dtype="float64")
    >>> noise = net.gradient_noise_scale([[0.0], [0.0]], [1.0, 3.0])  # gradients (0, -1) and (0, -3)
    >>> noise.variance, noise.squared_norm
    (2.0, 3.0)
    """

    scale: float
    variance: float
    squared_norm: float

    def __float__(self) -> float:
        return self.scale
