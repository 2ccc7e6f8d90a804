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
    ("decimal", [[Decimal(1)] * IN] * N, TypeError, ["numbers", "object"]),
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
    ("column of labels", LABELS[:, np.newaxis], ValueError, ["(7, 3)", "(7, 1)"]),
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
    ("None", None, TypeError, ["numbers", "object"]),
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
    ("optimizer name", {"optimizer": "sgd"}, TypeError, ["optimizer", "SGD", "'sgd'"]),
    ("optimizer class", {"optimizer": lg.SGD}, TypeError, ["optimizer", "SGD", "class"]),
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
    ("validation array", {"validation": X}, TypeError, ["validation", "pair"]),
    ("validation single", {"validation": (X,)}, ValueError, ["validation", "2", "1"]),
    ("validation triple", {"validation": (X, LABELS, 0)}, ValueError, ["validation", "2", "3"]),
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
    ("class_weight zero", {"class_weight": [0, 0, 0]}, ValueError, ["class_weight", "above 0", "given 0"]),
]

# What is wrong with sample_weight, said by fit and evaluate: (id, sample_weight, error, parts).
BAD_WEIGHTS = [
    ("short", np.ones(N - 1), ValueError, ["(7,)", "(6,)"]),
    ("long", np.ones(N + 1), ValueError, ["(7,)", "(8,)"]),
    ("column", np.ones((N, 1)), ValueError, ["(7,)", "(7, 1)"]),
    ("number", 2.0, ValueError, ["(7,)", "()"]),
    ("negative", with_value(np.ones(N), -0.5, 3), ValueError, ["at least 0", "-0.5", "row 3"]),
    ("nan", with_value(np.ones(N), math.nan, 3), ValueError, ["finite", "nan", "row 3"]),
    ("inf", with_value(np.ones(N), math.inf, 3), ValueError, ["finite", "inf", "row 3"]),
    ("zeros", np.zeros(N), ValueError, ["above 0", "given 0"]),
    ("strings", ["1"] * N, TypeError, ["numbers", "<U1"]),
    ("object", np.full(N, None), TypeError, ["numbers", "object"]),
    ("complex", np.ones(N) + 0j, TypeError, ["numbers", "complex"]),
    ("ragged", [[1.0], [1.0, 2.0]], ValueError, ["rectangular"]),
    ("masked", np.ma.masked_array(np.ones(N), np.arange(N) == 2), ValueError, ["masked", "0", "1"]),
]

