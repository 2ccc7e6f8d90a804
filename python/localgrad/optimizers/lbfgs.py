"""L-BFGS, a quasi-Newton method for full batches."""

from typing import Any

from localgrad._arguments.check import integer
from localgrad._arguments.settings import checked, number, settings, whole
from localgrad.optimizers.base import FullBatchRule

__all__ = ["LBFGS"]  # also the name that the package exports


def _count(value: Any, name: str) -> int | None:
    return None if value is None else integer(value, name, at_least=1)


@settings
class LBFGS(FullBatchRule):
    """Limited-memory BFGS optimizer, as implemented by SciPy. Suited to small networks and smooth costs.

    Each iteration moves the parameters in the direction -Hg, where g is the gradient of the cost over all
    examples and H is an estimate of the inverse Hessian from the last few steps. A line search determines the
    step size, so there is no learning rate.

    Requires SciPy: ``pip install "localgrad[lbfgs]"``.

    Parameters
    ----------
    history : int, default 10
        Number of past steps from which H is estimated, at least 1. Each step needs as much memory as two
        copies of the parameters.
    tolerance : float, default 1e-5
        Training ends when no component of the gradient exceeds this value; finite and at least 0.
    cost_tolerance : float, default 0.0
        Training also ends when an iteration reduces the cost by at most this fraction of it; finite and at
        least 0.
    max_evaluations : int, optional
        Number of evaluations of the cost after which training ends, at least 1. Each iteration needs one or
        more. By default there is no limit.

    Raises
    ------
    TypeError
        If an argument is not a number.
    ValueError
        If an argument is out of range.

    Notes
    -----
    In `Network.fit`, the argument `epochs` is the maximum number of iterations. `Network.epochs` counts
    iterations, and ``"cost"`` in the history is the cost after each iteration. `batch_size` and `shuffle`
    are ignored.

    Supported arguments are `l2`, `penalize_biases`, `sample_weight`, `class_weight`, `validation` and
    ``callbacks``. Callbacks must not change the parameters. Because the method requires a smooth,
    deterministic cost, `l1`, dropout, noise, `schedule`, `weight_decay`, `clip_value`, `clip_norm` and
    `max_norm` are not supported.

    Costs and gradients are computed in the network's dtype and summed in float64. In float32, rounding errors
    limit the line search close to the minimum; use float64 for higher accuracy. Regardless of why training
    ends, the network has the parameters of the last finished iteration.

    References
    ----------
    Zhu, Byrd, Lu & Nocedal, "Algorithm 778: L-BFGS-B", 1997.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.LBFGS()
    LBFGS(history=10, tolerance=1e-05, cost_tolerance=0.0, max_evaluations=None)
    >>> net = lg.Network([1, 1], dtype="float64", seed=0)
    >>> history = net.fit([[0], [1], [2]], [1, 3, 5], epochs=50, optimizer=lg.LBFGS())
    >>> net.parameters.round(4)
    array([2., 1.])
    """

    history: int = whole(10, at_least=1)
    tolerance: float = number(1e-5, at_least=0.0)
    cost_tolerance: float = number(0.0, at_least=0.0)
    max_evaluations: int | None = checked(_count, None)
