"""`fit`: epochs, defaults, callbacks, validation, progress lines, and changes of the network by callbacks."""

import localgrad as lg
import numpy as np
import pytest

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 4)).astype(np.float32)
Y = RNG.normal(size=(50, 2)).astype(np.float32)
LABELS = RNG.integers(0, 3, 50)


def network(**options):
    return lg.Network([4, 6, 2], **{"activation": "tanh", "seed": 1, **options})


def fitted(net=None, *, x=X, y=Y, **options):
    net = network() if net is None else net.copy()
    net.fit(x, y, **options)
    return net


def same(one, other):
    return one.parameters.tobytes() == other.parameters.tobytes() and one.epochs == other.epochs


def test_the_defaults_are_200_epochs_batches_of_32_and_adam_for_a_few_examples():
    assert same(fitted(), fitted(epochs=200, batch_size=32, optimizer=lg.Adam(0.001), shuffle=True))
    assert fitted().epochs == 200


@pytest.mark.parametrize(
    ("rows", "batch_size", "epochs"),
    [
        (200, 1, 200),
        (201, 1, 200),
        (202, 1, 199),
        (2_000, 1, 20),
        (4_000, 1, 20),
        (4_000, 4, 40),
        (9, None, 200),
    ],
)
def test_the_default_number_of_epochs_is_that_of_40_000_mini_batches(rows, batch_size, epochs):
    x = np.zeros((rows, 1))
    stop = lg.callbacks.Callback()
    stop.on_train_begin = lambda training: setattr(training, "stopped", training.last_epoch)
    net = lg.Network([1, 1], seed=0)
    net.fit(x, x, batch_size=batch_size, callbacks=[stop])
    assert net.history.stopped == epochs


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_epoch_equals_gradient_descent_by_hand(dtype):
    net = network(dtype=dtype)
    by_hand = net.copy()
    for start in range(0, 50, 8):  # the last mini-batch has 2 examples and is divided by 2
        rows = slice(start, start + 8)
        by_hand.parameters -= 0.2 * by_hand.backprop(X[rows], Y[rows]).gradient
    net.fit(X, Y, epochs=1, batch_size=8, shuffle=False, optimizer=lg.SGD(0.2))
    np.testing.assert_allclose(net.parameters, by_hand.parameters, rtol=0, atol=20 * np.finfo(dtype).eps)


def test_each_fit_starts_with_a_new_optimizer_state():
    rule = lg.SGD(0.05, 0.9)
    assert not same(
        fitted(fitted(epochs=1, optimizer=rule), epochs=1, optimizer=rule), fitted(epochs=2, optimizer=rule)
    )
    by_hand = fitted(epochs=1, optimizer=rule)
    by_hand.fit(X, Y, epochs=1, optimizer=lg.SGD(0.05, 0.9))
    assert same(by_hand, fitted(fitted(epochs=1, optimizer=rule), epochs=1, optimizer=rule))


@pytest.mark.parametrize(
    "settings", [{}, {"dropout": 0.4, "input_dropout": 0.2, "input_noise": 0.1}], ids=str
)
def test_three_plus_three_epochs_equal_six(settings, tmp_path):
    """With dropout, too: the masks depend on the number of epochs trained so far."""
    half = fitted(network(**settings), epochs=3, batch_size=6, optimizer="sgd", n_threads=1)
    half.save(tmp_path / "net")
    for net in (half, lg.load(tmp_path / "net")):
        whole = fitted(network(**settings), epochs=6, batch_size=6, optimizer="sgd", n_threads=3)
        assert same(fitted(net, epochs=3, batch_size=6, optimizer="sgd", n_threads=2), whole)


@pytest.mark.parametrize("how", ["callbacks", "validation", "verbose"])
def test_the_result_does_not_depend_on_callbacks_validation_and_verbose(how, capsys):
    options = {"callbacks": [lambda epoch, logs: None], "validation": (X, Y), "verbose": 1}
    rule = lg.SGD(0.05, 0.9)  # its state must be kept between native calls
    assert same(fitted(epochs=4, optimizer=rule), fitted(epochs=4, optimizer=rule, **{how: options[how]}))


def test_shuffling_only_depends_on_seed_and_epoch():
    assert same(fitted(), fitted())
    assert not same(fitted(), fitted(shuffle=False))
    one, other = network(seed=1), network(seed=2)
    other.parameters = one.parameters
    assert not same(fitted(one), fitted(other))


