"""The base class of callbacks, checkpoints, and callbacks that record values."""

from pathlib import Path

import numpy as np
import pytest
from localgrad.callbacks import Callback, Checkpoint, LearningRates, WeightSnapshots
from training_stand_in import TrainingStandIn, costs


def test_the_base_class_does_nothing():
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
def test_checkpoints_are_written_every_n_epochs_and_at_the_end(every, trained, expected):
    training = TrainingStandIn(trained=trained)
    training.run([Checkpoint("net.safetensors", every=every)], costs(1, 2, 3, 4, 5))
    assert training.saved == [("net.safetensors", epoch, 0) for epoch in expected]


@pytest.mark.parametrize("stopped", ["time_limit", "interrupted", "mine"])
def test_an_unfinished_epoch_is_written_at_the_end(stopped):
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


def test_best_writes_only_improvements():
    training = TrainingStandIn()
    training.run([Checkpoint("net.safetensors", best=True)], costs(3, 4, 2, 2, 1, 5))
    assert [epoch for _, epoch, _ in training.saved] == [1, 3, 5]
    training = TrainingStandIn()
    training.run([Checkpoint("net.safetensors", best=True, mode="max", every=2)], costs(1, 1, 9, 3, 9, 2))
    assert [epoch for _, epoch, _ in training.saved] == [2, 4]


def test_a_resumed_checkpoint_has_the_best_number():
    before = Checkpoint("net.safetensors", best=True)
    TrainingStandIn().run([before], costs(3, 2))
    again = Checkpoint("net.safetensors", best=True)
    training = TrainingStandIn()
    again.on_train_begin(training)
    again.set_state(before.state())
    training.resume([again], costs(2.5, 1.5))
    assert [epoch for _, epoch, _ in training.saved] == [2]
    with pytest.raises(ValueError, match="best in state must be a number, got 'x'"):
        again.set_state({"monitor": "cost", "best": "x"})


def test_a_best_checkpoint_starts_from_scratch_in_each_fit():
    best = Checkpoint("net.safetensors", best=True)
    TrainingStandIn().run([best], costs(1))
    training = TrainingStandIn()
    training.run([best], costs(5, 6))
    assert [epoch for _, epoch, _ in training.saved] == [1]


def test_numbers_are_formatted_into_the_path(tmp_path):
    training = TrainingStandIn()
    path = tmp_path / "{epoch:03}-{val_cost:.2f}-{{}}.safetensors"
    training.run([Checkpoint(path)], [{"cost": 1.0, "val_cost": 0.125}, {"cost": 1.0, "val_cost": 2.0}])
    assert [Path(name).name for name, *_ in training.saved] == [
        "001-0.12-{}.safetensors",
        "002-2.00-{}.safetensors",
    ]


def test_numbers_are_formatted_into_the_path_before_the_first_epoch_ends():
    training = TrainingStandIn()
    training.mini_batch = 2
    training.run([Checkpoint("{epoch}-{cost}")], [], stopped="interrupted")
    assert training.saved == [("0-nan", 0, 2)]


@pytest.mark.parametrize("path", ["{val_cost}", "{cost.nothing}", "{cost[0]}", "{cost:x}"])
def test_unknown_names_in_the_path_raise(path):
    with pytest.raises(ValueError, match="path must be a format string with the names 'cost', 'epoch', got"):
        TrainingStandIn().run([Checkpoint(path)], costs(1.0))


def test_a_missing_folder_raises_before_training(tmp_path):
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
def test_invalid_arguments_of_checkpoint_raise(arguments, error, message):
    with pytest.raises(error, match=message):
        Checkpoint(**arguments)


# Recorded values


def test_learning_rates_are_recorded_every_n_mini_batches():
    rates = LearningRates(every=3)
    assert rates.every == 3  # the caller of on_batch_end uses it
    for _ in range(2):  # a second fit starts with empty lists
        training = TrainingStandIn()
        rates.on_train_begin(training)
        for training.step, training.learning_rate in ((3, 0.5), (6, 0.25)):
            rates.on_batch_end(training)
    assert rates.steps == [3, 6]
    assert rates.learning_rates == [0.5, 0.25]


@pytest.mark.parametrize(("every", "expected"), [(1, [0, 1, 2, 3, 4, 5]), (2, [0, 2, 4]), (9, [0])])
def test_weight_snapshots_are_recorded_every_n_epochs(every, expected):
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
def test_invalid_intervals_raise(kind):
    with pytest.raises(ValueError, match="every must be at least 1, got 0"):
        kind(every=0)


def test_reprs_show_the_arguments():
    assert repr(LearningRates(3)) == "LearningRates(every=3)"
    assert repr(WeightSnapshots(every=2)) == "WeightSnapshots(every=2)"
