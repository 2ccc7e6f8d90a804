"""Invalid arguments raise the right error, with the expected and the actual value, and change nothing."""

import math
from decimal import Decimal

import localgrad as lg
import numpy as np
import pytest

N, IN, OUT = 7, 4, 3
X = np.linspace(-1, 1, N * IN, dtype=np.float32).reshape(N, IN)
LABELS = np.arange(N) % OUT
TARGETS = np.eye(OUT, dtype=np.float32)[LABELS]


def with_value(array, value, index=(2, 1)):
    changed = array.astype(np.result_type(array, np.float64) if isinstance(value, float) else array.dtype)
    changed[index] = value
    return changed


def network(**options):
    return lg.Network([IN, 5, OUT], **{"output": "softmax", "seed": 1, **options})


class Unreadable:
    """An object that np.asarray can only wrap."""


def assigns(array, index, value):
    """Return a function that assigns to the array, or to one of a list of arrays."""
    if index is None:
        return lambda net: setattr(net, array, value)
    return lambda net: getattr(net, array).__setitem__(index, value)


# Invalid X, for every method that takes X: (id, X, error, parts of the message).
BAD_X = [
    ("scalar", 3.0, ValueError, ["shape", "got "]),
    ("0-d", np.array(3.0), ValueError, ["shape", "got "]),
    ("3-d", np.zeros((2, 3, IN)), ValueError, ["(2, 3, "]),
    ("narrow", np.zeros((N, IN - 1)), ValueError, ["4", "3"]),
    ("wide", np.zeros((N, IN + 2)), ValueError, ["4", "6"]),
    ("transposed", X.T, ValueError, ["4", "7"]),
    ("no columns", np.zeros((N, 0)), ValueError, ["4", "0"]),
    ("nan", with_value(X, math.nan), ValueError, ["finite", "nan", "2", "1"]),
    ("inf", with_value(X, math.inf), ValueError, ["finite", "inf", "2", "1"]),
    ("-inf", with_value(X, -math.inf), ValueError, ["finite", "inf", "2", "1"]),
    ("overflows float32", with_value(X, 1e39), ValueError, ["finite", "inf", "2", "1"]),
    ("object", np.full((N, IN), None), TypeError, ["numbers", "object"]),
    ("an object", Unreadable(), TypeError, ["numbers", "object"]),
    ("None", None, TypeError, ["numbers", "object"]),
    ("decimals and a string", [[Decimal(1)] * 3 + ["1"]] * N, TypeError, ["numbers", "object", "'1' (str)"]),
    ("strings", np.full((N, IN), "1.5"), TypeError, ["numbers", "<U3"]),
    ("a string", "data.csv", TypeError, ["numbers", "<U8"]),
    ("bytes", b"1234", TypeError, ["numbers", "S4"]),
    ("complex", X + 0j, TypeError, ["numbers", "complex"]),
    ("dates", np.zeros((N, IN), "datetime64[s]"), TypeError, ["numbers", "datetime64"]),
    ("records", np.zeros(N, [("a", "f4"), ("b", "f4")]), TypeError, ["numbers", "('a'"]),
    ("dict", {"x": 1}, TypeError, ["numbers", "object"]),
    ("generator", (row for row in X), TypeError, ["numbers", "object"]),
    ("ragged", [[1.0] * IN, [1.0] * (IN - 1)], ValueError, ["rectangular", "shape"]),
    ("masked", np.ma.masked_array(X, X > 0.9), ValueError, ["no masked", "2"]),
]

