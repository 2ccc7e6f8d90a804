"""The work that all contenders do: one network, its data, and how it is trained."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

import localgrad as lg
from localgrad.bench.nets import Net

FloatArray = NDArray[np.floating[Any]]

TRAININGS = {
    "sgd": "plain gradient descent",
    "adam": "Adam, learning rate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8",
    "dropout": "plain gradient descent, half of the hidden units dropped",
}
"""The ways to train a network. A step of the others is compared with one of the first."""


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
        """Return the same work on the first mini-batches only, perhaps of another size."""
        size = batch_size or self.batch_size
        return replace(self, X=self.X[: steps * size], y=self.y[: steps * size], batch_size=size)


def initial(net: Net, training: str = "sgd") -> lg.Network:
    """Return the network before its training; the same in every process."""
    return lg.Network(
        net.sizes,
        activation=net.activation,
        output="identity",
        cost="mse",
        dropout=0.5 if training == "dropout" else 0.0,
        seed=0,
    )


def inputs(net: Net, rows: int) -> FloatArray:
    """Return numbers in [0, 1): the speed does not depend on what they mean."""
    return np.random.default_rng(0).random((rows, net.sizes[0]), dtype=np.float32)


def small_integers(net: Net, rows: int) -> NDArray[np.uint8]:
    """Return inputs of a quarter of the memory."""
    return np.random.default_rng(0).integers(0, 2, (rows, net.sizes[0]), dtype=np.uint8)


def workload(
    net: Net, training: str, n_threads: int | None, rows: int | None = None, epsilon: float = 1e-8
) -> Workload:
    """Return the work of training one network in one of the ways.

    Parameters
    ----------
    net : Net
        The network.
    training : str
        One of `TRAININGS`.
    n_threads : int or None
        The number of threads, or None for a contender's own choice.
    rows : int, optional
        How many of the first rows there are, less those that fill no mini-batch. By default all.
    epsilon : float, default 1e-8
        ε, if it is Adam's.

    Returns
    -------
    Workload
        Its learning rate keeps gradient descent stable however long it is measured: activations are at most
        1, and so the curvature of the cost in an output layer's weights at most its fan-in.
    """
    count = min(rows or net.rows, net.rows) // net.batch_size * net.batch_size
    y = np.random.default_rng(1).random((count, net.sizes[-1]), dtype=np.float32)
    rule = lg.Adam(0.001, epsilon=epsilon) if training == "adam" else lg.SGD(0.5 / max(net.sizes))
    return Workload(initial(net, training), inputs(net, count), y, net.batch_size, rule, n_threads)
