"""The quantities of backpropagation by layer, and the comparison of two implementations."""

from itertools import product
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from localgrad.network import Network

Array: TypeAlias = NDArray[np.floating[Any]]
Quantities: TypeAlias = dict[tuple[int | None, str], Array]  # by layer, counted from 1, and symbol

NORM = "‖∂c/∂(w, b)‖"

_PATTERNS = 3  # of signs of rounding errors
_JUMP = 0.01  # of φ', as it only occurs at a kink
_NEAR = 1e-12  # change of the parameters that moves units at a kink away from it


def quantities(net: Any, x: Any, y: Any) -> Quantities:
    """Return what a network of the core, or of the reference, computes for some rows."""
    t = net.backprop(x, y, wrt_input=True)
    norms = np.array(net.gradient_norms(x, y).layers, np.float64)
    found: dict[tuple[int | None, str], Any] = {
        (None, "C"): [net.evaluate(x, y)["cost"], t.cost],
        (1, "∂c/∂x"): t.input_gradient,
    }
    if t.input_scale_gradient is not None:
        found[1, "∂C/∂s"] = t.input_scale_gradient
    for i, z in enumerate(t.weighted_inputs):
        found |= {
            (i + 2, "z"): z,
            (i + 2, "a"): t.activations[i + 1],
            (i + 2, "δ"): t.local_gradients[i],
            (i + 2, "∂C/∂w"): t.weight_gradients[i],
            (i + 2, "∂C/∂b"): t.bias_gradients[i],
            (i + 2, NORM): norms[:, i],
        }
    return {key: np.array(value, np.float64) for key, value in found.items()}


class Rounding:
    """How rounding of the inputs and parameters changes the quantities of a float64 network.

    Where terms cancel, such as in δ = a - y of a network that has learned y, two correct implementations
    differ by far more than the precision times the result. The changes show the size of these terms.
    """

    def __init__(self, twin: Network, x: Array, y: NDArray[Any], eps: float) -> None:
        self._eps = eps
        point = twin.parameters.copy()
        at = quantities(twin, x, y), twin.backprop(x, y)
        self._changes = {key: np.zeros_like(value) for key, value in at[0].items()}
        self.near_kink = np.zeros(len(x), bool)
        try:
            for step, k in product((8 * eps, -8 * eps), range(_PATTERNS)):
                twin.parameters = point * (1 + step * _signs(point.size, k))
                near = x * (1 + step * _signs(x.size, k + _PATTERNS).reshape(x.shape))
                for key, value in quantities(twin, near, y).items():
                    np.maximum(self._changes[key], abs(value - at[0][key]), out=self._changes[key])
                self.near_kink |= _jumps(at[1], twin.backprop(near, y))
        finally:
            twin.parameters = point

    def error(self, found: Quantities, expected: Quantities, key: tuple[int | None, str]) -> float:
        """Return the largest difference relative to the largest number or term."""
        terms = np.maximum(abs(expected[key]), self._changes[key] / (8 * self._eps))
        size = float(terms.max(initial=0.0))
        return float(abs(found[key] - expected[key]).max(initial=0.0)) / size if size else 0.0


def _signs(count: int, k: int) -> Array:
    """Return pattern k of fixed pseudo-random signs."""
    return np.random.default_rng(k).choice([-1.0, 1.0], count)


def at_corners(twin: Network, x: Array, y: NDArray[Any]) -> NDArray[np.bool_]:
    """Return in which rows several units are at a kink, as for inputs and biases of 0 with relu.

    One step can then change the slopes of several units, and the derivative need not be between the slopes of
    the cost on both sides.
    """
    point, before = twin.parameters.copy(), twin.backprop(x, y).activation_derivatives
    jumps = [np.zeros((len(x), one[0].size), bool) for one in before]
    try:
        for step in (_NEAR, -_NEAR):
            twin.parameters = point + step
            after = twin.backprop(x, y).activation_derivatives
            for unit, one, other in zip(jumps, before, after, strict=True):
                unit |= abs(other - one).reshape(unit.shape) > _JUMP
    finally:
        twin.parameters = point
    result: NDArray[np.bool_] = np.concatenate(jumps, axis=1).sum(axis=1) > 1
    return result


def _jumps(one: Any, other: Any) -> NDArray[np.bool_]:
    """Return in which rows φ' or the gradient of the cost differs as it only does across a kink."""
    n = len(one.activations[0])
    jumps = np.zeros(n, bool)
    for before, after in zip(one.activation_derivatives, other.activation_derivatives, strict=True):
        jumps |= (abs(after - before) > _JUMP).reshape(n, -1).any(axis=1)
    with np.errstate(all="ignore"):
        before, after = one.cost_gradient, other.cost_gradient
        a, size = one.activations[-1], abs(before).max(axis=1, keepdims=True)
        apart = np.nan_to_num(abs(after - before))
        result: NDArray[np.bool_] = jumps | ((apart > 0.5 * size) & (apart > 1e-3 * abs(a))).any(axis=1)
    return result
