"""A quasi-Newton method for full batches."""

from localgrad._arguments.settings import number, settings, whole
from localgrad.optimizers.base import Optimizer

__all__ = ["LBFGS"]  # of the package


@settings
class LBFGS(Optimizer):
    """Limited-memory BFGS, by SciPy: the method of choice for small networks and smooth costs.

    Each iteration goes along -Hg, with g the gradient of the cost over all examples and H an estimate of the
    inverse Hessian from the last few steps, as far as a line search finds good. It needs no learning rate.

    Parameters
    ----------
    history : int, default 10
        How many steps make up H, at least 1; each is two vectors as long as the parameters.
    tolerance : float, default 1e-5
        Training ends when no component of the gradient is larger; finite and at least 0.

    Raises
    ------
    TypeError
        If an argument is not a number.
    ValueError
        If one is out of its range.

    Notes
    -----
    It needs SciPy: ``pip install "localgrad[lbfgs]"``. In `Network.fit`, `epochs` is then the
    largest number of iterations, `Network.epochs` counts them, and the history's ``"cost"`` is that after
    each; `batch_size` and `shuffle` mean nothing. It takes `l2`, `penalize_biases`, `sample_weight`,
    `class_weight`, `validation` and `callbacks` (which had better not change the parameters: the next
    iteration goes on from its own). Everything else must be absent: the method wants a cost that is smooth
    and the same at every look, so no `l1`, dropout, noise, `schedule`, `weight_decay`, `clip_value`,
    `clip_norm` or `max_norm`.

    Costs and gradients are computed in the network's dtype, block by block, and summed up in float64, as are
    the steps. In float32 the line search meets rounding errors near the end; float64 gets closer to the
    minimum. With weights of examples the gradient is summed up by NumPy and takes longer. What the network
    holds is the last finished iteration, whatever ends the training.

    References
    ----------
    Zhu, Byrd, Lu & Nocedal, "Algorithm 778: L-BFGS-B", 1997.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.LBFGS()
    LBFGS(history=10, tolerance=1e-05)
    >>> net = lg.Network([1, 1], dtype="float64", seed=0)
    >>> history = net.fit([[0], [1], [2]], [1, 3, 5], epochs=50, optimizer=lg.LBFGS())
    >>> net.parameters.round(4)
    array([2., 1.])
    """

    history: int = whole(10, at_least=1)
    tolerance: float = number(1e-5, at_least=0.0)
