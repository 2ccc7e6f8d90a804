"""Dropout and noise affect training and nothing else."""

import localgrad as lg
import numpy as np
import pytest

N = 4000
SETTINGS = {"dropout": 0.3, "input_dropout": 0.2, "input_noise": 0.5}


def identity(width, **options):
    """Return a network whose hidden layer and output equal its input."""
    eye, zero = np.eye(width), np.zeros(width)
    init = ([eye, eye], [zero, zero])
    return lg.Network(
        [width] * 3, activation="identity", init=init, **{"seed": 5, "dtype": "float64", **options}
    )


def seen_outputs(net, x, epochs=1, batch_size=100, **options):
    """Return the outputs for each row during training with a learning rate of 0."""
    outputs = []

    def spy(a, y):
        outputs.append(a.copy())
        return np.zeros(len(a)), np.zeros_like(a)

    twin = lg.Network(
        net.sizes,
        activation=list(net.activation),
        cost=spy,
        init=(net.weights, net.biases),
        dtype=net.dtype,
        seed=net.seed,
        dropout=net.dropout,
        input_dropout=net.input_dropout,
        input_noise=net.input_noise,
    )
    options = {"optimizer": lg.SGD(0), "shuffle": False, **options}
    twin.fit(x, np.zeros((len(x), net.sizes[-1])), epochs=epochs, batch_size=batch_size, **options)
    return np.concatenate(outputs[:-1])  # the last call compares the cost with its gradient


@pytest.mark.parametrize("kind", ["dropout", "input_dropout"])
@pytest.mark.parametrize("rate", [0.1, 0.25, 0.5, 0.9])
def test_units_are_dropped_or_scaled_up(rate, kind):
    a = seen_outputs(identity(7, **{kind: rate}), np.ones((N, 7)))
    assert a.shape == (N, 7)
    share = (a == 0).mean()
    assert share == pytest.approx(rate, abs=5 * np.sqrt(rate * (1 - rate) / a.size))
    kept = a[a != 0]
    assert kept == pytest.approx(np.full(len(kept), 1 / (1 - rate)), rel=1e-3)
    assert a.mean() == pytest.approx(1, abs=5 * np.sqrt(rate / (1 - rate) / a.size))


def test_units_rows_and_epochs_are_independent():
    a = seen_outputs(identity(8, dropout=0.5), np.ones((N, 8)), epochs=2) == 0
    first, second = a[:N], a[N:]
    correlations = np.corrcoef(first.T)
    assert abs(correlations - np.eye(8)).max() < 5 / np.sqrt(N)
    assert abs((first[1:] == first[:-1]).mean() - 0.5) < 5 / np.sqrt(first.size) / 2
    assert abs((first == second).mean() - 0.5) < 5 / np.sqrt(first.size) / 2


def test_each_hidden_layer_has_its_own_rate():
    eye, zero = np.eye(6), np.zeros(6)
    net = lg.Network(
        [6] * 4,
        activation="identity",
        init=([eye] * 3, [zero] * 3),
        dropout=[0.5, 0.2],
        seed=1,
        dtype="float64",
    )
    a = seen_outputs(net, np.ones((N, 6)))
    values = {0.0, 1 / 0.5 / 0.8}
    assert all(min(abs(v - w) for w in values) < 1e-3 for v in np.unique(a))
    assert (a != 0).mean() == pytest.approx(0.4, abs=0.02)
    net = lg.Network([6] * 4, activation="identity", init=([eye] * 3, [zero] * 3), dropout=[0, 0.2], seed=1)
    assert (seen_outputs(net, np.ones((N, 6))) == 0).mean() == pytest.approx(0.2, abs=0.02)


def test_noise_is_normally_distributed():
    a = seen_outputs(identity(5, input_noise=0.5), np.full((N, 5), 3.0)) - 3
    assert abs(a.mean()) < 5 * 0.5 / np.sqrt(a.size)
    assert a.std() == pytest.approx(0.5, rel=5 / np.sqrt(2 * a.size))
    z = a / 0.5
    assert (z**3).mean() == pytest.approx(0, abs=5 * np.sqrt(15 / a.size))
    assert (z**4).mean() == pytest.approx(3, abs=5 * np.sqrt(96 / a.size))
    assert abs(np.corrcoef(a.T) - np.eye(5)).max() < 5 / np.sqrt(N)


