"""Which derivatives `check` compares with central differences."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad.network import Network
from localgrad.verification.differences import STEPS, Agreed, Differences
from localgrad.verification.quantities import Array

_OPERATIONS = 5e8  # of all evaluations for central differences
_FEWEST, _MOST = 2, 60  # elements of each layer


def derivatives(
    twin: Network, x: Array, y: NDArray[Any], draw: np.random.Generator
) -> tuple[dict[tuple[int | None, str], float], dict[str, tuple[int, int]], int]:
    """Return errors against central differences, how many elements were compared, and how many at kinks."""
    weights = sum(m * n for m, n in zip(twin.sizes, twin.sizes[1:], strict=False))
    every = {"weights": weights, "biases": sum(twin.sizes[1:]), "inputs": twin.sizes[0]}
    if not len(x):
        return {}, {name: (0, count) for name, count in every.items()}, 0
    costs = Differences(twin, x, y)
    t = twin.backprop(x, y, wrt_input=True)
    layers = len(twin.sizes) - 1
    budget = _OPERATIONS / twin.num_parameters / (2 * len(STEPS) * len(x)) / (2 * layers + 1)
    most = int(min(max(budget, _FEWEST), _MOST))
    errors: dict[tuple[int | None, str], float] = {}
    kinks, start = 0, 0
    compared = {"weights": 0, "biases": 0, "inputs": 0}

    def add(layer: int, name: str, found: Agreed | None) -> None:
        nonlocal kinks
        if found is not None:
            kinks += found.kinks
            if found.error is not None:
                errors[layer, name] = found.error

    for i, (fan_in, fan_out) in enumerate(zip(twin.sizes, twin.sizes[1:], strict=False)):
        middle, end = start + fan_in * fan_out, start + (fan_in + 1) * fan_out
        gradient = t.gradient
        size = float(np.sqrt(np.mean(twin.parameters[start:middle] ** 2))) or 1.0
        which = _chosen(gradient[start:middle], most, draw)
        moved = costs.of_parameters(start + which, size)
        add(i + 2, "∂C/∂w", costs.agree(moved, gradient[start + which][np.newaxis], mean=True))
        units = _chosen(gradient[middle:end], most, draw)
        moved = costs.of_parameters(middle + units, size)
        add(i + 2, "δ", costs.agree(moved, t.local_gradients[i][:, units]))
        add(i + 2, "∂C/∂b", costs.agree(moved, gradient[middle + units][np.newaxis], mean=True))
        compared["weights"] += len(which)
        compared["biases"] += len(units)
        start = end
    add(layers + 1, "∇_a c", costs.of_cost())
    assert t.input_gradient is not None  # it was asked for
    columns = _chosen(abs(t.input_gradient).max(axis=0), most, draw)
    moved = costs.of_inputs(columns, _sizes(twin, x)[columns])
    add(1, "∂c/∂x", costs.agree(moved, t.input_gradient[:, columns]))
    compared["inputs"] = len(columns)
    if t.input_scale_gradient is not None:
        which = _chosen(t.input_scale_gradient, most, draw)
        moved = costs.of_parameters(start + which, 1.0)
        add(1, "∂C/∂s", costs.agree(moved, t.input_scale_gradient[which][np.newaxis], mean=True))
    return errors, {name: (compared[name], every[name]) for name in compared}, kinks


def _sizes(twin: Network, x: Array) -> Array:
    """Return the size of each input, for the steps of central differences."""
    size = np.sqrt((x**2).mean(axis=0))
    if twin.standardization is not None:
        size = np.maximum(size, twin.standardization.input_std / abs(twin.input_scale))
    return np.where(size > 0, size, 1 / abs(twin.input_scale))


def _chosen(gradient: Array, most: int, draw: np.random.Generator) -> NDArray[np.intp]:
    """Return which elements to compare: half of them with the largest derivatives, the others random."""
    if gradient.size <= most:
        return np.arange(gradient.size)
    largest = np.argsort(-abs(gradient), kind="stable")[: most // 2]
    others = np.delete(np.arange(gradient.size), largest)
    return np.sort(np.concatenate([largest, draw.choice(others, most - len(largest), replace=False)]))
