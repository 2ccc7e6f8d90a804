"""Training with SciPy's L-BFGS-B."""

import sys

import localgrad as lg
import numpy as np
import pytest

optimize = pytest.importorskip("scipy.optimize")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = np.stack([np.sin(X[:, 0]) + X[:, 1], X[:, 2] ** 2], axis=1)
LABELS = (X[:, 0] + X[:, 1] > 0).astype(int) + (X[:, 2] > 1)


def network(**options):
    return lg.Network([3, 6, 2], **{"activation": "tanh", "seed": 1, "dtype": "float64", **options})


def objective(net, weights=None, l2=0.0, biases=False):
    """Return a function that computes cost and penalty and their gradient, one example at a time."""
    w = np.ones(len(X)) if weights is None else weights / weights.mean()

    def function(x):
        net.parameters = x
        traces = [net.backprop(a, b) for a, b in zip(X, Y, strict=True)]
        bias = np.concatenate([np.r_[np.zeros(v.size), np.ones(len(v))] for v in net.weights]) == 1
        strength = np.where(bias, l2 * biases, l2)
        cost = sum(k * t.cost for k, t in zip(w, traces, strict=True)) / len(X)
        gradient = sum(k * t.gradient for k, t in zip(w, traces, strict=True)) / len(X)
        return cost + (strength * x * x).sum() / 2, gradient + strength * x

    return function


@pytest.mark.parametrize("weights", [None, np.linspace(0, 2, 60)])
@pytest.mark.parametrize(("l2", "biases"), [(0.0, False), (0.1, False), (0.1, True)])
def test_it_minimizes_cost_and_penalty_as_scipy_does(l2, biases, weights):
    net = network()
    expected = optimize.minimize(
        objective(net.copy(), weights, l2, biases),
        net.parameters.copy(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 15, "gtol": 1e-5, "ftol": 0},
    )
    history = net.fit(
        X, Y, epochs=15, optimizer=lg.LBFGS(), l2=l2, penalize_biases=biases, sample_weight=weights
    )
    np.testing.assert_allclose(net.parameters, expected.x, rtol=1e-5, atol=1e-7)
    cost = net.evaluate(X, Y, sample_weight=weights)["cost"]
    assert history["cost"][-1] == pytest.approx(cost, rel=1e-12)
    assert len(history["cost"]) == net.epochs == expected.nit


def test_several_blocks_of_rows_give_the_same_result(monkeypatch):
    expected = network()
    expected.fit(X, Y, epochs=10, optimizer=lg.LBFGS())
    monkeypatch.setattr("localgrad._training.lbfgs._BLOCK", 11 * 7)  # seven rows
    for weights in (None, np.ones(60)):
        net = network()
        net.fit(X, Y, epochs=10, optimizer=lg.LBFGS(), sample_weight=weights)
        np.testing.assert_allclose(net.parameters, expected.parameters, rtol=1e-6)


def test_it_solves_linear_regression():
    net = lg.Network([3, 1], seed=1, dtype="float64")
    target = X @ [1.0, -2.0, 0.5] + 3
    net.fit(X, target, epochs=100, optimizer=lg.LBFGS(tolerance=1e-10))
    np.testing.assert_allclose(net.parameters, [1, -2, 0.5, 3], atol=1e-8)
    assert net.epochs < 30  # it converged


def test_class_weights_are_supported():
    net = lg.Network([3, 6, 3], activation="tanh", output="softmax", seed=1, dtype="float64")
    history = net.fit(X, LABELS, epochs=200, optimizer=lg.LBFGS(), class_weight="balanced", l2=1e-3)
    assert net.evaluate(X, LABELS)["accuracy"] > 0.98
    assert history["cost"][-1] < 0.2 * history["cost"][0]


def test_float32_converges():
    net = network(dtype="float32")
    start = net.evaluate(X, Y)["cost"]
    history = net.fit(X, Y, epochs=200, optimizer=lg.LBFGS())
    assert net.parameters.dtype == np.float32
    assert history["cost"][-1] < 0.05 * start
    assert net.evaluate(X, Y)["cost"] == pytest.approx(history["cost"][-1], rel=1e-5)


def test_epochs_is_the_maximum_number_of_iterations():
    net = network()
    before = net.parameters.tobytes()
    assert net.fit(X, Y, epochs=0, optimizer=lg.LBFGS()) == {"cost": []}
    assert net.parameters.tobytes() == before
    net.fit(X, Y, epochs=3, optimizer=lg.LBFGS())
    assert net.epochs == len(net.history["cost"]) == 3
    net.fit(X, Y, epochs=2, optimizer=lg.LBFGS())
    assert net.epochs == 5


def test_the_cost_falls_at_every_iteration():
    costs = network().fit(X, Y, epochs=50, optimizer=lg.LBFGS())["cost"]
    assert (np.diff(costs) < 0).all()


