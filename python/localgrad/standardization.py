"""The means and standard deviations by which a network standardizes its data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Standardization"]


@dataclass(frozen=True, eq=False)
class Standardization:
    """Means and standard deviations of the inputs and targets of a network, float64 and read-only.

    The network computes with (x - mean) / std. A constant column has std 1.

    Attributes
    ----------
    input_mean, input_std : ndarray of shape (sizes[0],)
        Of the inputs, after multiplication by `input_scale`.
    target_mean, target_std : ndarray of shape (targets,) or None
        Of the targets; None if the network does not standardize them, because it is a classifier or its
        output is not ``"identity"``.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([1, 1], standardize=True, seed=0)
    >>> history = net.fit([[1.0], [3.0]], [10.0, 30.0], epochs=1)
    >>> net.standardization.input_mean, net.standardization.target_std
    (array([2.]), array([10.]))
    """

    input_mean: NDArray[np.float64]
    input_std: NDArray[np.float64]
    target_mean: NDArray[np.float64] | None
    target_std: NDArray[np.float64] | None

    @classmethod
    def _of(cls, arrays: Sequence[NDArray[np.float64]] | None) -> Self | None:
        """Return the object for the arrays of the core, where arrays without elements mean none."""
        if arrays is None:
            return None
        for array in arrays:
            array.flags.writeable = False
        return cls(*(array if array.size else None for array in arrays))  # type: ignore[arg-type]