# Arguments of the constructor: (id, sizes, keyword arguments, error, parts).
BAD_NETWORK = [
    ("sizes int", 10, {}, TypeError, ["sizes", "sequence", "10"]),
    ("sizes string", "784", {}, TypeError, ["sizes", "sequence", "'784'"]),
    ("sizes empty", [], {}, ValueError, ["sizes", "2", "0"]),
    ("sizes one", [5], {}, ValueError, ["sizes", "2", "1"]),
    ("sizes 2-d", np.ones((2, 2), int), {}, ValueError, ["sizes", "1", "2"]),
    ("width 0", [4, 0, 3], {}, ValueError, ["sizes[1]", "1", "0"]),
    ("width negative", [4, -3], {}, ValueError, ["sizes[1]", "1", "-3"]),
    ("width float", [4, 3.0], {}, TypeError, ["sizes[1]", "int", "3.0"]),
    ("width bool", [4, True], {}, TypeError, ["sizes[1]", "int", "True"]),
    ("width string", [4, "3"], {}, TypeError, ["sizes[1]", "int", "'3'"]),
    ("width 10^12", [10**12, 10], {}, MemoryError, ["sizes"]),
    ("10^6 by 10^6", [10**6, 10**6], {}, MemoryError, ["sizes"]),
    ("width 2^62", [2**62, 2**62], {}, MemoryError, ["sizes", "bytes"]),
    ("width 10^30", [10**30, 1], {}, MemoryError, ["sizes", "bytes"]),
    (
        "activation unknown",
        [4, 3, 2],
        {"activation": "swosh"},
        ValueError,
        ["activation", "'tanh'", "'swosh'"],
    ),
    ("activation softmax", [4, 3, 2], {"activation": "softmax"}, ValueError, ["activation", "'softmax'"]),
    ("activation None", [4, 3, 2], {"activation": None}, TypeError, ["activation", "None"]),
    ("activation short", [4, 3, 2], {"activation": []}, ValueError, ["activation", "1", "0"]),
    ("activation long", [4, 3, 2], {"activation": ["tanh"] * 2}, ValueError, ["activation", "1", "2"]),
    ("activation item", [4, 3, 2], {"activation": [3]}, TypeError, ["activation[0]", "'tanh'", "3"]),
    (
        "activation case",
        [4, 3, 2],
        {"activation": ["Tanh"]},
        ValueError,
        ["activation[0]", "'tanh'", "'Tanh'"],
    ),
    (
        "output unknown",
        [4, 2],
        {"output": "linear"},
        ValueError,
        ["output", "'identity'", "'softmax'", "'linear'"],
    ),
    ("output list", [4, 2], {"output": ["tanh"]}, TypeError, ["output", "'tanh'", "list"]),
    ("one softmax", [4, 1], {"output": "softmax"}, ValueError, ["softmax", "2", "1"]),
    ("cost unknown", [4, 2], {"cost": "mad"}, ValueError, ["cost", "'mse'", "'cross_entropy'", "'mad'"]),
    ("cost number", [4, 2], {"cost": 1}, TypeError, ["cost", "'mse'", "1"]),
    (
        "cost unfit",
        [4, 2],
        {"cost": "cross_entropy"},
        ValueError,
        ["cross_entropy", "softmax", "sigmoid", "identity"],
    ),
    ("init unknown", [4, 2], {"init": "ones"}, ValueError, ["init", "'he'", "'xavier'", "'ones'"]),
    ("init number", [4, 2], {"init": 0}, TypeError, ["init", "2", "int"]),
    ("init single", [4, 2], {"init": ([],)}, TypeError, ["init", "2", "1"]),
    ("init few", [4, 2], {"init": ([], [])}, ValueError, ["init weights", "1", "0"]),
    (
        "init many biases",
        [4, 2],
        {"init": ([np.ones((2, 4))], [[1, 2]] * 2)},
        ValueError,
        ["init biases", "1", "2"],
    ),
    (
        "init transposed",
        [4, 2],
        {"init": ([np.ones((4, 2))], [[0, 0]])},
        ValueError,
        ["init weights[0]", "(2, 4)", "(4, 2)"],
    ),
    (
        "init bias",
        [4, 2],
        {"init": ([np.ones((2, 4))], [[0, 0, 0]])},
        ValueError,
        ["init biases[0]", "(2,)", "(3,)"],
    ),
    (
        "init nan",
        [4, 2],
        {"init": ([np.full((2, 4), np.nan)], [[0, 0]])},
        ValueError,
        ["init weights[0]", "finite", "nan", "(0, 0)"],
    ),
    ("init number in list", [4, 2], {"init": (3, [[0, 0]])}, TypeError, ["init weights", "sequence", "3"]),
    ("dtype half", [4, 2], {"dtype": "float16"}, ValueError, ["dtype", "float32", "float64", "float16"]),
    ("dtype int", [4, 2], {"dtype": int}, ValueError, ["dtype", "float32", "float64", "int"]),
    ("dtype None", [4, 2], {"dtype": None}, ValueError, ["dtype", "float32", "float64", "None"]),
    ("dtype unknown", [4, 2], {"dtype": "real"}, ValueError, ["dtype", "float32", "float64", "real"]),
    ("dtype swapped", [4, 2], {"dtype": ">f4" if np.little_endian else "<f4"}, ValueError, ["dtype", "f4"]),
    ("dtype number", [4, 2], {"dtype": 3}, TypeError, ["dtype", "float32", "float64", "3"]),
    ("seed negative", [4, 2], {"seed": -1}, ValueError, ["seed", "0", "-1"]),
    ("seed 2^64", [4, 2], {"seed": 2**64}, ValueError, ["seed", str(2**64)]),
    ("seed float", [4, 2], {"seed": 1.0}, TypeError, ["seed", "int", "1.0"]),
    ("seed bool", [4, 2], {"seed": False}, TypeError, ["seed", "int", "False"]),
    *[
        (f"{what} {name}", [4, 3, 2], {what: value}, error, [what, *parts])
        for what in ("dropout", "input_dropout", "input_noise")
        for name, value, error, parts in (
            ("negative", -0.1, ValueError, ["0", "-0.1"]),
            ("nan", math.nan, ValueError, ["nan"]),
            ("inf", math.inf, ValueError, ["inf"]),
            ("string", "0.5", TypeError, ["number", "'0.5'"]),
            ("bool", True, TypeError, ["number", "True"]),
            ("None", None, TypeError, ["number", "None"]),
        )
    ],
    ("dropout 1", [4, 3, 2], {"dropout": 1.0}, ValueError, ["dropout", "[0.0, 1.0)", "1.0"]),
    ("input_dropout 1", [4, 3, 2], {"input_dropout": 1}, ValueError, ["input_dropout", "[0.0, 1.0)", "1"]),
    ("dropout short", [4, 3, 2], {"dropout": []}, ValueError, ["dropout", "1", "0"]),
    ("dropout long", [4, 3, 2], {"dropout": [0.1, 0.1]}, ValueError, ["dropout", "1", "2"]),
    ("dropout item", [4, 3, 2], {"dropout": [1.5]}, ValueError, ["dropout[0]", "[0.0, 1.0)", "1.5"]),
    ("dropout item kind", [4, 3, 2], {"dropout": ["a"]}, TypeError, ["dropout[0]", "number", "'a'"]),
    ("cost class", [4, 2], {"cost": dict}, TypeError, ["cost", "'mse'", "dict"]),
    ("cost custom", [4, 2], {"cost": "custom"}, ValueError, ["cost", "'mse'", "'custom'"]),
]

