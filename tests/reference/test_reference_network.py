"""The network of the reference: training, labels, metrics, and lists as input and output."""

import copy
import random
from typing import Any

import pytest
from localgrad.reference import SGD, Adam, Network
from localgrad.reference.matrix import Vector

LINE: dict[str, Any] = {"init": ([[[1.0]]], [[0.0]])}  # a = w x + b with w = 1, b = 0


def digits(n: int = 23) -> tuple[list[Vector], list[int]]:
    draw = random.Random(7)
    x = [[draw.gauss(0, 1) for _ in range(4)] for _ in range(n)]
    return x, [max(range(3), key=row.__getitem__) for row in x]


@pytest.mark.parametrize(
    ("optimizer", "w", "b"),
    [
        # x = 2, y = 1, eta = 1/8, mu = 1/2. Step 1: delta = 2*1 + 0 - 1 = 1, g = (2, 1) for (w, b).
        # plain:    (w, b) = (1 - 1/4, -1/8) = (0.75, -0.125)
        #           step 2: delta = 1.5 - 0.125 - 1 = 0.375, g = (0.75, 0.375)
        #           (0.75 - 0.09375, -0.125 - 0.046875)
        (SGD(0.125), 0.65625, -0.171875),
        # momentum: v = (2, 1), (w, b) = (0.75, -0.125)
        #           step 2: delta = 0.375, g = (0.75, 0.375), v = (1 + 0.75, 0.5 + 0.375) = (1.75, 0.875)
        #           (0.75 - 0.21875, -0.125 - 0.109375)
        (SGD(0.125, momentum=0.5), 0.53125, -0.234375),
        # Nesterov: v = (2, 1), g + mu v = (3, 1.5), (w, b) = (1 - 0.375, -0.1875)
        #           step 2: delta = 1.25 - 0.1875 - 1 = 0.0625, g = (0.125, 0.0625)
        #           v = (1 + 0.125, 0.5 + 0.0625) = (1.125, 0.5625), g + mu v = (0.6875, 0.34375)
        #           (0.625 - 0.0859375, -0.1875 - 0.04296875)
        (SGD(0.125, momentum=0.5, nesterov=True), 0.5390625, -0.23046875),
    ],
)
def test_two_steps_worked_out_by_hand(optimizer: SGD, w: float, b: float) -> None:
    in_one_fit = Network([1, 1], **LINE)
    in_one_fit.fit([[2.0]], [[1.0]], epochs=2, optimizer=optimizer)
    assert (in_one_fit.weights, in_one_fit.biases) == ([[[w]]], [[b]])

    # The same with both steps in one epoch: the velocity is kept between mini-batches.
    in_one_epoch = Network([1, 1], **LINE)
    in_one_epoch.fit([[2.0], [2.0]], [[1.0], [1.0]], epochs=1, batch_size=1, optimizer=optimizer)
    assert (in_one_epoch.weights, in_one_epoch.biases) == ([[[w]]], [[b]])


def test_each_fit_starts_with_zero_velocity() -> None:
    net = Network([1, 1], **LINE)
    for _ in range(2):
        net.fit([[2.0]], [[1.0]], epochs=1, optimizer=SGD(0.125, momentum=0.5))
    assert (net.weights, net.biases) == ([[[0.65625]]], [[-0.171875]])  # as plain descent above


def test_a_smaller_last_mini_batch_uses_its_own_mean() -> None:
    # a = w + b, both 0; targets 1, 3 | 8; eta = 1/2.
    # First mini-batch: delta = -1, -3, mean gradient -2, so w = b = 1. Second: delta = 2 - 8 = -6, whose mean
    # is -6 (not -3), so w = b = 4. Costs, each before its update: 1/2, 9/2, 36/2; their mean is 23/3.
    net = Network([1, 1], init="zeros")
    x, y = [[1.0]] * 3, [1.0, 3.0, 8.0]
    history = net.fit(x, y, epochs=1, batch_size=2, shuffle=False, optimizer=SGD(0.5))
    assert net.parameters == [4.0, 4.0]
    assert history == {"cost": [pytest.approx(23 / 3, rel=1e-15)]}


