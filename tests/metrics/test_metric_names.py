"""The names of metrics, their meaning for each network, and custom metrics."""

import functools
import math

import localgrad as lg
import numpy as np
import pytest
from localgrad import metrics
from localgrad.metrics import higher_is_better, resolve
from localgrad.metrics.names import HIGHER_IS_BETTER

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 4))
WEIGHTS = RNG.uniform(0, 2, 50)
EVERY = sorted(HIGHER_IS_BETTER)
REGRESSION = ["mae", "mse", "pinball", "r2", "rmse"]


def network(width, output="identity", cost=None):
    return lg.Network([4, 5, width], output=output, cost=cost, seed=1, dtype="float64")


def measured(net, names, y, weights=None):
    a = net.predict(X)
    return {metric.name: metric(y, a, weights) for metric in resolve(names, net)}


def is_supported(name, net):
    try:
        resolve(name, net)
    except ValueError:
        return False
    return True


def test_every_name_has_a_function():
    functions = {name for name in metrics.__all__ if name not in ("Metric", "resolve", "higher_is_better")}
    assert functions == set(EVERY)


@pytest.mark.parametrize(
    ("net", "missing"),
    [
        (network(3, "softmax"), set()),
        (network(2, "softmax", "mse"), set()),
        (network(3, "sigmoid", "cross_entropy"), set()),
        (network(1, "sigmoid", "cross_entropy"), {"top_k"}),
        (network(3, "sigmoid", "binary_cross_entropy"), {"top_k", "balanced_accuracy"}),
        (network(3, "identity", "hinge"), {"log_loss"}),
        (network(1, "tanh", "hinge"), {"log_loss", "top_k"}),
        (network(2), set(EVERY) - set(REGRESSION)),
        (network(2, cost="huber(0.5)"), set(EVERY) - set(REGRESSION)),
        (network(2, cost="gaussian_nll"), set(EVERY) - set(REGRESSION)),
        (network(2, cost="quantile(0.9)"), set(EVERY) - set(REGRESSION)),
        (network(4, cost="quantile(0.1, 0.9)"), set(EVERY) - {"pinball"}),
    ],
    ids=lambda value: value.cost if isinstance(value, lg.Network) else "",
)
def test_unsupported_metrics_raise(net, missing):
    assert {name for name in EVERY if not is_supported(name, net)} == missing
    for name in missing:
        with pytest.raises(ValueError, match=f"^Metric '{name}' requires "):
            resolve(name, net)


def test_the_default_is_the_accuracy_of_classifiers():
    assert [metric.name for metric in resolve(None, network(3, "softmax"))] == ["accuracy"]
    assert [metric.name for metric in resolve(None, network(1, cost="hinge"))] == ["accuracy"]
    assert resolve(None, network(1)) == ()
    assert resolve([], network(3, "softmax")) == ()


def test_names_are_normalized():
    net = network(7, "softmax")
    given = ["top_k", "top_k( 5 )", " pinball (.90)", "f1"]
    names = [metric.name for metric in resolve(given, net)]
    assert names == ["top_k", "top_k(5)", "pinball(0.9)", "f1"]
    assert [metric.name for metric in resolve(names, net)] == names


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_metrics_of_labels_are_those_of_the_functions(weights):
    net, y = network(3, "softmax"), RNG.integers(0, 3, 50).astype(np.uint8)
    a = net.predict(X)
    values = measured(net, ["accuracy", "f1", "top_k(2)", "auc", "rmse", "pinball(0.9)"], y, weights)
    assert values == {
        "accuracy": metrics.accuracy(y, a, sample_weight=weights),
        "f1": metrics.f1(y, a, sample_weight=weights),
        "top_k(2)": metrics.top_k(y, a, 2, sample_weight=weights),
        "auc": metrics.auc(y, a, sample_weight=weights),
        "rmse": metrics.rmse(np.eye(3)[y], a, sample_weight=weights),
        "pinball(0.9)": metrics.pinball(np.eye(3)[y], a, 0.9, sample_weight=weights),
    }


