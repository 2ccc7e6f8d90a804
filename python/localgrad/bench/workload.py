"""The work that all contenders do: a network, its data, and a training method."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

import localgrad as lg
from localgrad.bench.nets import Net

FloatArray = NDArray[np.floating[Any]]

TRAININGS = {
    "sgd": "SGD without momentum",
    "adam": "Adam with learning rate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8",
    "dropout": "SGD without momentum, with dropout of 0.5 in the hidden layers",
}
"""The training methods. The times of the others are also shown relative to the first."""


@dataclass(frozen=True)
class Workload:
    """A network with its initial parameters, and whole mini-batches to train it on."""

    initial: lg.Network
    X: FloatArray
    y: NDArray[Any]  # labels, or targets of shape (n, m_L)
    batch_size: int
    optimizer: lg.SGD | lg.Adam  # SGD without momentum
    n_threads: int | None = None

    @property
    def steps(self) -> int:
        """The number of whole mini-batches."""
        return len(self.X) // self.batch_size

    def first(self, steps: int, batch_size: int | None = None) -> Self:
        """Return the same work on the first mini-batches only, optionally with another batch size."""
        size = batch_size or self.batch_size
        return replace(self, X=self.X[: steps * size], y=self.y[: steps * size], batch_size=size)


def initial(net: Net, training: str = "sgd") -> lg.Network:
    """Return the initial network, which is the same in every process."""
    return lg.Network(
        net.sizes,
        activation=net.activation,
        output="identity",
        cost="mse",
        dropout=0.5 if training == "dropout" else 0.0,
        seed=0,
    )


def inputs(net: Net, rows: int) -> FloatArray:
    """Return random inputs in [0, 1). The speed does not depend on their values."""
    return np.random.default_rng(0).random((rows, net.sizes[0]), dtype=np.float32)


def small_integers(net: Net, rows: int) -> NDArray[np.uint8]:
    """Return random inputs of 0 and 1 as bytes, which need a quarter of the memory."""
    return np.random.default_rng(0).integers(0, 2, (rows, net.sizes[0]), dtype=np.uint8)


def workload(
    net: Net, training: str, n_threads: int | None, rows: int | None = None, epsilon: float = 1e-8
) -> Workload:
    """Return the work of training a network with a training method.

    Parameters
    ----------
    net : Net
        The network.
    training : str
        Training method, one of `TRAININGS`.
    n_threads : int or None
        Number of threads, or None if the contender chooses it.
    rows : int, optional
        Number of examples, which is rounded down to whole mini-batches. By default all examples of an epoch.
    epsilon : float, default 1e-8
        ε of Adam.

    Returns
    -------
    Workload
        The work. Its learning rate is small enough for SGD to be stable in measurements of any length:
        activations are at most 1, so the curvature of the cost in the weights of the output layer is at most
        its fan-in.
    """
    count = min(rows or net.rows, net.rows) // net.batch_size * net.batch_size
    y = np.random.default_rng(1).random((count, net.sizes[-1]), dtype=np.float32)
    rule = lg.Adam(0.001, epsilon=epsilon) if training == "adam" else lg.SGD(0.5 / max(net.sizes))
    return Workload(initial(net, training), inputs(net, count), y, net.batch_size, rule, n_threads)