# Invalid y.
BAD_Y = [
    ("short labels", LABELS[:-1], ValueError, ["7", "6"]),
    ("long labels", np.append(LABELS, 0), ValueError, ["7", "8"]),
    ("no labels", LABELS[:0], ValueError, ["7", "0"]),
    ("short targets", TARGETS[:-1], ValueError, ["7", "6"]),
    ("narrow targets", TARGETS[:, :-1], ValueError, ["(7, 3)", "(7, 2)"]),
    ("column of labels", LABELS[:, np.newaxis], ValueError, ["labels of shape (7,)", "(7, 3)", "(7, 1)"]),
    ("scalar", 1, ValueError, ["dimensions", "0"]),
    ("3-d", TARGETS[..., np.newaxis], ValueError, ["(7, 3)", "(7, 3, 1)"]),
    ("label too large", with_value(LABELS, OUT, 2), ValueError, ["0..2", "3"]),
    ("negative label", with_value(LABELS, -1, 2), ValueError, ["0..2", "-1"]),
    ("huge label", np.full(N, 2**64 - 1, np.uint64), ValueError, ["0..2", str(2**64 - 1)]),
    ("float labels", LABELS.astype(float), ValueError, ["integer labels", "float64"]),
    ("bool labels", LABELS > 0, ValueError, ["integer labels", "bool"]),
    ("nan", with_value(TARGETS, math.nan), ValueError, ["finite", "nan", "2", "1"]),
    ("inf", with_value(TARGETS, math.inf), ValueError, ["finite", "inf", "2", "1"]),
    ("object", np.full(N, None), TypeError, ["numbers", "object"]),
    ("None", None, TypeError, ["y "]),
    ("strings", np.full(N, "cat"), TypeError, ["numbers", "<U3"]),
    ("complex", TARGETS + 0j, TypeError, ["numbers", "complex"]),
    ("ragged", [[1.0, 0.0], [1.0]], ValueError, ["rectangular", "shape"]),
]

