"""Invalid settings of networks, optimizers and schedules raise the right error and message."""

import math

import localgrad as lg
import numpy as np
import pytest

# Arguments of the constructor: (sizes, keyword arguments, error, parts of the message).
BAD_NETWORK = [
    (10, {}, TypeError, ["sizes", "sequence", "10"]),
    ("784", {}, TypeError, ["sizes", "sequence", "'784'"]),
    ([], {}, ValueError, ["sizes", "2", "0"]),
    ([5], {}, ValueError, ["sizes", "2", "1"]),
    (np.ones((2, 2), int), {}, ValueError, ["sizes", "1", "2"]),
    ([4, 0, 3], {}, ValueError, ["sizes[1]", "1", "0"]),
    ([4, -3], {}, ValueError, ["sizes[1]", "1", "-3"]),
    ([4, 3.0], {}, TypeError, ["sizes[1]", "int", "3.0"]),
    ([4, True], {}, TypeError, ["sizes[1]", "int", "True"]),
    ([4, "3"], {}, TypeError, ["sizes[1]", "int", "'3'"]),
    ([10**12, 10], {}, MemoryError, ["sizes"]),
    ([10**6, 10**6], {}, MemoryError, ["sizes"]),
    ([2**62, 2**62], {}, MemoryError, ["sizes", "bytes"]),
    ([10**30, 1], {}, MemoryError, ["sizes", "bytes"]),
    ([4, 3, 2], {"activation": "swosh"}, ValueError, ["activation", "'tanh'", "'swosh'"]),
    ([4, 3, 2], {"activation": "softmax"}, ValueError, ["activation", "'softmax'"]),
    ([4, 3, 2], {"activation": None}, TypeError, ["activation", "None"]),
    ([4, 3, 2], {"activation": []}, ValueError, ["activation", "1", "0"]),
    ([4, 3, 2], {"activation": ["tanh"] * 2}, ValueError, ["activation", "1", "2"]),
    ([4, 3, 2], {"activation": [3]}, TypeError, ["activation[0]", "'tanh'", "3"]),
    ([4, 3, 2], {"activation": ["Tan"]}, ValueError, ["activation[0]", "'Tan'", "did you mean 'tanh'"]),
    ([4, 2], {"output": "lineal"}, ValueError, ["output", "'identity'", "'softmax'", "'lineal'"]),
    ([4, 2], {"output": ["tanh"]}, TypeError, ["output", "'tanh'", "list"]),
    ([4, 1], {"output": "softmax"}, ValueError, ["softmax", "2", "1"]),
    ([4, 2], {"cost": "mad"}, ValueError, ["cost", "'mse'", "'cross_entropy'", "'mad'"]),
    ([4, 2], {"cost": 1}, TypeError, ["cost", "'mse'", "1"]),
    ([4, 2], {"cost": "cross_entropy"}, ValueError, ["cross_entropy", "softmax", "sigmoid", "identity"]),
    ([4, 2], {"init": "ones"}, ValueError, ["init", "'he'", "'xavier'", "'ones'"]),
    ([4, 2], {"init": 0}, TypeError, ["init", "2", "int"]),
    ([4, 2], {"init": ([],)}, TypeError, ["init", "2", "1"]),
    ([4, 2], {"init": ([], [])}, ValueError, ["init weights", "1", "0"]),
    ([4, 2], {"init": ([np.ones((2, 4))], [[1, 2]] * 2)}, ValueError, ["init biases", "1", "2"]),
    ([4, 2], {"init": ([np.ones((4, 2))], [[0, 0]])}, ValueError, ["init weights[0]", "(2, 4)", "(4, 2)"]),
    ([4, 2], {"init": ([np.ones((2, 4))], [[0, 0, 0]])}, ValueError, ["init biases[0]", "(2,)", "(3,)"]),
    (
        [4, 2],
        {"init": ([np.full((2, 4), np.nan)], [[0, 0]])},
        ValueError,
        ["init weights[0]", "finite", "nan", "(0, 0)"],
    ),
    ([4, 2], {"init": (3, [[0, 0]])}, TypeError, ["init weights", "sequence", "3"]),
    ([4, 2], {"dtype": "float16"}, ValueError, ["dtype", "float32", "float64", "float16"]),
    ([4, 2], {"dtype": int}, ValueError, ["dtype", "float32", "float64", "int"]),
    ([4, 2], {"dtype": None}, ValueError, ["dtype", "float32", "float64", "None"]),
    ([4, 2], {"dtype": "real"}, ValueError, ["dtype", "float32", "float64", "real"]),
    ([4, 2], {"dtype": ">f4" if np.little_endian else "<f4"}, ValueError, ["dtype", "f4"]),
    ([4, 2], {"dtype": 3}, TypeError, ["dtype", "float32", "float64", "3"]),
    ([4, 2], {"seed": -1}, ValueError, ["seed", "0", "-1"]),
    ([4, 2], {"seed": 2**64}, ValueError, ["seed", str(2**64)]),
    ([4, 2], {"seed": 1.0}, TypeError, ["seed", "int", "1.0"]),
    ([4, 2], {"seed": False}, TypeError, ["seed", "int", "False"]),
    *[
        ([4, 3, 2], {what: value}, error, [what, *parts])
        for what in ("dropout", "input_dropout", "input_noise")
        for value, error, parts in (
            (-0.1, ValueError, ["0", "-0.1"]),
            (math.nan, ValueError, ["nan"]),
            (math.inf, ValueError, ["inf"]),
            ("0.5", TypeError, ["number", "'0.5'"]),
            (True, TypeError, ["number", "True"]),
            (None, TypeError, ["number", "None"]),
        )
    ],
    ([4, 3, 2], {"dropout": 1.0}, ValueError, ["dropout", "[0.0, 1.0)", "1.0"]),
    ([4, 3, 2], {"input_dropout": 1}, ValueError, ["input_dropout", "[0.0, 1.0)", "1"]),
    ([4, 3, 2], {"dropout": []}, ValueError, ["dropout", "1", "0"]),
    ([4, 3, 2], {"dropout": [0.1, 0.1]}, ValueError, ["dropout", "1", "2"]),
    ([4, 3, 2], {"dropout": [1.5]}, ValueError, ["dropout[0]", "[0.0, 1.0)", "1.5"]),
    ([4, 3, 2], {"dropout": ["a"]}, TypeError, ["dropout[0]", "number", "'a'"]),
    *[
        ([4, 3, 2], {"init_gain": value, **more}, error, ["init_gain", *parts])
        for value, more, error, parts in (
            (-0.5, {}, ValueError, ["finite", "at least 0", "-0.5"]),
            ([1, math.inf], {}, ValueError, ["init_gain[1]", "finite", "inf"]),
            ([1.0], {}, ValueError, ["length 2", "layer of weights", "got length 1"]),
            ([1.0, None], {}, TypeError, ["init_gain[1]", "number", "None"]),
            ("2", {}, TypeError, ["number", "'2'"]),
            (1e38, {}, ValueError, ["finite as float32", "1e+38"]),
            (1e39, {"init": "zeros"}, ValueError, ["finite as float32", "1e+39"]),
            (1.5e308, {"dtype": "float64", "init": "normal"}, ValueError, ["float64", "1.5e+308"]),
            (2, {"init": ([np.ones((3, 4)), np.ones((2, 3))], [[0] * 3, [0] * 2])}, ValueError, ["1", "2"]),
        )
    ],
    *[
        ([4, 2], {"input_scale": value}, error, ["input_scale", *parts])
        for value, error, parts in (
            (0.0, ValueError, ["finite", "not 0", "got 0"]),
            (math.nan, ValueError, ["finite", "nan"]),
            (-math.inf, ValueError, ["finite", "-inf"]),
            (1e39, ValueError, ["float32", "1e+39"]),
            (1e-46, ValueError, ["float32", "1e-46"]),
            ("0.5", TypeError, ["number", "'0.5'"]),
            (True, TypeError, ["number", "True"]),
            (None, TypeError, ["number", "None"]),
        )
    ],
    ([4, 2], {"standardize": 1}, TypeError, ["standardize", "bool", "1"]),
    ([4, 2], {"standardize": "yes"}, TypeError, ["standardize", "bool", "'yes'"]),
    (
        [4, 2],
        {"standardize": True, "cost": "poisson"},
        ValueError,
        ["'poisson'", "does not support standardize", "another cost"],
    ),
    ([4, 2], {"learn_input_scale": 1}, TypeError, ["learn_input_scale", "bool", "1"]),
    ([4, 2], {"learn_input_scale": None}, TypeError, ["learn_input_scale", "bool", "None"]),
    ([4, 2], {"cost": dict}, TypeError, ["cost", "'mse'", "dict"]),
    ([4, 2], {"cost": "custom"}, ValueError, ["cost", "'mse'", "'custom'"]),
]

