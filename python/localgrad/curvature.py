"""Results of methods about the curvature of the cost."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Eigenvalue"]


@dataclass(frozen=True, eq=False)
class Eigenvalue:
    """Result of `Network.hessian_eigenvalue`; ``float(result)`` is its `value`.

    Attributes
    ----------
    value : float
        The largest eigenvalue λ.
    vector : ndarray of shape (num_parameters,)
        Its eigenvector u, of norm 1, in the order of `Network.parameters` and of the network's dtype. Its
        sign has no meaning.
    products : int
        Number of products of the matrix and a vector that were computed.
    residual : float
        The norm of H u - λ u. There is an eigenvalue that differs from `value` by no more than this.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([1, 1], init="zeros", dtype="float64", seed=0)
    >>> found = net.hessian_eigenvalue([[2.0]], [0.0])  # the Hessian is [[4, 2], [2, 1]]
    >>> round(found.value, 6), found.products
    (5.0, 2)
    """

    value: float
    vector: NDArray[np.floating[Any]]
    products: int
    residual: float

    def __float__(self) -> float:
        return self.value
