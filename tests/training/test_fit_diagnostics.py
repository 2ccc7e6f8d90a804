"""`fit(diagnostics=True)`: what it records, with which arguments, and what it must not change."""

import json
import math
import pickle

import localgrad as lg
import numpy as np
import pytest
from localgrad import plot
from localgrad.history import DIAGNOSTICS

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 4))
Y = np.sin(X.sum(axis=1))
LABELS = (X.sum(axis=1) > 0).astype(int)


def network(sizes=(4, 7, 6, 1), **settings):
    return lg.Network(list(sizes), **{"seed": 1, "dtype": "float64", **settings})


def assert_same(one, other):
    """Compare histories, in which NaN is equal to NaN."""
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(np.array(one[name]), np.array(other[name]))


def test_each_epoch_has_a_number_for_each_layer():
    net = network()
    history = net.fit(X, Y, epochs=3, diagnostics=True)
    assert list(history) == ["cost", *DIAGNOSTICS]
    for name in DIAGNOSTICS[:-1]:
        assert np.shape(history[name]) == (3, 3)
        assert all(type(number) is float for row in history[name] for number in row)
    assert np.shape(history["gradient_noise_scale"]) == (3,)
    json.dumps(history)
    assert pickle.loads(pickle.dumps(history)) == history


def test_nothing_is_recorded_by_default():
    assert list(network().fit(X, Y, epochs=1)) == ["cost"]


def test_the_numbers_of_a_mini_batch_are_those_of_backprop():
    """An epoch of one mini-batch, all of whose examples are measured."""
    net = network(activation="tanh", output="sigmoid", cost="cross_entropy")
    x, y = X[:15], LABELS[:15]
    trace, before = net.backprop(x, y), net.copy()
    noise = net.gradient_noise_scale(x, y)
    history = net.fit(x, y, epochs=1, batch_size=None, optimizer=lg.SGD(0.1), diagnostics=True)

    def rms(arrays):
        return [math.sqrt(np.mean(array**2)) for array in arrays]

    np.testing.assert_allclose(history["delta_rms"][0], rms(trace.local_gradients), rtol=1e-12)
    np.testing.assert_allclose(history["z_rms"][0], rms(trace.weighted_inputs), rtol=1e-12)
    np.testing.assert_allclose(history["a_rms"][0], rms(trace.activations[1:]), rtol=1e-12)
    ratios = [0.1 * g / w for g, w in zip(rms(trace.weight_gradients), rms(before.weights), strict=True)]
    np.testing.assert_allclose(history["update_ratio"][0], ratios, rtol=1e-9)
    norms = [
        math.hypot(np.linalg.norm(w), np.linalg.norm(b))
        for w, b in zip(trace.weight_gradients, trace.bias_gradients, strict=True)
    ]
    np.testing.assert_allclose(history["gradient_norm"][0], norms, rtol=1e-12)
    expected = noise.scale if noise.squared_norm > 0 else math.inf
    np.testing.assert_allclose(history["gradient_noise_scale"][0], expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("activation", "steepest"), [("sigmoid", 0.25), ("tanh", 1), ("hard_sigmoid", 1 / 6), ("relu", None)]
)
def test_saturated_and_dead_units_are_counted(activation, steepest):
    net = network((4, 50, 1), activation=activation)
    net.weights[0][:25] *= 20
    net.biases[0][:10] = -1000
    x = X[:16]
    slopes = np.abs(net.forward(x).activation_derivatives[0])
    history = net.fit(x, Y[:16], epochs=1, batch_size=None, diagnostics=True)
    saturated = 0 if steepest is None else np.mean(slopes < 0.05 * steepest)
    assert history["saturated"][0] == [saturated, 0]
    assert history["dead"][0] == [np.mean((slopes < 1e-4).all(axis=0)), 0]
    assert history["dead"][0][0] >= 0.2


