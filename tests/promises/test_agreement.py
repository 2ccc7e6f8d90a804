"""The core agrees with the reference, a second implementation that shares no code with it."""

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference
from network_cases import (
    ACTIVATIONS,
    COMBINATIONS,
    COSTS,
    EVERY_PAIR,
    INITS,
    LABELED,
    OUTPUTS,
    PAIRS,
    relative_error,
    some_data,
    some_labels,
    takes_labels,
    widened,
)

LISTS_OF_ROWS = ["weighted_inputs", "activations", "local_gradients", "activation_derivatives"]
LISTS = [*LISTS_OF_ROWS, "weight_gradients", "bias_gradients"]
WIDTHS = [[3, 1, 2], [7, 17, 3, 33, 5], [70, 33, 10]]
# One of these widths for each pair of output and cost, and another for the next pair.
IN_TURN = [(*case, WIDTHS[k % len(WIDTHS)]) for k, case in enumerate(EVERY_PAIR)]


def both(sizes, dtype="float64", scale=0.25, **options):
    """Return the same network in the core and in the reference, with nonzero biases and moderate z."""
    options = {"init": "normal", "seed": 2**63 + 5, **options}
    core = lg.Network(sizes, dtype=dtype, **options)
    model = reference.Network(sizes, **options)
    core.parameters *= scale
    model.parameters = [scale * p for p in model.parameters]
    return core, model


def lists(*arrays):
    return [array.tolist() for array in arrays]


def largest_error_in_trace(t, expected, names=LISTS):
    """Return the largest relative error of all arrays of a trace."""
    errors = [relative_error(t.cost, expected.cost), relative_error(t.gradient, expected.gradient)]
    errors.append(relative_error(t.cost_gradient, expected.cost_gradient))
    for name in names:
        for ours, theirs in zip(getattr(t, name), getattr(expected, name), strict=True):
            errors.append(relative_error(ours, theirs))
    return max(errors)


def largest_error_of_parameters(core, model):
    pairs = [*zip(core.weights, model.weights, strict=True), *zip(core.biases, model.biases, strict=True)]
    if core.learn_input_scale:
        pairs.append((core.input_scales, model.input_scales))
    return max(relative_error(ours, theirs) for ours, theirs in pairs)


def without_parameters(names):
    return {name.partition("(")[0] for name in names}


def test_both_have_the_same_functions():
    assert without_parameters(ACTIVATIONS) | without_parameters(OUTPUTS) == set(reference.ACTIVATIONS)
    assert without_parameters(COSTS) == set(reference.COSTS)
    for cost in COSTS:
        for output in OUTPUTS:
            try:
                reference.Network([1, 12], output=output, cost=cost)
            except ValueError:
                assert (output, cost) not in PAIRS
            else:
                assert (output, cost) in PAIRS


@pytest.mark.parametrize(
    "name", ["leaky_relu", "leaky_relu(0.01)", "leaky_relu( 2e-1 )", "elu(1)", "elu(2.50)", "leaky_relu(0)"]
)
def test_both_normalize_names_of_activations_alike(name):
    core, model = both([2, 3, 1], activation=name, output=name)
    assert tuple(core.activation) == model.activation
    assert core.output == model.output


@pytest.mark.parametrize(
    "name", ["huber(1.0)", "huber(.5)", "quantile(0.5)", "quantile(0.1,0.5)", "quantile(0.25)", "huber(12)"]
)
def test_both_normalize_names_of_costs_alike(name):
    core, model = both([2, 4], cost=name)
    assert core.cost == model.cost


@pytest.mark.parametrize("sizes", [*WIDTHS, [1, 1], [2, 130, 1]])
@pytest.mark.parametrize("init", INITS)
def test_initial_parameters_agree(init, sizes):
    for seed in (0, 1, 2**64 - 1):
        for first in range(0, len(ACTIVATIONS), 3):
            hidden = [ACTIVATIONS[(first + i) % len(ACTIVATIONS)] for i in range(len(sizes) - 2)]
            output = OUTPUTS[first]
            options = {"activation": hidden, "output": output, "init": init, "seed": seed}
            if sizes[-1] == 1 and output == "softmax":
                continue
            core, model = lg.Network(sizes, dtype="float64", **options), reference.Network(sizes, **options)
            assert largest_error_of_parameters(core, model) <= 1e-14
            assert relative_error(core.parameters, model.parameters) <= 1e-14
            single = lg.Network(sizes, dtype="float32", **options)  # drawn in float64 and rounded once
            assert single.parameters.tobytes() == core.parameters.astype(np.float32).tobytes()


@pytest.mark.parametrize("gain", [0.0, 0.3, [0.5, 1.0, 0.0], [1, 2, 1e-3]], ids=str)
@pytest.mark.parametrize("init", INITS)
def test_initial_parameters_with_gains_agree(init, gain):
    sizes, options = [7, 17, 3, 5], {"activation": ["tanh", "relu"], "init": init, "seed": 6}
    core = lg.Network(sizes, dtype="float64", init_gain=gain, **options)
    model = reference.Network(sizes, init_gain=gain, **options)
    assert core.init_gain == model.init_gain == tuple(gain if isinstance(gain, list) else [gain] * 3)
    assert largest_error_of_parameters(core, model) <= 1e-14
    plain = lg.Network(sizes, dtype="float64", **options)
    for i, factor in enumerate(core.init_gain):
        np.testing.assert_allclose(core.weights[i], factor * plain.weights[i], rtol=1e-15)
        np.testing.assert_array_equal(core.biases[i], plain.biases[i])
    assert lg.Network(sizes, dtype="float64", init_gain=1, **options).parameters.tobytes() == (
        plain.parameters.tobytes()
    )
    single = lg.Network(sizes, init_gain=gain, **options)
    assert single.parameters.tobytes() == core.parameters.astype(np.float32).tobytes()


