"""Trains many networks and says what came out, so that two runs can be compared byte for byte.

`python bits_of_training.py FILE` writes all of it to FILE, for a comparison between processes.
"""

import itertools
import random
import sys

import localgrad as lg
import numpy as np
from network_cases import ACTIVATIONS, OPTIMIZERS, PAIRS, some_data, some_labels, takes_labels

WIDTHS = [1, 2, 3, 7, 17, 33, 70, 130]  # beside the multiples of every vector, panel and tile
ROWS = [1, 5, 50, 131]
BATCH_SIZES = [1, 2, 7, 16, 33, 100, None]
# Of nets that narrow towards the output, threads may share the units rather than the rows of a mini-batch.
WIDE_INPUTS, WIDE_LAYERS = [70, 500, 1003], [70, 130, 201]
COUNT = 80


def random_case(number):
    """Sizes, settings, rows, mini-batch and optimiser; over the numbers, each function meets each rule."""
    draw = random.Random(number)
    output, cost = PAIRS[number % len(PAIRS)]
    sizes, n = draw.choices(WIDTHS, k=draw.randint(2, 5)), draw.choice(ROWS)
    if number % 4 == 3:
        hidden = draw.choices(WIDE_LAYERS, k=draw.randint(1, 3))
        sizes, n = [draw.choice(WIDE_INPUTS), *hidden, draw.choice([1, 7])], 131
    if output == "softmax":
        sizes[-1] = max(sizes[-1], 2)
    settings = {
        "activation": draw.choices(ACTIVATIONS, k=len(sizes) - 2),
        "output": output,
        "cost": cost,
        "dtype": draw.choice(["float32", "float64"]),
        "seed": number,
    }
    rule = itertools.islice(itertools.cycle(OPTIMIZERS.values()), number // len(PAIRS), None)
    return sizes, settings, n, draw.choice(BATCH_SIZES), next(rule)


def results(number, n_threads):
    """Everything that one case computes, as arrays by name."""
    sizes, settings, n, batch_size, rule = random_case(number)
    net = lg.Network(sizes, **settings)
    x, y = some_data(n, sizes, seed=number)
    x /= sizes[0] ** 0.5  # so that none diverges
    if number % 2 and takes_labels(net.output):
        y = some_labels(n, sizes, seed=number)
    t = net.backprop(x, y, n_threads=n_threads)
    before = net.evaluate(x, y, n_threads=n_threads)
    history = net.fit(x, y, epochs=3, batch_size=batch_size, optimizer=rule, n_threads=n_threads)
    return {
        "gradient": t.gradient,
        "delta": t.local_gradients[0],
        "cost": np.array([t.cost, *before.values()]),
        "prediction": net.predict(x, n_threads=n_threads),
        "history": np.array(history["cost"]),
        "parameters": net.parameters,
    }


if __name__ == "__main__":
    arrays = {
        f"{number} {name}": array for number in range(COUNT) for name, array in results(number, 2).items()
    }
    np.savez(sys.argv[1], isa=lg.info()["isa"], **arrays)
