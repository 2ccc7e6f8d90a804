"""The record of settings and data in a history."""

import copy
import json
import pickle

import localgrad as lg
import numpy as np
import pytest

X = np.array([[0.0, 10.0], [2.0, 10.0], [4.0, 10.0], [6.0, 10.0]])
Y = np.array([[1.0], [1.0], [3.0], [3.0]])


def setup_of(net, x=X, y=Y, **options):
    return net.fit(x, y, **({"epochs": 2, "diagnostics": True} | options)).setup


def test_settings_are_always_recorded():
    net = lg.Network([2, 3, 1], activation="tanh", seed=0)
    setup = net.fit(X, Y, epochs=1, batch_size=3, optimizer=lg.SGD(0.1)).setup
    assert (setup.sizes, setup.activations, setup.cost) == ((2, 3, 1), ("tanh", "identity"), "mse")
    assert (setup.learning_rate, setup.batch_size, setup.mini_batches) == (0.1, 3, 2)
    assert setup.optimizer.startswith("SGD(learning_rate=0.1")
    assert (setup.data, setup.start, setup.end, setup.diverged) == (None, None, None, False)


def test_data_is_summarized():
    data = setup_of(lg.Network([2, 3, 1], seed=0)).data
    assert data.rows == 4
    assert (data.input_mean, data.input_std) == ((3.0, 10.0), (np.sqrt(5.0), 0.0))
    assert (data.target_mean, data.target_std) == ((2.0,), (1.0,))
    assert (data.target_low, data.target_high, data.unreachable) == ((1.0,), (3.0,), 0.0)
    assert data.constant_cost == pytest.approx(0.5)
    assert data.constant_delta == pytest.approx(1.0)
    assert data.validation_constant_cost is None


def test_data_is_summarized_as_the_network_sees_it():
    net = lg.Network([2, 3, 1], standardize=True, input_scale=0.5, seed=0)
    data = setup_of(net).data
    assert data.input_mean == pytest.approx((0.0, 0.0))
    assert data.input_std == pytest.approx((1.0, 0.0))
    assert data.target_std == pytest.approx((1.0,))
    data = setup_of(lg.Network([2, 3, 1], input_scale=0.5, seed=0)).data
    assert data.input_mean == (1.5, 5.0)


@pytest.mark.parametrize(
    ("output", "cost", "y", "expected"),
    [
        ("softmax", None, [0, 0, 0, 1], 0.562335),  # the entropy of the classes
        ("sigmoid", "cross_entropy", [0, 0, 0, 1], 0.562335),
        ("identity", "mae", [[0.0], [1.0], [2.0], [9.0]], 2.5),  # around the median
        ("sigmoid", "mse", [[0.0], [0.0], [1.0], [1.0]], 0.125),
        ("tanh", "mse", [[5.0], [5.0], [5.0], [5.0]], 8.0),  # out of reach
    ],
)
def test_the_best_constant_prediction(output, cost, y, expected):
    width = 2 if output == "softmax" else 1
    net = lg.Network([2, width], output=output, cost=cost, seed=0)
    y = np.array(y)
    data = setup_of(net, y=y[:, 0] if y.dtype.kind == "i" and y.ndim == 2 else y).data
    assert data.constant_cost == pytest.approx(expected, abs=0.01)


def test_weights_count_for_the_constant_prediction():
    net = lg.Network([2, 1], seed=0)
    data = setup_of(net, sample_weight=[1.0, 1.0, 0.0, 0.0]).data
    assert data.constant_cost == pytest.approx(0.0, abs=1e-4)


def test_validation_data_has_the_constant_of_the_training_data():
    net = lg.Network([2, 1], seed=0)
    data = setup_of(net, validation=(X[:2], Y[:2])).data
    assert data.validation_constant_cost == pytest.approx(0.5)  # 2 is predicted, and 1 is right


def test_targets_out_of_reach_have_a_share():
    net = lg.Network([2, 1], output="sigmoid", cost="mse", seed=0)
    data = setup_of(net).data
    assert data.output_range == (0.0, 1.0)
    assert data.unreachable == pytest.approx(2.0)  # that of the targets 3


def test_snapshots_are_those_of_backprop():
    net = lg.Network([2, 3, 1], activation="tanh", dtype="float64", seed=0)
    before = net.backprop(X, Y)
    setup = setup_of(net, optimizer=lg.SGD(0.01))
    after = net.backprop(X, Y)
    for trace, snapshot in ((before, setup.start), (after, setup.end)):
        assert snapshot.cost == pytest.approx(trace.cost)
        for mine, arrays in (
            (snapshot.delta_rms, trace.local_gradients),
            (snapshot.z_rms, trace.weighted_inputs),
            (snapshot.a_rms, trace.activations[1:]),
        ):
            assert mine == pytest.approx([np.sqrt(np.mean(array**2)) for array in arrays])
        assert snapshot.output_std == pytest.approx(trace.activations[-1].std(axis=0))