def check_backprop(sizes, hidden, output, cost, counts):
    sizes = widened(sizes, cost, output)
    core, model = both(sizes, activation=hidden, output=output, cost=cost)
    x, y = some_data(max(counts), sizes, cost=cost, output=output)
    wanted = [y, some_labels(max(counts), sizes)] if takes_labels(output, cost) else [y]
    for t in wanted:
        assert largest_error_in_trace(core.backprop(x[0], t[0]), model.backprop(*lists(x[0], t[0]))) <= 1e-12
        for n in counts:
            expected = model.backprop(*lists(x[:n], t[:n]))
            assert largest_error_in_trace(core.backprop(x[:n], t[:n]), expected) <= 1e-12
        weights = np.arange(max(counts)) % 3 / 2
        ours = core.backprop(x, t, sample_weight=weights)
        expected = model.backprop(*lists(x, t), sample_weight=weights.tolist())
        assert largest_error_in_trace(ours, expected) <= 1e-12
        for sample_weight in (None, weights):
            ours = core.evaluate(x, t, sample_weight=sample_weight)
            theirs = model.evaluate(
                *lists(x, t), sample_weight=None if sample_weight is None else weights.tolist()
            )
            assert ours.keys() == theirs.keys()
            assert relative_error(list(ours.values()), list(theirs.values())) <= 1e-12
    assert relative_error(core.predict(x), model.predict(x.tolist())) <= 1e-12


@pytest.mark.parametrize(("hidden", "output", "cost"), COMBINATIONS)
def test_backprop_of_small_networks_agrees(hidden, output, cost):
    check_backprop([5, 4, 3, 6], hidden, output, cost, counts=(1, 7))


@pytest.mark.parametrize(("hidden", "output", "cost", "sizes"), IN_TURN)
def test_backprop_agrees(hidden, output, cost, sizes):
    check_backprop(sizes, hidden, output, cost, counts=(17,))


def test_backprop_of_several_blocks_of_rows_agrees():
    check_backprop([7, 17, 3, 33, 5], "tanh", "softmax", "cross_entropy", counts=(1, 7, 33, 131))


@pytest.mark.parametrize(("output", "cost"), [pair for pair in PAIRS if pair[0] != "softmax"])
def test_single_targets_and_labels_agree(output, cost):
    sizes = widened([5, 4, 1], cost, output)
    core, model = both(sizes, output=output, cost=cost)
    x, y = some_data(9, sizes, cost=cost, output=output)
    wanted = [y, y[:, 0]]
    if (output in LABELED or takes_labels(output, cost)) and sizes[-1] == 1:
        wanted.append(some_labels(9, [1]))
    for t in wanted:
        assert largest_error_in_trace(core.backprop(x, t), model.backprop(*lists(x, t))) <= 1e-12
        ours, theirs = core.evaluate(x, t), model.evaluate(*lists(x, t))
        assert ours.get("accuracy") == theirs.get("accuracy")


def test_training_with_labels_and_all_activations_agrees():
    sizes = [6, *(3 + i % 4 for i in range(len(ACTIVATIONS))), 4]
    x, y = some_data(20, sizes)[0], some_labels(20, sizes)
    for output in LABELED:
        core, model = both(sizes, scale=0.7, activation=ACTIVATIONS, output=output, cost="cross_entropy")
        core.fit(x, y, epochs=2, batch_size=9)
        model.fit(*lists(x, y), epochs=2, batch_size=9)
        assert largest_error_of_parameters(core, model) <= 1e-10


@pytest.mark.parametrize(("hidden", "output", "cost", "sizes"), IN_TURN)
def test_float32_agrees_within_rounding(hidden, output, cost, sizes):
    """A sum of k products may have an error of k eps times its terms; the longest path adds up all layers."""
    sizes = widened(sizes, cost, output)
    core, model = both(sizes, dtype="float32", activation=hidden, output=output, cost=cost)
    model.parameters = core.parameters.tolist()  # rounded, as in the core
    data = some_data(12, sizes, cost=cost, output=output)
    x, y = (array.astype(np.float32) for array in data)
    eps = np.finfo(np.float32).eps
    t, expected = core.backprop(x, y), model.backprop(*lists(x, y))
    tolerance = eps * (sum(sizes) + 20)
    assert largest_error_in_trace(t, expected, LISTS_OF_ROWS) <= tolerance
    for i in range(len(sizes) - 1):  # sums may cancel: the error is relative to the terms
        delta, a = abs(t.local_gradients[i]), abs(t.activations[i])
        off = abs(t.weight_gradients[i] - np.array(expected.weight_gradients[i])).max()
        assert off <= tolerance * (delta.T @ a).max() / len(x)
        off = abs(t.bias_gradients[i] - np.array(expected.bias_gradients[i])).max()
        assert off <= tolerance * delta.mean(axis=0).max()
    core.fit(x, y, epochs=1, batch_size=5, optimizer=lg.SGD(0.125))
    model.fit(*lists(x, y), epochs=1, batch_size=5, optimizer=lg.SGD(0.125))
    assert largest_error_of_parameters(core, model) <= 4 * eps * (sum(sizes) + 6)  # three steps
