"""What the tests of the promises share: every combination of functions that the core has, data, a measure."""

import contextlib

import localgrad as lg
import numpy as np
from localgrad import _core

ACTIVATIONS = _core.names()["activations"]
OUTPUTS = _core.names()["outputs"]
COSTS = _core.names()["costs"]
INITS = _core.names()["inits"]


def pairs_that_fit():
    """Every (output, cost) that a network can be built with."""
    pairs = []
    for cost in COSTS:
        for output in OUTPUTS:
            with contextlib.suppress(ValueError):
                lg.Network([1, 2], output=output, cost=cost)
                pairs.append((output, cost))
    return pairs


PAIRS = pairs_that_fit()
COMBINATIONS = [(hidden, output, cost) for hidden in ACTIVATIONS for output, cost in PAIRS]
OPTIMIZERS = {
    "plain": lg.SGD(0.05),
    "momentum": lg.SGD(0.02, momentum=0.9),
    "nesterov": lg.SGD(0.02, momentum=0.9, nesterov=True),
}


def takes_labels(output):
    """Whether integers of shape (n,) are classes for this output."""
    try:
        lg.Network([1, 2], output=output).evaluate([[0.0]], np.array([1]))
    except ValueError:
        return False
    return True


LABELLED = [output for output in OUTPUTS if takes_labels(output)]


def some_data(n, sizes, seed=0):
    """n rows, and targets that every cost accepts."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (n, sizes[0])), rng.uniform(0.05, 0.95, (n, sizes[-1]))


def some_labels(n, sizes, seed=0):
    return np.random.default_rng(seed).integers(0, max(sizes[-1], 2), n)


def relative_error(values, expected):
    """Largest difference over largest magnitude; of zeros, 0 if the values are all zero too."""
    u, v = np.asarray(values, np.float64), np.asarray(expected, np.float64)
    assert u.shape == v.shape
    difference, scale = abs(u - v).max(), abs(v).max()
    return difference / scale if scale > 0 else float(difference > 0)
