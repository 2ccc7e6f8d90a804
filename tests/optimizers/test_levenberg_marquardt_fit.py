"""Training with Levenberg-Marquardt: history, callbacks, checkpoints, and errors."""

import localgrad as lg
import numpy as np
import pytest

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = np.stack([np.sin(X[:, 0]) + X[:, 1], X[:, 2] ** 2], axis=1)
LM = lg.LevenbergMarquardt


def network(**options):
    return lg.Network([3, 6, 2], **{"activation": "tanh", "seed": 1, "dtype": "float64", **options})


def test_it_solves_linear_regression():
    net = lg.Network([3, 1], seed=1, dtype="float64")
    history = net.fit(X, X @ [1.0, -2.0, 0.5] + 3, epochs=100, optimizer=LM(tolerance=1e-12))
    np.testing.assert_allclose(net.parameters, [1, -2, 0.5, 3], atol=1e-9)
    assert history.stopped == "converged"
    assert net.epochs < 10


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_cost_falls_at_every_iteration_and_is_that_of_the_network(dtype):
    net = network(dtype=dtype)
    history = net.fit(X, Y, epochs=30, optimizer=LM())
    assert (np.diff(history["cost"]) < 0).all()
    assert history["cost"][-1] < 0.01 * history["cost"][0]
    rtol = 1e-12 if dtype == "float64" else 1e-4
    np.testing.assert_allclose(net.evaluate(X, Y)["cost"], history["cost"][-1], rtol=rtol)


def test_training_ends_if_no_step_decreases_the_cost():
    net = network(dtype="float32")
    history = net.fit(X, Y, epochs=2000, optimizer=LM(tolerance=0.0, max_damping=1e3))
    assert history.stopped == "damping"
    assert net.epochs == len(history["cost"]) < 2000


def test_epochs_is_the_maximum_number_of_iterations():
    net = network()
    before = net.parameters.tobytes()
    assert net.fit(X, Y, epochs=0, optimizer=LM()) == {"cost": []}
    assert net.parameters.tobytes() == before
    assert net.fit(X, Y, epochs=3, optimizer=LM()).stopped == "epochs"
    assert net.epochs == len(net.history["cost"]) == 3


def test_sample_weights_are_those_of_repeated_rows():
    weighted, repeated = network(), network()
    weights = np.where(np.arange(60) < 20, 3.0, 1.0)
    rows = np.repeat(np.arange(60), weights.astype(int))
    # The mean of the weights does not change the cost, so that both have the same damping.
    weighted.fit(X, Y, epochs=5, optimizer=LM(), sample_weight=weights)
    repeated.fit(X[rows], Y[rows], epochs=5, optimizer=LM())
    np.testing.assert_allclose(weighted.parameters, repeated.parameters, rtol=1e-8)


def test_a_validation_split_excludes_its_rows():
    one, other = network(), network()
    history = one.fit(X, Y, epochs=5, optimizer=LM(), validation=0.25)
    assert list(history) == ["cost", "val_cost"]
    assert len(history["val_cost"]) == 5
    used = lg._core.split_order(60, 1)
    assert len(used) == 60
    other.fit(X, Y, epochs=5, optimizer=LM())
    assert one.parameters.tobytes() != other.parameters.tobytes()


def test_sparse_rows_give_the_same_result():
    sparse = pytest.importorskip("scipy.sparse")
    rows = np.where(X > 0, X, 0)
    one, other = network(), network()
    one.fit(sparse.csr_array(rows), Y, epochs=5, optimizer=LM())
    other.fit(rows, Y, epochs=5, optimizer=LM())
    assert one.parameters.tobytes() == other.parameters.tobytes()


