"""Penalties, decay, clipping and bounds of weights: what they do, and to which parameters."""

import localgrad as lg
import numpy as np
import pytest

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 4))
Y = RNG.normal(size=(24, 2))
SIZES = [4, 5, 3, 2]


def network(**options):
    return lg.Network(
        SIZES, **{"activation": "tanh", "init": "normal", "seed": 1, "dtype": "float64", **options}
    )


def fitted(net=None, x=X, y=Y, **options):
    net = (network() if net is None else net).copy()
    net.fit(x, y, **{"epochs": 3, "batch_size": 8, "optimizer": lg.SGD(0.1), **options})
    return net


def step(net, **options):
    """What one step of gradient descent over all examples changes, and the gradient it started with."""
    after = fitted(net, epochs=1, batch_size=None, optimizer=lg.SGD(0.25), **options)
    return (net.parameters - after.parameters) / 0.25, net.backprop(X, Y).gradient


def per_layer(values, biases=False):
    """Numbers of the layers as numbers of the parameters."""
    layers = zip(SIZES, SIZES[1:], values, strict=False)
    return np.concatenate([np.repeat([value, value * biases], [k * j, j]) for k, j, value in layers])


@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize("strength", [0.5, [0.5, 0.0, 2.0]])
@pytest.mark.parametrize("name", ["l1", "l2", "weight_decay"])
def test_each_is_in_the_step(name, strength, biases):
    net = network()
    w = net.parameters
    slope = np.sign(w) if name == "l1" else w
    change, gradient = step(net, **{name: strength}, penalize_biases=biases)
    expected = gradient + per_layer(np.broadcast_to(strength, 3), biases) * slope
    np.testing.assert_allclose(change, expected, rtol=1e-10, atol=1e-12)


def test_together():
    net = network()
    change, gradient = step(net, l1=0.1, l2=0.2, weight_decay=[0.3, 0, 0])
    w = net.parameters
    expected = gradient + per_layer([0.1] * 3) * np.sign(w) + per_layer([0.5, 0.2, 0.2]) * w
    np.testing.assert_allclose(change, expected, rtol=1e-10, atol=1e-12)


def test_the_sign_of_zero_is_zero():
    net = lg.Network([4, 2], init="zeros", dtype="float64")
    net.fit(0 * X, 0 * Y, epochs=1, l1=5.0)
    assert not net.parameters.any()


@pytest.mark.parametrize("penalty", [{"l1": 0.05}, {"l2": 0.5}, {"weight_decay": 0.5}])
def test_the_strength_does_not_depend_on_the_number_of_rows_or_the_batch_size(penalty):
    one = fitted(epochs=4, batch_size=None, **penalty)
    # Every row three times: the same mean gradient, and as many updates.
    other = fitted(None, np.tile(X, (3, 1)), np.tile(Y, (3, 1)), epochs=4, batch_size=None, **penalty)
    np.testing.assert_allclose(one.parameters, other.parameters, rtol=1e-10, atol=1e-13)
    # Mini-batches of equal rows: as many updates an epoch as there are of them, whatever their size.
    for size in (4, 8):
        rows = fitted(
            None, np.tile(X[:1], (3 * size, 1)), np.tile(Y[:1], (3 * size, 1)), batch_size=size, **penalty
        )
        if size == 4:
            expected = rows
    np.testing.assert_allclose(rows.parameters, expected.parameters, rtol=1e-10, atol=1e-13)


def test_the_history_and_evaluate_know_no_penalties():
    net = network()
    history = fitted(net, epochs=1, batch_size=None, l1=1.0, l2=1.0, clip_norm=0.1).history
    assert history["cost"] == pytest.approx([net.evaluate(X, Y)["cost"]])


def test_clip_value():
    net = network()
    change, gradient = step(net, clip_value=0.05)
    assert abs(gradient).max() > 0.05
    np.testing.assert_allclose(change, np.clip(gradient, -0.05, 0.05), rtol=1e-9, atol=1e-12)


