"""Early stopping: when it stops, which parameters it restores, and resuming from a checkpoint."""

import json
import math

import localgrad as lg
import numpy as np
import pytest
from localgrad.callbacks import EarlyStopping
from training_stand_in import TrainingStandIn, costs

NAN, INF = math.nan, math.inf

# costs, arguments -> number of trained epochs, best epoch
COURSES = {
    "always better": ([5, 4, 3, 2, 1], {"patience": 1}, 5, 5),
    "never better": ([1, 2, 3, 4, 5], {"patience": 3}, 4, 1),
    "equal is not better": ([1, 1, 1, 1], {"patience": 2}, 3, 1),
    "waits in a row": ([5, 6, 4, 6, 6, 3, 9, 9, 9], {"patience": 3}, 9, 6),
    "patience of one": ([3, 2, 2.5, 1], {"patience": 1}, 3, 2),
    "too little": ([3.0, 2.9, 2.8, 2.75], {"patience": 2, "min_delta": 0.5}, 3, 1),
    "little by little": ([3.0, 2.75, 2.5, 2.25], {"patience": 4, "min_delta": 0.5}, 4, 4),
    "exactly min_delta is not better": ([3.0, 2.5], {"patience": 1, "min_delta": 0.5}, 2, 1),
    "not a number": ([3, NAN, NAN, 1], {"patience": 2}, 3, 1),
    "not a number at first": ([NAN, 3, 2], {"patience": 2}, 3, 3),
    "infinite at first": ([INF, INF, 3], {"patience": 2}, 3, 3),
    "below zero": ([-1, -2, -1.5, -1.5], {"patience": 2}, 4, 2),
    "the more the better": ([1, 3, 2, 2, 9], {"patience": 2, "mode": "max"}, 4, 2),
    "more by min_delta": ([1, 1.25, 1.75, 2], {"patience": 9, "mode": "max", "min_delta": 0.5}, 4, 3),
}


@pytest.mark.parametrize(("values", "arguments", "trained", "best"), COURSES.values(), ids=COURSES)
def test_it_stops_and_restores_at_the_right_epoch(values, arguments, trained, best):
    training = TrainingStandIn()
    training.run([EarlyStopping(**arguments)], costs(*values))
    waited = trained - best
    assert training.epoch == trained
    assert training.history.best_epoch == best
    assert training.stopped == ("early_stopping" if waited == arguments["patience"] else "epochs")
    assert training.best == best


def test_the_validation_cost_is_monitored_by_default():
    training = TrainingStandIn()
    numbers = [{"cost": c, "val_cost": v} for c, v in ((3, 1), (2, 2), (1, 3))]
    training.run([EarlyStopping(patience=2)], numbers)
    assert training.history.best_epoch == 1


def test_a_number_is_monitored_by_its_name():
    numbers = [{"cost": c, "val_cost": 1, "val_accuracy": a} for c, a in ((3, 0.5), (2, 0.75), (4, 0.7))]
    for monitor, best in (("cost", 2), ("val_cost", 1), ("val_accuracy", 2)):
        training = TrainingStandIn()
        training.run([EarlyStopping(monitor)], numbers)
        assert training.history.best_epoch == best


def test_an_unknown_number_requires_mode():
    with pytest.raises(
        ValueError, match=r"mode must be 'min' or 'max' for the unknown monitor 'val_mine', got None"
    ):
        EarlyStopping("val_mine")
    training = TrainingStandIn()
    training.run([EarlyStopping("val_mine", mode="max")], [{"cost": 1, "val_mine": v} for v in (1, 2, 0)])
    assert training.history.best_epoch == 2


def test_a_missing_number_raises_after_the_first_epoch():
    early = EarlyStopping("val_cost")
    with pytest.raises(ValueError, match="monitor must be one of 'cost', 'accuracy', got 'val_cost'"):
        TrainingStandIn().run([early], [{"cost": 1, "accuracy": 1}])


@pytest.mark.parametrize(
    ("stopped", "best"), [("epochs", 1), ("time_limit", 1), ("mine", 1), ("error", 3), ("interrupted", 3)]
)
def test_parameters_are_restored_unless_training_is_interrupted(stopped, best):
    training = TrainingStandIn()
    training.run([EarlyStopping()], costs(1, 2, 3), stopped=stopped)
    assert training.best == best
    assert training.history.best_epoch == 1


def test_restore_best_false_keeps_the_last_parameters():
    training = TrainingStandIn()
    early = EarlyStopping(patience=2, restore_best=False)
    training.run([early], costs(1, 2, 3, 4))
    assert training.best == 3
    assert training.history.best_epoch == 1
    assert early.state()["parameters"] is None


def test_without_epochs_nothing_changes():
    training = TrainingStandIn()
    before = training.network.parameters.copy()
    training.run([EarlyStopping()], [])
    assert (training.network.parameters == before).all()
    assert training.history.best_epoch is None


def test_best_epoch_counts_from_the_start_of_the_history():
    training = TrainingStandIn(trained=100)
    training.run([EarlyStopping(patience=1)], costs(3, 2, 4))
    assert training.history.best_epoch == 2