def test_callbacks_metrics_and_early_stopping_are_supported(capsys):
    net, calls = network(), []
    stop = lg.callbacks.EarlyStopping(patience=3, monitor="val_cost")
    history = net.fit(
        X,
        Y,
        epochs=300,
        optimizer=LM(),
        validation=(X[::2] + 1, Y[::2]),
        metrics=["mae"],
        callbacks=[stop, lambda epoch, logs: calls.append((epoch, logs))],
        verbose=2,
    )
    assert list(history) == ["cost", "mae", "val_cost", "val_mae"]
    assert history.stopped == "early_stopping"
    assert [epoch for epoch, _ in calls] == list(range(1, net.epochs + 1))
    assert net.evaluate(X[::2] + 1, Y[::2])["cost"] == min(history["val_cost"])
    assert len(capsys.readouterr().out.splitlines()) >= net.epochs


def test_a_callback_may_change_the_parameters():
    net, other = network(), network(seed=2)
    start = other.parameters.copy()

    def replace(epoch, logs):
        if epoch == 1:
            net.parameters = start

    net.fit(X, Y, epochs=2, optimizer=LM(damping=1.0), callbacks=[replace])
    other.fit(X, Y, epochs=1, optimizer=LM(damping=0.1))
    assert net.parameters.tobytes() == other.parameters.tobytes()


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt])
def test_an_exception_keeps_the_parameters_of_the_last_iteration(error):
    def fail(epoch, logs):
        if epoch == 3:
            raise error("mine")

    net, expected = network(), network()
    with pytest.raises(error, match="mine"):
        net.fit(X, Y, epochs=10, optimizer=LM(), callbacks=[fail])
    expected.fit(X, Y, epochs=3, optimizer=LM())
    assert net.parameters.tobytes() == expected.parameters.tobytes()
    assert net.epochs == len(net.history["cost"]) == 3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", [{}, {"standardize": True, "learn_input_scale": True}])
def test_a_resumed_fit_has_the_bits_of_an_uninterrupted_one(tmp_path, dtype, options):
    path = tmp_path / "run.safetensors"
    whole, first, second = (network(dtype=dtype, **options) for _ in range(3))
    arguments = {"optimizer": LM(damping=10.0), "l2": 0.001}
    expected = whole.fit(X, Y, epochs=9, **arguments)
    first.fit(X, Y, epochs=4, checkpoint=path, **arguments)
    history = second.fit(X, Y, epochs=9, resume=path, **arguments)
    assert second.parameters.tobytes() == whole.parameters.tobytes()
    assert history == expected
    assert second.epochs == 9


def test_checkpoints_of_other_optimizers_are_rejected(tmp_path):
    path = tmp_path / "run.safetensors"
    network().fit(X, Y, epochs=1, checkpoint=path)
    with pytest.raises(
        ValueError, match="resume must be the checkpoint of a fit with LevenbergMarquardt, got"
    ):
        network().fit(X, Y, optimizer=LM(), resume=path)
    network().fit(X, Y, epochs=1, optimizer=LM(), checkpoint=path)
    with pytest.raises(ValueError, match="resume must be the checkpoint of a fit with Adam, got"):
        network().fit(X, Y, resume=path)


@pytest.mark.parametrize(
    ("options", "arguments", "message"),
    [
        ({"cost": "huber"}, {}, "cost must be 'mse' for LevenbergMarquardt, got 'huber'"),
        ({"dropout": 0.5}, {}, "LevenbergMarquardt does not support dropout: it evaluates"),
        ({"input_noise": 0.5}, {}, "LevenbergMarquardt does not support input_noise"),
        ({}, {"l1": 0.1}, "LevenbergMarquardt does not support l1: it minimizes a sum of squares"),
        ({}, {"weight_decay": 0.1}, "LevenbergMarquardt does not support weight_decay"),
        ({}, {"max_norm": 1.0}, "LevenbergMarquardt does not support max_norm: its steps must decrease"),
        ({}, {"clip_norm": 1.0}, "LevenbergMarquardt does not support clip_norm"),
        ({}, {"clip_value": 1.0}, "LevenbergMarquardt does not support clip_value"),
        ({}, {"weight_lr_factor": 0.5}, "LevenbergMarquardt does not support weight_lr_factor other than 0"),
        ({}, {"schedule": lambda t: 1.0}, "LevenbergMarquardt does not support schedule: it has no learning"),
        (
            {},
            {"weight_lr_factor": 0.0, "bias_lr_factor": 0.0},
            "LevenbergMarquardt requires at least 1 parameter that is trained, got 0",
        ),
    ],
)
def test_what_is_not_supported_is_an_error(options, arguments, message):
    net = network(**options)
    before = net.parameters.tobytes()
    with pytest.raises(ValueError, match=message):
        net.fit(X, Y, optimizer=LM(), **arguments)
    assert net.parameters.tobytes() == before
    assert net.epochs == 0