def test_three_plus_three_epochs_equal_six() -> None:
    x, y = digits()
    settings: dict[str, Any] = {"batch_size": 5, "optimizer": SGD(0.5)}
    whole = Network([4, 6, 3], activation="relu", output="softmax", seed=1)
    parts = copy.deepcopy(whole)
    all_costs = whole.fit(x, y, epochs=6, **settings)["cost"]
    costs = parts.fit(x, y, epochs=3, **settings)["cost"] + parts.fit(x, y, epochs=3, **settings)["cost"]
    assert parts.parameters == whole.parameters
    assert costs == all_costs
    assert parts.epochs == whole.epochs == 6

    # This would fail if the second call shuffled like the first.
    again = Network([4, 6, 3], activation="relu", output="softmax", seed=1)
    again.fit(x, y, epochs=3, **settings)
    again.epochs = 0
    again.fit(x, y, epochs=3, **settings)
    assert again.parameters != whole.parameters


def test_a_step_follows_the_gradient_of_backprop() -> None:
    x, y = digits(7)
    net = Network([4, 5, 3], activation="tanh", output="softmax", seed=2)
    gradient = net.backprop(x, y).gradient
    expected = [p - 0.25 * g for p, g in zip(net.parameters, gradient, strict=True)]
    cost = net.evaluate(x, y)["cost"]
    assert net.fit(x, y, epochs=1, batch_size=None, shuffle=False, optimizer=SGD(0.25)) == {"cost": [cost]}
    assert net.parameters == expected


def test_a_larger_batch_size_means_all_rows() -> None:
    x, y = digits(7)
    trained = []
    for batch_size in (None, 7, 8, 1000):
        net = Network([4, 3], output="softmax", seed=2)
        net.fit(x, y, epochs=2, batch_size=batch_size)
        trained.append(net.parameters)
    assert all(parameters == trained[0] for parameters in trained)


def test_the_default_is_adam_with_rate_0_001_and_batches_of_32() -> None:
    x, y = digits(40)
    one, other = (Network([4, 3], output="softmax", seed=2) for _ in range(2))
    one.fit(x, y)
    other.fit(x, y, epochs=200, batch_size=32, optimizer=Adam(0.001), shuffle=True)
    assert one.parameters == other.parameters
    assert one.epochs == 200


def test_any_object_with_the_name_and_settings_is_an_optimizer() -> None:
    settings = {"learning_rate": 0.125, "momentum": 0.5, "nesterov": True}
    net = Network([1, 1], **LINE)
    net.fit([[2.0]], [[1.0]], epochs=2, optimizer=type("SGD", (), settings)())
    assert net.parameters == [0.5390625, -0.23046875]


def test_training_lowers_the_cost() -> None:
    x, y = digits(60)
    net = Network([4, 8, 3], activation="tanh", output="softmax", seed=0)
    before = net.evaluate(x, y)
    history = net.fit(x, y, epochs=60, batch_size=10, optimizer=SGD(0.3, momentum=0.9))
    after = net.evaluate(x, y)
    assert after["accuracy"] > 0.95 > before["accuracy"]
    assert history["cost"][-1] < 0.2 < history["cost"][0]


def test_labels_are_equivalent_to_one_hot_rows() -> None:
    x, y = digits()
    rows = [[float(k == label) for k in range(3)] for label in y]
    for output, cost in [
        ("softmax", None),
        ("softmax", "mse"),
        ("sigmoid", "mse"),
        ("sigmoid", "cross_entropy"),
    ]:
        one, other = (Network([4, 3], output=output, cost=cost, seed=3) for _ in range(2))
        assert one.evaluate(x, y) == other.evaluate(x, rows)
        assert one.backprop(x, y) == other.backprop(x, rows)
        assert one.backprop(x[0], y[0]) == other.backprop(x[0], rows[0])
        assert one.fit(x, y, epochs=2) == other.fit(x, rows, epochs=2)
        assert one.parameters == other.parameters


def test_labels_of_a_single_sigmoid_are_targets_of_0_and_1() -> None:
    x = digits(6)[0]
    labels = [0, 1, 1, 0, 1, 0]
    for y in ([float(label) for label in labels], [[label] for label in labels], [bool(v) for v in labels]):
        one, other = (Network([4, 1], output="sigmoid", cost="cross_entropy", seed=3) for _ in range(2))
        assert one.fit(x, labels, epochs=2) == other.fit(x, y, epochs=2)
        assert one.parameters == other.parameters