# Invalid arguments of fit: (keyword arguments, error, parts). For validation see test_validation_split.py,
# for class_weight test_class_weight_keys.py.
BAD_FIT = [
    ({"epochs": -1}, ValueError, ["epochs", "0", "-1"]),
    ({"epochs": 2.0}, TypeError, ["epochs", "int", "2.0"]),
    ({"epochs": True}, TypeError, ["epochs", "int", "True"]),
    ({"epochs": None}, TypeError, ["epochs", "int", "None"]),
    ({"epochs": np.array([1, 2])}, TypeError, ["epochs", "int", "array"]),
    ({"batch_size": 0}, ValueError, ["batch_size", "1", "0"]),
    ({"batch_size": -5}, ValueError, ["batch_size", "1", "-5"]),
    ({"batch_size": 1.5}, TypeError, ["batch_size", "int", "1.5"]),
    ({"batch_size": True}, TypeError, ["batch_size", "int", "True"]),
    ({"batch_size": math.nan}, TypeError, ["batch_size", "int", "nan"]),
    ({"optimizer": "sdg"}, ValueError, ["optimizer", "'sdg'", "did you mean 'SGD'"]),
    ({"optimizer": lg.SGD}, TypeError, ["optimizer", "SGD", "class", "SGD()"]),
    ({"optimizer": 0.1}, TypeError, ["optimizer", "SGD", "0.1"]),
    ({"optimizer": lg.optimizers.Optimizer()}, TypeError, ["optimizer", "SGD", "Optimizer"]),
    ({"shuffle": 1}, TypeError, ["shuffle", "bool", "1"]),
    ({"shuffle": None}, TypeError, ["shuffle", "bool", "None"]),
    ({"n_threads": 0}, ValueError, ["n_threads", "1", "0"]),
    ({"n_threads": -1}, ValueError, ["n_threads", "1", "-1"]),
    ({"n_threads": 10**9}, ValueError, ["n_threads", "1025", "1000000000"]),
    ({"n_threads": 2.0}, TypeError, ["n_threads", "int", "2.0"]),
    ({"n_threads": True}, TypeError, ["n_threads", "int", "True"]),
    ({"verbose": -1}, ValueError, ["verbose", "0", "-1"]),
    ({"verbose": "yes"}, TypeError, ["verbose", "int", "'yes'"]),
    ({"callbacks": print}, TypeError, ["callbacks", "sequence", "print"]),
    ({"callbacks": None}, TypeError, ["callbacks", "sequence", "None"]),
    ({"callbacks": [print, 3]}, TypeError, ["callbacks[1]", "callable", "3"]),
    ({"metrics": "acuracy"}, ValueError, ["metrics", "accuracy", "'acuracy'"]),
    ({"metrics": "r2(3)"}, ValueError, ["r2"]),
    ({"metrics": [3]}, TypeError, ["metrics", "3"]),
    ({"metrics": ["f1", "f1"]}, ValueError, ["metrics", "f1"]),
    ({"time_limit": 0}, ValueError, ["time_limit", "0"]),
    ({"time_limit": "1h"}, TypeError, ["time_limit", "'1h'"]),
    ({"checkpoint": 3}, TypeError, ["checkpoint", "str", "3"]),
    ({"checkpoint": "x", "checkpoint_every": 0}, ValueError, ["checkpoint_every", "0"]),
    ({"resume": 3}, TypeError, ["resume", "str", "3"]),
    ({"resume": "no such file"}, FileNotFoundError, ["no such file"]),
    ({"validation": (X[:0], LABELS[:0])}, ValueError, ["validation X", "1", "0"]),
    ({"schedule": 0.5}, TypeError, ["schedule", "function", "0.5"]),
    ({"schedule": lg.schedules.Cosine}, TypeError, ["schedule", "function", "Cosine"]),
    (
        {"schedule": lg.schedules.ReduceOnPlateau("val_cost")},
        ValueError,
        ["schedule", "validation", "'val_cost'"],
    ),
    ({"schedule": {"lr": lg.schedules.Cosine()}}, ValueError, ["key of schedule", "'dropout'", "'lr'"]),
    ({"schedule": {1: lg.schedules.Cosine()}}, TypeError, ["key of schedule", "'dropout'", "1"]),
    ({"schedule": {"dropout": 0.5}}, TypeError, ["schedule['dropout']", "function", "0.5"]),
    ({"schedule": {"dropout": None}}, TypeError, ["schedule['dropout']", "function", "None"]),
    (
        {"schedule": {"dropout": lg.schedules.Cosine()}},
        ValueError,
        ["schedule['dropout'] requires dropout or input_dropout of the network above 0"],
    ),
    (
        {"schedule": {"weight_decay": lg.schedules.Cosine()}, "optimizer": lg.Adam()},
        ValueError,
        ["schedule['weight_decay'] requires weight_decay above 0, of fit or of the optimizer"],
    ),
    (
        {"schedule": {"weight_decay": lg.schedules.Cosine()}, "optimizer": lg.AdamW(), "weight_decay": 0},
        ValueError,
        ["schedule['weight_decay'] requires weight_decay above 0"],
    ),
    (
        {"schedule": {"label_smoothing": lg.schedules.Cosine()}},
        ValueError,
        ["schedule['label_smoothing'] requires a cost with label smoothing", "'cross_entropy(0.1)'"],
    ),
    (
        {"schedule": {"weight_decay": lg.schedules.ReduceOnPlateau("val_cost")}, "weight_decay": 0.1},
        ValueError,
        ["schedule['weight_decay']", "validation", "'val_cost'"],
    ),
    (
        {"schedule": {"weight_decay": lambda epoch: -1}, "weight_decay": 0.1},
        ValueError,
        ["schedule['weight_decay'](0)", "0", "-1"],
    ),
    ({"schedule": lambda epoch: math.nan}, ValueError, ["schedule(0)", "finite", "nan"]),
    ({"schedule": lambda epoch: -1}, ValueError, ["schedule(0)", "0", "-1"]),
    ({"schedule": lambda epoch: None}, TypeError, ["schedule(0)", "number", "None"]),
    *[
        case
        for name in ("l1", "l2", "weight_decay", "weight_lr_factor", "bias_lr_factor")
        for case in (
            ({name: -0.1}, ValueError, [name, "at least 0", "-0.1"]),
            ({name: math.nan}, ValueError, [name, "finite", "nan"]),
            ({name: math.inf}, ValueError, [name, "finite", "inf"]),
            ({name: "0.1"}, TypeError, [name, "number", "'0.1'"]),
            ({name: True}, TypeError, [name, "number", "True"]),
            ({name: 1j}, TypeError, [name, "number", "1j"]),
            ({name: [0.1]}, ValueError, [name, "2", "1"]),
            ({name: np.zeros(3)}, ValueError, [name, "2", "3"]),
            ({name: [0.1, -1]}, ValueError, [f"{name}[1]", "at least 0", "-1"]),
            ({name: [None, 0]}, TypeError, [f"{name}[0]", "number", "None"]),
            ({name: np.zeros((2, 1))}, TypeError, [f"{name}[0]", "number", "array"]),
        )
    ],
    *[
        ({name: None}, TypeError, [name, "number", "None"])
        for name in ("l2", "bias_lr_factor", "input_scale_lr_factor")
    ],
    ({"input_scale_lr_factor": -0.1}, ValueError, ["input_scale_lr_factor", "at least 0", "-0.1"]),
    ({"input_scale_lr_factor": math.nan}, ValueError, ["input_scale_lr_factor", "finite", "nan"]),
    ({"input_scale_lr_factor": 1e39}, ValueError, ["input_scale_lr_factor", "float32", "1e+39"]),
    ({"input_scale_lr_factor": [1.0]}, TypeError, ["input_scale_lr_factor", "number", "[1.0]"]),
    ({"penalize_biases": 1}, TypeError, ["penalize_biases", "bool", "1"]),
    *[
        case
        for name in ("max_norm", "clip_value", "clip_norm")
        for case in (
            ({name: 0}, ValueError, [name, "above 0", "0"]),
            ({name: -1.0}, ValueError, [name, "above 0", "-1.0"]),
            ({name: math.nan}, ValueError, [name, "finite", "nan"]),
            ({name: math.inf}, ValueError, [name, "finite", "inf"]),
            ({name: "1"}, TypeError, [name, "number", "'1'"]),
            ({name: [1.0, 1.0]}, TypeError, [name, "number", "list"]),
        )
    ],
    ({"class_weight": "auto"}, ValueError, ["class_weight", "'balanced'", "'auto'"]),
    ({"class_weight": 2.0}, TypeError, ["class_weight", "dict", "2.0"]),
    ({"class_weight": [1.0, 2.0]}, ValueError, ["class_weight", "3", "2"]),
    ({"class_weight": {1: -1}}, ValueError, ["class_weight[1]", "0", "-1"]),
    ({"class_weight": [1, math.nan, 1]}, ValueError, ["class_weight[1]", "nan"]),
    ({"class_weight": {1: "2"}}, TypeError, ["class_weight[1]", "number", "'2'"]),
    ({"class_weight": [0, 0, 0]}, ValueError, ["class_weight", "above 0", "got 0"]),
]