def test_each_fit_starts_from_scratch():
    early = EarlyStopping(patience=2)
    TrainingStandIn().run([early], costs(1, 1, 1))
    training = TrainingStandIn(dtype="float32")
    training.run([early], costs(9, 8, 9, 9, 9))
    assert training.epoch == 4
    assert training.best == 2
    TrainingStandIn().run([early], costs(1, 1, 1))
    training = TrainingStandIn()
    training.run([early], costs(NAN, 9, 8))
    assert training.epoch == 3


def through_json(state):
    """Return a state as it is after a checkpoint."""
    arrays = {name: value.copy() for name, value in state.items() if isinstance(value, np.ndarray)}
    return json.loads(json.dumps({k: v for k, v in state.items() if k not in arrays})) | arrays


@pytest.mark.parametrize("monitor", [None, "cost"])
@pytest.mark.parametrize(("values", "arguments", "trained", "best"), COURSES.values(), ids=COURSES)
def test_it_resumes_from_a_checkpoint_of_any_epoch(values, arguments, trained, best, monitor):
    for cut in range(trained + 1):
        first = TrainingStandIn()
        early = EarlyStopping(monitor, **arguments)
        early.on_train_begin(first)
        for logs in costs(*values[:cut]):
            first.finish_epoch(**logs)
            early.on_epoch_end(first)
        state = through_json(early.state())

        second = TrainingStandIn()
        again = EarlyStopping(monitor, **arguments)
        second.resumed = True
        again.on_train_begin(second)
        second.history, second.epoch = first.history, cut
        again.set_state(state)
        stop = again.should_stop()
        assert stop == (
            "early_stopping" if cut == trained and trained - best == arguments["patience"] else None
        )
        again_costs = costs(*values[cut:]) if stop is None else []
        second.resume([again], again_costs, stopped=stop or "epochs")
        assert second.epoch == trained
        assert second.history.best_epoch == best
        assert second.best == best


def test_a_returned_state_does_not_change():
    training = TrainingStandIn()
    early = EarlyStopping()
    early.on_train_begin(training)
    training.finish_epoch(cost=2.0)
    early.on_epoch_end(training)
    state = early.state()
    training.finish_epoch(cost=1.0)
    early.on_epoch_end(training)
    assert state["best"] == 2.0
    assert (state["parameters"] == 1).all()


GOOD = {"monitor": "cost", "best": 0.5, "waited": 1, "parameters": np.zeros(3)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"monitor": "val_cost"}, "monitor in state must be 'cost', got 'val_cost'"),
        ({"monitor": 7}, "monitor in state must be 'cost', got 7"),
        ({"best": "0.5"}, "best in state must be a number, got '0.5'"),
        ({"best": NAN}, "best in state must be a number, got nan"),
        ({"best": True}, "best in state must be a number, got True"),
        ({"monitor": None}, "best in state must be a number, got 0.5"),
        ({"waited": -1}, "int of at least 0, got -1"),
        ({"waited": 1.0}, "int of at least 0, got 1.0"),
        ({"waited": None}, "int of at least 0, got None"),
        ({"parameters": None}, "must be an array for restore_best=True, got None"),
        ({"parameters": [0.0, 0.0, 0.0]}, r"must be an array of shape \(3,\) and dtype float64, got"),
        ({"parameters": np.zeros(4)}, r"must be an array of shape \(3,\) and dtype float64, got"),
        ({"parameters": np.zeros(3, np.float32)}, r"must be an array of shape \(3,\) and dtype float64, got"),
        ({"parameters": np.array([0.0, NAN, 0.0])}, "must be finite"),
    ],
)
def test_an_invalid_state_raises_and_changes_nothing(change, message):
    early = EarlyStopping("cost", patience=5)
    early.on_train_begin(TrainingStandIn())
    early.set_state(GOOD)
    before = early.state()
    with pytest.raises(ValueError, match=message):
        early.set_state(GOOD | change)
    assert early.state() == before


@pytest.mark.parametrize("name", GOOD)
def test_an_incomplete_state_raises(name):
    early = EarlyStopping()
    early.on_train_begin(TrainingStandIn())
    state = {key: value for key, value in GOOD.items() if key != name}
    if name == "best":  # as after epochs with only nan
        early.set_state(state)
    else:
        with pytest.raises(ValueError, match=r"in state must be"):
            early.set_state(state)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"monitor": 3}, TypeError, "monitor must be a key of the history, got 3"),
        ({"patience": 0}, ValueError, "patience must be at least 1, got 0"),
        ({"patience": 1.5}, TypeError, "patience must be an int"),
        ({"min_delta": -1}, ValueError, "min_delta must be finite and at least 0"),
        ({"min_delta": NAN}, ValueError, "min_delta must be finite and at least 0"),
        ({"mode": "lowest"}, ValueError, "mode must be one of 'min', 'max', got 'lowest'"),
        ({"restore_best": 1}, TypeError, "restore_best must be a bool"),
    ],
)
def test_invalid_arguments_raise(arguments, error, message):
    with pytest.raises(error, match=message):
        EarlyStopping(**arguments)


def test_repr_shows_the_arguments():
    stop = lg.callbacks.EarlyStopping("val_f1", patience=3, min_delta=0.5)
    assert repr(stop) == ("EarlyStopping('val_f1', patience=3, min_delta=0.5, mode=None, restore_best=True)")
    assert repr(lg.callbacks.Checkpoint("x", every=2)) == "Checkpoint('x', every=2)"