def test_too_many_parameters_are_an_error_before_anything_is_allocated():
    net = lg.Network([1000, 1000, 1], seed=0)
    x = np.zeros((2, 1000))
    with pytest.raises(ValueError, match="requires at most 5000 parameters that are trained, got 1002001"):
        net.fit(x, [0.0, 1.0], optimizer=LM())
    # Frozen parameters are not counted.
    net.fit(x + 1, [0.0, 1.0], epochs=1, optimizer=LM(), weight_lr_factor=[0.0, 1.0], bias_lr_factor=0.0)


def test_a_cost_that_is_not_finite_is_an_error():
    net = network()
    net.parameters[...] = 1e200
    with pytest.raises(FloatingPointError, match="epoch 1: the cost became"):
        net.fit(X, Y, optimizer=LM())
    assert net.epochs == 0


def test_a_bad_example_is_an_error_with_its_row():
    rows = X.copy()
    rows[17, 1] = np.nan
    net = network()
    before = net.parameters.tobytes()
    with pytest.raises(lg.BadExample, match="X must be finite, got nan at row 17, column 1"):
        net.fit(rows, Y, optimizer=LM())
    assert net.parameters.tobytes() == before


def test_only_fit_supports_it():
    for call in (
        lambda: network().partial_fit(X, Y, optimizer=LM()),
        lambda: network().lr_finder(X, Y, optimizer=LM()),
        lambda: lg.Fleet([3, 6, 2], 2).fit(X, Y, optimizer=LM()),
        lambda: network().plan(optimizer=LM()),
    ):
        with pytest.raises(ValueError, match="optimizer must be one that uses mini-batches"):
            call()
    with pytest.raises(ValueError, match="LevenbergMarquardt does not support blocks"):
        network().fit(lg.Blocks(lambda: [(X, Y)]), optimizer=LM())


def test_the_native_optimizer_survives_its_network():
    net = network()
    settings = {
        "damping": 1e-3,
        "damping_decrease": 0.1,
        "damping_increase": 10.0,
        "max_damping": 1e10,
        "tolerance": 0.0,
    }
    penalties = {
        "l1": [0.0, 0.0],
        "l2": [0.0, 0.0],
        "weight_decay": None,
        "penalize_biases": False,
        "max_norm": 0.0,
        "clip_value": 0.0,
        "clip_norm": 0.0,
        "weight_lr_factor": [1.0, 1.0],
        "bias_lr_factor": [1.0, 1.0],
        "input_scale_lr_factor": 1.0,
    }
    native = lg._core.LevenbergMarquardt(net._core_model.native, settings, penalties, 1)
    assert native.iterate(X, Y, None, None, "X", "y") == ""
    assert native.steps == 1
    del net
    with pytest.raises(ValueError, match="network must be that of the optimizer"):
        native.iterate(X, Y, None, None, "X", "y")


def test_the_estimators_support_it():
    sklearn = pytest.importorskip("localgrad.sklearn")
    model = sklearn.MLPRegressor(
        hidden_layer_sizes=(6,),
        optimizer=LM(tolerance=1e-3),
        activation="tanh",
        random_state=0,
        alpha=0.0,
        max_iter=50,
    )
    model.fit(X, Y)
    assert model.score(X, Y) > 0.99
    assert not hasattr(model, "partial_fit")
