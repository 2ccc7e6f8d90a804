"""Random networks of the core and the reference, with data."""

import localgrad as lg
import numpy as np
from localgrad import reference
from network_cases import ACTIVATIONS, PAIRS, some_data, widened


def architectures(count):
    """Return random networks: sizes, functions and options, with every pair of output and cost."""
    cases = []
    for k in range(count):
        rng = np.random.default_rng(k)
        output, cost = PAIRS[k % len(PAIRS)]
        hidden = rng.integers(0, 4)
        sizes = widened([int(m) for m in rng.integers(2, 13, hidden + 2)], cost, output)
        activation = [str(ACTIVATIONS[(k + i) % len(ACTIVATIONS)]) for i in range(hidden)]
        options = {
            "input_scale": [1.0, -0.5][k % 2],
            "learn_input_scale": k % 3 == 0,
            "dropout": 0.5 if k % 4 == 0 else 0.0,
            "standardize": k % 5 == 0 and not cost.startswith("poisson"),
        }
        cases.append((k, sizes, activation, output, cost, options))
    return cases


def both(k, sizes, activation, output, cost, options, *, dtype="float64"):
    """Return a core and a reference network with the same parameters, and data for them."""
    settings = {
        "activation": activation,
        "output": output,
        "cost": cost,
        "seed": k,
        "init": "normal",
        **options,
    }
    core = lg.Network(sizes, dtype=dtype, **settings)
    core.parameters *= 0.6
    if core.input_scales is not None:
        core.input_scales = 1 + 0.3 * np.sin(np.arange(sizes[0]))
    x, y = some_data(13, sizes, seed=k, cost=cost, output=output)
    model = reference.Network(sizes, **settings)
    if core.standardize:  # learned by a step, which is then undone
        before = core.parameters.copy()
        core.fit(x, y, epochs=1, optimizer=lg.SGD(0.01), batch_size=None)
        model.fit(x.tolist(), y.tolist(), epochs=1, optimizer=reference.SGD(0.01), batch_size=None)
        core.parameters = before
    model.parameters = core.parameters.tolist()
    return core, model, x, y
