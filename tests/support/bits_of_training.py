"""Trains many networks and returns the results, so that two runs can be compared byte for byte.

`python bits_of_training.py FILE` writes all results to FILE, for a comparison between processes.
"""

import random
import sys
from typing import Any, NamedTuple

import localgrad as lg
import numpy as np
from localgrad.history import DIAGNOSTICS
from network_cases import ACTIVATIONS, OPTIMIZERS, PAIRS, some_data, some_labels, takes_labels, widened
from pairwise import covering

WIDTHS = [1, 2, 3, 7, 17, 33, 70, 130]  # besides the multiples of every vector, panel and tile
ROWS = [1, 5, 50, 131]
BATCH_SIZES = [1, 2, 7, 16, 33, 100, None]
# In networks that narrow toward the output, threads may share the units instead of the rows of a mini-batch.
WIDE_INPUTS, WIDE_LAYERS = [70, 500, 1003], [70, 130, 201]
SHAPES = ["any", "narrowing", "full batches in pieces"]

PENALTIES = {"l1": 1e-3, "l2": 0.01, "weight_decay": 0.1, "penalize_biases": True}
CLIPPING = {"clip_value": 0.02, "clip_norm": 0.1}
CONDITIONS = {
    "plain": {},
    "penalties": PENALTIES,
    "max norm": {"max_norm": 0.6},
    "value": {"clip_value": 0.02},
    "norm": {"clip_norm": 0.1},
    "all": {**PENALTIES, **CLIPPING, "max_norm": 0.8},
}
DISTURBANCES = {
    "none": {},
    "dropout": {"dropout": 0.3},
    "input": {"input_dropout": 0.2, "input_noise": 0.1},
    "scale": {"learn_input_scale": True},
    "all": {"dropout": 0.5, "input_dropout": 0.1, "input_noise": 0.05},
    "all with scale": {"dropout": 0.5, "input_dropout": 0.1, "input_noise": 0.05, "learn_input_scale": True},
}
ROWS_OF_TABLE = covering(
    list(OPTIMIZERS), list(CONDITIONS), list(DISTURBANCES), SHAPES, ["float32", "float64"]
)
COUNT = max(len(ROWS_OF_TABLE), len(PAIRS))


class Case(NamedTuple):
    """One training run: layer sizes, arguments of `Network`, number of rows, arguments of `fit`."""

    sizes: list[int]
    settings: dict[str, Any]
    n: int
    arguments: dict[str, Any]


def schedules(settings, arguments):
    """Return schedules of the learning rate and of the other settings that are above 0."""
    decay = arguments.get("weight_decay") or getattr(arguments["optimizer"], "weight_decay", 0)
    scheduled = {
        "learning_rate": True,
        "dropout": settings.get("dropout") or settings.get("input_dropout"),
        "weight_decay": decay,
        "label_smoothing": "cross_entropy(" in settings["cost"],
    }
    return {name: lg.schedules.Cosine(final=0.1 * k) for k, name in enumerate(scheduled) if scheduled[name]}


def random_case(number):
    """Return a case; any two choices of two axes occur together, and all outputs and costs occur."""
    draw = random.Random(number)
    output, cost = PAIRS[number % len(PAIRS)]
    rule, condition, disturbance, shape, dtype = ROWS_OF_TABLE[number % len(ROWS_OF_TABLE)]
    sizes, n, batch_size = (
        draw.choices(WIDTHS, k=draw.randint(2, 5)),
        draw.choice(ROWS),
        draw.choice(BATCH_SIZES),
    )
    if shape == "narrowing":
        hidden = draw.choices(WIDE_LAYERS, k=draw.randint(1, 3))
        sizes, n = [draw.choice(WIDE_INPUTS), *hidden, draw.choice([1, 7])], 131
    elif shape == "full batches in pieces":
        sizes, n, batch_size = [4, draw.choice([3, 8, 10]), draw.choice([1, 3])], 700, None
    if output == "softmax":
        sizes[-1] = max(sizes[-1], 2)
    sizes = widened(sizes, cost, output)
    settings = {
        "activation": draw.choices(ACTIVATIONS, k=len(sizes) - 2),
        "output": output,
        "cost": cost,
        "dtype": dtype,
        "seed": number,
        **DISTURBANCES[disturbance],
    }
    arguments = {
        "epochs": 3,
        "batch_size": batch_size,
        "optimizer": OPTIMIZERS[rule],
        **CONDITIONS[condition],
    }
    if number % 3 == 0:
        arguments["sample_weight"] = np.random.default_rng(number).uniform(0, 2, n)
    if number % 5 == 1 and not cost.startswith("poisson"):
        settings["standardize"] = True
    if number % 4 == 0:
        arguments["schedule"] = schedules(settings, arguments)
    if number % 3 == 1:
        for name in ("weight_lr_factor", "bias_lr_factor"):
            arguments[name] = draw.choices([0.0, 0.5, 1.0, 2.0], k=len(sizes) - 1)
    return Case(sizes, settings, n, arguments)


def standardization_of(net):
    """Return all means and standard deviations."""
    learned = net.standardization
    if learned is None:
        return np.zeros(0)
    targets = [] if learned.target_mean is None else [learned.target_mean, learned.target_std]
    return np.concatenate([learned.input_mean, learned.input_std, *targets])


def results(number, n_threads):
    """Return everything that one case computes, as arrays by name."""
    sizes, settings, n, arguments = random_case(number)
    net = lg.Network(sizes, **settings)
    x, y = some_data(n, sizes, number, settings["cost"], settings["output"])
    x /= sizes[0] ** 0.5  # so that no run diverges
    if number % 2 and takes_labels(settings["output"], settings["cost"]):
        y = some_labels(n, sizes, seed=number)
    t = net.backprop(x, y, n_threads=n_threads)
    before = net.evaluate(x, y, n_threads=n_threads, sample_weight=arguments.get("sample_weight"))
    net.fit(x, y, n_threads=n_threads, **arguments)
    measured = lg.Network(sizes, **settings)
    measured.fit(x, y, n_threads=n_threads, diagnostics=True, **arguments)
    assert measured.parameters.tobytes() == net.parameters.tobytes()
    assert all(measured.history[name] == values for name, values in net.history.items())
    return {
        "gradient": t.gradient,
        "delta": t.local_gradients[0],
        "trace": np.concatenate(
            [a.ravel() for a in (*t.weighted_inputs, *t.activations, *t.local_gradients, t.cost_gradient)]
        ),
        "cost": np.array([t.cost, *before.values()]),
        "prediction": net.predict(x, n_threads=n_threads),
        "history": np.array(net.history["cost"]),
        "diagnostics": np.concatenate([np.ravel(measured.history[name]) for name in DIAGNOSTICS]),
        "parameters": net.parameters,
        "standardization": standardization_of(net),
    }


if __name__ == "__main__":
    arrays = {
        f"{number} {name}": array for number in range(COUNT) for name, array in results(number, 2).items()
    }
    np.savez(sys.argv[1], isa=lg.info()["isa"], **arrays)