def classifiers():
    for width in (1, 2, 4):
        yield network(width, "sigmoid", "cross_entropy"), "labels"
        yield network(width, "tanh", "hinge"), "labels"
        yield network(width, "sigmoid", "mse"), "targets"
        yield network(width, "identity", "hinge"), "signs"
    for width in (2, 4):
        yield network(width, "softmax"), "labels"
        yield network(width, "softmax", "mse"), "targets"
        yield network(width, "sigmoid", "binary_cross_entropy"), "targets"


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize(
    ("net", "kind"),
    [pytest.param(*case, id=f"{case[0].cost}-{case[0].sizes[-1]}-{case[1]}") for case in classifiers()],
)
def test_accuracy_equals_that_of_evaluate(net, kind, weights):
    rng = np.random.default_rng(2)
    net.parameters = rng.normal(size=net.num_parameters)
    width = net.sizes[-1]
    if kind == "labels":
        y = rng.integers(0, max(width, 2), 50)
    else:
        y = rng.uniform(-1 if kind == "signs" else 0, 1, (50, width))
    (metric,) = resolve("accuracy", net)
    expected = net.evaluate(X, y, sample_weight=weights)["accuracy"]
    assert metric(y, net.predict(X), weights) == pytest.approx(expected, abs=1e-12)
    assert 0 < expected < 1


def test_the_threshold_of_hinge_is_0():
    net, y = network(1, "identity", "hinge"), np.arange(50) % 2
    a = net.predict(X)[:, 0]
    values = measured(net, ["f1", "balanced_accuracy", "mse"], y)
    assert values == {
        "f1": metrics.f1(y, a, threshold=0),
        "balanced_accuracy": metrics.balanced_accuracy(y, a, threshold=0),
        "mse": metrics.mse(2 * y - 1, a),
    }
    assert values["f1"] != metrics.f1(y, a)


def test_binary_cross_entropy_has_multi_label_metrics():
    net, y = network(3, "sigmoid", "binary_cross_entropy"), RNG.integers(0, 2, (50, 3))
    for name in ("accuracy", "f1", "f1_micro", "auc", "log_loss"):
        expected = getattr(metrics, name)(y, net.predict(X), multi_label=True)
        assert measured(net, name, y) == {name: expected}


def test_gaussian_nll_is_measured_by_its_mean():
    net, y = network(4, cost="gaussian_nll"), RNG.normal(size=(50, 2))
    assert measured(net, ["rmse", "r2"], y) == {
        "rmse": metrics.rmse(y, net.predict(X)[:, :2]),
        "r2": metrics.r2(y, net.predict(X)[:, :2]),
    }


def test_poisson_is_measured_by_its_rate():
    y = RNG.poisson(2, (50, 2))
    logarithms, rates = network(2, cost="poisson"), network(2, "softplus", "poisson")
    assert measured(logarithms, "mae", y) == {"mae": metrics.mae(y, np.exp(logarithms.predict(X)))}
    assert measured(rates, "mae", y) == {"mae": metrics.mae(y, rates.predict(X))}


def test_pinball_uses_the_quantiles_of_the_network():
    y = RNG.normal(size=(50, 2))
    several = network(6, cost="quantile(0.1, 0.5, 0.8)")
    a = several.predict(X)
    own = [metrics.pinball(y, a[:, 2 * h : 2 * h + 2], q) for h, q in enumerate((0.1, 0.5, 0.8))]
    assert measured(several, "pinball", y) == {"pinball": pytest.approx(sum(own) / 3)}
    # The cost is the sum over the targets and the quantiles.
    assert several.evaluate(X, y)["cost"] == pytest.approx(sum(own) * 2, rel=1e-6)
    single = network(2, cost="quantile(0.9)")
    assert measured(single, ["pinball", "pinball(0.5)"], y) == {
        "pinball": metrics.pinball(y, single.predict(X), 0.9),
        "pinball(0.5)": metrics.pinball(y, single.predict(X)),
    }
    median = network(2, cost="quantile")
    assert measured(median, "pinball", y) == {"pinball": metrics.pinball(y, median.predict(X), 0.5)}
    with pytest.raises(ValueError, match=r"pinball\(0.1\).*single prediction"):
        resolve("pinball(0.1)", several)


