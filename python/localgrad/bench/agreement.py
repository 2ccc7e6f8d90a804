"""Comparison of the results of two contenders."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import localgrad as lg
from localgrad.bench.workload import FloatArray

Extent = Callable[[FloatArray], Any]


@dataclass(frozen=True)
class Answer:
    """The results of a contender; None for results that it does not support."""

    parameters: FloatArray | None  # after training, in the order of `localgrad.Network.parameters`
    cost: float | None  # mean over the last epoch
    predictions: FloatArray | None  # of the initial network


@dataclass(frozen=True)
class Agreement:
    """The difference of two results and the difference that rounding can explain.

    Both are relative: to the change of an array during training, or to the largest number in it.

    Examples
    --------
    >>> bool(Agreement(difference=1e-6, allowed=1e-5))
    True
    """

    difference: float
    allowed: float

    def __bool__(self) -> bool:
        return self.difference <= self.allowed


def agreements(
    net: lg.Network,
    batch_size: int,
    steps: int,
    ours: Answer,
    theirs: Answer,
    extent: Extent = np.max,
) -> dict[str, Agreement]:
    """Compare the results that both contenders support.

    Parameters
    ----------
    net : Network
        The initial network.
    batch_size, steps : int
        Batch size and number of training steps.
    ours, theirs : Answer
        Results of the two contenders.
    extent : callable
        As in `agreement`.

    Returns
    -------
    dict of str to Agreement
        Has the keys ``"parameters"``, ``"cost"`` and ``"predictions"``, if both contenders have these
        results. The allowed difference of predictions is the rounding error of a sum of as many terms as the
        network has units. That of costs includes the backward pass, the mini-batch and the training steps.
    """
    eps = float(np.finfo(net.dtype).eps)
    found = {}
    if ours.parameters is not None and theirs.parameters is not None:
        found["parameters"] = agreement(net, batch_size, steps, ours.parameters, theirs.parameters, extent)
    if ours.cost is not None and theirs.cost is not None:
        length = 2 * sum(net.sizes) + batch_size + steps
        found["cost"] = Agreement(_apart(np.array(ours.cost), np.array(theirs.cost)), eps * length)
    if ours.predictions is not None and theirs.predictions is not None:
        found["predictions"] = Agreement(_apart(ours.predictions, theirs.predictions), eps * sum(net.sizes))
    return found


def _apart(ours: FloatArray, theirs: FloatArray) -> float:
    if ours.shape != theirs.shape or not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return np.inf
    p, q = ours.astype(np.float64), theirs.astype(np.float64)
    return float(np.abs(p - q).max() / (np.abs(q).max() or 1))


def agreement(
    net: lg.Network,
    batch_size: int,
    steps: int,
    ours: FloatArray,
    theirs: FloatArray,
    extent: Extent = np.max,
) -> Agreement:
    """Compare the parameters of two contenders after `steps` training steps.

    In each array of weights or biases, rounding can explain a difference of

        eps * (steps * extent(abs(w)) + (steps + length) * extent(abs(change of w)))

    because each step rounds w once, and the change of w is computed from sums with `length` terms in all:
    through the network from input to output and back, and over the mini-batch. The difference is compared
    with the change of w and not with w itself, so that a wrong gradient is noticed even if the learning rate
    is small.

    Parameters
    ----------
    net : Network
        The initial network.
    batch_size, steps : int
        Batch size and number of training steps.
    ours, theirs : ndarray
        Parameters of the two contenders.
    extent : callable, default `numpy.max`
        Function that reduces the absolute values of an array to one number. Use `numpy.mean` for Adam: the
        first steps of a parameter depend on the sign of its derivative and not on its size, so rounding can
        change the few parameters whose derivative is close to 0 by a lot.

    Returns
    -------
    Agreement
        The agreement of the array whose difference is largest relative to the allowed difference.
    """
    eps = float(np.finfo(net.dtype).eps)
    length = 2 * sum(net.sizes) + batch_size
    counts = [part.size for pair in zip(net.weights, net.biases, strict=True) for part in pair]
    ends = np.cumsum(counts)[:-1]
    before, one, other = (
        np.split(values.astype(np.float64), ends) for values in (net.parameters, ours, theirs)
    )
    if not all(np.isfinite(part).all() for part in (*one, *other)):
        return Agreement(np.inf, 0.0)
    found = []
    for w, p, q in zip(before, one, other, strict=True):
        change = float(extent(np.abs(q - w))) or eps
        difference = float(extent(np.abs(p - q))) / change
        allowed = eps * (steps * (float(extent(np.abs(w))) / change + 1) + length)
        found.append(Agreement(difference, allowed))
    return max(found, key=lambda agreed: (agreed.difference / agreed.allowed, -agreed.allowed))
