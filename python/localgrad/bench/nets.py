"""The networks that are trained, and how much work a step of each is."""

from dataclasses import dataclass

import numpy as np

import localgrad as lg
from localgrad.bench.workload import FloatArray, Workload

__all__ = ["CHECKED_STEPS", "NETS", "Net", "initial", "inputs", "operations", "workload"]

CHECKED_STEPS = 10  # after which the answers are compared
_ROWS = 10_000


@dataclass(frozen=True)
class Net:
    """Layer sizes, rows in a mini-batch and in an epoch, and the hidden layers' activation."""

    name: str
    sizes: tuple[int, ...]
    batch_size: int
    rows: int = _ROWS
    activation: str = "sigmoid"

    def __str__(self) -> str:
        widths = "-".join(map(str, self.sizes))
        return f"{self.name} {widths}" if self.name else widths


NETS = {
    net.name: net
    for net in (
        Net("A", (784, 30, 10), 10, 20_000),
        Net("B", (784, 100, 10), 20, 20_000),
        Net("C", (784, 128, 64, 10), 64, 20_000),
        Net("D", (784, 512, 512, 10), 128, 10_240),
        Net("E", (13, 64, 64, 1), 32, 20_000),
        Net("F", (4, 64, 64, 2), 64, 20_000),
        Net("G", (1024, 1024, 1024, 1024, 10), 256, 2560),
        Net("H", (28, 256, 256, 256, 256, 1), 100, 10_000),
        Net("S", (4, 32, 16, 4), 10_000, 10_000, "tanh"),
    )
}
"""From a small classifier of digits to 1024 wide; E, F and S as tables and control problems have them."""


def operations(net: Net) -> int:
    """Count the floating-point operations of a step that are products and their sums.

    For each weight and row, 2 in each of (F), (D2) and (G1); there is no (D2) for the input.

    Examples
    --------
    >>> operations(Net("", (3, 5, 2), 10))
    1200
    """
    layers = enumerate(zip(net.sizes, net.sizes[1:], strict=False))
    return net.batch_size * sum((6 if i else 4) * m * n for i, (m, n) in layers)


def initial(net: Net) -> lg.Network:
    """Return the network before its training; the same in every process."""
    return lg.Network(net.sizes, activation=net.activation, output="identity", cost="mse", seed=0)


def inputs(net: Net, rows: int) -> FloatArray:
    """Return numbers in [0, 1): the speed does not depend on what they mean."""
    return np.random.default_rng(0).random((rows, net.sizes[0]), dtype=np.float32)


def workload(net: Net, n_threads: int | None, rows: int | None = None) -> Workload:
    """Return the work of one network, perhaps with its first rows only.

    Notes
    -----
    The learning rate keeps gradient descent stable however long it is measured: activations are at most 1,
    and so the curvature of the cost in an output layer's weights at most its fan-in.
    """
    count = min(rows or net.rows, net.rows) // net.batch_size * net.batch_size
    y = np.random.default_rng(1).random((count, net.sizes[-1]), dtype=np.float32)
    return Workload(initial(net), inputs(net, count), y, net.batch_size, 0.5 / max(net.sizes), n_threads)