def test_functions_of_the_package_are_treated_as_their_names():
    net, y = network(1, "identity", "hinge"), np.arange(50) % 2
    (by_name,), (by_function,) = resolve("f1", net), resolve(metrics.f1, net)
    assert (by_function.name, by_function.higher_is_better) == ("f1", True)
    a = net.predict(X)
    assert by_function(y, a) == by_name(y, a)


# Custom metrics


def test_a_custom_metric_receives_the_arrays():
    seen = []

    def worst(y, a):
        seen.append((y, a))
        return np.abs(y - a).max()

    net, y, a = network(1), RNG.normal(size=(50, 1)), RNG.normal(size=(50, 1))
    (metric,) = resolve(worst, net)
    assert (metric.name, metric.higher_is_better, metric.native) == ("worst", None, False)
    assert metric(y, a, WEIGHTS) == np.abs(y - a).max()
    (given,) = seen
    assert all(np.shares_memory(one, other) for one, other in zip(given, (y, a), strict=True))


@pytest.mark.parametrize("which", ["y", "a", "sample_weight"])
def test_a_custom_metric_receives_read_only_arrays(which):
    def careless(y, a, sample_weight):
        {"y": y, "a": a, "sample_weight": sample_weight}[which][...] = 0
        return 0.0

    y = RNG.normal(size=(50, 1))
    weights, before = WEIGHTS.copy(), y.copy()
    for options in ({}, {"validation": (X, y, weights), "epochs": 1}):
        with pytest.raises(ValueError, match="read-only"):
            network(1).fit(X, y, metrics=careless, sample_weight=weights, **options)
    assert (y == before).all()
    assert (weights == WEIGHTS).all()


def test_a_custom_metric_with_sample_weight_receives_weights():
    def count(y, a, sample_weight=None):
        return -1 if sample_weight is None else sample_weight.sum()

    (metric,) = resolve(count, network(1))
    assert metric(X[:, :1], X[:, :1]) == -1.0
    assert metric(X[:, :1], X[:, :1], WEIGHTS) == WEIGHTS.sum()


@pytest.mark.parametrize("form", [np.array, list])
@pytest.mark.parametrize(
    ("net", "y", "shape", "dtype"),
    [
        (network(1), np.arange(50.0), (50, 1), "float64"),
        (network(1), np.arange(50), (50, 1), "int64"),
        (network(2), np.ones((50, 2)), (50, 2), "float64"),
        (network(2, cost="gaussian_nll"), np.ones(50), (50, 1), "float64"),
        (network(3, "softmax"), np.arange(50) % 3, (50,), "int64"),
        (network(3, "softmax"), np.eye(3)[np.arange(50) % 3], (50, 3), "float64"),
        (network(1, "sigmoid", "cross_entropy"), np.arange(50) % 2 == 1, (50,), "uint8"),
        (network(1, "sigmoid", "cross_entropy"), np.arange(50) % 2 * 1.0, (50, 1), "float64"),
    ],
)
def test_shapes_and_types_that_a_custom_metric_receives(net, y, shape, dtype, form):
    def look(y, a):
        seen.append((y.shape, y.dtype.name, a.shape, a.dtype.name))
        return 0.0

    seen = []
    net.fit(X, form(y.tolist()), epochs=1, metrics=look, validation=0.2)
    n = [40, 10]
    outputs = () if shape == (50,) and net.sizes[-1] == 1 else (net.sizes[-1],)  # 1-D for labels
    assert seen == [((k, *shape[1:]), dtype, (k, *outputs), "float64") for k in n]


class Constant:
    def __init__(self, value):
        self.value = value

    def __call__(self, y, a):
        return self.value


def test_other_callables_can_be_metrics():
    power = functools.partial(lambda y, a, power: float(power), power=3)
    own = resolve([Constant(2), power, lambda y, a: 4], network(1))
    assert [metric.name for metric in own] == ["Constant", "partial", "<lambda>"]
    assert [metric(X, X) for metric in own] == [2.0, 3.0, 4.0]


