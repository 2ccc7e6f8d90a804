"""Held-out examples: which rows they are, and how they are evaluated."""

import signal
from dataclasses import replace

import localgrad as lg
import numpy as np
import pytest
from localgrad import _core, metrics
from localgrad._data import validation as held_out
from localgrad._data.examples import Examples

RNG = np.random.default_rng(0)
X = RNG.normal(size=(101, 4))
Y = RNG.normal(size=(101, 2))
LABELS = np.repeat([0, 1, 2], [70, 30, 1])
WEIGHTS = RNG.uniform(0.5, 2, 101)


def split_of(examples, validation):
    """Return the examples held out and the rows left for training."""
    held, left = held_out.split(examples, validation, examples.model.seed, True)
    return held.weighed(), left.index


def regression(**options):
    return lg.Network([4, 5, 2], **{"seed": 3, "dtype": "float64", **options})


def classifier(**options):
    return lg.Network([4, 5, 3], **{"output": "softmax", "seed": 3, "dtype": "float64", **options})


def data(net, y, **options):
    return Examples.of(net._core_model, X[: len(y)], y, only_batch=True, **options)


# Which rows


@pytest.mark.parametrize("fraction", [0.01, 0.1, 0.25, 0.5, 0.97])
@pytest.mark.parametrize("labeled", [False, True])
def test_a_fraction_of_the_rows_is_held_out(fraction, labeled):
    net, y = (classifier(), LABELS) if labeled else (regression(), Y)
    whole = data(net, y)
    held, rest = split_of(whole, fraction)
    assert len(held) == len(held.index) == round(101 * fraction)
    for index in (held.index, rest):
        assert index.dtype == np.uint32
        assert (np.diff(index.astype(int)) > 0).all()
    assert sorted([*held.index, *rest]) == list(range(101))
    assert held.rows is whole.rows
    assert held.targets is whole.targets


def test_without_labels_the_first_rows_of_the_order_are_held_out():
    held, _ = split_of(data(regression(), Y), 0.2)
    assert held.index.tolist() == sorted(_core.split_order(101, 3)[:20])


def test_the_rows_depend_on_the_seed():
    first, _ = split_of(data(regression(), Y), 0.3)
    again, _ = split_of(data(regression(), Y), 0.3)
    other, _ = split_of(data(regression(seed=4), Y), 0.3)
    assert first.index.tolist() == again.index.tolist() != other.index.tolist()


@pytest.mark.parametrize("seed", range(30))
def test_every_class_has_its_share(seed):
    rng = np.random.default_rng(seed)
    n, classes = int(rng.integers(20, 101)), int(rng.integers(2, 7))
    y = rng.choice(classes, n, p=rng.dirichlet(np.ones(classes))).astype(rng.choice(["u1", "i4", "u8"]))
    fraction = float(rng.uniform(0.1, 0.9))
    net = lg.Network([4, classes], output="softmax", seed=seed)
    held, _ = split_of(data(net, y), fraction)
    there, drawn = (
        np.bincount(labels, minlength=classes) for labels in (y.astype(int), y[held.index].astype(int))
    )
    assert drawn.sum() == round(n * fraction)
    assert (drawn <= np.maximum(there - 1, 0)).all()
    kept = drawn == there - 1  # large classes make up for small ones
    assert (abs(drawn - there * drawn.sum() / n)[~kept] < 1 + kept.sum()).all()
    # The first rows of each class, in order.
    for label in range(classes):
        order = [row for row in _core.split_order(n, seed) if y[row] == label]
        assert set(order[: drawn[label]]) == set(held.index[y[held.index] == label])


def test_the_largest_remainders_are_rounded_up():
    y = np.repeat([0, 1, 2], [6, 3, 1])  # half of each class: 3, 1.5, 0.5
    held, _ = split_of(data(classifier(), y), 0.5)
    assert np.bincount(y[held.index], minlength=3).tolist() == [3, 2, 0]


def test_weights_follow_their_rows():
    net = regression()
    held, _ = split_of(data(net, Y, sample_weight=WEIGHTS), 0.3)
    expected = net.evaluate(X[held.index], Y[held.index], sample_weight=WEIGHTS[held.index])
    assert held.evaluate(1) == expected
    assert expected != net.evaluate(X[held.index], Y[held.index])


