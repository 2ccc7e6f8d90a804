"""Central differences of the cost of each row."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from localgrad.costs.custom import answer
from localgrad.costs.slopes import RANGES, Slopes, agreement, reach, slopes
from localgrad.network import Network
from localgrad.verification.quantities import Array

STEPS = (1e-7, 1e-5, 1e-3)  # the small ones are more accurate, costs computed in float32 need larger ones
LIMIT = 1e-5


class Agreed(NamedTuple):
    """The largest relative error, None if rounding errors of the costs hide it, and the number of kinks."""

    error: float | None
    kinks: int


class Differences:
    """The cost of each row as a function of parameters and inputs of a float64 network."""

    def __init__(self, twin: Network, x: Array, y: NDArray[Any]) -> None:
        self._twin, self._x, self._y = twin, x.copy(), y
        self._parameters = twin._core_model.native.parameters
        self._base = self._costs()
        model = twin._core_model
        self._eps = float(np.finfo(np.float64).eps)
        if model.custom_cost is not None:  # it may compute in float32
            a = twin.predict(x)
            self._eps = max(self._eps, answer(model.custom_cost, a, _rows(twin, y))[2])

    def of_parameters(self, which: Iterable[int], size: float) -> list[Array]:
        """Return costs after minus and plus each step of some parameters, of shape (2, steps, n, q)."""
        return self._along(lambda k: self._parameters[k : k + 1], which, size)

    def of_inputs(self, which: Iterable[int], size: Array) -> list[Array]:
        """Return the same for some columns of the inputs, with a size of each."""
        return self._along(lambda k: self._x[:, k], which, size)

    def _along(self, place: Callable[[int], Array], which: Iterable[int], size: Any) -> list[Array]:
        indices = list(which)
        found = np.empty((2, len(STEPS), len(self._x), len(indices)))
        lengths = np.empty((len(STEPS), len(indices)))
        sizes = np.broadcast_to(size, len(indices))
        for q, k in enumerate(indices):
            numbers = place(k)
            before = numbers.copy()
            for s, step in enumerate(STEPS):
                # A power of 2 as length, so that the step itself has no rounding error for small numbers.
                lengths[s, q] = h = 2.0 ** np.round(np.log2(step * max(sizes[q], abs(before).max())))
                try:
                    numbers[...] = before - h
                    found[0, s, :, q] = self._costs()
                    numbers[...] = before + h
                    found[1, s, :, q] = self._costs()
                finally:
                    numbers[...] = before
        return [found, lengths]

    def agree(self, found: list[Array], gradient: Array, *, mean: bool = False) -> Agreed:
        """Compare derivatives (n, q), or those of the mean cost (1, q)."""
        costs, lengths = found
        size = abs(self._base)[:, np.newaxis]
        tries = []
        for s in range(len(STEPS)):
            before, after = self._base[:, np.newaxis] - costs[0, s], costs[1, s] - self._base[:, np.newaxis]
            if mean:  # the sum of the lower slopes, and that of the upper ones
                low, high = np.minimum(before, after), np.maximum(before, after)
                before, after = low.mean(axis=0, keepdims=True), high.mean(axis=0, keepdims=True)
            own_size = size.mean(axis=0, keepdims=True) if mean else size
            length = lengths[s][np.newaxis]
            tries.append(
                Slopes(before, after, gradient * length, length, own_size, gradient, self._eps, False)
            )
        return _judged(tries)

    def of_cost(self) -> Agreed | None:
        """Compare the gradient ∇_a c of a custom cost with its values."""
        cost = self._twin._core_model.custom_cost
        if cost is None:
            return None
        a, y = self._twin.predict(self._x), _rows(self._twin, self._y)
        kind = RANGES.get(self._twin.output.partition("(")[0])
        axes = np.broadcast_to(np.eye(a.shape[1]), (*a.shape, a.shape[1]))
        steps = (axes * reach(a, y, step, kind)[:, :, np.newaxis] for step in (1e-6, 1e-4, 1e-2))
        return _judged([slopes(cost, a, y, d) for d in steps])

    def _costs(self) -> Array:
        native = self._twin._core_model.native
        rows = range(len(self._x))
        return np.array(
            [native.evaluate(self._x[r : r + 1], self._y[r : r + 1], None, 1, "X", "y")[0] for r in rows]
        )


def _judged(tries: list[Slopes]) -> Agreed:
    found = agreement(tries, LIMIT, least=1.0, rounding=0.0)
    error, kinks = float(found.share.max(initial=0.0)), int(np.count_nonzero(found.kinks))
    if error > LIMIT and agreement(tries, LIMIT, least=1.0).share.max() <= LIMIT:
        return Agreed(None, kinks)
    return Agreed(error, kinks)


def _rows(net: Network, y: NDArray[Any]) -> Array:
    """Return targets as a custom cost expects them."""
    if y.ndim == 2:
        return y
    width = net.sizes[-1]
    return np.array(y[:, np.newaxis] if width == 1 else y[:, np.newaxis] == np.arange(width), np.float64)
