"""Bad input, one table: the right error, saying what was expected and what given; the network as it was."""

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
    """What np.asarray can only wrap."""


# What is wrong with X, said by every method that takes one: (id, X, error, parts of the message).
BAD_X = [
    ("scalar", 3.0, ValueError, ["dimensions", "0"]),
    ("0-d", np.array(3.0), ValueError, ["dimensions", "0"]),
    ("3-d", np.zeros((2, 3, IN)), ValueError, ["dimensions", "3"]),
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
    ("masked", np.ma.masked_array(X, X > 0.9), ValueError, ["masked", "0", "2"]),
]

# What is wrong with y.
BAD_Y = [
    ("short labels", LABELS[:-1], ValueError, ["7", "6"]),
    ("long labels", np.append(LABELS, 0), ValueError, ["7", "8"]),
    ("no labels", LABELS[:0], ValueError, ["7", "0"]),
    ("short targets", TARGETS[:-1], ValueError, ["7", "6"]),
    ("narrow targets", TARGETS[:, :-1], ValueError, ["(7, 3)", "(7, 2)"]),
    ("column of labels", LABELS[:, np.newaxis], ValueError, ["labels, shape (7,)", "(7, 3)", "(7, 1)"]),
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

# Arguments of fit: (id, keyword arguments, error, parts).
BAD_FIT = [
    ("epochs negative", {"epochs": -1}, ValueError, ["epochs", "0", "-1"]),
    ("epochs float", {"epochs": 2.0}, TypeError, ["epochs", "int", "2.0"]),
    ("epochs bool", {"epochs": True}, TypeError, ["epochs", "int", "True"]),
    ("epochs None", {"epochs": None}, TypeError, ["epochs", "int", "None"]),
    ("epochs array", {"epochs": np.array([1, 2])}, TypeError, ["epochs", "int", "array"]),
    ("batch_size 0", {"batch_size": 0}, ValueError, ["batch_size", "1", "0"]),
    ("batch_size negative", {"batch_size": -5}, ValueError, ["batch_size", "1", "-5"]),
    ("batch_size float", {"batch_size": 1.5}, TypeError, ["batch_size", "int", "1.5"]),
    ("batch_size bool", {"batch_size": True}, TypeError, ["batch_size", "int", "True"]),
    ("batch_size nan", {"batch_size": math.nan}, TypeError, ["batch_size", "int", "nan"]),
    ("optimizer name", {"optimizer": "sdg"}, ValueError, ["optimizer", "'sdg'", "did you mean 'SGD'"]),
    ("optimizer class", {"optimizer": lg.SGD}, TypeError, ["optimizer", "SGD", "class", "SGD()"]),
    ("optimizer number", {"optimizer": 0.1}, TypeError, ["optimizer", "SGD", "0.1"]),
    (
        "optimizer base",
        {"optimizer": lg.optimizers.Optimizer()},
        TypeError,
        ["optimizer", "SGD", "Optimizer"],
    ),
    ("shuffle int", {"shuffle": 1}, TypeError, ["shuffle", "bool", "1"]),
    ("shuffle None", {"shuffle": None}, TypeError, ["shuffle", "bool", "None"]),
    ("n_threads 0", {"n_threads": 0}, ValueError, ["n_threads", "1", "0"]),
    ("n_threads negative", {"n_threads": -1}, ValueError, ["n_threads", "1", "-1"]),
    ("n_threads huge", {"n_threads": 10**9}, ValueError, ["n_threads", "1025", "1000000000"]),
    ("n_threads float", {"n_threads": 2.0}, TypeError, ["n_threads", "int", "2.0"]),
    ("n_threads bool", {"n_threads": True}, TypeError, ["n_threads", "int", "True"]),
    ("verbose negative", {"verbose": -1}, ValueError, ["verbose", "0", "-1"]),
    ("verbose string", {"verbose": "yes"}, TypeError, ["verbose", "int", "'yes'"]),
    ("callbacks alone", {"callbacks": print}, TypeError, ["callbacks", "sequence", "print"]),
    ("callbacks None", {"callbacks": None}, TypeError, ["callbacks", "sequence", "None"]),
    ("callbacks number", {"callbacks": [print, 3]}, TypeError, ["callbacks[1]", "callable", "3"]),
    ("validation array", {"validation": X}, TypeError, ["validation", "(X, y)", "share"]),
    ("validation single", {"validation": (X,)}, ValueError, ["validation", "2", "1"]),
    ("validation weight", {"validation": (X, LABELS, 0)}, ValueError, ["validation sample_weight", "(7,)"]),
    ("validation four", {"validation": (X, LABELS, 0, 0)}, ValueError, ["validation", "2 or 3", "4"]),
    ("validation share", {"validation": 1.5}, ValueError, ["validation", "(0.0, 1.0)", "1.5"]),
    ("validation of all", {"validation": 0.99}, ValueError, ["validation", "1 of 7", "0.99"]),
    ("metrics name", {"metrics": "acuracy"}, ValueError, ["metrics", "accuracy", "'acuracy'"]),
    ("metrics meaning", {"metrics": "r2(3)"}, ValueError, ["r2"]),
    ("metrics number", {"metrics": [3]}, TypeError, ["metrics", "3"]),
    ("metrics twice", {"metrics": ["f1", "f1"]}, ValueError, ["metrics", "f1"]),
    ("time_limit 0", {"time_limit": 0}, ValueError, ["time_limit", "0"]),
    ("time_limit text", {"time_limit": "1h"}, TypeError, ["time_limit", "'1h'"]),
    ("checkpoint number", {"checkpoint": 3}, TypeError, ["checkpoint", "str", "3"]),
    ("checkpoint_every 0", {"checkpoint": "x", "checkpoint_every": 0}, ValueError, ["checkpoint_every", "0"]),
    ("resume number", {"resume": 3}, TypeError, ["resume", "str", "3"]),
    ("resume nothing", {"resume": "no such file"}, FileNotFoundError, ["no such file"]),
    ("validation empty", {"validation": (X[:0], LABELS[:0])}, ValueError, ["validation X", "1", "0"]),
    ("validation width", {"validation": (X[:, 1:], LABELS)}, ValueError, ["validation X", "4", "3"]),
    ("validation nan", {"validation": (X * np.nan, LABELS)}, ValueError, ["validation X", "finite", "nan"]),
    ("validation lengths", {"validation": (X, LABELS[1:])}, ValueError, ["validation y", "7", "6"]),
    ("validation label", {"validation": (X, LABELS + 1)}, ValueError, ["validation y", "0..2", "3"]),
    ("validation strings", {"validation": (X, ["a"] * N)}, TypeError, ["validation y", "numbers", "<U1"]),
    ("schedule number", {"schedule": 0.5}, TypeError, ["schedule", "function", "0.5"]),
    ("schedule class", {"schedule": lg.schedules.Cosine}, TypeError, ["schedule", "function", "Cosine"]),
    (
        "schedule unmeasured",
        {"schedule": lg.schedules.ReduceOnPlateau("val_cost")},
        ValueError,
        ["schedule", "validation", "'val_cost'"],
    ),
    ("schedule nan", {"schedule": lambda epoch: math.nan}, ValueError, ["schedule(0)", "finite", "nan"]),
    ("schedule below 0", {"schedule": lambda epoch: -1}, ValueError, ["schedule(0)", "0", "-1"]),
    ("schedule None", {"schedule": lambda epoch: None}, TypeError, ["schedule(0)", "number", "None"]),
    *[
        case
        for name in ("l1", "l2", "weight_decay")
        for case in (
            (f"{name} negative", {name: -0.1}, ValueError, [name, "at least 0", "-0.1"]),
            (f"{name} nan", {name: math.nan}, ValueError, [name, "finite", "nan"]),
            (f"{name} inf", {name: math.inf}, ValueError, [name, "finite", "inf"]),
            (f"{name} string", {name: "0.1"}, TypeError, [name, "number", "'0.1'"]),
            (f"{name} bool", {name: True}, TypeError, [name, "number", "True"]),
            (f"{name} complex", {name: 1j}, TypeError, [name, "number", "1j"]),
            (f"{name} short", {name: [0.1]}, ValueError, [name, "2", "1"]),
            (f"{name} long", {name: np.zeros(3)}, ValueError, [name, "2", "3"]),
            (f"{name} item", {name: [0.1, -1]}, ValueError, [f"{name}[1]", "at least 0", "-1"]),
            (f"{name} item kind", {name: [None, 0]}, TypeError, [f"{name}[0]", "number", "None"]),
            (f"{name} 2-d", {name: np.zeros((2, 1))}, TypeError, [f"{name}[0]", "number", "array"]),
        )
    ],
    ("l2 None", {"l2": None}, TypeError, ["l2", "number", "None"]),
    ("penalize_biases int", {"penalize_biases": 1}, TypeError, ["penalize_biases", "bool", "1"]),
    *[
        case
        for name in ("max_norm", "clip_value", "clip_norm")
        for case in (
            (f"{name} 0", {name: 0}, ValueError, [name, "above 0", "0"]),
            (f"{name} negative", {name: -1.0}, ValueError, [name, "above 0", "-1.0"]),
            (f"{name} nan", {name: math.nan}, ValueError, [name, "finite", "nan"]),
            (f"{name} inf", {name: math.inf}, ValueError, [name, "finite", "inf"]),
            (f"{name} string", {name: "1"}, TypeError, [name, "number", "'1'"]),
            (f"{name} list", {name: [1.0, 1.0]}, TypeError, [name, "number", "list"]),
        )
    ],
    ("class_weight name", {"class_weight": "auto"}, ValueError, ["class_weight", "'balanced'", "'auto'"]),
    ("class_weight number", {"class_weight": 2.0}, TypeError, ["class_weight", "dict", "2.0"]),
    ("class_weight short", {"class_weight": [1.0, 2.0]}, ValueError, ["class_weight", "3", "2"]),
    ("class_weight label", {"class_weight": {3: 1.0}}, ValueError, ["class_weight", "0..2", "3"]),
    ("class_weight key", {"class_weight": {"cat": 1.0}}, TypeError, ["class_weight", "int", "'cat'"]),
    ("class_weight below 0", {"class_weight": {1: -1}}, ValueError, ["class_weight[1]", "0", "-1"]),
    ("class_weight nan", {"class_weight": [1, math.nan, 1]}, ValueError, ["class_weight[1]", "nan"]),
    ("class_weight string", {"class_weight": {1: "2"}}, TypeError, ["class_weight[1]", "number", "'2'"]),
    ("class_weight zero", {"class_weight": [0, 0, 0]}, ValueError, ["class_weight", "above 0", "got 0"]),
]

# What is wrong with sample_weight, said by fit and evaluate: (id, sample_weight, error, parts).
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
    ("masked", np.ma.masked_array(np.ones(N), np.arange(N) == 2), ValueError, ["masked", "0", "1"]),
]