def test_validation_data_can_be_passed():
    net = classifier()
    for given in ((X, LABELS), [X, LABELS], (X, LABELS, None)):
        held, rest = split_of(data(net, LABELS), given)
        assert rest is None
        assert held.index is None
        assert held.evaluate(1) == net.evaluate(X, LABELS)
    held, _ = split_of(data(net, LABELS), (X, LABELS, WEIGHTS))
    assert held.evaluate(1) == net.evaluate(X, LABELS, sample_weight=WEIGHTS)


@pytest.mark.parametrize(
    ("validation", "error", "parts"),
    [
        (0.0, ValueError, ["validation", "(0.0, 1.0)", "0.0"]),
        (1, ValueError, ["validation", "(0.0, 1.0)", "1"]),
        (-0.1, ValueError, ["validation", "-0.1"]),
        (np.nan, ValueError, ["validation", "nan"]),
        (True, TypeError, ["validation", "(X, y)", "(0, 1)", "True"]),
        ("0.1", TypeError, ["validation", "(X, y)", "'0.1'"]),
        (X, TypeError, ["validation", "(X, y)"]),
        (0.001, ValueError, ["validation", "1 of 101 rows", "0.001", "holds out 0"]),
        (0.999, ValueError, ["validation", "1 of 101 rows", "0.999", "holds out 101"]),
        ((X,), ValueError, ["validation", "2 or 3", "length 1"]),
        ((X, Y, WEIGHTS, 1), ValueError, ["validation", "2 or 3", "length 4"]),
        ((X[:, :3], Y), ValueError, ["validation X", "4", "3"]),
        ((X, Y[:5]), ValueError, ["validation y", "101", "5"]),
        ((X[0], Y[0]), ValueError, ["validation X", "2 dimensions"]),
        ((X, Y, WEIGHTS[:7]), ValueError, ["validation sample_weight", "(101,)", "(7,)"]),
        ((X, Y, -WEIGHTS), ValueError, ["validation sample_weight", "at least 0", "row 0"]),
    ],
)
def test_invalid_validation_raises(validation, error, parts):
    with pytest.raises(error) as caught:
        split_of(data(regression(), Y), validation)
    for part in parts:
        assert part in str(caught.value)


def test_labels_are_checked_before_they_are_counted():
    for label in (-1, 3):
        y = LABELS.copy()
        y[17] = label
        with pytest.raises(ValueError, match=rf"y must be labels in 0..2, got {label} at row 17"):
            split_of(data(classifier(), y), 0.5)


def test_both_sides_require_a_weight():
    net = regression()
    held, rest = split_of(data(net, Y), 0.3)
    for index, words in ((held.index, "held out"), (rest, "left to train on")):
        weights = np.ones(101)
        weights[index] = 0
        with pytest.raises(ValueError, match=f"validation.*0 for all {len(index)} examples {words}"):
            split_of(data(net, Y, sample_weight=weights), 0.3)


# How they are evaluated


def every_metric(y, a, sample_weight=None):
    """Return a number that depends on every bit of the arguments."""
    return float(np.vdot(y, a[:, : y.shape[1]] if y.ndim > 1 else a[:, 0])) + (
        0.0 if sample_weight is None else float(sample_weight.sum())
    )


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_metrics_are_those_of_the_whole_set(weights):
    net = classifier()
    chosen = metrics.resolve(["f1", "accuracy", every_metric], net)
    examples = data(net, LABELS, sample_weight=weights).weighed()
    own = None if weights is None else weights / weights.mean()
    assert examples.measure(1, chosen) == {
        "cost": net.evaluate(X, LABELS, sample_weight=weights)["cost"],
        "f1": pytest.approx(metrics.f1(LABELS, net.predict(X), sample_weight=weights), rel=1e-14),
        "accuracy": net.evaluate(X, LABELS, sample_weight=weights)["accuracy"],
        "every_metric": pytest.approx(every_metric(LABELS, net.predict(X), own), rel=1e-14),
    }
    assert list(examples.measure(1, chosen)) == ["cost", "f1", "accuracy", "every_metric"]
    assert list(examples.measure(1, chosen[1:2])) == ["cost", "accuracy"]
    assert list(examples.measure(1, ())) == ["cost"]
    assert list(examples.evaluate(1)) == ["cost", "accuracy"]


def test_regression_has_no_accuracy():
    assert list(data(regression(), Y).evaluate(1)) == ["cost"]


def test_a_custom_cost_is_evaluated():
    def quartic(a, y):
        return ((a - y) ** 4).sum(axis=1) / 4, (a - y) ** 3

    net = regression(cost=quartic)
    chosen = metrics.resolve(["rmse", every_metric], net)
    expected = {
        "cost": net.evaluate(X, Y)["cost"],
        "rmse": metrics.rmse(Y, net.predict(X)),
        "every_metric": every_metric(Y, net.predict(X)),
    }
    assert data(net, Y).measure(1, chosen) == expected