# Invalid sample_weight, for fit and evaluate: (id, sample_weight, error, parts).
BAD_WEIGHTS = [
    ("short", np.ones(N - 1), ValueError, ["(7,)", "(6,)"]),
    ("long", np.ones(N + 1), ValueError, ["(7,)", "(8,)"]),
    ("columns", np.ones((N, 2)), ValueError, ["(7,)", "(7, 2)"]),
    ("number", 2.0, ValueError, ["(7,)", "()"]),
    ("negative", with_value(np.ones(N), -0.5, 3), ValueError, ["at least 0", "-0.5", "row 3"]),
    ("nan", with_value(np.ones(N), math.nan, 3), ValueError, ["finite", "nan", "row 3"]),
    ("inf", with_value(np.ones(N), math.inf, 3), ValueError, ["finite", "inf", "row 3"]),
    ("zeros", np.zeros(N), ValueError, ["above 0", "got 0"]),
    ("strings", ["1"] * N, TypeError, ["numbers", "<U1"]),
    ("object", np.full(N, None), TypeError, ["numbers", "object"]),
    ("complex", np.ones(N) + 0j, TypeError, ["numbers", "complex"]),
    ("ragged", [[1.0], [1.0, 2.0]], ValueError, ["rectangular"]),
    ("masked", np.ma.masked_array(np.ones(N), np.arange(N) == 2), ValueError, ["no masked", "1"]),
]

