"""The core against the reference, a second implementation that shares no line with it."""

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference
from network_cases import (
    ACTIVATIONS,
    COMBINATIONS,
    INITS,
    LABELLED,
    OPTIMIZERS,
    PAIRS,
    relative_error,
    some_data,
    some_labels,
)

LISTS = ["weighted_inputs", "activations", "local_gradients", "weight_gradients", "bias_gradients"]
LISTS += ["activation_derivatives"]
WIDTHS = [[3, 1, 2], [7, 17, 3, 33, 5], [70, 33, 10]]


def both(sizes, dtype="float64", scale=0.25, **options):
    """The same network in the core and in the reference; biases are not 0, and z stays moderate."""
    options = {"init": "normal", "seed": 2**63 + 5, **options}
    core = lg.Network(sizes, dtype=dtype, **options)
    model = reference.Network(sizes, **options)
    core.parameters *= scale
    model.parameters = [scale * p for p in model.parameters]
    return core, model


def lists(*arrays):
    return [array.tolist() for array in arrays]


def worst_in_trace(t, expected):
    """The largest relative error of all arrays of a trace."""
    errors = [relative_error(t.cost, expected.cost), relative_error(t.gradient, expected.gradient)]
    errors.append(relative_error(t.cost_gradient, expected.cost_gradient))
    for name in LISTS:
        for ours, theirs in zip(getattr(t, name), getattr(expected, name), strict=True):
            errors.append(relative_error(ours, theirs))
    return max(errors)


def worst_parameter(core, model):
    pairs = [*zip(core.weights, model.weights, strict=True), *zip(core.biases, model.biases, strict=True)]
    return max(relative_error(ours, theirs) for ours, theirs in pairs)


def test_both_have_the_same_functions():
    assert set(ACTIVATIONS) | {output for output, _ in PAIRS} == set(reference.ACTIVATIONS)
    assert set(PAIRS) == {(output, cost) for cost, outputs in reference.COSTS.items() for output in outputs}


@pytest.mark.parametrize("sizes", [*WIDTHS, [1, 1], [2, 130, 1]])
@pytest.mark.parametrize("init", INITS)
def test_initial_parameters(init, sizes):
    hidden = [ACTIVATIONS[i % len(ACTIVATIONS)] for i in range(1, len(sizes) - 1)]
    for seed in (0, 1, 2**64 - 1):
        for output in ("relu", "sigmoid"):
            options = {"activation": hidden, "output": output, "init": init, "seed": seed}
            core, model = lg.Network(sizes, dtype="float64", **options), reference.Network(sizes, **options)
            assert worst_parameter(core, model) <= 1e-14
            assert relative_error(core.parameters, model.parameters) <= 1e-14
            single = lg.Network(sizes, dtype="float32", **options)  # drawn in double, rounded once
            assert single.parameters.tobytes() == core.parameters.astype(np.float32).tobytes()


@pytest.mark.parametrize("sizes", WIDTHS)
@pytest.mark.parametrize(("hidden", "output", "cost"), COMBINATIONS)
def test_backprop(hidden, output, cost, sizes):
    core, model = both(sizes, activation=hidden, output=output, cost=cost)
    x, y = some_data(33, sizes)
    wanted = [y, some_labels(33, sizes)] if output in LABELLED else [y]
    for t in wanted:
        assert worst_in_trace(core.backprop(x[0], t[0]), model.backprop(*lists(x[0], t[0]))) <= 1e-12
        for n in (1, 7, 33):
            expected = model.backprop(*lists(x[:n], t[:n]))
            assert worst_in_trace(core.backprop(x[:n], t[:n]), expected) <= 1e-12
        ours, theirs = core.evaluate(x, t), model.evaluate(*lists(x, t))
        assert relative_error(ours.pop("cost"), theirs.pop("cost")) <= 1e-12
        assert ours == theirs
    assert relative_error(core.predict(x), model.predict(x.tolist())) <= 1e-12


@pytest.mark.parametrize("output", [o for o in LABELLED if o != "softmax"])
def test_a_single_output_with_labels(output):
    core, model = both([5, 4, 1], output=output)
    x, y = some_data(9, [5, 1])[0], some_labels(9, [5, 1])
    assert worst_in_trace(core.backprop(x, y), model.backprop(*lists(x, y))) <= 1e-12
    assert core.evaluate(x, y)["accuracy"] == model.evaluate(*lists(x, y))["accuracy"]


@pytest.mark.parametrize("rule", OPTIMIZERS)
@pytest.mark.parametrize(("hidden", "output", "cost"), COMBINATIONS)
def test_two_epochs_of_training(hidden, output, cost, rule):
    """In new orders, so that the shuffles must agree too; behind mini-batches of 7 comes one of 2."""
    sizes = [7, 17, 3, 5]
    x, y = some_data(23, sizes)
    held_out = some_data(4, sizes, seed=1)
    for b in (1, 7, 23):
        core, model = both(sizes, activation=hidden, output=output, cost=cost)
        options = {"epochs": 2, "batch_size": b, "optimizer": OPTIMIZERS[rule]}
        ours = core.fit(x, y, validation=held_out, **options)
        theirs = model.fit(*lists(x, y), validation=lists(*held_out), **options)
        assert worst_parameter(core, model) <= 1e-10
        assert ours.keys() == theirs.keys()
        assert all(relative_error(ours[name], theirs[name]) <= 1e-10 for name in ours)
        assert core.epochs == model.epochs == 2


def test_training_with_labels_and_an_activation_for_each_layer():
    sizes = [6, *(5 + i for i in range(len(ACTIVATIONS))), 4]
    x, y = some_data(40, sizes)[0], some_labels(40, sizes)
    for output in LABELLED:
        core, model = both(sizes, activation=ACTIVATIONS, output=output, cost="cross_entropy")
        core.fit(x, y, epochs=3, batch_size=9)
        model.fit(*lists(x, y), epochs=3, batch_size=9)
        assert worst_parameter(core, model) <= 1e-10


@pytest.mark.parametrize("sizes", WIDTHS)
@pytest.mark.parametrize(("hidden", "output", "cost"), COMBINATIONS)
def test_float32(hidden, output, cost, sizes):
    """Each sum of k products may be off by k eps of its terms; the longest way adds all of them up."""
    core, model = both(sizes, dtype="float32", activation=hidden, output=output, cost=cost)
    model.parameters = core.parameters.tolist()  # rounded, as the core has them
    x, y = (array.astype(np.float32) for array in some_data(20, sizes))
    eps = np.finfo(np.float32).eps
    t, expected = core.backprop(x, y), model.backprop(*lists(x, y))
    assert worst_in_trace(t, expected) <= eps * (sum(sizes) + 20)
    core.fit(x, y, epochs=1, batch_size=6, optimizer=lg.SGD(0.125))
    model.fit(*lists(x, y), epochs=1, batch_size=6, optimizer=lg.SGD(0.125))
    assert worst_parameter(core, model) <= 4 * eps * (sum(sizes) + 6)  # four steps
