"""The base of callbacks, checkpoints, and what is kept of a training."""

from pathlib import Path

import numpy as np
import pytest
from localgrad.callbacks import Callback, Checkpoint, LearningRates, WeightSnapshots
from training_stand_in import TrainingStandIn, costs


def test_the_base_does_nothing():
    training = TrainingStandIn()
    base = Callback()
    assert base.every == 1
    hooks = (base.on_train_begin, base.on_batch_end, base.on_epoch_end, base.on_train_end, base.on_restore)
    for hook in hooks:
        assert hook(training) is None
    assert base.state() is base.should_stop() is base.set_state({}) is None
    assert not base.keep_parameters


# Checkpoints


@pytest.mark.parametrize(
    ("every", "trained", "expected"),
    [(1, 0, [1, 2, 3, 4, 5]), (2, 0, [2, 4, 5]), (5, 0, [5]), (9, 0, [5]), (2, 3, [4, 6, 8]), (3, 3, [6, 8])],
)
def test_checkpoints_are_written_every_so_often_and_in_the_end(every, trained, expected):
    training = TrainingStandIn(trained=trained)
    training.run([Checkpoint("net.safetensors", every=every)], costs(1, 2, 3, 4, 5))
    assert training.saved == [("net.safetensors", epoch, 0) for epoch in expected]


@pytest.mark.parametrize("stopped", ["time_limit", "interrupted", "mine"])
def test_the_middle_of_an_epoch_is_written_in_the_end(stopped):
    training = TrainingStandIn()
    checkpoint = Checkpoint("net.safetensors")
    checkpoint.on_train_begin(training)
    training.finish_epoch(cost=1.0)
    checkpoint.on_epoch_end(training)
    training.mini_batch = 3
    training.stopped = stopped
    checkpoint.on_train_end(training)
    assert training.saved == [("net.safetensors", 1, 0), ("net.safetensors", 1, 3)]


def test_nothing_is_written_after_an_error():
    training = TrainingStandIn()
    training.run([Checkpoint("net.safetensors", every=9)], costs(1, 2), stopped="error")
    assert training.saved == []


def test_the_best_alone_is_written_if_that_is_wanted():
    training = TrainingStandIn()
    training.run([Checkpoint("net.safetensors", best=True)], costs(3, 4, 2, 2, 1, 5))
    assert [epoch for _, epoch, _ in training.saved] == [1, 3, 5]
    training = TrainingStandIn()
    training.run([Checkpoint("net.safetensors", best=True, mode="max", every=2)], costs(1, 1, 9, 3, 9, 2))
    assert [epoch for _, epoch, _ in training.saved] == [2, 4]


def test_the_best_is_known_when_a_training_is_resumed():
    before = Checkpoint("net.safetensors", best=True)
    TrainingStandIn().run([before], costs(3, 2))
    again = Checkpoint("net.safetensors", best=True)
    training = TrainingStandIn()
    again.on_train_begin(training)
    again.set_state(before.state())
    training.go_on([again], costs(2.5, 1.5))
    assert [epoch for _, epoch, _ in training.saved] == [2]
    with pytest.raises(ValueError, match="best in state must be a number, got 'x'"):
        again.set_state({"monitor": "cost", "best": "x"})


def test_a_best_checkpoint_begins_afresh():
    best = Checkpoint("net.safetensors", best=True)
    TrainingStandIn().run([best], costs(1))
    training = TrainingStandIn()
    training.run([best], costs(5, 6))
    assert [epoch for _, epoch, _ in training.saved] == [1]


def test_names_stand_for_numbers_in_the_path(tmp_path):
    training = TrainingStandIn()
    path = tmp_path / "{epoch:03}-{val_cost:.2f}-{{}}.safetensors"
    training.run([Checkpoint(path)], [{"cost": 1.0, "val_cost": 0.125}, {"cost": 1.0, "val_cost": 2.0}])
    assert [Path(name).name for name, *_ in training.saved] == [
        "001-0.12-{}.safetensors",
        "002-2.00-{}.safetensors",
    ]


def test_names_stand_for_numbers_before_the_first_epoch_is_over():
    training = TrainingStandIn()
    training.mini_batch = 2
    training.run([Checkpoint("{epoch}-{cost}")], [], stopped="interrupted")
    assert training.saved == [("0-nan", 0, 2)]


@pytest.mark.parametrize("path", ["{val_cost}", "{cost.nothing}", "{cost[0]}", "{cost:x}"])
def test_a_number_that_is_not_there_is_refused(path):
    with pytest.raises(ValueError, match="path must be a format string with the names 'cost', 'epoch', got"):
        TrainingStandIn().run([Checkpoint(path)], costs(1.0))


def test_a_folder_that_is_not_there_is_found_missing_before_the_training(tmp_path):
    training = TrainingStandIn()
    with pytest.raises(FileNotFoundError, match="path must be in an existing folder, got"):
        Checkpoint(tmp_path / "nothing" / "net.safetensors").on_train_begin(training)
    Checkpoint(tmp_path / "net.safetensors").on_train_begin(training)
    Checkpoint("net.safetensors").on_train_begin(training)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"path": 3}, TypeError, "path must be a str or os.PathLike"),
        ({"path": "a\0b"}, ValueError, "null character"),
        ({"path": "{"}, ValueError, "path must be a format string, got '{'"),
        ({"path": "{}"}, ValueError, "path must have a name in each pair of braces"),
        ({"path": "x", "every": 0}, ValueError, "every must be at least 1"),
        ({"path": "x", "best": "yes"}, TypeError, "best must be a bool"),
        ({"path": "x", "mode": "best"}, ValueError, "mode must be one of"),
    ],
)
def test_bad_arguments_of_a_checkpoint(arguments, error, message):
    with pytest.raises(error, match=message):
        Checkpoint(**arguments)


# What is kept


def test_learning_rates():
    rates = LearningRates(every=3)
    assert rates.every == 3  # who calls on_batch_end heeds it
    for _ in range(2):  # a second training begins with empty lists
        training = TrainingStandIn()
        rates.on_train_begin(training)
        for training.step, training.learning_rate in ((3, 0.5), (6, 0.25)):
            rates.on_batch_end(training)
    assert rates.steps == [3, 6]
    assert rates.learning_rates == [0.5, 0.25]


@pytest.mark.parametrize(("every", "expected"), [(1, [0, 1, 2, 3, 4, 5]), (2, [0, 2, 4]), (9, [0])])
def test_snapshots(every, expected):
    snapshots = WeightSnapshots(every)
    for _ in range(2):
        training = TrainingStandIn(dtype="float32")
        first = training.network.parameters.copy()
        training.run([snapshots], costs(1, 2, 3, 4, 5))
    assert snapshots.epochs == expected
    assert (snapshots.parameters[0] == first).all()
    for epoch, parameters in zip(expected[1:], snapshots.parameters[1:], strict=True):
        assert parameters.dtype == np.float32
        assert (parameters == epoch).all()


@pytest.mark.parametrize("kind", [LearningRates, WeightSnapshots])
def test_bad_intervals(kind):
    with pytest.raises(ValueError, match="every must be at least 1, got 0"):
        kind(every=0)


def test_reprs_show_the_arguments():
    assert repr(LearningRates(3)) == "LearningRates(every=3)"
    assert repr(WeightSnapshots(every=2)) == "WeightSnapshots(every=2)"