# Invalid names with parameters, checked by the core: (argument, value, parts).
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
    ("activation", "tanh(1)", ["'tanh'", "without a number", "'tanh(1)'"]),
    ("activation", "elu(0)", ["alpha", "above 0", "'elu(0)'"]),
    ("output", "elu(-2)", ["alpha", "above 0", "'elu(-2)'"]),
    ("output", "softmax(2)", ["'softmax'", "without a number", "'softmax(2)'"]),
    ("cost", "huber(0)", ["delta", "above 0", "'huber(0)'"]),
    ("cost", "huber(inf)", ["delta", "'huber(inf)'"]),
    ("cost", "quantile(1)", ["between 0 and 1", "'quantile(1)'"]),
    ("cost", "quantile(0.5, 0)", ["between 0 and 1", "'quantile(0.5, 0)'"]),
    ("cost", "quantile(0.5,)", ["numbers", "'quantile(0.5,)'"]),
    ("cost", "quantile(0.1, 0.5, 0.9)", ["multiple of 3", "quantile(0.1, 0.5, 0.9)", "got 2"]),
    ("cost", "mse(1)", ["'mse'", "without a number", "'mse(1)'"]),
]

# Combinations that do not fit together: (sizes, keyword arguments, parts).
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
    ([4, 3], {"cost": "gaussian_nll"}, ["sizes[1]", "multiple of 2", "gaussian_nll", "got 3"]),
]