def test_booleans_are_labels_of_two_outputs() -> None:
    x, labels = digits(6)[0], [0, 1, 1, 0, 1, 0]
    one, other = (Network([4, 2], output="softmax", seed=3) for _ in range(2))
    assert one.fit(x, labels, epochs=2) == other.fit(x, [bool(label) for label in labels], epochs=2)
    assert one.parameters == other.parameters
    with pytest.raises(ValueError, match="integer labels"):
        Network([4, 3], output="softmax").evaluate(x, [bool(label) for label in labels])


def test_integers_are_targets_for_a_single_identity_output() -> None:
    net = Network([1, 1], **LINE)
    assert net.evaluate([[1], [2]], [1, 5]) == {"cost": 2.25}  # (0 + 9/2) / 2


def test_accuracy_uses_the_largest_output() -> None:
    inits: dict[str, Any] = {"init": ([[[1.0, 0.0], [0.0, 1.0]]], [[0.0, 0.0]])}
    x = [[2.0, 1.0], [1.0, 2.0], [3.0, 3.0], [-2.0, -1.0]]  # largest: 0, 1, 0 (the first of equals), 1
    for output in ("softmax", "sigmoid"):
        net = Network([2, 2], output=output, **inits)
        assert net.evaluate(x, [0, 1, 0, 0])["accuracy"] == 0.75
        assert net.evaluate(x, [[0.9, 0.1], [0.1, 0.2], [0.1, 0.2], [0.7, 0.6]])["accuracy"] == 0.5
    for output in ("identity", "tanh", "relu"):
        assert set(Network([2, 2], output=output, **inits).evaluate(x, x)) == {"cost"}
    single = Network([1, 1], output="sigmoid", **LINE)
    # sigmoid(0) is exactly one half and counts as 1
    assert single.evaluate([[-1.0], [0.0], [1.0]], [0, 1, 0])["accuracy"] == 2 / 3
    assert single.evaluate([[-1.0], [0.0], [1.0]], [0.4, 0.5, 0.6])["accuracy"] == 1.0


def test_history_validation_and_callbacks_work(capsys: pytest.CaptureFixture[str]) -> None:
    x, y = digits()
    net = Network([4, 3], output="softmax", seed=4)
    net.fit(x, y, epochs=2)
    seen: list[tuple[int, dict[str, float]]] = []
    measured = []

    def watch(epoch: int, logs: dict[str, float]) -> bool:
        seen.append((epoch, logs))
        measured.append(net.evaluate(x[:9], y[:9]))
        return epoch == 5  # of the network, which is the third epoch of this fit

    turns = []
    history = net.fit(
        x,
        y,
        epochs=10,
        validation=(x[:9], y[:9]),
        callbacks=[watch, lambda epoch, logs: turns.append(epoch)],
        verbose=1,
    )
    assert net.epochs == 5
    assert turns == [3, 4, 5]  # the last callback is called before the end, too
    assert list(history) == ["cost", "val_cost", "val_accuracy"]
    assert [epoch for epoch, _ in seen] == [3, 4, 5]
    assert [logs for _, logs in seen] == [
        dict(zip(history, row, strict=True)) for row in zip(*history.values(), strict=True)
    ]
    assert history["val_cost"] == [m["cost"] for m in measured]
    assert history["val_accuracy"] == [m["accuracy"] for m in measured]
    assert net.history is history
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 3", "epoch 4", "epoch 5"]
    assert f"val_cost {history['val_cost'][1]:.6g}" in lines[1]