# Names with parameters: (argument, its value, parts). The core's messages.
BAD_PARAMETERS = [
    ("activation", "leaky_relu(-1)", ["slope", "at least 0", "'leaky_relu(-1)'"]),
    ("activation", "leaky_relu(nan)", ["slope", "'leaky_relu(nan)'"]),
    ("activation", "leaky_relu(inf)", ["slope", "'leaky_relu(inf)'"]),
    ("activation", "leaky_relu(0.1, 0.2)", ["one number", "'leaky_relu(0.1, 0.2)'"]),
    ("activation", "leaky_relu(", ["')'", "'leaky_relu('"]),
    ("activation", "leaky_relu()", ["one number", "'leaky_relu()'"]),
    ("activation", "leaky_relu(a)", ["one number", "'leaky_relu(a)'"]),
    ("activation", "leaky_relu(0.1", ["')'", "'leaky_relu(0.1'"]),
    ("activation", "leaky_relu 0.1", ["'leaky_relu'", "'leaky_relu 0.1'"]),
    ("activation", "leaky_relu(0.1)(0.1)", ["one number", "'leaky_relu(0.1)(0.1)'"]),
    ("activation", "(0.1)", ["'leaky_relu'", "'(0.1)'"]),
    ("activation", "tanh(1)", ["'tanh'", "no number", "'tanh(1)'"]),
    ("activation", "elu(0)", ["alpha", "above 0", "'elu(0)'"]),
    ("output", "elu(-2)", ["alpha", "above 0", "'elu(-2)'"]),
    ("output", "softmax(2)", ["'softmax'", "no number", "'softmax(2)'"]),
    ("cost", "huber(0)", ["delta", "above 0", "'huber(0)'"]),
    ("cost", "huber(inf)", ["delta", "'huber(inf)'"]),
    ("cost", "quantile(1)", ["between 0 and 1", "'quantile(1)'"]),
    ("cost", "quantile(0.5, 0)", ["between 0 and 1", "'quantile(0.5, 0)'"]),
    ("cost", "quantile(0.5,)", ["numbers", "'quantile(0.5,)'"]),
    ("cost", "quantile(0.1, 0.5, 0.9)", ["multiple of 3", "quantile(0.1, 0.5, 0.9)", "given 2"]),
    ("cost", "mse(1)", ["'mse'", "no number", "'mse(1)'"]),
]

# What does not fit together: (sizes, keyword arguments, parts).
BAD_PAIRS = [
    ([4, 2], {"cost": "cross_entropy(1)", "output": "softmax"}, ["smoothing", "'cross_entropy(1)'"]),
    ([4, 2], {"cost": "cross_entropy(-0.1)", "output": "softmax"}, ["smoothing", "'cross_entropy(-0.1)'"]),
    (
        [4, 2],
        {"cost": "binary_cross_entropy", "output": "softmax"},
        ["binary_cross_entropy", "'sigmoid'", "'softmax'"],
    ),
    ([4, 2], {"cost": "hinge", "output": "softmax"}, ["hinge", "'softmax'"]),
    ([4, 2], {"cost": "poisson", "output": "tanh"}, ["poisson", "'identity'", "'softplus'", "'tanh'"]),
    ([4, 2], {"cost": "quantile", "output": "softmax"}, ["quantile", "'softmax'"]),
    ([4, 2], {"cost": "gaussian_nll", "output": "relu"}, ["gaussian_nll", "'identity'", "'relu'"]),
    ([4, 3], {"cost": "gaussian_nll"}, ["sizes[1]", "multiple of 2", "gaussian_nll", "given 3"]),
]

