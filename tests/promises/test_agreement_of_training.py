"""Training in the core agrees with the reference for every rule, penalty, disturbance and schedule."""

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference
from network_cases import (
    ACTIVATIONS,
    COSTS,
    DISTURBANCES,
    NAMES,
    OPTIMIZERS,
    OUTPUTS,
    PAIRS,
    PENALTIES,
    relative_error,
    some_data,
    some_labels,
    widened,
)
from pairwise import covering
from test_agreement import both, largest_error_of_parameters, lists

# After 20 mini-batches: 1e-11 of the largest number of an array.
TOLERANCE = 1e-11
TABLE = covering(
    ACTIVATIONS,
    OUTPUTS,
    COSTS,
    list(OPTIMIZERS),
    list(PENALTIES),
    list(DISTURBANCES),
    fits=lambda row: row[1:3] in PAIRS,
)


@pytest.fixture
def slopes(monkeypatch):
    """Return the magnitudes of all slopes that the rules of the reference receive, without exact zeros."""
    seen = []

    def watch(update):
        def watching(settings, factor, t, w, g, *kept):
            seen.extend([abs(g)] if g else [])
            return update(settings, factor, t, w, g, *kept)

        return watching

    for rule in reference.OPTIMIZERS.values():
        if "update" in vars(rule):
            monkeypatch.setattr(rule, "update", watch(rule.update))
    return seen


def train_both(seed, slopes, sizes, arguments, settings, n=13, cost="mse", output="identity", labels=False):
    """Fit the core and the reference; return None if rounding may change the sign of a small slope."""
    slopes.clear()
    core, model = both(sizes, seed=seed, scale=0.5, cost=cost, output=output, **settings)
    x, y = some_data(n, sizes, seed, cost if isinstance(cost, str) else "mse", output)
    if labels:
        y = some_labels(n, sizes, seed)
    theirs = model.fit(
        *lists(x, y), **{k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in arguments.items()}
    )
    if slopes and min(slopes) < 1e-9:
        return None
    return core, model, core.fit(x, y, **arguments), theirs


def check(slopes, sizes, arguments, settings=None, **case):
    for seed in range(100):
        done = train_both(seed, slopes, sizes, arguments, settings or {}, **case)
        if done:
            break
    assert done, "no seed keeps all slopes away from 0"
    core, model, ours, theirs = done
    assert largest_error_of_parameters(core, model) <= TOLERANCE
    assert ours.keys() == theirs.keys()
    assert all(relative_error(ours[name], theirs[name]) <= TOLERANCE for name in ours)
    assert core.epochs == model.epochs
    return done


def test_every_rule_of_the_core_is_in_the_table():
    assert {type(rule).__name__ for rule in OPTIMIZERS.values()} == set(NAMES["optimizers"])
    assert set(NAMES["optimizers"]) == set(reference.OPTIMIZERS)


@pytest.mark.parametrize(("hidden", "output", "cost", "rule", "penalty", "disturbance"), TABLE)
def test_twenty_steps_agree(hidden, output, cost, rule, penalty, disturbance, slopes):
    """Any two of the six choices occur together. Rows are shuffled, and the last mini-batch is smaller."""
    sizes = widened([4, 5, 3, 2], cost, output)
    arguments = {"epochs": 5, "batch_size": 4, "optimizer": OPTIMIZERS[rule], **PENALTIES[penalty]}
    settings = {"activation": hidden, **DISTURBANCES[disturbance]}
    check(slopes, sizes, arguments, settings, cost=cost, output=output)


@pytest.mark.parametrize("batch_size", [1, 7, None])
@pytest.mark.parametrize("rule", OPTIMIZERS)
def test_sizes_of_mini_batches_agree(rule, batch_size, slopes):
    arguments = {"epochs": 2, "batch_size": batch_size, "optimizer": OPTIMIZERS[rule]}
    check(slopes, [7, 17, 3, 5], arguments, {"activation": "tanh"}, n=16)


