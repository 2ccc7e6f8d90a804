"""The history of a fit: a mapping of lists that survives errors."""

import copy
import json
import pickle

import localgrad as lg
import numpy as np
import pytest
from localgrad._training import Rates, Run

X = np.array([[0.0], [1.0], [2.0]])
Y = np.array([0, 1, 1])


@pytest.fixture
def net():
    return lg.Network([1, 3, 2], output="softmax", seed=3)


def test_is_a_dict_of_lists_of_floats(net):
    history = net.fit(X, Y, epochs=3, validation=(X, Y))
    assert isinstance(history, dict)
    assert list(history) == ["cost", "val_cost", "val_accuracy"]
    for values in history.values():
        assert len(values) == 3
        assert all(type(value) is float for value in values)
    json.dumps(history)


def test_no_accuracy_where_it_has_no_meaning():
    net = lg.Network([1, 3, 1], seed=3)
    history = net.fit(X, Y, epochs=2, validation=(X, Y))
    assert list(history) == ["cost", "val_cost"]


def test_validation_is_measured_after_the_epoch(net):
    history = net.fit(X, Y, epochs=2, validation=(X, Y))
    assert net.evaluate(X, Y) == {"cost": history["val_cost"][-1], "accuracy": history["val_accuracy"][-1]}


def test_cost_is_that_of_the_examples_as_they_were_trained_on():
    net = lg.Network([1, 1], init="zeros", dtype="float64")
    # w = b = 0: c = ½; b <- 0.5: c = ⅛ for the second example.
    history = net.fit(np.zeros((2, 1)), [1.0, 1.0], epochs=1, batch_size=1, optimizer=lg.SGD(0.5))
    assert history["cost"] == [(0.5 + 0.125) / 2]


def test_is_kept_on_the_network_one_per_fit(net):
    assert net.history == {}
    first = net.fit(X, Y, epochs=2)
    assert net.history is first
    second = net.fit(X, Y, epochs=1)
    assert net.history is second
    assert (len(first["cost"]), len(second["cost"])) == (2, 1)


def test_is_kept_after_an_error_in_a_callback(net):
    def fail(epoch, logs):
        if epoch == 2:
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        net.fit(X, Y, epochs=5, callbacks=[fail])
    assert len(net.history["cost"]) == net.epochs == 2


def test_is_kept_after_divergence():
    net = lg.Network([1, 1], init="zeros")
    with pytest.raises(FloatingPointError, match=r"epoch.*batch"):
        net.fit(X * 1e3, Y * 1e3, epochs=1000, optimizer=lg.SGD(10.0))
    assert len(net.history["cost"]) == net.epochs
    assert np.isfinite(net.parameters).all()


def test_is_that_of_the_last_fit_that_began(net):
    history = net.fit(X, Y, epochs=2)
    with pytest.raises(ValueError, match="batch_size"):
        net.fit(X, Y, batch_size=0)
    assert net.history is history
    with pytest.raises(ValueError, match="finite"):
        net.fit(X * np.nan, Y)
    assert net.history is history


def test_repr(net):
    assert repr(lg.History()) == "History of 0 epochs"
    text = repr(lg.History(cost=[3.0, 1.0, 2.0], val_accuracy=[0.5, 0.75, 0.25]))
    assert text.splitlines() == [
        "History of 3 epochs",
        "  cost          first 3, last 2, lowest 1",
        "  val_accuracy  first 0.5, last 0.25, highest 0.75",
    ]


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda h: pickle.loads(pickle.dumps(h))])
def test_copies(net, twin):
    history = net.fit(X, Y, epochs=2)
    other = twin(history)
    assert type(other) is lg.History
    assert other == history
    other["cost"].append(0.0)
    assert len(history["cost"]) == 2


def test_lists_stay_of_equal_length_when_a_validation_is_cut_short():
    class Trainer:
        def run(self, epochs, costs, factors):
            costs.extend([1.0] * epochs)

    def evaluate():
        raise KeyboardInterrupt

    history = lg.History({"cost": [], "val_cost": []})
    with pytest.raises(KeyboardInterrupt):
        Run(lg.Network([1, 1], seed=0), history, epochs=1, rows=4, evaluate=evaluate).train(Trainer())
    assert history["cost"] == [1.0]
    assert len(history["val_cost"]) == 1
    assert np.isnan(history["val_cost"][0])


def test_lists_stay_of_equal_length_when_ctrl_c_comes_right_after_an_epoch():
    class Trainer:
        def run(self, epochs, costs, factors):
            costs.append(1.0)
            raise KeyboardInterrupt

    history = lg.History({"cost": [], "val_cost": [], "learning_rate": []})
    rates = Rates(lg.schedules.Constant(), 0.25, epochs=3, steps=2)
    run = Run(lg.Network([1, 1], seed=0), history, epochs=3, rows=4, evaluate=dict, rates=rates)
    with pytest.raises(KeyboardInterrupt):
        run.train(Trainer())
    assert (history["cost"], history["learning_rate"]) == ([1.0], [0.25])
    assert np.isnan(history["val_cost"]).tolist() == [True]