def test_a_function_named_accuracy_replaces_the_accuracy_of_the_core():
    def accuracy(y, a):
        return 7.0

    net = classifier()
    assert data(net, LABELS).measure(1, metrics.resolve(accuracy, net))["accuracy"] == 7.0


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_selected_rows_give_the_same_result_as_copies(weights, n_threads, share):
    net = classifier()
    held, _ = split_of(data(net, LABELS, sample_weight=weights), share)
    x, labels = X[held.index], LABELS[held.index]
    own = None if weights is None else weights[held.index]
    copied = Examples.of(net._core_model, x, labels, sample_weight=own).weighed()
    chosen = metrics.resolve(["accuracy", every_metric, "f1"], net)
    values = held.measure(n_threads, chosen)
    assert values == copied.measure(1, chosen)
    assert held.evaluate(n_threads) == {name: values[name] for name in ("cost", "accuracy")}


def test_errors_name_the_original_row():
    net = regression()
    x, y = X.copy(), Y.copy()
    held, _ = split_of(data(net, Y), 0.5)
    row = int(held.index[37])
    x[row, 2] = np.nan
    for examples in (
        Examples.of(net._core_model, x, Y),
        split_of(Examples.of(net._core_model, x, Y), 0.5)[0],
    ):
        with pytest.raises(ValueError, match=rf"^X must be finite, got nan at row {row}, column 2$"):
            examples.evaluate(1)
    y[row, 1] = np.inf
    for examples in (
        Examples.of(net._core_model, X, y),
        split_of(Examples.of(net._core_model, X, y), 0.5)[0],
    ):
        with pytest.raises(ValueError, match=rf"^y must be finite, got inf at row {row}, column 1$"):
            examples.measure(1, metrics.resolve("mae", net))


def test_errors_of_a_custom_cost_are_not_changed():
    def fail(a, y):
        raise ValueError("mine at row 3")

    net = regression(cost=fail)
    held, _ = split_of(data(net, Y), 0.5)
    with pytest.raises(ValueError, match=r"^mine at row 3$"):
        held.evaluate(1)


def test_target_rows_are_those_that_the_cost_receives():
    net = classifier()
    held, _ = split_of(data(net, LABELS), 0.5)
    np.testing.assert_array_equal(held.target_rows(), np.eye(3)[LABELS[held.index]])


def wide(**options):
    """Return 30,000 examples and a network that evaluates them in chunks of about 18,000 (5e9 operations)."""
    net = lg.Network([784, 128, 64, 10], seed=0, **options)
    x = np.broadcast_to(np.float32(0.5), (30_000, 784))
    return net, Examples.of(net._core_model, x, np.broadcast_to(np.float32(0.25), (30_000, 10)))


def test_a_long_evaluation_is_split_into_chunks():
    """A custom cost is called for each chunk; chunks of rows that are not adjacent are smaller."""
    calls = []

    def spy(a, y):
        calls.append(len(a))
        return ((a - y) ** 2).sum(axis=1) / 2, a - y

    net, examples = wide(cost=spy)
    cost = examples.evaluate(0)["cost"]
    assert 15_000 < calls[0] < 20_000
    assert sum(calls) == 30_000
    assert cost == pytest.approx(net.evaluate(examples.rows[0], examples.targets[0])["cost"], rel=1e-6)
    calls.clear()
    picked = replace(examples, index=np.arange(30_000, dtype=np.uint32))
    assert picked.evaluate(0)["cost"] == pytest.approx(cost, rel=1e-12)
    assert calls[0] == 2**24 // (4 * 784) + 1
    assert sum(calls) == 30_000
    some = replace(examples, index=np.arange(0, 30_000, 2, dtype=np.uint32))
    calls.clear()
    some.evaluate(0)
    assert calls == [15_000]


class AlarmError(Exception):
    """An exception raised by a signal handler."""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs signal.setitimer")
def test_a_signal_ends_a_long_evaluation_between_chunks():
    def ring(*_):
        raise AlarmError

    net, examples = wide()
    outputs = np.full((30_000, 10), np.nan, np.float32)
    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        with pytest.raises(AlarmError):
            examples._evaluate(1, outputs)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert np.isnan(outputs[-1]).all()
    assert net.predict(examples.rows[:3]).shape == (3, 10)