@pytest.mark.parametrize("rule", ["plain", "nesterov", "adam", "rprop"])
@pytest.mark.parametrize(
    "more", [{}, {"dropout": 0.25, "input_dropout": 0.1, "input_noise": 0.1}], ids=["plain", "disturbed"]
)
def test_full_batches_summed_in_pieces_agree(rule, more, slopes):
    """With enough rows that the core sums the gradient of a small network in pieces."""
    arguments = {
        "epochs": 3,
        "batch_size": None,
        "optimizer": OPTIMIZERS[rule],
        "sample_weight": np.arange(700.0) % 5,
    }
    check(slopes, [4, 8, 3], arguments, {"activation": "tanh", **more}, n=700)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("sizes", "batch_size"), [([70, 33, 5], 20), ([9, 130, 1], 11), ([300, 24, 3], 8)], ids=str
)
def test_larger_networks_with_all_options_agree(sizes, batch_size, dtype, slopes):
    settings = {"activation": "silu", "dropout": 0.2, "input_dropout": 0.1, "input_noise": 0.05}
    arguments = {"epochs": 2, "batch_size": batch_size, "optimizer": lg.AdamW(0.001), "l1": 1e-4, "l2": 0.01}
    arguments |= {"max_norm": 1.5, "clip_value": 0.5, "clip_norm": 1.0}
    core, model = both(sizes, dtype, seed=3, **settings)
    model.parameters = core.parameters.tolist()
    x, y = (array.astype(dtype) for array in some_data(40, sizes))
    core.fit(x, y, **arguments)
    model.fit(*lists(x, y), **arguments)
    # Adam divides by |g| + 1e-8, so that small slopes have few correct digits in float32.
    assert largest_error_of_parameters(core, model) <= {"float32": 2e-3, "float64": TOLERANCE}[dtype]


SCHEDULES = {
    "a function": lambda: lambda epoch: 1 / (1 + epoch),
    "constant": lambda: lg.schedules.Constant(),
    "step": lambda: lg.schedules.Step(every=2, factor=0.5),
    "exponential": lambda: lg.schedules.Exponential(0.8),
    "polynomial": lambda: lg.schedules.Polynomial(power=2.0, final=0.1),
    "cosine": lambda: lg.schedules.Cosine(),
    "restarts": lambda: lg.schedules.Cosine(epochs=1, restarts=True, stretch=2.0, final=0.01),
    "one cycle": lambda: lg.schedules.OneCycle(),
    "warm-up": lambda: lg.schedules.Warmup(2, then=lg.schedules.Cosine(3)),
    "by epoch": lambda: lg.schedules.Exponential(0.8, by_epoch=True),
    "plateau": lambda: lg.schedules.ReduceOnPlateau(factor=0.5, patience=0, threshold=0.5, cooldown=1),
}


@pytest.mark.parametrize(
    "rule", ["nesterov", "adamw", "nadam", "rmsprop centered", "adagrad decay", "rprop", "lion decay"]
)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_schedules_agree(schedule, rule, slopes):
    arguments = {
        "epochs": 5,
        "batch_size": 4,
        "optimizer": OPTIMIZERS[rule],
        "schedule": SCHEDULES[schedule](),
    }
    *_, ours, _ = check(slopes, [4, 5, 2], arguments)
    assert len(ours["learning_rate"]) == 5


SOFTMAX = {"output": "softmax", "cost": "cross_entropy(0.3)"}
SIGMOID = {"output": "sigmoid", "cost": "cross_entropy(0.2)"}
SCHEDULED_SETTINGS = ("learning_rate", "dropout", "weight_decay", "label_smoothing")
# Output and cost, dropout, and the schedules.
SCHEDULED = {
    "dropout": (
        {},
        {"dropout": [0.0, 0.5], "input_dropout": 0.2},
        {"dropout": lambda t: 0.3 * t, "learning_rate": lg.schedules.Cosine()},
    ),
    "weight decay": ({}, {}, {"weight_decay": lg.schedules.Warmup(2, then=lg.schedules.Exponential(0.5))}),
    "smoothing of softmax": (SOFTMAX, {}, {"label_smoothing": lambda t: 3 - 0.5 * t}),
    "smoothing of sigmoid": (
        {"output": "sigmoid", "cost": "binary_cross_entropy(0.2)"},
        {},
        {"label_smoothing": lg.schedules.Polynomial(4)},
    ),
    "all": (SIGMOID, {"dropout": 0.3}, dict.fromkeys(SCHEDULED_SETTINGS, lg.schedules.OneCycle())),
    "plateau": (
        SIGMOID,
        {"dropout": 0.3},
        {
            "weight_decay": lg.schedules.ReduceOnPlateau(factor=0.1, patience=1, threshold=0.9),
            "label_smoothing": lg.schedules.ReduceOnPlateau(factor=0.5, patience=0, threshold=0.5),
        },
    ),
}


@pytest.mark.parametrize("rule", ["nesterov", "adamw", "lion decay"])
@pytest.mark.parametrize(("functions", "settings", "schedule"), SCHEDULED.values(), ids=SCHEDULED)
def test_schedules_of_other_settings_agree(functions, settings, schedule, rule, slopes):
    arguments = {"epochs": 5, "batch_size": 4, "optimizer": OPTIMIZERS[rule], "schedule": schedule}
    if rule == "nesterov":
        arguments["weight_decay"] = [0.3, 0.0, 0.6]
    core, _, ours, _ = check(slopes, [4, 5, 5, 3], arguments, settings, **functions)
    assert list(ours)[1:] == [name for name in SCHEDULED_SETTINGS if name in schedule]
    without, _ = both(core.sizes, seed=core.seed, scale=0.5, **functions, **settings)
    x, y = some_data(13, core.sizes, core.seed, core.cost, core.output)
    without.fit(x, y, **(arguments | {"schedule": None}))
    assert (without.parameters != core.parameters).any()