def test_softmax_is_neither_saturated_nor_dead():
    net = network((4, 2), output="softmax")
    net.weights[0] *= 1000
    history = net.fit(X, LABELS, epochs=1, diagnostics=True)
    assert (history["saturated"], history["dead"]) == ([[0]], [[0]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tiny_derivatives_do_not_underflow(dtype):
    """δ of the lowest layers is about 1e-25, whose square is 0 in float32."""
    net = network([4, *[5] * 8, 1], activation="tanh", dtype=dtype)
    for w in net.weights[1:]:
        w *= 1e-3
    trace = net.backprop(X[:32], Y[:32])
    history = net.fit(X[:32], Y[:32], epochs=1, batch_size=None, diagnostics=True)
    norm = np.linalg.norm(trace.weight_gradients[0].astype(float))
    assert 0 < norm < 1e-20
    norm = math.hypot(norm, np.linalg.norm(trace.bias_gradients[0].astype(float)))
    np.testing.assert_allclose(history["gradient_norm"][0][0], norm, rtol=1e-5)
    assert 0 < history["delta_rms"][0][0] < 1e-20


def test_frozen_layers_have_no_update_and_no_gradient():
    frozen = {"weight_lr_factor": [0, 1, 1], "bias_lr_factor": [0, 1, 1]}
    history = network().fit(X, Y, epochs=1, diagnostics=True, **frozen)
    (update,), (norm,), (delta,) = (history[name] for name in ("update_ratio", "gradient_norm", "delta_rms"))
    assert (update[0], norm[0]) == (0, 0)
    assert math.isnan(delta[0])
    assert min(*update[1:], *norm[1:], *delta[1:]) > 0


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("sizes", [(4, 7, 6, 1), (4, 90, 1)])
def test_the_epoch_of_a_divergence_is_kept(sizes, n_threads):
    net = network(sizes, activation="relu", dtype="float32")
    with pytest.raises(FloatingPointError, match="mini-batch 2"):
        net.fit(X, Y, epochs=2, optimizer=lg.SGD(1e30), diagnostics=True, n_threads=n_threads)
    diverged = net.history.diverged
    assert diverged.keys() == set(DIAGNOSTICS)
    assert not np.isfinite(diverged["delta_rms"]).all()
    assert max(diverged["update_ratio"]) > 1e10
    assert all(net.history[name] == [] for name in net.history)
    other = network(sizes, activation="relu", dtype="float32")
    with pytest.raises(FloatingPointError):
        other.fit(X, Y, epochs=2, optimizer=lg.SGD(1e30), diagnostics=True, validation=(X, Y), n_threads=1)
    assert_same(other.history.diverged, diverged)


def test_a_divergence_after_some_epochs_keeps_their_numbers():
    def factor(epoch):
        return 1 if epoch < 2 else 1e30

    net = network(dtype="float32")
    with pytest.raises(FloatingPointError, match="epoch 3"):
        net.fit(X, Y, epochs=5, optimizer=lg.SGD(0.1), schedule=factor, diagnostics=True)
    assert np.shape(net.history["delta_rms"]) == (2, 3)
    assert max(net.history["update_ratio"][1]) < 1
    assert not np.isfinite(net.history.diverged["z_rms"]).all()


def blocks():
    yield from ((X[k : k + 96], Y[k : k + 96]) for k in range(0, 300, 96))


ARGUMENTS = {
    "weights": {"sample_weight": np.linspace(0, 2, 300)},
    "clip": {"clip_norm": 0.1, "max_norm": 1.0, "l2": 0.1},
    "validation": {"validation": 0.2, "restore_best": True},
    "online": {"batch_size": 1},
    "full batch": {"batch_size": None},
    "importance": {"sampler": "importance"},
    "slopes": {"y_slope": np.ones((300, 4))},
    "schedule": {"schedule": lg.schedules.Cosine()},
    "callbacks": {"callbacks": [lambda epoch, logs: False]},
}


@pytest.mark.parametrize("name", ARGUMENTS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_diagnostics_change_nothing_else(name, dtype):
    settings = {"dtype": dtype, "activation": "tanh", "standardize": True}
    ours, plain = network(**settings), network(**settings)
    history = ours.fit(X, Y, epochs=3, diagnostics=True, **ARGUMENTS[name])
    expected = plain.fit(X, Y, epochs=3, **ARGUMENTS[name])
    assert ours.parameters.tobytes() == plain.parameters.tobytes()
    assert_same({name: history[name] for name in expected}, expected)
    for quantity in DIAGNOSTICS[:-1]:
        assert np.isfinite(history[quantity]).all()
    assert np.isnan(history["gradient_noise_scale"]).all() == (name in ("online", "slopes"))


def test_blocks_have_the_numbers_of_arrays():
    ours, other = network(), network()
    history = ours.fit(blocks, epochs=2, diagnostics=True, shuffle=False)
    assert_same(history, other.fit(X, Y, epochs=2, diagnostics=True, shuffle=False))


def test_logs_only_have_numbers():
    seen = []
    network().fit(X, Y, epochs=2, diagnostics=True, callbacks=[lambda epoch, logs: seen.append(logs)])
    assert [list(logs) for logs in seen] == [["cost"], ["cost"]]


@pytest.mark.parametrize("stop", [3, 40])
def test_a_resumed_fit_has_the_same_numbers(stop, tmp_path):
    """Inside the first epoch, after the mini-batch that is measured, and in a later epoch."""
    path = tmp_path / "run.safetensors"
    arguments = {"epochs": 5, "batch_size": 8, "diagnostics": True}
    expected = network(dropout=0.2).fit(X, Y, **arguments)

    class Stop(lg.callbacks.Callback):
        def on_batch_end(self, training):
            if training.step == stop:
                training.save_checkpoint(path)
                return "stopped"

    network(dropout=0.2).fit(X, Y, callbacks=[Stop()], **arguments)
    assert_same(network(dropout=0.2).fit(X, Y, resume=path, **arguments), expected)


def test_a_fit_that_resumes_without_numbers_has_none_for_earlier_epochs(tmp_path):
    path = tmp_path / "run.safetensors"
    network().fit(X, Y, epochs=2, checkpoint=path)
    history = network().fit(X, Y, epochs=3, resume=path, diagnostics=True)
    assert [np.size(row) for row in history["delta_rms"]] == [1, 1, 3]
    assert all(math.isnan(row) for row in history["delta_rms"][:2])
    plot.layer_curves(history)
    assert "delta_rms" in repr(history)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"clip_per_example": 1.0}, "clip_per_example does not support diagnostics, which would reveal more"),
        (
            {"optimizer": lg.LevenbergMarquardt()},
            "LevenbergMarquardt does not support diagnostics: it has no",
        ),
        ({"optimizer": lg.LBFGS()}, "LBFGS does not support diagnostics: it has no mini-batches"),
    ],
)
def test_unsupported_arguments_raise(arguments, message):
    if "LBFGS" in message:
        pytest.importorskip("scipy")
    net = network()
    with pytest.raises(ValueError, match=message):
        net.fit(X, Y, epochs=1, diagnostics=True, **arguments)
    assert net.epochs == 0


