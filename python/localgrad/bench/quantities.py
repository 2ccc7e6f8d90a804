"""The quantities that `localgrad bench --train inspect` measures, and the networks and data for them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import localgrad as lg
from localgrad.bench.workload import FloatArray


@dataclass(frozen=True)
class Quantity:
    """A quantity of a network, and what its time is compared with."""

    name: str
    what: str
    sizes: tuple[int, ...]
    rows: int
    base: str = ""
    """What the time of localgrad is divided by; empty if it is compared with other libraries only."""
    goal: float | None = None
    """Largest ratio to the base that is aimed at."""
    peer_rows: int | None = None
    """Rows that other libraries compute, whose time is then scaled to all rows; None for all."""
    activation: str = "relu"
    output: str = "softmax"
    tolerance: float = 1e-3
    """Largest relative difference between the results of two libraries, in float32."""


PRIVATE_BATCH, PRIVATE_CLIP, PRIVATE_NOISE, PRIVATE_RATE = 64, 1.0, 1.0, 0.1

QUANTITIES = {
    one.name: one
    for one in (
        Quantity(
            "norms",
            "norms of the gradients of 60,000 single examples",
            (784, 300, 100, 10),
            60_000,
            "forward and δ pass",
            1.3,
            peer_rows=500,
        ),
        Quantity(
            "jacobian",
            "Jacobian of the outputs with respect to one input",
            (20, 64, 64, 20),
            1,
            activation="tanh",
            output="identity",
        ),
        Quantity(
            "hessian_product",
            "Hessian of the cost of 1,000 examples times a vector",
            (784, 128, 64, 10),
            1000,
            "gradient",
            2.8,
        ),
        Quantity(
            "private",
            "an epoch of 3,200 examples of differentially private SGD, in mini-batches of 64",
            (784, 128, 64, 10),
            3200,
            "epoch of SGD",
            2.0,
        ),
    )
}


@dataclass(frozen=True)
class Problem:
    """A network with data, the same in every process."""

    net: lg.Network
    X: FloatArray
    y: NDArray[np.intp]
    n_threads: int | None

    @classmethod
    def of(cls, quantity: Quantity, rows: int, n_threads: int | None) -> "Problem":
        """Return a network, random rows in [0, 1) and labels."""
        options: dict[str, Any] = {"activation": quantity.activation, "output": quantity.output}
        net = lg.Network(quantity.sizes, seed=0, **options)
        X = np.random.default_rng(0).random((rows, quantity.sizes[0]), dtype=np.float32)
        y = np.random.default_rng(1).integers(0, quantity.sizes[-1], rows)
        return cls(net, X, y, n_threads)

    @property
    def vector(self) -> FloatArray:
        """A random vector in the space of the parameters."""
        return np.random.default_rng(2).standard_normal(self.net.num_parameters, dtype=np.float32)

    def layers(self) -> list[tuple[Any, Any]]:
        """Return copies of the weights, of shape (fan_out, fan_in), and of the biases of each layer."""
        pairs = zip(self.net.weights, self.net.biases, strict=True)
        return [(np.ascontiguousarray(w), b.copy()) for w, b in pairs]