def test_noise_is_added_before_input_dropout():
    a = seen_outputs(identity(5, input_noise=0.5, input_dropout=0.5), np.zeros((N, 5)))
    assert (a == 0).mean() == pytest.approx(0.5, abs=0.03)
    assert a[a != 0].std() == pytest.approx(1, abs=0.05)  # 0.5 / (1 - 0.5)


def test_masks_do_not_depend_on_shuffling_or_batch_size():
    net = identity(5, dropout=0.4)
    x = np.ones((300, 5))
    expected = seen_outputs(net, x, batch_size=300)
    for size in (1, 7, 64):
        np.testing.assert_array_equal(seen_outputs(net, x, batch_size=size), expected)
    np.testing.assert_array_equal(seen_outputs(net, x, batch_size=7, shuffle=True), expected)
    other = identity(5, dropout=0.4, seed=6)
    assert (seen_outputs(other, x) != expected).any()


def test_gradients_use_only_the_remaining_units():
    net = lg.Network([3, 50, 1], activation="identity", dropout=0.5, seed=3, dtype="float64")
    before = net.copy()
    net.fit([[1.0, 2.0, 3.0]], [5.0], epochs=1, optimizer=lg.SGD(0.1))
    changed = (net.weights[0] != before.weights[0]).any(axis=1)
    assert 10 < changed.sum() < 40
    np.testing.assert_array_equal(changed, (net.weights[1] != before.weights[1])[0])
    # The same as one step of a network without the dropped units, with the others multiplied by two.
    left = lg.Network(
        [3, changed.sum(), 1],
        activation="identity",
        dtype="float64",
        init=(
            [before.weights[0][changed], 2 * before.weights[1][:, changed]],
            [before.biases[0][changed], before.biases[1]],
        ),
    )
    t = left.backprop([1.0, 2.0, 3.0], [5.0])
    expected = before.weights[0][changed] - 0.1 * t.weight_gradients[0]
    np.testing.assert_allclose(net.weights[0][changed], expected, rtol=1e-9)
    expected = before.weights[1][:, changed] - 0.1 * 2 * t.weight_gradients[1]
    np.testing.assert_allclose(net.weights[1][:, changed], expected, rtol=1e-9)


def test_dropout_and_noise_only_affect_fit():
    plain, net = (lg.Network([4, 6, 5, 2], seed=1, **options) for options in ({}, SETTINGS))
    x, y = np.ones((9, 4)), np.ones((9, 2))
    assert plain.parameters.tobytes() == net.parameters.tobytes()
    assert plain.predict(x).tobytes() == net.predict(x).tobytes()
    assert plain.evaluate(x, y) == net.evaluate(x, y)
    assert plain.backprop(x, y).gradient.tobytes() == net.backprop(x, y).gradient.tobytes()
    plain.fit(x, y, epochs=1)
    net.fit(x, y, epochs=1)
    assert plain.parameters.tobytes() != net.parameters.tobytes()


def test_properties_and_repr_show_the_rates():
    net = lg.Network([4, 6, 5, 2], seed=1, dropout=[0.5, 0], input_dropout=0.2, input_noise=np.float32(0.5))
    assert (net.dropout, net.input_dropout, net.input_noise) == ((0.5, 0.0), 0.2, 0.5)
    assert repr(net).splitlines() == [
        "Network(4-6-5-2, 77 parameters, float32, mse, input dropout 0.2, input noise 0.5, seed 1)",
        "  4 -> 6  relu      30  dropout 0.5",
        "  6 -> 5  relu      35",
        "  5 -> 2  identity  12",
    ]
    net = lg.Network([4, 6, 5, 2], dropout=0.25)
    assert net.dropout == (0.25, 0.25)
    assert lg.Network([4, 2], dropout=0.25).dropout == ()
    assert lg.Network([4, 2]).input_dropout == lg.Network([4, 2]).input_noise == 0
    for name in SETTINGS:
        with pytest.raises(AttributeError):
            setattr(net, name, 0)
