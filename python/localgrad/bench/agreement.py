"""How far the answers of two contenders may be apart."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import localgrad as lg
from localgrad.bench.workload import FloatArray

Extent = Callable[[FloatArray], Any]


@dataclass(frozen=True)
class Answer:
    """What a contender computed; None for what it cannot."""

    parameters: FloatArray | None  # after the steps, in the order of `localgrad.Network.parameters`
    cost: float | None  # mean over the last epoch
    predictions: FloatArray | None  # of the initial network


@dataclass(frozen=True)
class Agreement:
    """How far two answers are apart, as a share of the change of an array, or of the largest number in it.

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
    """Compare all that two contenders both computed.

    Parameters
    ----------
    net : Network
        Where both began.
    batch_size, steps : int
        What they trained.
    ours, theirs : Answer
        The two.
    extent : callable
        As for `agreement`.

    Returns
    -------
    dict
        For each of ``"parameters"``, ``"cost"`` and ``"predictions"`` an Agreement. Costs and predictions may
        differ by what rounding makes of sums as long as the way through the network, and of the steps before.
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
    """Compare the parameters of two contenders that have trained `steps` steps.

    Rounding explains, in each array of weights or biases, a difference of

        eps * (steps * extent|w| + (steps + length) * extent|change of w|)

    because each step rounds w itself once, and its change is made of sums whose terms number `length` along
    the way from the input to the output, back, and over the mini-batch. Held against the change rather than
    against w, a wrong gradient shows however small the learning rate.

    Parameters
    ----------
    net : Network
        Where both began.
    batch_size, steps : int
        What they trained.
    ours, theirs : ndarray
        The parameters of the two.
    extent : callable, default `numpy.max`
        One number for the magnitudes in an array. `numpy.mean` is meant for Adam, which moves a parameter by
        the sign of its slope rather than by its size: where the slope is nearly 0 rounding decides, but that
        is the case of few.

    Returns
    -------
    Agreement
        Of the array that is farthest from what rounding allows.
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