# Assignments: (id, how, error, parts).
BAD_ASSIGNMENT = [
    (
        "parameters short",
        lambda net: setattr(net, "parameters", [1, 2]),
        ValueError,
        ["parameters", "(43,)", "(2,)"],
    ),
    (
        "parameters scalar",
        lambda net: setattr(net, "parameters", 0.0),
        ValueError,
        ["parameters", "(43,)", "()"],
    ),
    (
        "parameters nan",
        lambda net: setattr(net, "parameters", np.full(43, np.nan)),
        ValueError,
        ["parameters", "finite", "nan", "(0,)"],
    ),
    (
        "parameters overflow",
        lambda net: setattr(net, "parameters", np.full(43, 1e300)),
        ValueError,
        ["parameters", "finite", "inf", "(0,)"],
    ),
    (
        "parameters strings",
        lambda net: setattr(net, "parameters", ["a"] * 43),
        TypeError,
        ["parameters", "numbers", "<U1"],
    ),
    (
        "weights transposed",
        lambda net: net.weights.__setitem__(0, np.ones((4, 5))),
        ValueError,
        ["weights[0]", "(5, 4)", "(4, 5)"],
    ),
    (
        "weights inf",
        lambda net: net.weights.__setitem__(-1, np.full((3, 5), np.inf)),
        ValueError,
        ["weights[1]", "finite", "inf"],
    ),
    (
        "weights None",
        lambda net: net.weights.__setitem__(0, None),
        TypeError,
        ["weights[0]", "numbers", "object"],
    ),
    ("weights index", lambda net: net.weights[2], IndexError, ["weights", "2", "2"]),
    ("weights index low", lambda net: net.weights[-3], IndexError, ["weights", "-2", "-3"]),
    ("weights float index", lambda net: net.weights[0.0], TypeError, ["weights", "int", "0.0"]),
    ("weights bool index", lambda net: net.weights[True], TypeError, ["weights", "int", "True"]),
    (
        "weights slice",
        lambda net: net.weights.__setitem__(slice(0, 2), net.weights),
        TypeError,
        ["weights", "int", "slice"],
    ),
    ("biases shape", lambda net: net.biases.__setitem__(0, [1]), ValueError, ["biases[0]", "(5,)", "(1,)"]),
    ("biases index", lambda net: net.biases.__setitem__(2, [1]), IndexError, ["biases", "2", "2"]),
]

