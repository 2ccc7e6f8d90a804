"""Implementations of the same training step, to be compared: first their answers, then their speed.

A new one is a class with the signature of `Contender` and a place in the list `CONTENDERS`.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

import localgrad as lg

__all__ = [
    "CONTENDERS",
    "Agreement",
    "Contender",
    "Core",
    "PlainNumPy",
    "Reference",
    "Workload",
    "agreement",
    "rows_in",
]

# With fewer rows a step would consist mostly of what does not grow with them, such as the update.
_FEW_ROWS = 4

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Workload:
    """A network with its initial parameters, and mini-batches to train it on in the order of their rows."""

    initial: lg.Network
    X: FloatArray
    y: NDArray[Any]  # labels, or targets of shape (n, m_L)
    batch_size: int
    learning_rate: float
    n_threads: int | None = None

    @property
    def steps(self) -> int:
        """The number of whole mini-batches."""
        return len(self.X) // self.batch_size

    def first(self, steps: int, batch_size: int | None = None) -> Self:
        """Return the same work on the first mini-batches only, perhaps of another size."""
        size = batch_size or self.batch_size
        return replace(self, X=self.X[: steps * size], y=self.y[: steps * size], batch_size=size)


class Contender(Protocol):
    """One implementation, set up for one workload."""

    name: ClassVar[str]
    slow: ClassVar[bool]
    """Whether a whole epoch would take too long to be measured again and again."""

    def __init__(self, work: Workload) -> None: ...

    def train(self, steps: int) -> None:
        """Take one step (M) of plain gradient descent on each of the first mini-batches."""

    def parameters(self) -> FloatArray:
        """Return all parameters in the order of `localgrad.Network.parameters`."""


class Core:
    """The C++ core, called as users call it."""

    name: ClassVar[str] = "localgrad"
    slow: ClassVar[bool] = False

    def __init__(self, work: Workload) -> None:
        self._work = work
        self._net = work.initial.copy()
        self._rule = lg.SGD(work.learning_rate)

    def train(self, steps: int) -> None:
        """Call `fit` on the first rows."""
        work, rows = self._work, steps * self._work.batch_size
        self._net.fit(
            work.X[:rows],
            work.y[:rows],
            epochs=1,
            batch_size=work.batch_size,
            optimizer=self._rule,
            shuffle=False,
            n_threads=work.n_threads,
        )

    def parameters(self) -> FloatArray:
        """Return a view of the network's parameters."""
        return self._net.parameters


class PlainNumPy:
    """What a good NumPy user writes for sigmoid layers and the quadratic cost: a line an equation."""

    name: ClassVar[str] = "NumPy"
    slow: ClassVar[bool] = False

    def __init__(self, work: Workload) -> None:
        self._work = work
        self._w = [w.T.copy() for w in work.initial.weights]  # (fan_in, fan_out)
        self._b = [b.copy() for b in work.initial.biases]

    def train(self, steps: int) -> None:
        """Step through slices of the data, which NumPy does not copy."""
        work, size = self._work, self._work.batch_size
        # exp of a large -z is infinite, and the activation 0, as it should be.
        with np.errstate(over="ignore"):
            for start in range(0, steps * size, size):
                self._step(work.X[start : start + size], work.y[start : start + size])

    def _step(self, x: FloatArray, y: NDArray[Any]) -> None:
        activations = [x]
        for w, b in zip(self._w, self._b, strict=True):
            z = activations[-1] @ w  # (F)
            z += b
            activations.append(1 / (1 + np.exp(-z)))
        rate = np.float32(self._work.learning_rate / len(x))
        a = activations.pop()
        delta = (a - y) * a * (1 - a)  # (D1)
        for i in range(len(self._w) - 1, -1, -1):
            w, a = self._w[i], activations[i]
            below = (delta @ w.T) * a * (1 - a) if i else delta  # (D2); there is none for the input
            w -= rate * (a.T @ delta)  # (G1)
            self._b[i] -= rate * delta.sum(axis=0)  # (G2)
            delta = below

    def parameters(self) -> FloatArray:
        """Return the parameters in one array."""
        return np.concatenate([part.ravel() for pair in zip(self._w, self._b, strict=True) for part in pair])


class Reference:
    """The pure-Python reference."""

    name: ClassVar[str] = "reference"
    slow: ClassVar[bool] = True

    def __init__(self, work: Workload) -> None:
        from localgrad import reference

        net = work.initial
        self._work = work
        self._X, self._y = work.X.tolist(), work.y.tolist()
        self._net = reference.Network(
            net.sizes,
            activation=net.activation,
            output=net.output,
            cost=net.cost,
            init=([w.tolist() for w in net.weights], [b.tolist() for b in net.biases]),
            seed=net.seed,
        )
        self._rule = reference.SGD(work.learning_rate)

    def train(self, steps: int) -> None:
        """Call the reference's own `fit` on the first rows."""
        size = self._work.batch_size
        rows = steps * size
        self._net.fit(
            self._X[:rows], self._y[:rows], epochs=1, batch_size=size, optimizer=self._rule, shuffle=False
        )

    def parameters(self) -> FloatArray:
        """Return the parameters in one array."""
        return np.array(self._net.parameters)


CONTENDERS: Sequence[type[Contender]] = (Core, PlainNumPy, Reference)
"""All of them; the first is the one that the others are compared with."""


@dataclass(frozen=True)
class Agreement:
    """How far two contenders are apart after the same steps, as a share of the largest change in an array."""

    difference: float
    allowed: float

    def __bool__(self) -> bool:
        return self.difference <= self.allowed


def agreement(work: Workload, one: Contender, other: Contender, steps: int) -> Agreement:
    """Compare the parameters of two contenders that have trained `steps` steps.

    Rounding explains, in each array of weights or biases, a difference of

        eps * (steps * max|w| + length * max|change of w|)

    because each step rounds w itself once, and its change is made of sums whose terms number `length` along
    the way from the input to the output, back, and over the mini-batch. Held against the change rather than
    against w, a wrong gradient shows however small the learning rate.

    Parameters
    ----------
    work : Workload
        What both trained.
    one, other : Contender
        The two.
    steps : int
        How many steps they have trained, from `work.initial`.

    Returns
    -------
    Agreement
        Of the array that is farthest from what rounding allows.
    """
    net = work.initial
    eps = float(np.finfo(net.dtype).eps)
    length = 2 * sum(net.sizes) + work.batch_size
    counts = [part.size for pair in zip(net.weights, net.biases, strict=True) for part in pair]
    ends = np.cumsum(counts)[:-1]
    before, ours, theirs = (
        np.split(values.astype(np.float64), ends)
        for values in (net.parameters, one.parameters(), other.parameters())
    )
    if not all(np.isfinite(part).all() for part in (*ours, *theirs)):
        return Agreement(np.inf, 0.0)
    found = []
    for w, p, q in zip(before, ours, theirs, strict=True):
        change = float(np.abs(q - w).max()) or eps
        difference = float(np.abs(p - q).max()) / change
        allowed = eps * (steps * (float(np.abs(w).max()) / change + 1) + length)
        found.append(Agreement(difference, allowed))
    return max(found, key=lambda agreed: agreed.difference / agreed.allowed)


def rows_in(seconds: float, contender: type[Contender], work: Workload) -> int:
    """Return how many rows of a mini-batch a contender takes in about so many seconds, but not too few."""
    trial = contender(work.first(1, batch_size=1))
    start = time.perf_counter()
    trial.train(1)
    affordable = int(seconds / (time.perf_counter() - start))
    return min(work.batch_size, max(_FEW_ROWS, affordable))