def test_another_type_raises():
    with pytest.raises(TypeError, match="diagnostics"):
        network().fit(X, Y, epochs=1, diagnostics="all")


def test_repr_shows_the_layers_of_the_first_and_last_epoch():
    history = lg.History(
        cost=[2.0, 1.0], delta_rms=[[0.5, 0.25], [0.125, math.nan]], z_rms=[[float(k) for k in range(9)]]
    )
    assert repr(history).splitlines() == [
        "History of 2 epochs",
        "  cost       first 2, last 1, lowest 1",
        "  delta_rms  first 0.5, 0.25; last 0.125, nan",
        "  z_rms      first 0, 1, …, 7, 8; last 0, 1, …, 7, 8",
    ]


def test_html_has_a_row_for_each_quantity():
    net = network()
    history = net.fit(X, Y, epochs=2, diagnostics=True)
    html = history._repr_html_()
    for name in DIAGNOSTICS:
        assert f">{name}</td>" in html
    assert ", ".join(f"{number:.3g}" for number in history["z_rms"][-1]) in html


@pytest.mark.parametrize("quantity", DIAGNOSTICS[:-1])
def test_layer_curves_draws_a_real_run(quantity):
    history = network().fit(X, Y, epochs=4, diagnostics=True)
    ax = plot.layer_curves(history, quantity)
    drawn = [line.get_ydata() for line in ax.lines[:3]]
    expected = np.array(history[quantity]).T
    if quantity not in ("saturated", "dead"):
        expected = np.where(expected > 0, expected, np.nan)
    np.testing.assert_array_equal(drawn, expected)
