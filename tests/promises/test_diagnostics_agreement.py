"""Diagnostics of the core agree with those of the reference, for all functions, optimizers and options."""

import dataclasses

import localgrad as lg
import numpy as np
import pytest
from lengths import mostly_slow
from localgrad import reference
from localgrad.history import DIAGNOSTICS
from network_cases import OPTIMIZERS, PAIRS, PENALTIES, some_data
from random_networks import architectures, both

CASES = architectures(len(PAIRS))
RULES = list(OPTIMIZERS.values())


def reference_rule(rule):
    return getattr(reference, type(rule).__name__)(**dataclasses.asdict(rule))


def assert_agreement(core, model):
    assert list(core) == list(model)
    for name in DIAGNOSTICS:
        np.testing.assert_allclose(np.array(core[name]), np.array(model[name]), rtol=1e-10, err_msg=name)


@pytest.mark.parametrize("number", mostly_slow(range(len(CASES)), 8))
def test_diagnostics_agree(number):
    case = CASES[number]
    core, model, x, y = both(*case)
    rule = RULES[case[0] % len(RULES)]
    arguments = {"epochs": 2, "batch_size": [5, None, 1][case[0] % 3], "diagnostics": True}
    if case[0] % 2:
        arguments["sample_weight"] = np.linspace(0.5, 2, len(x)).tolist()
    core.fit(x, y, optimizer=rule, **arguments)
    model.fit(x.tolist(), y.tolist(), optimizer=reference_rule(rule), **arguments)
    assert_agreement(core.history, model.history)


@pytest.mark.parametrize("name", PENALTIES)
@pytest.mark.parametrize("batch_size", [7, 40])
def test_diagnostics_agree_with_penalties(name, batch_size):
    sizes, settings = [5, 6, 4, 2], {"activation": "tanh", "seed": 3, "learn_input_scale": True}
    core, model = lg.Network(sizes, dtype="float64", **settings), reference.Network(sizes, **settings)
    x, y = some_data(90, sizes)
    arguments = {"epochs": 2, "batch_size": batch_size, "diagnostics": True, **PENALTIES[name]}
    core.fit(x, y, optimizer=lg.SGD(0.1), **arguments)
    model.fit(x.tolist(), y.tolist(), optimizer=reference.SGD(0.1), **arguments)
    assert_agreement(core.history, model.history)


def test_diagnostics_agree_with_slopes():
    sizes = [3, 5, 4, 2]
    core = lg.Network(sizes, activation="tanh", dtype="float64", seed=3)
    model = reference.Network(sizes, activation="tanh", seed=3)
    x, y = some_data(20, sizes)
    slopes = np.cos(np.arange(20 * 6)).reshape(20, 2, 3)
    arguments = {"epochs": 2, "batch_size": 8, "diagnostics": True}
    core.fit(x, y, y_slope=slopes, **arguments)
    model.fit(x.tolist(), y.tolist(), y_slope=slopes.tolist(), **arguments)
    assert_agreement(core.history, model.history)


@pytest.mark.parametrize(("n", "batch_size"), [(600, 150), (1100, 2), (700, 600)])
def test_the_same_mini_batches_and_examples_are_measured(n, batch_size):
    """Several mini-batches, groups of small ones, and mini-batches that are computed in chunks."""
    sizes = [3, 4, 1]
    core = lg.Network(sizes, activation="sigmoid", dtype="float64", seed=3, dropout=0.25)
    model = reference.Network(sizes, activation="sigmoid", seed=3, dropout=0.25)
    x, y = some_data(n, sizes)
    arguments = {"epochs": 2, "batch_size": batch_size, "diagnostics": True}
    for n_threads in (1, 3):
        copy = core.copy()
        copy.fit(x, y, n_threads=n_threads, **arguments)
        if n_threads == 1:
            model.fit(x.tolist(), y.tolist(), **arguments)
        assert_agreement(copy.history, model.history)
