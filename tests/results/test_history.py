"""The history of a fit: a dict of lists that is kept after errors."""

import copy
import json
import math
import pickle

import localgrad as lg
import numpy as np
import pytest

X = np.array([[0.0], [1.0], [2.0]])
Y = np.array([0, 1, 1])


@pytest.fixture
def net():
    return lg.Network([1, 3, 2], output="softmax", seed=3)


def test_the_history_is_a_dict_of_lists_of_floats(net):
    history = net.fit(X, Y, epochs=3, validation=(X, Y))
    assert isinstance(history, dict)
    assert list(history) == ["cost", "accuracy", "val_cost", "val_accuracy"]
    for values in history.values():
        assert len(values) == 3
        assert all(type(value) is float for value in values)
    json.dumps(history)


def test_the_network_keeps_the_history_of_the_last_fit(net):
    assert net.history == {}
    first = net.fit(X, Y, epochs=2)
    assert net.history is first
    second = net.fit(X, Y, epochs=1)
    assert net.history is second
    assert (len(first["cost"]), len(second["cost"])) == (2, 1)


def test_repr_summarizes_each_number():
    assert repr(lg.History()) == "History of 0 epochs"
    text = repr(lg.History(cost=[3.0, 1.0, 2.0], val_accuracy=[0.5, 0.75, 0.25]))
    assert text.splitlines() == [
        "History of 3 epochs",
        "  cost          first 3, last 2, lowest 1",
        "  val_accuracy  first 0.5, last 0.25, highest 0.75",
    ]


def test_repr_shows_why_training_stopped():
    history = lg.History(cost=[2.0])
    history.stopped = "epochs"
    assert repr(history).splitlines()[0] == "History of 1 epoch"
    history.first_epoch, history.best_epoch, history.stopped = 4, 1, "time_limit"
    assert repr(history).splitlines()[0] == "History of 1 epoch after 4, best 5, stopped: time_limit"


def test_repr_shows_the_best_number_and_ignores_nan():
    text = repr(
        lg.History(
            {
                "cost": [math.nan, 2.0, 1.0],
                "val_top_k(5)": [0.5, 0.25, math.nan],
                "pinball(0.9)": [math.nan] * 3,
                "mine": [1.0, 3.0, 2.0],
            }
        )
    )
    assert text.splitlines()[1:] == [
        "  cost          first nan, last 1, lowest 1",
        "  val_top_k(5)  first 0.5, last nan, highest 0.5",
        "  pinball(0.9)  first nan, last nan",
        "  mine          first 1, last 2, lowest 1, highest 3",
    ]


def test_attributes_of_a_new_history():
    history = lg.History()
    assert (history.best_epoch, history.stopped, history.first_epoch) == (None, None, 0)


def pickled(history):
    return pickle.loads(pickle.dumps(history))


@pytest.mark.parametrize("twin", [copy.deepcopy, pickled, copy.copy, lg.History.copy])
def test_copies_keep_the_attributes(net, twin):
    history = net.fit(X, Y, epochs=2)
    history.best_epoch, history.stopped, history.first_epoch = 2, "mine", 7
    other = twin(history)
    assert type(other) is lg.History
    assert other == history
    assert (other.best_epoch, other.stopped, other.first_epoch) == (2, "mine", 7)
    other["val_cost"] = [0.0, 0.0]
    other.stopped = None
    assert "val_cost" not in history
    assert history.stopped == "mine"
    other["cost"].append(0.0)
    assert len(history["cost"]) == (2 if twin in (copy.deepcopy, pickled) else 3)


def test_a_history_can_be_converted_to_a_data_frame():
    pandas = pytest.importorskip("pandas")
    history = lg.History(cost=[3.0, 1.0], val_accuracy=[0.5, math.nan])
    history.stopped = "epochs"
    frame = pandas.DataFrame(history)
    assert list(frame.columns) == ["cost", "val_accuracy"]
    assert frame["cost"].tolist() == [3.0, 1.0]
    assert frame["val_accuracy"].isna().tolist() == [False, True]


def test_ctrl_c_during_validation_keeps_lists_of_equal_length(net):
    def interrupt(y, a):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        net.fit(X, Y, epochs=3, validation=(X, Y), metrics=[interrupt])
    assert net.epochs == len(net.history["cost"]) == 1
    assert list(net.history) == ["cost", "interrupt", "val_cost", "val_interrupt"]
    for name in ("interrupt", "val_cost", "val_interrupt"):
        assert np.isnan(net.history[name]).tolist() == [True]


def test_first_epoch_is_the_number_of_earlier_epochs(net):
    net.fit(X, Y, epochs=2)
    assert net.history.first_epoch == 0
    assert net.fit(X, Y, epochs=3).first_epoch == 2


def test_names_of_other_libraries_are_accepted_as_keys():
    history = lg.History(cost=[0.5], val_accuracy=[0.9])
    for name, ours in (("loss", "cost"), ("val_acc", "val_accuracy"), ("cost", "cost")):
        assert name in history
        assert history.get(name) is history[name] is history[ours]
    for name in ("val_loss", "acc", 3, None):
        assert name not in history
        assert history.get(name) is None
        assert history.get(name, 7) == 7
        with pytest.raises(KeyError):
            history[name]
    assert list(history) == ["cost", "val_accuracy"]