def test_divergence_raises_and_keeps_the_last_finite_state() -> None:
    net = Network([1, 1], init="zeros")
    # First step: delta = -1, so w = b = 1e200; then c = (2e200)^2 / 2 overflows.
    with pytest.raises(FloatingPointError, match=r"epoch 2, mini-batch 1.*learning_rate.*1e\+200"):
        net.fit([[1.0]], [[1.0]], epochs=3, optimizer=SGD(1e200))
    assert net.parameters == [1e200, 1e200]
    assert net.history == {"cost": [0.5]}
    assert net.epochs == 1

    net = Network([1, 1], init="zeros")
    with pytest.raises(FloatingPointError, match="epoch 1, mini-batch 2"):
        net.fit([[1.0]] * 2, [1.0, 1.0], batch_size=1, optimizer=SGD(1e200))
    assert net.parameters == [1e200, 1e200]
    assert net.epochs == 0

    # The cost is finite, but w would become 1e300 * 1e10. b would stay finite but must not change either.
    net = Network([1, 1], init="zeros")
    with pytest.raises(FloatingPointError, match="epoch 1, mini-batch 1"):
        net.fit([[1e10]], [[1.0]], optimizer=SGD(1e300))
    assert net.parameters == [0.0, 0.0]


def test_an_infinite_cost_raises_even_if_parameters_stay_finite() -> None:
    net = Network([1, 1], init=([[[1e200]]], [[0.0]]))
    with pytest.raises(FloatingPointError, match="cost inf"):
        net.fit([[1.0]], [[1.0]], optimizer=SGD(0.0))
    assert net.history == {"cost": []}


def test_parameters_are_ordered_by_input() -> None:
    net = Network([2, 2, 1], init=([[[1, 2], [3, 4]], [[7, 8]]], [[5, 6], [9]]))
    assert net.parameters == [1.0, 3.0, 2.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
    assert net.num_parameters == 9
    net.parameters = [10.0 * p for p in net.parameters]
    assert net.weights == [[[10.0, 20.0], [30.0, 40.0]], [[70.0, 80.0]]]
    assert net.biases == [[50.0, 60.0], [90.0]]
    net.weights[1][0][1] = -1.0
    assert net.parameters[7] == -1.0


def test_arguments_are_not_modified() -> None:
    x, y = digits()
    weights, biases = [[[1.0] * 4] * 3], [[0.0] * 3]
    given = x, y, weights, biases
    before = copy.deepcopy(given)
    net = Network([4, 3], output="softmax", init=(weights, biases))
    net.fit(x, y, epochs=1, validation=(x, y))
    assert given == before
    row = [[2.0] * 4] * 3
    net.weights[0] = row
    net.fit(x, y, epochs=1)
    assert row == [[2.0] * 4] * 3
    assert net.weights[0] != row


def test_predict_accepts_rows_one_row_and_no_rows() -> None:
    net = Network([2, 3, 2], output="softmax", seed=1)
    x = [[1, 2], [3, 4]]
    assert net.predict(x) == [net.predict(row) for row in x]
    assert net.predict([]) == []
    assert {type(v) for row in net.backprop(x, [0, 1]).activations[0] for v in row} == {float}
    assert net.predict(x)[0] == net.backprop(x, [0, 1]).activations[2][0]


def test_numpy_arrays_are_accepted() -> None:
    np = pytest.importorskip("numpy")
    x, y = digits()
    one, other = (Network([4, 3], output="softmax", seed=3) for _ in range(2))
    assert one.fit(x, y, epochs=2) == other.fit(np.array(x), np.array(y), epochs=2)
    assert one.predict(x) == other.predict(np.array(x))
    assert one.backprop(x[0], y[0]) == other.backprop(np.array(x[0]), np.array(y)[0])
    w = np.array(one.weights[0])
    same = Network([4, 3], output="softmax", init=([w], [np.array(one.biases[0])]))
    assert same.parameters == one.parameters


def test_it_accepts_the_arguments_of_the_core_network() -> None:
    net = Network([2, 3, 4, 1], activation=["relu", "tanh"], dtype="float32", seed=0)
    x, y = [[1, 2]], [3]
    assert net.activation == ("relu", "tanh")
    assert (net.sizes, net.output, net.cost, net.init) == ((2, 3, 4, 1), "identity", "mse", "auto")
    assert Network([2, 2], output="softmax").cost == "cross_entropy"
    assert net.predict(x, n_threads=2) == net.predict(x)
    assert net.evaluate(x, y, n_threads=2) == net.evaluate(x, y)
    assert net.backprop(x, y, n_threads=2) == net.backprop(x, y)
    assert len(net.fit(x, y, n_threads=2, epochs=0)["cost"]) == 0
    assert repr(net) == "reference.Network([2, 3, 4, 1], relu, tanh, identity, mse, seed 0)"