# Invalid settings of optimizers and schedules: (class, keyword arguments, error, parts).
BAD_RULE = [
    (lg.SGD, {"learning_rate": -0.1}, ValueError, ["learning_rate", "0", "-0.1"]),
    (lg.SGD, {"learning_rate": math.nan}, ValueError, ["learning_rate", "0", "nan"]),
    (lg.SGD, {"learning_rate": math.inf}, ValueError, ["learning_rate", "finite", "inf"]),
    (lg.SGD, {"learning_rate": 10**400}, ValueError, ["learning_rate", "finite", "1000"]),
    (lg.SGD, {"learning_rate": "0.1"}, TypeError, ["learning_rate", "number", "'0.1'"]),
    (lg.SGD, {"learning_rate": True}, TypeError, ["learning_rate", "number", "True"]),
    (lg.SGD, {"learning_rate": 1j}, TypeError, ["learning_rate", "number", "1j"]),
    (lg.SGD, {"learning_rate": None}, TypeError, ["learning_rate", "number", "None"]),
    (lg.SGD, {"learning_rate": np.ones(2)}, TypeError, ["learning_rate", "number", "array"]),
    (lg.SGD, {"momentum": 1.0}, ValueError, ["momentum", "[0.0, 1.0)", "1.0"]),
    (lg.SGD, {"momentum": -0.5}, ValueError, ["momentum", "[0.0, 1.0)", "-0.5"]),
    (lg.SGD, {"momentum": math.nan}, ValueError, ["momentum", "[0.0, 1.0)", "nan"]),
    (lg.SGD, {"momentum": 0.5, "nesterov": 1}, TypeError, ["nesterov", "bool", "1"]),
    (lg.SGD, {"nesterov": True}, ValueError, ["nesterov", "momentum", "0"]),
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
    (lg.LevenbergMarquardt, {"damping": 0}, ValueError, ["damping", "above 0", "0"]),
    (lg.LevenbergMarquardt, {"damping_decrease": 1}, ValueError, ["damping_decrease", "(0.0, 1.0)", "1"]),
    (lg.LevenbergMarquardt, {"damping_increase": 1}, ValueError, ["damping_increase", "above 1", "1"]),
    (lg.LevenbergMarquardt, {"max_damping": 1e-4}, ValueError, ["max_damping", "0.001", "0.0001"]),
    (lg.LevenbergMarquardt, {"tolerance": "x"}, TypeError, ["tolerance", "'x'"]),
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
        ["then", "only on the time", "ReduceOnPlateau"],
    ),
    (
        lg.schedules.ReduceOnPlateau,
        {"monitor": "mine"},
        ValueError,
        ["mode", "'min'", "'max'", "None", "'mine'"],
    ),
    (lg.schedules.ReduceOnPlateau, {"monitor": 1}, TypeError, ["monitor", "history", "1"]),
    (lg.schedules.ReduceOnPlateau, {"mode": "low"}, ValueError, ["mode", "'min'", "'max'", "'low'"]),
    (lg.schedules.ReduceOnPlateau, {"mode": 1}, TypeError, ["mode", "'min'", "'max'", "1"]),
    (lg.schedules.ReduceOnPlateau, {"factor": 1.0}, ValueError, ["factor", "[0.0, 1.0)", "1.0"]),
    (lg.schedules.ReduceOnPlateau, {"patience": -1}, ValueError, ["patience", "0", "-1"]),
]


def table():
    def case(name, call, error, parts):
        return pytest.param(call, error, parts, id=name)

    pairs = [(sizes, options, ValueError, parts) for sizes, options, parts in BAD_PAIRS]
    for sizes, options, error, parts in BAD_NETWORK + pairs:
        what = f"Network: {', '.join(options) or sizes}"
        yield case(what, lambda s=sizes, o=options: lg.Network(s, **o), error, parts)
    for rule, options, error, parts in BAD_RULE:
        yield case(f"{rule.__name__}: {options}", lambda r=rule, o=options: r(**o), error, parts)
    for name, value, parts in BAD_PARAMETERS:
        yield case(
            f"Network {name}: {value}",
            lambda n=name, v=value: lg.Network([4, 3, 2], **{n: v}),
            ValueError,
            parts,
        )


@pytest.mark.parametrize(("call", "error", "parts"), list(table()))
def test_invalid_settings_raise(call, error, parts):
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    for part in parts:
        assert part in message
    assert "incompatible" not in message


@pytest.mark.parametrize(
    ("name", "meant"), [("adam(0.01)", r"Adam\(0.01\)"), ("SGD(momentum=0.9)", r"SGD\(momentum=0.9\)")]
)
def test_optimizer_names_take_no_arguments(name, meant):
    with pytest.raises(ValueError, match=rf"^optimizer must be .*did you mean {meant}\?$"):
        lg.Network([1, 1]).fit([[0.0]], [0.0], optimizer=name)