# Invalid assignments: (id, assignment, error, parts).
BAD_ASSIGNMENT = [
    *[
        (
            f"{array}[{index}] {error.__name__} {parts[-1]}",
            assigns(array, index, value),
            error,
            [name, *parts],
        )
        for array, index, value, error, name, parts in (
            ("parameters", None, [1, 2], ValueError, "parameters", ["(43,)", "(2,)"]),
            ("parameters", None, 0.0, ValueError, "parameters", ["(43,)", "()"]),
            ("parameters", None, np.full(43, np.nan), ValueError, "parameters", ["finite", "nan", "(0,)"]),
            ("parameters", None, np.full(43, 1e300), ValueError, "parameters", ["finite", "inf", "(0,)"]),
            ("parameters", None, ["a"] * 43, TypeError, "parameters", ["numbers", "<U1"]),
            ("weights", 0, np.ones((4, 5)), ValueError, "weights[0]", ["(5, 4)", "(4, 5)"]),
            ("weights", -1, np.full((3, 5), np.inf), ValueError, "weights[1]", ["finite", "inf"]),
            ("weights", 0, None, TypeError, "weights[0]", ["numbers", "object"]),
            ("weights", slice(0, 2), [1], TypeError, "weights", ["int", "slice"]),
            ("biases", 0, [1], ValueError, "biases[0]", ["(5,)", "(1,)"]),
            ("biases", 2, [1], IndexError, "biases", ["2", "2"]),
        )
    ],
    ("weights index", lambda net: net.weights[2], IndexError, ["weights", "2", "2"]),
    ("weights index low", lambda net: net.weights[-3], IndexError, ["weights", "-2", "-3"]),
    ("weights float index", lambda net: net.weights[0.0], TypeError, ["weights", "int", "0.0"]),
    ("weights bool index", lambda net: net.weights[True], TypeError, ["weights", "int", "True"]),
]

# Invalid single examples and files: (id, call, error, parts).
BAD_REST = [
    ("backprop no rows", lambda net: net.backprop(X[:0], LABELS[:0]), ValueError, ["x", "1", "0"]),
    ("evaluate no rows", lambda net: net.evaluate(X[:0], LABELS[:0]), ValueError, ["X", "1", "0"]),
    ("fit no rows", lambda net: net.fit(X[:0], LABELS[:0]), ValueError, ["X", "1", "0"]),
    ("fit empty list", lambda net: net.fit([], []), ValueError, ["X", "2", "1"]),
    ("fit 1-D", lambda net: net.fit(X[0], LABELS[0]), ValueError, ["X", "2", "1"]),
    ("x short", lambda net: net.predict(X[0, 1:]), ValueError, ["X", "4", "3"]),
    ("x nan", lambda net: net.predict([1, 2, math.nan, 4]), ValueError, ["X", "finite", "nan", "2"]),
    ("y short", lambda net: net.backprop(X[0], [1, 0]), ValueError, ["y", "(3,)", "(2,)"]),
    ("y 2-d", lambda net: net.backprop(X[0], [[1, 0, 0]]), ValueError, ["y", "(3,)", "(1, 3)"]),
    ("y float label", lambda net: net.backprop(X[0], 1.0), ValueError, ["y", "integer labels", "float64"]),
    ("y label", lambda net: net.backprop(X[0], 5), ValueError, ["y", "0..2", "5"]),
    ("weights", lambda net: net.evaluate(X[0], 1, sample_weight=[1, 2]), ValueError, ["(1,)", "(2,)"]),
    ("predict n_threads", lambda net: net.predict(X, n_threads=0), ValueError, ["n_threads", "1", "0"]),
    (
        "evaluate n_threads",
        lambda net: net.evaluate(X, LABELS, n_threads=2.5),
        TypeError,
        ["n_threads", "2.5"],
    ),
    (
        "backprop n_threads",
        lambda net: net.backprop(X, LABELS, n_threads="2"),
        TypeError,
        ["n_threads", "'2'"],
    ),
    ("save number", lambda net: net.save(3), TypeError, ["path", "3"]),
    ("save null", lambda net: net.save("a\0b"), ValueError, ["path", "null"]),
    ("save nowhere", lambda net: net.save("no/such/folder/net"), FileNotFoundError, ["no/such/folder/net"]),
    ("load number", lambda net: lg.load(None), TypeError, ["path", "None"]),
    ("load nowhere", lambda net: lg.load("no/such/net"), FileNotFoundError, ["no/such/net"]),
    ("load text", lambda net: lg.load(__file__), ValueError, ["path must", "test_invalid_input.py"]),
    ("load folder", lambda net: lg.load("."), (OSError, ValueError), []),
]