def test_callbacks_validation_and_progress_are_supported(capsys):
    net, calls = network(), []

    def record(epoch, logs):
        calls.append((epoch, logs, net.parameters.copy()))
        return epoch == 4

    history = net.fit(
        X, Y, epochs=50, optimizer=lg.LBFGS(), validation=(X[:9], Y[:9]), callbacks=[record], verbose=2
    )
    assert [epoch for epoch, *_ in calls] == [1, 2, 3, 4]
    assert list(history) == ["cost", "val_cost"]
    assert [logs for _, logs, _ in calls] == [
        {name: values[k] for name, values in history.items()} for k in range(4)
    ]
    assert net.parameters.tobytes() == calls[-1][2].tobytes()
    assert net.evaluate(X[:9], Y[:9])["cost"] == history["val_cost"][-1]
    assert len(capsys.readouterr().out.splitlines()) == 4


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt, ValueError])
def test_an_exception_keeps_the_parameters_of_the_last_iteration(error):
    def fail(epoch, logs):
        if epoch == 3:
            raise error("mine")

    net, expected = network(), network()
    with pytest.raises(error, match="mine"):
        net.fit(X, Y, epochs=10, optimizer=lg.LBFGS(), callbacks=[fail])
    expected.fit(X, Y, epochs=3, optimizer=lg.LBFGS())
    assert net.parameters.tobytes() == expected.parameters.tobytes()
    assert net.epochs == len(net.history["cost"]) == 3
    net.fit(X, Y, epochs=1)


def test_invalid_data_raise_and_change_nothing():
    net = network()
    before = net.parameters.tobytes(), net.history
    bad = X.copy()
    bad[41, 1] = np.nan
    with pytest.raises(ValueError, match=r"X must be finite.*row 41"):
        net.fit(bad, Y, optimizer=lg.LBFGS())
    with pytest.raises(FloatingPointError, match="cost became"):
        network(dtype="float32").fit(X * 1e30, Y * 1e30, optimizer=lg.LBFGS())
    assert (net.parameters.tobytes(), net.history) == before


def test_steps_that_overflow_are_reverted():
    net = lg.Network([3, 2], seed=1, dtype="float32")
    history = net.fit(X * 1e15, Y * 1e15, epochs=50, optimizer=lg.LBFGS())
    assert np.isfinite(net.parameters).all()
    assert np.isfinite(history["cost"]).all()


@pytest.mark.parametrize(
    "option",
    [
        {"l1": 0.1},
        {"weight_decay": 0.1},
        {"max_norm": 1.0},
        {"clip_value": 1.0},
        {"clip_norm": 1.0},
        {"weight_lr_factor": [0.5, 1.0]},
        {"bias_lr_factor": 2.0},
        {"input_scale_lr_factor": 6.0},
        {"schedule": lg.schedules.Cosine()},
    ],
)
def test_unsupported_arguments_raise(option):
    (name,) = option
    with pytest.raises(ValueError, match=f"^LBFGS does not support {name}( other than 0 and 1)?: "):
        network().fit(X, Y, optimizer=lg.LBFGS(), **option)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_frozen_parameters_do_not_change(dtype):
    net = network(dtype=dtype)
    net.weights[0][0, 0] = -0.0
    before = net.copy()
    history = net.fit(
        X, Y, epochs=20, optimizer=lg.LBFGS(), l2=0.01, weight_lr_factor=[0, 1], bias_lr_factor=0
    )
    assert history["cost"][-1] < history["cost"][0]
    assert net.weights[0].tobytes() == before.weights[0].tobytes()
    assert (net.weights[1] != before.weights[1]).all()
    assert all(b.tobytes() == c.tobytes() for b, c in zip(net.biases, before.biases, strict=True))


@pytest.mark.parametrize("option", [{"dropout": 0.1}, {"input_dropout": 0.1}, {"input_noise": 0.1}])
def test_dropout_and_noise_raise(option):
    (name,) = option
    with pytest.raises(ValueError, match=f"^LBFGS does not support {name}: "):
        network(**option).fit(X, Y, optimizer=lg.LBFGS())


def test_arguments_of_zero_are_accepted():
    net = network(dropout=0.0)
    net.fit(X, Y, epochs=1, optimizer=lg.LBFGS(), l1=0, weight_decay=[0, 0])
    assert net.epochs == 1


def test_missing_scipy_raises_with_the_install_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(ImportError, match=r'pip install "localgrad\[lbfgs\]"'):
        network().fit(X, Y, optimizer=lg.LBFGS())


def test_other_methods_do_not_support_it():
    with pytest.raises(ValueError, match=r"optimizer must be one that uses mini-batches.*LBFGS"):
        network().plan(8, optimizer=lg.LBFGS())