@pytest.mark.parametrize("value", [1, 2.5, np.float32(0.5), np.int64(3), np.array(1.5), math.inf])
def test_numbers_returned_by_a_metric_become_floats(value):
    answer = resolve(Constant(value), network(1))[0](X, X)
    assert type(answer) is float
    assert answer == value
    assert math.isnan(resolve(Constant(np.nan), network(1))[0](X, X))


@pytest.mark.parametrize("value", [None, "1", True, np.True_, np.ones(1), 1j, [1.0]])
def test_a_metric_that_does_not_return_a_number_raises(value):
    with pytest.raises(TypeError, match=r"Constant must return a number, got"):
        resolve(Constant(value), network(1))[0](X, X)


def named(name):
    def function(y, a):
        return 0.0

    function.__name__ = name
    return function


@pytest.mark.parametrize(
    ("value", "error", "parts"),
    [
        (3, TypeError, ["metrics", "name", "callable", "sequence", "3"]),
        (b"f1", TypeError, ["metrics", "b'f1'"]),
        ({"f1"}, TypeError, ["metrics", "sequence"]),
        ([3], TypeError, ["metrics[0]", "'f1'", "3"]),
        ("acuracy", ValueError, ["metrics", "'accuracy'", "'acuracy'"]),
        (["f1", "F2"], ValueError, ["metrics[1]", "'f1'", "'F2'"]),
        (["f1", "F1"], ValueError, ["metrics", "'f1' at 0 and 1"]),
        (["f1", "auc", "f1"], ValueError, ["metrics", "'f1'", "0", "2"]),
        (["top_k(3)", "top_k( 3)"], ValueError, ["metrics", "'top_k(3)'"]),
        ("accuracy(3)", ValueError, ["metrics", "accuracy", "without a parameter", "'accuracy(3)'"]),
        ("accuracy()", ValueError, ["metrics", "accuracy", "without a parameter"]),
        ("top_k()", ValueError, ["metrics", "top_k", "int", "'top_k()'"]),
        ("top_k(2.0)", ValueError, ["metrics", "top_k", "int", "'top_k(2.0)'"]),
        ("top_k(2", ValueError, ["metrics", "top_k", "int", "'top_k(2'"]),
        ("top_k(0)", ValueError, ["metrics", "top_k", "at least 1", "0"]),
        ("top_k(4)", ValueError, ["Metric 'top_k(4)' requires", "4 outputs", "3"]),
        ("pinball(0.1, 0.9)", ValueError, ["metrics", "pinball", "float", "'pinball(0.1, 0.9)'"]),
        ("pinball(1)", ValueError, ["metrics", "pinball", "(0.0, 1.0)", "1"]),
        ("pinball(nan)", ValueError, ["metrics", "pinball", "(0.0, 1.0)", "nan"]),
        (named("cost"), ValueError, ["metrics", "'cost'"]),
        (named("learning_rate"), ValueError, ["metrics", "'learning_rate'"]),
        ([named("val_f1")], ValueError, ["metrics[0]", "val_", "'val_f1'"]),
        (["f1", named("f1")], ValueError, ["metrics", "'f1'"]),
        (
            [lambda y, a: 0, lambda y, a: 1],
            ValueError,
            ["'<lambda>' at 0 and 1; define functions with def"],
        ),
    ],
)
def test_invalid_metrics_raise(value, error, parts):
    with pytest.raises(error) as caught:
        resolve(value, network(3, "softmax"))
    for part in parts:
        assert part in str(caught.value)


def test_higher_is_better():
    higher = {name for name in EVERY if higher_is_better(name)}
    assert set(EVERY) - higher == {"log_loss", "rmse", "mae", "mse", "pinball"}
    for name in EVERY:
        assert higher_is_better(f"val_{name}") is higher_is_better(name)
        assert resolve(name, network(2, "softmax"))[0].higher_is_better is higher_is_better(name)
    assert higher_is_better("cost") is higher_is_better("val_cost") is False
    assert higher_is_better("val_top_k(5)") is True
    assert higher_is_better("pinball(0.9)") is False
    assert higher_is_better("learning_rate") is higher_is_better("mine") is None