# Single examples and files: (id, how, error, parts).
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
    ("load text", lambda net: lg.load(__file__), ValueError, ["path must", "test_bad_input.py"]),
    (
        "evaluate one weight",
        lambda net: net.evaluate(X[0], 1, sample_weight=[1, 2]),
        ValueError,
        ["(1,)", "(2,)"],
    ),
    (
        "class weights of targets",
        lambda net: net.fit(X, TARGETS, class_weight="balanced"),
        ValueError,
        ["(7, 3)"],
    ),
    (
        "class weights of labels out of range",
        lambda net: net.fit(X, LABELS + 1, class_weight="balanced"),
        ValueError,
        ["y must be labels", "0..2", "3", "row 2"],
    ),
    (
        "class weights of negative labels",
        lambda net: net.fit(X, LABELS - 1, class_weight={0: 1}),
        ValueError,
        ["y must be labels", "0..2", "-1", "row 0"],
    ),
    (
        "class weights for regression",
        lambda net: lg.Network([4, 1]).fit(X, LABELS, class_weight={0: 2}),
        ValueError,
        ["class_weight", "labels", "int64"],
    ),
    (
        "labels for many questions",
        lambda net: lg.Network([4, 3], output="sigmoid", cost="binary_cross_entropy").fit(X, LABELS),
        ValueError,
        ["y", "(7, 3)", "(7,)"],
    ),
    (
        "targets for quantiles",
        lambda net: lg.Network([4, 6], cost="quantile(0.1, 0.5, 0.9)").fit(X, TARGETS),
        ValueError,
        ["y", "(7, 2)", "(7, 3)"],
    ),
    ("load folder", lambda net: lg.load("."), (OSError, ValueError), []),
    (
        "label for regression",
        lambda net: lg.Network([4, 3]).evaluate(X, LABELS),
        ValueError,
        ["y", "(7, 3)", "(7,)"],
    ),
    (
        "label 2 for one sigmoid",
        lambda net: lg.Network([4, 1], output="sigmoid").evaluate(X, LABELS),
        ValueError,
        ["y", "0..1", "2"],
    ),
]