def test_the_first_step_is_predicted():
    net = lg.Network([2, 3, 1], activation="tanh", dtype="float64", seed=0)
    weights = net.weights[0].copy()
    setup = setup_of(net, epochs=1, batch_size=4, optimizer=lg.SGD(0.01))
    ratio = np.linalg.norm(net.weights[0] - weights) / np.linalg.norm(weights)
    assert setup.start.step_ratio[0] == pytest.approx(ratio, rel=0.5)  # which includes biases


def test_blocks_are_not_summarized():
    net = lg.Network([2, 3, 1], seed=0)
    history = net.fit(lambda: iter([(X, Y)]), epochs=2, diagnostics=True)
    assert history.setup.data is None
    assert "unscaled_inputs" in history.diagnose().not_examined


def test_custom_costs_have_no_constant():
    def half_squares(a, y):
        return ((a - y) ** 2).sum(axis=1) / 2, a - y

    net = lg.Network([2, 3, 1], cost=half_squares, seed=0)
    setup = setup_of(net)
    assert setup.data.constant_cost is None
    assert net.history.diagnose().summary.startswith("The cost went from")


def test_errors_of_custom_costs_are_those_of_training():
    calls = []

    def fails_after_training(a, y):
        calls.append(len(a))
        if len(calls) > 4:  # a check, two for the network before training, and a mini-batch
            raise ZeroDivisionError
        return ((a - y) ** 2).sum(axis=1) / 2, a - y

    setup = setup_of(lg.Network([2, 3, 1], cost=fails_after_training, seed=0), epochs=1, batch_size=4)
    assert setup.start is not None
    assert setup.end is None


def test_the_constant_of_many_classes_takes_few_steps(monkeypatch):
    from localgrad._training.constant import Constant

    calls, original = [], Constant._backprop
    monkeypatch.setattr(Constant, "_backprop", lambda *args: calls.append(1) or original(*args))
    setup_of(lg.Network([2, 50], output="softmax", seed=0), y=[0, 0, 7, 9])  # most classes have no example
    assert len(calls) < 5


def test_the_record_is_plain_data():
    setup = setup_of(lg.Network([2, 3, 1], seed=0))
    json.dumps(setup.to_dict())
    assert pickle.loads(pickle.dumps(setup)) == setup
    assert copy.deepcopy(setup) == setup


def test_copies_of_a_history_keep_it():
    net = lg.Network([2, 3, 1], seed=0)
    history = net.fit(X, Y, epochs=2, diagnostics=True)
    for other in (history.copy(), copy.deepcopy(history), pickle.loads(pickle.dumps(history))):
        assert other.setup == history.setup
        assert other.diagnose() == history.diagnose()


def test_gathering_changes_nothing():
    nets = [lg.Network([2, 3, 1], dropout=0.2, standardize=True, seed=0) for _ in range(2)]
    for net, diagnostics in zip(nets, (False, True), strict=True):
        net.fit(X, Y, epochs=5, batch_size=2, diagnostics=diagnostics)
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()
    assert nets[0].history["cost"] == nets[1].history["cost"]


def test_a_resumed_fit_has_the_start_of_the_checkpoint(tmp_path):
    path, options = tmp_path / "last", {"batch_size": 2, "diagnostics": True}
    whole = lg.Network([2, 3, 1], seed=0)
    whole.fit(X, Y, epochs=6, **options)
    net = lg.Network([2, 3, 1], seed=0)
    net.fit(X, Y, epochs=4, checkpoint=path, **options)
    net.fit(X, Y, epochs=6, resume=path, **options)
    assert net.history.setup == whole.history.setup
    assert net.history.diagnose() == whole.history.diagnose()


@pytest.mark.parametrize("bad", [{}, {"cost": "x"}, [1.0]])
def test_a_checkpoint_with_another_start_is_rejected(tmp_path, monkeypatch, bad):
    import localgrad._training.checkpoint as checkpoint

    path, net = tmp_path / "last", lg.Network([2, 3, 1], seed=0)
    monkeypatch.setattr(checkpoint, "asdict", lambda start: bad)
    net.fit(X, Y, epochs=2, checkpoint=path, diagnostics=True)
    with pytest.raises(ValueError, match="start"):
        net.fit(X, Y, epochs=4, resume=path)