def test_clip_norm():
    net = network()
    change, gradient = step(net, clip_norm=0.3)
    norm = np.linalg.norm(gradient)
    assert norm > 0.3
    np.testing.assert_allclose(change, gradient * 0.3 / (norm + 1e-6), rtol=1e-9, atol=1e-12)
    change, gradient = step(net, clip_norm=1e3)
    np.testing.assert_allclose(change, gradient, rtol=1e-9, atol=1e-12)


def test_the_order_is_penalty_value_norm_decay():
    net = network()
    change, gradient = step(net, l2=0.5, clip_value=0.4, clip_norm=0.6, weight_decay=0.1)
    g = np.clip(gradient + per_layer([0.5] * 3) * net.parameters, -0.4, 0.4)
    g *= 0.6 / (np.linalg.norm(g) + 1e-6)
    np.testing.assert_allclose(change, g + per_layer([0.1] * 3) * net.parameters, rtol=1e-9, atol=1e-12)


def test_max_norm():
    net = fitted(max_norm=0.7)
    for w in net.weights:
        assert np.linalg.norm(w, axis=1).max() <= 0.7 * (1 + 1e-12)
    assert max(np.linalg.norm(w, axis=1).max() for w in fitted().weights) > 0.7
    # Shorter vectors and biases are what they would be.
    one, other = fitted(max_norm=1e6), fitted()
    assert one.parameters.tobytes() == other.parameters.tobytes()
    one, other = fitted(epochs=1, batch_size=None, max_norm=0.7), fitted(epochs=1, batch_size=None)
    for i in range(3):
        np.testing.assert_array_equal(one.biases[i], other.biases[i])
        scale = np.minimum(1, 0.7 / np.linalg.norm(other.weights[i], axis=1, keepdims=True))
        np.testing.assert_allclose(one.weights[i], other.weights[i] * scale, rtol=1e-12)


@pytest.mark.parametrize(
    "nothing",
    [
        {"l1": 0},
        {"l2": [0, 0.0, np.float32(0)]},
        {"weight_decay": 0},
        {"weight_decay": None},
        {"penalize_biases": True},
        {"max_norm": None, "clip_value": None, "clip_norm": None},
        {"l2": np.zeros(3)},
        {"l1": np.array(0.0)},
    ],
)
def test_what_is_not_asked_for_changes_no_bit(nothing):
    assert fitted(**nothing).parameters.tobytes() == fitted().parameters.tobytes()


def test_l1_makes_weights_small_and_l2_keeps_them_short():
    plain = fitted(epochs=200, batch_size=None)
    lasso = fitted(epochs=200, batch_size=None, l1=0.1)
    ridge = fitted(epochs=200, batch_size=None, l2=0.1)

    def weights(net):
        return np.concatenate([w.ravel() for w in net.weights])

    assert (abs(weights(lasso)) < 0.02).sum() > 2 * (abs(weights(plain)) < 0.02).sum()
    assert np.linalg.norm(weights(ridge)) < 0.5 * np.linalg.norm(weights(plain))


SETTINGS = {"l1": 0.01, "l2": [0.1, 0, 0], "weight_decay": 0.1, "clip_norm": 1.0, "max_norm": 2.0}


@pytest.mark.parametrize("rule", [lg.SGD(0.1, 0.9), lg.Adam(0.01), lg.AdamW(0.01)])
def test_the_result_does_not_depend_on_the_number_of_threads(rule):
    results = {
        fitted(network(dtype="float32"), optimizer=rule, n_threads=k, **SETTINGS).parameters.tobytes()
        for k in (1, 2, 3)
    }
    assert len(results) == 1


def test_a_plan_takes_them():
    net = network()
    assert net.plan(8, **SETTINGS, clip_value=1.0, penalize_biases=True).batch_size == 8