def table():
    def case(name, call, error, parts):
        return pytest.param(call, error, parts, id=name)

    methods = {
        "predict": ("X", lambda net, x: net.predict(x)),
        "evaluate": ("X", lambda net, x: net.evaluate(x, LABELS)),
        "backprop": ("x", lambda net, x: net.backprop(x, LABELS)),
        "fit": ("X", lambda net, x: net.fit(x, LABELS)),
    }
    for method, (name, call) in methods.items():
        for what, x, error, parts in BAD_X:
            yield case(
                f"{method} {name}: {what}",
                lambda net, c=call, x=x: c(net, x),
                error,
                [f"{name} must ", *parts],
            )
    for method in ("evaluate", "backprop", "fit"):
        for what, y, error, parts in BAD_Y:
            yield case(
                f"{method} y: {what}",
                lambda net, m=method, y=y: getattr(net, m)(X, y),
                error,
                ["y must ", *parts],
            )
        if method != "backprop":
            for what, w, error, parts in BAD_WEIGHTS:
                yield case(
                    f"{method} sample_weight: {what}",
                    lambda net, m=method, w=w: getattr(net, m)(X, LABELS, sample_weight=w),
                    error,
                    ["sample_weight must ", *parts],
                )
    for what, options, error, parts in BAD_FIT:
        yield case(f"fit: {what}", lambda net, o=options: net.fit(X, LABELS, **o), error, parts)
    for what, call, error, parts in BAD_ASSIGNMENT + BAD_REST:
        yield case(what, call, error, parts)