def test_zero_epochs_change_nothing():
    net = network()
    before = net.parameters.tobytes()
    assert net.fit(X, Y, epochs=0, validation=(X, Y)) == {"cost": [], "val_cost": []}
    assert (net.parameters.tobytes(), net.epochs) == (before, 0)


def test_one_row_and_one_unit_can_be_trained():
    net = lg.Network([1, 1], init="zeros", dtype="float64")
    net.fit([[1.0]], [2.0], epochs=1, optimizer=lg.SGD(0.5))
    np.testing.assert_array_equal(net.parameters, [1.0, 1.0])


def test_a_learning_rate_of_0_only_changes_the_number_of_epochs():
    net = fitted(epochs=2, optimizer=lg.SGD(0))
    assert net.parameters.tobytes() == network().parameters.tobytes()
    assert net.epochs == 2


def test_xor_is_learned():
    net = lg.Network([2, 8, 1], activation="tanh", output="sigmoid", cost="cross_entropy", seed=1)
    x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    history = net.fit(x, y, epochs=1000, optimizer=lg.SGD(0.5, momentum=0.9))
    assert history["cost"][-1] < 0.01 < history["cost"][0]
    assert net.evaluate(x, y)["accuracy"] == 1


# Callbacks


def test_callbacks_are_called_after_each_epoch():
    net, seen = lg.Network([4, 3], output="softmax", seed=1), []
    history = net.fit(X, LABELS, epochs=3, validation=(X, LABELS), callbacks=[lambda *a: seen.append(a)])
    assert [epoch for epoch, _ in seen] == [1, 2, 3]
    for k, (_, logs) in enumerate(seen):
        assert logs == {name: values[k] for name, values in history.items()}
        assert all(type(value) is float for value in logs.values())
    net.fit(X, LABELS, epochs=1, callbacks=[lambda *a: seen.append(a)])
    assert seen[-1][0] == net.epochs == 4


@pytest.mark.parametrize("answer", [True, 1, "stop"])
def test_a_truthy_return_value_stops_after_all_callbacks_were_called(answer):
    net, calls = network(), []

    def first(epoch, logs):
        calls.append("first")
        return answer if epoch == 2 else None

    def second(epoch, logs):
        calls.append("second")

    history = net.fit(X, Y, epochs=10, callbacks=(first, second))
    assert history.stopped == (answer if answer == "stop" else "callback")
    assert len(history["cost"]) == net.epochs == 2
    assert calls == ["first", "second"] * 2


def test_a_callback_can_read_and_change_the_network():
    seen = []

    def halve(epoch, logs):
        seen.append(net.parameters.copy())
        net.parameters *= 0.5
        net.weights[0] = net.weights[0] / 2
        net.biases[0] += 1
        assert net.predict(X[0]).shape == (2,)
        assert net.copy().epochs == epoch

    net = network()
    by_hand = net.copy()
    net.fit(X, Y, epochs=3, optimizer="sgd", callbacks=[halve])
    for k in range(3):
        by_hand.fit(X, Y, epochs=1, optimizer="sgd")
        np.testing.assert_array_equal(by_hand.parameters, seen[k])
        by_hand.parameters *= 0.5
        by_hand.weights[0] /= 2
        by_hand.biases[0] += 1
    assert same(net, by_hand)


def test_a_callback_cannot_fit_the_same_network():
    net = network()
    with pytest.raises(RuntimeError, match="a call to fit trains it"):
        net.fit(X, Y, epochs=2, callbacks=[lambda epoch, logs: net.fit(X, Y)])
    assert net.epochs == 1
    net.fit(X, Y, epochs=1)
    assert net.epochs == 2


# Validation and progress


def test_validation_is_checked_before_training_starts():
    net, seen = network(), []
    for bad in ((X, Y[1:]), (X * np.nan, Y), (X, Y * np.inf)):
        with pytest.raises(ValueError, match="validation"):
            net.fit(X, Y, validation=bad, callbacks=[lambda *a: seen.append(a)])
    assert seen == []
    assert net.epochs == 0


def test_progress_lines_show_the_numbers(capsys):
    net = lg.Network([4, 3], output="softmax", seed=1)
    net.fit(X, LABELS, epochs=2, validation=(X, LABELS), verbose=1)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("epoch 1/2  cost ")
    for line in (first, second):
        for part in ("cost", "val_cost", "val_accuracy", "examples/s"):
            assert part in line
    net.fit(X, LABELS, epochs=8, verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("epoch  3/10  cost ")
    assert "val" not in lines[0]
    net.fit(X, LABELS, epochs=1)
    net.fit(X, LABELS, epochs=1, verbose=False)
    assert capsys.readouterr().out == ""
