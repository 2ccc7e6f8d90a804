"""Weights of examples and classes: C = Σ w_i c_i / Σ w_i, applied per mini-batch in fit."""

import localgrad as lg
import numpy as np
import pytest
from localgrad._arrays.weights import class_weights

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 4))
Y = RNG.normal(size=(30, 2))
LABELS = np.arange(30) % 3
WEIGHTS = RNG.uniform(0, 3, 30)
RELATIVE = WEIGHTS / WEIGHTS.mean()


def network(**options):
    return lg.Network([4, 5, 2], **{"activation": "tanh", "seed": 1, "dtype": "float64", **options})


def classifier(width=3, **options):
    return lg.Network([4, 5, width], **{"output": "softmax", "seed": 1, "dtype": "float64", **options})


def fitted(net, y, **options):
    net = net.copy()
    net.fit(X, y, **{"epochs": 2, "batch_size": 7, "optimizer": lg.SGD(0.1, momentum=0.5), **options})
    return net


def same(one, other):
    return one.parameters.tobytes() == other.parameters.tobytes() and one.history == other.history


def test_the_gradient_of_a_mini_batch_is_weighted():
    net = network()
    by_hand = net.copy()
    costs = []
    for start in range(0, 30, 8):
        rows = range(start, min(start + 8, 30))
        traces = [by_hand.backprop(X[r], Y[r]) for r in rows]
        costs += [RELATIVE[r] * t.cost for r, t in zip(rows, traces, strict=True)]
        gradient = sum(RELATIVE[r] * t.gradient for r, t in zip(rows, traces, strict=True)) / len(rows)
        by_hand.parameters -= 0.2 * gradient
    history = net.fit(
        X, Y, epochs=1, batch_size=8, shuffle=False, optimizer=lg.SGD(0.2), sample_weight=WEIGHTS
    )
    np.testing.assert_allclose(net.parameters, by_hand.parameters, rtol=1e-12)
    assert history["cost"] == pytest.approx([sum(costs) / 30])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_of_1_change_nothing(dtype):
    net = classifier(dtype=dtype)
    expected = fitted(net, LABELS)
    for weight in (
        np.ones(30),
        np.ones(30, int),
        np.ones(30, bool),
        [1.0] * 30,
        np.float32(1) + np.zeros(30),
    ):
        assert same(fitted(net, LABELS, sample_weight=weight), expected)
        assert net.evaluate(X, LABELS, sample_weight=weight) == net.evaluate(X, LABELS)
    for weight in ({}, {1: 1}, [1, 1, 1], np.ones(3), "balanced"):  # ten examples of each class
        assert same(fitted(net, LABELS, class_weight=weight), expected)


def test_a_weight_of_2_equals_the_example_twice():
    weights = np.where(np.arange(30) < 10, 2.0, 1.0)
    twice = np.concatenate([X, X[:10]]), np.concatenate([Y, Y[:10]])
    one, other = network(), network()
    assert one.evaluate(X, Y, sample_weight=weights)["cost"] == pytest.approx(one.evaluate(*twice)["cost"])
    one.fit(X, Y, epochs=1, batch_size=None, optimizer=lg.SGD(0.3), sample_weight=weights)
    other.fit(*twice, epochs=1, batch_size=None, optimizer=lg.SGD(0.3))
    np.testing.assert_allclose(one.parameters, other.parameters, rtol=1e-12)


@pytest.mark.parametrize("labels", [LABELS, np.repeat([0, 1, 2], [3, 20, 7]), np.repeat([0, 2], [6, 24])])
def test_balanced_weights_equal_those_of_scikit_learn(labels):
    compute_sample_weight = pytest.importorskip("sklearn.utils.class_weight").compute_sample_weight
    for kind in (np.int64, np.uint8):
        weights = class_weights("balanced", labels.astype(kind), 3)
        np.testing.assert_allclose(weights, compute_sample_weight("balanced", labels), rtol=1e-15)


def test_class_weights_equal_weights_of_their_examples():
    expected = fitted(classifier(), LABELS, sample_weight=np.array([1.0, 0.5, 2.0])[LABELS])
    for weight in ({1: 0.5, 2: 2}, {np.int64(1): 0.5, 2: np.float32(2)}, [1, 0.5, 2], np.array([1, 0.5, 2])):
        assert same(fitted(classifier(), LABELS, class_weight=weight), expected)


def test_class_weights_multiply_sample_weights():
    classes = {0: 0.5, 1: 3.0}
    expected = fitted(classifier(), LABELS, sample_weight=WEIGHTS * np.array([0.5, 3, 1])[LABELS])
    assert same(fitted(classifier(), LABELS, sample_weight=WEIGHTS, class_weight=classes), expected)


def test_a_single_output_has_two_classes():
    net = classifier(1, output="sigmoid", cost="cross_entropy")
    labels = (LABELS > 0).astype(int)
    expected = fitted(net, labels, sample_weight=np.array([4.0, 1.0])[labels])
    assert same(fitted(net, labels, class_weight={0: 4}), expected)


def test_arguments_are_not_modified():
    weights, classes = WEIGHTS.copy(), np.array([1.0, 2.0, 3.0])
    weights.flags.writeable = classes.flags.writeable = False
    fitted(classifier(), LABELS, sample_weight=weights, class_weight=classes)
    np.testing.assert_array_equal(weights, WEIGHTS)


def test_weights_can_have_any_layout():
    expected = fitted(network(), Y, sample_weight=WEIGHTS)
    for weights in (np.repeat(WEIGHTS, 2)[::2], WEIGHTS.astype(">f8"), list(WEIGHTS)):
        assert same(fitted(network(), Y, sample_weight=weights), expected)


@pytest.mark.parametrize("kind", ["numpy", "pandas", "polars", "scipy"])
def test_weights_can_be_a_column(kind):
    column = np.arange(1.0, 7.0)[:, np.newaxis]
    if kind == "pandas":
        given = pytest.importorskip("pandas").DataFrame({"w": column[:, 0]})
    elif kind == "polars":
        given = pytest.importorskip("polars").DataFrame({"w": column[:, 0]})
    elif kind == "scipy":
        given = pytest.importorskip("scipy.sparse").csr_matrix(column)
    else:
        given = column
    x, y = np.arange(6.0)[:, np.newaxis], np.ones(6)
    nets = [lg.Network([1, 1], seed=1) for _ in range(2)]
    nets[0].fit(x, y, epochs=1, sample_weight=given)
    nets[1].fit(x, y, epochs=1, sample_weight=column[:, 0])
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()
