"""Combinations of functions, data and an error measure, shared by the tests."""

import contextlib

import localgrad as lg
import numpy as np
from localgrad import _core
from localgrad.reference.costs import cost as reference_cost
from pairwise import covering

NAMES = _core.names()
ACTIVATIONS = [*NAMES["activations"], "leaky_relu(0.2)", "elu(0.5)"]
OUTPUTS = [*NAMES["outputs"], "leaky_relu(0.2)"]
COSTS = [cost for cost in NAMES["costs"] if cost != "custom"]
COSTS += ["cross_entropy(0.1)", "binary_cross_entropy(0.2)", "huber(0.3)", "quantile(0.1, 0.5, 0.9)"]
INITS = NAMES["inits"]


def heads(cost, output):
    """Return the number of outputs per target."""
    return reference_cost(cost, output.partition("(")[0]).heads


def widened(sizes, cost, output):
    """Return these sizes with the number of outputs rounded up to one that the cost supports."""
    count = heads(cost, output)
    return [*sizes[:-1], -(-sizes[-1] // count) * count]


def pairs_that_fit():
    """Return all pairs (output, cost) that a network supports."""
    pairs = []
    for cost in COSTS:
        for output in OUTPUTS:
            with contextlib.suppress(ValueError):
                lg.Network([1, 12], output=output, cost=cost)
                pairs.append((output, cost))
    return pairs


PAIRS = pairs_that_fit()
# Every pair, and every hidden activation with every output and with every cost.
COMBINATIONS = covering(ACTIVATIONS, OUTPUTS, COSTS, fits=lambda row: row[1:] in PAIRS)
# Every pair and every hidden activation.
EVERY_PAIR = [(ACTIVATIONS[k % len(ACTIVATIONS)], *pair) for k, pair in enumerate(PAIRS)]

OPTIMIZERS = {
    "plain": lg.SGD(0.05),
    "momentum": lg.SGD(0.02, momentum=0.9),
    "nesterov": lg.SGD(0.02, momentum=0.9, nesterov=True),
    "adam": lg.Adam(0.01),
    "amsgrad": lg.Adam(0.02, beta1=0.8, beta2=0.5, amsgrad=True),
    "adamw": lg.AdamW(0.01, weight_decay=0.5),
    "adamw amsgrad": lg.AdamW(0.01, beta2=0.7, epsilon=1e-4, weight_decay=0.1, amsgrad=True),
    "nadam": lg.NAdam(0.01),
    "nadam decay": lg.NAdam(0.01, beta1=0.7, beta2=0.9, momentum_decay=0.5),
    "rmsprop": lg.RMSprop(0.005),
    "rmsprop momentum": lg.RMSprop(0.001, alpha=0.9, momentum=0.8),
    "rmsprop centered": lg.RMSprop(0.001, alpha=0.7, epsilon=1e-3, momentum=0.5, centered=True),
    "adagrad": lg.Adagrad(0.02),
    "adagrad decay": lg.Adagrad(0.05, lr_decay=0.2, initial_accumulator=0.1),
    "rprop": lg.Rprop(0.005),
    "rprop limits": lg.Rprop(0.01, eta_minus=0.4, eta_plus=1.5, min_step=0.005, max_step=0.02),
    "lion": lg.Lion(0.002),
    "lion decay": lg.Lion(0.002, beta1=0.6, beta2=0.8, weight_decay=0.5),
}
# Other optimizers are added with their defaults.
for name in sorted(set(NAMES["optimizers"]) - {type(rule).__name__ for rule in OPTIMIZERS.values()}):
    OPTIMIZERS[name] = getattr(lg, name)()

# Arguments of `fit` for a network with two hidden layers, and of `Network`.
PENALTIES = {
    "none": {},
    "l1": {"l1": 0.01},
    "l2": {"l2": [0.1, 0.0, 0.02], "l1": [0.0, 0.02, 0.0]},
    "decay": {"weight_decay": [0.3, 0.0, 0.6]},
    "biases": {"l1": 0.01, "l2": 0.02, "weight_decay": 0.1, "penalize_biases": True},
    "max norm": {"max_norm": 0.4},
    "value": {"clip_value": 0.02},
    "norm": {"clip_norm": 0.1},
    "rates": {"weight_lr_factor": [0.5, 0.0, 2.0], "bias_lr_factor": [3.0, 1.0, 0.25], "weight_decay": 0.3},
    "frozen": {"weight_lr_factor": [0, 0.5, 1], "bias_lr_factor": [0, 0, 1], "clip_norm": 0.1, "l2": 0.1},
    "only biases": {"weight_lr_factor": 0, "l1": 0.1, "max_norm": 0.4, "clip_norm": 0.1},
    "all": {
        "l1": 0.01,
        "l2": 0.1,
        "weight_decay": 0.2,
        "max_norm": 0.5,
        "clip_value": 0.05,
        "clip_norm": 0.1,
    },
}
DISTURBANCES = {
    "none": {},
    "dropout": {"dropout": 0.3},
    "input": {"input_dropout": 0.4},
    "noise": {"input_noise": 0.2},
    "scale": {"input_scale": -0.7},
    "learned scale": {"learn_input_scale": True, "input_dropout": 0.1},
    "all": {"dropout": [0.0, 0.5], "input_dropout": 0.1, "input_noise": 0.1, "input_scale": 1.3},
}


def takes_labels(output, cost="mse"):
    """Return whether integers of shape (n,) are class labels for this output and cost."""
    if heads(cost, output) > 1:
        return False
    try:
        lg.Network([1, 12], output=output, cost=cost).evaluate([[0.0]], np.array([1]))
    except ValueError:
        return False
    return True


LABELED = [output for output in OUTPUTS if takes_labels(output)]


def some_data(n, sizes, seed=0, cost="mse", output="identity"):
    """Return n rows, and targets in the range of the cost."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (n, sizes[0]))
    shape = (n, sizes[-1] // heads(cost, output))
    if cost == "hinge":
        return x, rng.uniform(-1, 1, shape)
    if cost == "poisson":
        return x, rng.poisson(1.5, shape).astype(float)
    y = rng.uniform(0.05, 0.95, shape)
    if output == "softmax" and not cost.startswith("cross_entropy"):
        y /= y.sum(axis=1, keepdims=True)  # otherwise all errors have one sign, and (D1) is 0 up to rounding
    return x, y


def some_labels(n, sizes, seed=0):
    return np.random.default_rng(seed).integers(0, max(sizes[-1], 2), n)


def relative_error(values, expected):
    """Return the largest difference over the largest magnitude; for zeros, 0 if all values are zero."""
    u, v = np.asarray(values, np.float64), np.asarray(expected, np.float64)
    assert u.shape == v.shape
    difference, scale = abs(u - v).max(), abs(v).max()
    return difference / scale if scale > 0 else float(difference > 0)