@pytest.fixture(scope="module")
def net():
    trained = network()
    trained.fit(X, LABELS, epochs=2)
    return trained


@pytest.mark.parametrize(("call", "error", "parts"), list(table()))
def test_bad_input(net, call, error, parts):
    before = net.parameters.tobytes(), net.epochs, net.history
    with pytest.raises(error) as caught:
        call(net)
    message = str(caught.value)
    for part in parts:
        assert part in message
    assert "incompatible" not in message
    assert (net.parameters.tobytes(), net.epochs) == before[:2]
    assert net.history is before[2]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("row", [0, 1, 70, 99])
@pytest.mark.parametrize("what", ["X", "y"])
def test_a_bad_number_in_any_mini_batch_undoes_the_epoch(value, row, what):
    rng = np.random.default_rng(0)
    x, y = rng.random((100, 4), np.float32), rng.random((100, 2), np.float32)
    net = lg.Network([4, 3, 2], seed=1)
    net.fit(x, y, epochs=1)
    before = net.parameters.tobytes(), net.epochs, net.history
    (x if what == "X" else y)[row, 1] = value
    with pytest.raises(ValueError, match=f"{what} must be finite.*row {row}, column 1"):
        net.fit(x, y, epochs=3, batch_size=7)
    assert (net.parameters.tobytes(), net.epochs, net.history) == before


@pytest.mark.parametrize("row", [0, 1, 70, 99])
def test_a_bad_label_in_any_mini_batch_undoes_the_epoch(row):
    rng = np.random.default_rng(0)
    x, y = rng.random((100, 4), np.float32), rng.integers(0, 3, 100)
    net = lg.Network([4, 3, 3], output="softmax", seed=1)
    before = net.parameters.tobytes()
    y[row] = 3
    with pytest.raises(ValueError, match=rf"y must .*0\.\.2, got 3 at row {row}"):
        net.fit(x, y, epochs=3, batch_size=7)
    assert (net.parameters.tobytes(), net.epochs) == (before, 0)


@pytest.mark.parametrize("rate", [1e3, 1e30, 1e300])
def test_divergence_names_epoch_mini_batch_and_likely_cause(rate):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 4)), rng.normal(size=(50, 2))
    net = lg.Network([4, 2], seed=1)
    with pytest.raises(FloatingPointError, match=r"epoch \d+.*mini-batch \d+.*learning rate"):
        net.fit(x, y, epochs=10000, batch_size=10, optimizer=lg.SGD(rate))
    assert np.isfinite(net.parameters).all()