# Settings of SGD: (id, keyword arguments, error, parts).
BAD_SGD = [
    ("rate negative", {"learning_rate": -0.1}, ValueError, ["learning_rate", "0", "-0.1"]),
    ("rate nan", {"learning_rate": math.nan}, ValueError, ["learning_rate", "0", "nan"]),
    ("rate inf", {"learning_rate": math.inf}, ValueError, ["learning_rate", "finite", "inf"]),
    ("rate huge", {"learning_rate": 10**400}, ValueError, ["learning_rate", "finite", "1000"]),
    ("rate string", {"learning_rate": "0.1"}, TypeError, ["learning_rate", "number", "'0.1'"]),
    ("rate bool", {"learning_rate": True}, TypeError, ["learning_rate", "number", "True"]),
    ("rate complex", {"learning_rate": 1j}, TypeError, ["learning_rate", "number", "1j"]),
    ("rate None", {"learning_rate": None}, TypeError, ["learning_rate", "number", "None"]),
    ("rate array", {"learning_rate": np.ones(2)}, TypeError, ["learning_rate", "number", "array"]),
    ("momentum 1", {"momentum": 1.0}, ValueError, ["momentum", "[0.0, 1.0)", "1.0"]),
    ("momentum negative", {"momentum": -0.5}, ValueError, ["momentum", "[0.0, 1.0)", "-0.5"]),
    ("momentum nan", {"momentum": math.nan}, ValueError, ["momentum", "[0.0, 1.0)", "nan"]),
    ("nesterov int", {"momentum": 0.5, "nesterov": 1}, TypeError, ["nesterov", "bool", "1"]),
    ("nesterov alone", {"nesterov": True}, ValueError, ["nesterov", "momentum", "0"]),
]