def test_plateaus_of_the_validation_cost_agree(slopes):
    held_out = some_data(6, [4, 5, 2], seed=9)
    plateau = lg.schedules.ReduceOnPlateau(factor=0.5, patience=1, threshold=0.2)
    x, y = some_data(13, [4, 5, 2])
    core, model = both([4, 5, 2])
    ours = core.fit(x, y, epochs=8, schedule=plateau, validation=held_out)
    theirs = model.fit(*lists(x, y), epochs=8, schedule=plateau, validation=lists(*held_out))
    assert ours["learning_rate"] == theirs["learning_rate"]
    assert ours["learning_rate"][-1] < ours["learning_rate"][0]
    assert largest_error_of_parameters(core, model) <= TOLERANCE


@pytest.mark.parametrize(("output", "cost"), [("softmax", None), ("sigmoid", "mse"), ("identity", "hinge")])
@pytest.mark.parametrize(
    "weights",
    [
        {"sample_weight": np.arange(13.0)},
        {"class_weight": "balanced"},
        {"class_weight": {1: 5.0, 2: 0.0}},
        {"class_weight": [0.5, 1, 2], "sample_weight": np.arange(13.0) % 4},
    ],
    ids=str,
)
def test_weights_agree(weights, output, cost, slopes):
    cost = cost or "cross_entropy"
    check(slopes, [4, 5, 3], {"epochs": 3, "batch_size": 4, **weights}, cost=cost, output=output, labels=True)


@pytest.mark.parametrize("class_weight", ["balanced", {0: 3.0}])
@pytest.mark.parametrize(
    ("output", "cost"), [("sigmoid", "cross_entropy"), ("sigmoid", "binary_cross_entropy"), ("tanh", "hinge")]
)
def test_class_weights_of_a_single_output_agree(class_weight, output, cost, slopes):
    arguments = {"epochs": 3, "batch_size": 4, "class_weight": class_weight}
    check(slopes, [4, 5, 1], arguments, cost=cost, output=output, labels=True)


def quartic(a, y):
    error = np.asarray(a) - np.asarray(y)
    return (error**4).sum(axis=1) / 4, error**3


@pytest.mark.parametrize("output", ["identity", "tanh", "sigmoid", "softmax"])
@pytest.mark.parametrize("more", [{}, {"sample_weight": np.arange(13.0)}], ids=["even", "weighted"])
def test_custom_costs_agree(more, output, slopes):
    arguments = {"epochs": 3, "batch_size": 4, "optimizer": OPTIMIZERS["adam"], "l2": 0.01, **more}
    core, model, *_ = check(slopes, [4, 5, 3], arguments, {"dropout": 0.2}, cost=quartic, output=output)
    assert core.cost == model.cost == "custom"
    x, y = some_data(5, [4, 3], seed=1)
    assert relative_error(core.backprop(x, y).gradient, model.backprop(*lists(x, y)).gradient) <= 1e-12
    ours, theirs = core.evaluate(x, y), model.evaluate(*lists(x, y))
    assert relative_error(ours["cost"], theirs["cost"]) <= 1e-12
    assert ours.get("accuracy") == theirs.get("accuracy")


def test_dropout_continues_in_a_second_fit(slopes):
    """The dropout masks depend on the number of epochs trained so far."""
    x, y = some_data(13, [4, 5, 2])
    core, model = both([4, 5, 2], dropout=0.5, input_dropout=0.2, input_noise=0.1)
    for epochs in (1, 2):
        core.fit(x, y, epochs=epochs, batch_size=4)
        model.fit(*lists(x, y), epochs=epochs, batch_size=4)
    assert largest_error_of_parameters(core, model) <= TOLERANCE


def test_weighted_validation_costs_agree():
    held_out, weights = some_data(6, [4, 5, 2], seed=9), np.arange(6.0)
    x, y = some_data(13, [4, 5, 2])
    core, model = both([4, 5, 2])
    ours = core.fit(x, y, epochs=3, validation=(*held_out, weights))
    theirs = model.fit(*lists(x, y), epochs=3, validation=(*lists(*held_out), weights.tolist()))
    np.testing.assert_allclose(ours["val_cost"], theirs["val_cost"], rtol=1e-12)
    assert ours["val_cost"][-1] == core.evaluate(*held_out, sample_weight=weights)["cost"]
    assert ours["val_cost"][-1] != core.evaluate(*held_out)["cost"]