# Targets that do not fit a network, all a ValueError: (arguments of Network, y, arguments of fit, parts).
BAD_TARGETS = [
    (([4, 3], {"output": "softmax"}), TARGETS, {"class_weight": "balanced"}, ["(7, 3)"]),
    (
        ([4, 3], {"output": "softmax"}),
        LABELS + 1,
        {"class_weight": "balanced"},
        ["y must be labels", "row 2"],
    ),
    (
        ([4, 3], {"output": "softmax"}),
        LABELS - 1,
        {"class_weight": {0: 1}},
        ["y must be labels", "-1", "row 0"],
    ),
    (([4, 1], {}), LABELS, {"class_weight": {0: 2}}, ["class_weight", "labels", "int64"]),
    (([4, 3], {"output": "sigmoid", "cost": "binary_cross_entropy"}), LABELS, {}, ["y", "(7, 3)", "(7,)"]),
    (([4, 6], {"cost": "quantile(0.1, 0.5, 0.9)"}), TARGETS, {}, ["y", "(7, 2)", "(7, 3)"]),
    (([4, 3], {}), LABELS, {}, ["y", "(7, 3)", "(7,)"]),
    (([4, 1], {"output": "sigmoid"}), LABELS, {}, ["y", "0..1", "2"]),
]


METHODS = {
    "predict": lambda net, X, y, **options: net.predict(X),
    "evaluate": lg.Network.evaluate,
    "backprop": lg.Network.backprop,
    "fit": lg.Network.fit,
    "partial_fit": lg.Network.partial_fit,
    "lr_finder": lg.Network.lr_finder,
    "validation": lambda net, X_, y, sample_weight=None: net.fit(
        X, LABELS, validation=(X_, y, sample_weight)
    ),
}


def table():
    def case(name, call, error, parts):
        return pytest.param(call, error, parts, id=name)

    def of(method, name, arguments, options, what, error, parts):
        name = f"validation {name}" if method == "validation" else name
        call = METHODS[method]
        return case(
            f"{method} {name}: {what}",
            lambda net: call(net, *arguments, **options),
            error,
            [f"{name} must ", *parts],
        )

    for method in METHODS:
        for what, x, *rest in BAD_X:
            yield of(method, "x" if method == "backprop" else "X", (x, LABELS), {}, what, *rest)
        for what, y, *rest in BAD_Y if method != "predict" else ():
            yield of(method, "y", (X, y), {}, what, *rest)
        for what, w, *rest in BAD_WEIGHTS if method not in ("predict", "backprop") else ():
            yield of(method, "sample_weight", (X, LABELS), {"sample_weight": w}, what, *rest)
    for options, error, parts in BAD_FIT:
        name = f"fit: {', '.join(options)}"
        yield case(name, lambda net, o=options: net.fit(X, LABELS, **o), error, parts)
    for (sizes, settings), y, options, parts in BAD_TARGETS:
        other = lg.Network(sizes, **settings)
        for call in (other.fit, other.evaluate) if not options else (other.fit,):
            name = f"targets: {settings} {call.__name__}"
            yield case(name, lambda net, c=call, y=y, o=options: c(X, y, **o), ValueError, parts)
    for what, call, error, parts in BAD_ASSIGNMENT + BAD_REST:
        yield case(what, call, error, parts)


@pytest.fixture(scope="module")
def net():
    trained = network()
    trained.fit(X, LABELS, epochs=2)
    return trained


@pytest.mark.parametrize(("call", "error", "parts"), list(table()))
def test_invalid_input_raises_and_changes_nothing(net, call, error, parts):
    before = net.parameters.tobytes(), net.epochs, net.history
    with pytest.raises(error) as caught:
        call(net)
    message = str(caught.value)
    for part in parts:
        assert part in message
    assert "incompatible" not in message
    assert (net.parameters.tobytes(), net.epochs) == before[:2]
    assert net.history is before[2]