# Settings of the others: (class, keyword arguments, error, parts).
BAD_RULE = [
    *[
        (rule, {"learning_rate": value}, error, ["learning_rate", shown])
        for rule in (lg.Adam, lg.AdamW, lg.NAdam, lg.RMSprop, lg.Adagrad, lg.Rprop, lg.Lion)
        for value, error, shown in ((-1.0, ValueError, "-1.0"), ("a", TypeError, "'a'"))
    ],
    *[
        (rule, {name: value}, ValueError, [name, "[0.0, 1.0)", str(value)])
        for rule in (lg.Adam, lg.AdamW, lg.NAdam, lg.Lion)
        for name in ("beta1", "beta2")
        for value in (1.0, -0.1, math.nan)
    ],
    *[
        (rule, {"epsilon": value}, ValueError, ["epsilon", "above 0", str(value)])
        for rule in (lg.Adam, lg.AdamW, lg.NAdam, lg.RMSprop, lg.Adagrad)
        for value in (0.0, -1e-8, math.inf)
    ],
    (lg.Adam, {"amsgrad": 1}, TypeError, ["amsgrad", "bool", "1"]),
    (lg.AdamW, {"weight_decay": -1}, ValueError, ["weight_decay", "0", "-1"]),
    (lg.Lion, {"weight_decay": [0.1]}, TypeError, ["weight_decay", "number", "list"]),
    (lg.NAdam, {"momentum_decay": -1}, ValueError, ["momentum_decay", "0", "-1"]),
    (lg.RMSprop, {"alpha": 1}, ValueError, ["alpha", "[0.0, 1.0)", "1"]),
    (lg.RMSprop, {"momentum": 1}, ValueError, ["momentum", "[0.0, 1.0)", "1"]),
    (lg.RMSprop, {"centered": None}, TypeError, ["centered", "bool", "None"]),
    (lg.Adagrad, {"lr_decay": -1}, ValueError, ["lr_decay", "0", "-1"]),
    (lg.Adagrad, {"initial_accumulator": -1}, ValueError, ["initial_accumulator", "0", "-1"]),
    (lg.Rprop, {"eta_minus": 1.0}, ValueError, ["eta_minus", "(0.0, 1.0)", "1.0"]),
    (lg.Rprop, {"eta_minus": 0.0}, ValueError, ["eta_minus", "(0.0, 1.0)", "0.0"]),
    (lg.Rprop, {"eta_plus": 1.0}, ValueError, ["eta_plus", "above 1", "1.0"]),
    (lg.Rprop, {"min_step": -1}, ValueError, ["min_step", "0", "-1"]),
    (lg.Rprop, {"min_step": 2, "max_step": 1}, ValueError, ["max_step", "min_step", "2.0", "1.0"]),
    (lg.LBFGS, {"history": 0}, ValueError, ["history", "1", "0"]),
    (lg.LBFGS, {"history": 2.0}, TypeError, ["history", "int", "2.0"]),
    (lg.LBFGS, {"tolerance": -1}, ValueError, ["tolerance", "0", "-1"]),
    (lg.schedules.Step, {"every": 0}, ValueError, ["every", "above 0", "0"]),
    (lg.schedules.Step, {"factor": -1}, ValueError, ["factor", "0", "-1"]),
    (lg.schedules.Step, {"by_epoch": 1}, TypeError, ["by_epoch", "bool", "1"]),
    (lg.schedules.Exponential, {"factor": math.nan}, ValueError, ["factor", "finite", "nan"]),
    (lg.schedules.Polynomial, {"power": 0}, ValueError, ["power", "above 0", "0"]),
    (lg.schedules.Polynomial, {"epochs": 0}, ValueError, ["epochs", "above 0", "0"]),
    (lg.schedules.Cosine, {"epochs": "all"}, TypeError, ["epochs", "number", "'all'"]),
    (lg.schedules.Cosine, {"final": -1}, ValueError, ["final", "0", "-1"]),
    (lg.schedules.Cosine, {"restarts": True, "stretch": 0.5}, ValueError, ["stretch", "1", "0.5"]),
    (lg.schedules.Cosine, {"stretch": 2}, ValueError, ["stretch", "restarts", "2"]),
    (lg.schedules.OneCycle, {"warmup": 0}, ValueError, ["warmup", "(0.0, 1.0)", "0"]),
    (lg.schedules.OneCycle, {"start": 0}, ValueError, ["start", "above 0", "0"]),
    (lg.schedules.Warmup, {"epochs": None}, TypeError, ["epochs", "number", "None"]),
    (lg.schedules.Warmup, {"epochs": 3, "then": 1.0}, TypeError, ["then", "function", "1.0"]),
    (
        lg.schedules.Warmup,
        {"epochs": 3, "then": lg.schedules.ReduceOnPlateau()},
        TypeError,
        ["then", "function", "ReduceOnPlateau"],
    ),
    (lg.schedules.ReduceOnPlateau, {"monitor": "loss"}, ValueError, ["monitor", "'val_cost'", "'loss'"]),
    (lg.schedules.ReduceOnPlateau, {"factor": 1.0}, ValueError, ["factor", "[0.0, 1.0)", "1.0"]),
    (lg.schedules.ReduceOnPlateau, {"patience": -1}, ValueError, ["patience", "0", "-1"]),
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
        ["class_weight", "labels", "(7, 1)"],
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
    for what, sizes, options, error, parts in BAD_NETWORK:
        yield case(f"Network: {what}", lambda net, s=sizes, o=options: lg.Network(s, **o), error, parts)
    for what, options, error, parts in BAD_SGD:
        yield case(f"SGD: {what}", lambda net, o=options: lg.SGD(**o), error, parts)
    for rule, options, error, parts in BAD_RULE:
        yield case(f"{rule.__name__}: {options}", lambda net, r=rule, o=options: r(**o), error, parts)
    for name, value, parts in BAD_PARAMETERS:
        yield case(
            f"Network {name}: {value}",
            lambda net, n=name, v=value: lg.Network([4, 3, 2], **{n: v}),
            ValueError,
            parts,
        )
    for sizes, options, parts in BAD_PAIRS:
        yield case(
            f"Network: {options}", lambda net, s=sizes, o=options: lg.Network(s, **o), ValueError, parts
        )
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
    with pytest.raises(ValueError, match=rf"y must .*0\.\.2, given 3 at row {row}"):
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
