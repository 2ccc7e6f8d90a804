"""Best checkpoints that several fits write, and the schedules of resumed fits."""

import localgrad as lg
import numpy as np
import pytest
from localgrad.callbacks import Checkpoint, EarlyStopping
from localgrad.warnings import CheckpointWarning, ResumeWarning

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = X[:, :1] - X[:, 1:2]


def network(seed=1):
    return lg.Network([3, 1], seed=seed, dtype="float64")


def fit(path, epochs, net=None, *, monitor="val_cost", learning_rate=0.05, resume=None, **options):
    net = net or network()
    best = Checkpoint(path, best=True, monitor=monitor, **options)
    net.fit(
        X,
        Y,
        epochs=epochs,
        optimizer=lg.SGD(learning_rate),
        validation=(X, Y),
        callbacks=[best],
        resume=resume,
    )
    return net


def test_a_better_file_is_kept_with_a_warning(tmp_path):
    path = tmp_path / "best"
    fit(path, 20)
    before = path.read_bytes()
    with pytest.warns(
        CheckpointWarning, match=r"nothing was written.*val_cost.*better than.*overwrite"
    ) as caught:
        fit(path, 3)
    assert path.read_bytes() == before
    assert caught[0].filename == __file__


def test_a_worse_file_is_replaced(tmp_path):
    path = tmp_path / "best"
    fit(path, 3)
    net = fit(path, 20)
    assert lg.load(path).parameters.tobytes() == net.parameters.tobytes()


def test_an_equal_result_leaves_the_file_without_a_warning(tmp_path):
    path = tmp_path / "best"
    fit(path, 5)
    before = path.read_bytes()
    fit(path, 5)
    assert path.read_bytes() == before


def test_overwrite_replaces_a_better_file(tmp_path):
    path = tmp_path / "best"
    fit(path, 20)
    net = fit(path, 3, overwrite=True)
    assert lg.load(path).parameters.tobytes() == net.parameters.tobytes()
    assert "overwrite=True" in repr(Checkpoint(path, best=True, overwrite=True))
    with pytest.raises(TypeError, match="overwrite must be a bool"):
        Checkpoint(path, overwrite=1)


def test_one_object_can_be_used_for_two_fits(tmp_path):
    path = tmp_path / "best"
    best = Checkpoint(path, best=True)
    network().fit(X, Y, epochs=20, callbacks=[best])
    before = path.read_bytes()
    with pytest.warns(CheckpointWarning):
        network().fit(X, Y, epochs=2, callbacks=[best])
    assert path.read_bytes() == before


def other_monitor(path):
    fit(path, 2, monitor="cost")


def plain_checkpoint(path):
    network().fit(X, Y, epochs=1, checkpoint=path)


def damaged(path):
    fit(path, 2)
    path.write_bytes(path.read_bytes()[:-7])


OTHERS = {
    "a network": lambda path: network().save(path),
    "a checkpoint that is not a best one": plain_checkpoint,
    "another monitor": other_monitor,
    "no file of ours": lambda path: path.write_text("mine"),
    "damaged": damaged,
}


@pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
def test_a_file_that_cannot_be_compared_raises_before_training(make, tmp_path):
    path = tmp_path / "best"
    make(path)
    before, net = path.read_bytes(), network()
    with pytest.raises(FileExistsError, match=r"path must be a new file or .*overwrite=True to replace it"):
        fit(path, 2, net)
    assert net.epochs == 0
    assert path.read_bytes() == before
    fit(path, 2, net, overwrite=True)
    assert lg.load(path).epochs == 2


def test_an_empty_file_is_replaced(tmp_path):
    path = tmp_path / "best"
    path.touch()
    fit(path, 2)
    assert lg.load(path).epochs == 2


def test_a_path_with_the_epoch_has_one_file_per_epoch(tmp_path):
    fit(tmp_path / "best-{epoch}", 3)
    (tmp_path / "best-2").write_text("mine")
    first = (tmp_path / "best-1").read_bytes()
    with pytest.warns(CheckpointWarning, match="best-3"):
        fit(tmp_path / "best-{epoch}", 3, learning_rate=0.01)
    assert (tmp_path / "best-1").read_bytes() == first  # better
    assert lg.load(tmp_path / "best-2").epochs == 2  # not a best checkpoint


def test_a_resumed_fit_continues_with_its_own_file(tmp_path):
    path, last = tmp_path / "best", tmp_path / "last"
    early = lambda epoch, logs: epoch == 4  # noqa: E731
    at_once = fit(path, 8)
    expected = path.read_bytes()
    path.unlink()
    best = Checkpoint(path, best=True, monitor="val_cost")
    options = {"epochs": 8, "optimizer": lg.SGD(0.05), "validation": (X, Y)}
    network().fit(X, Y, callbacks=[best, early], checkpoint=last, **options)
    net = fit(path, 8, resume=last)
    assert net.parameters.tobytes() == at_once.parameters.tobytes()
    assert path.read_bytes() == expected
    assert fit(path, 8, resume=last).epochs == 8  # from before the best epoch in the file: no warning
    assert path.read_bytes() == expected


# Schedules of resumed fits

SCHEDULES = lg.schedules
DEPEND = [
    SCHEDULES.Cosine(),
    SCHEDULES.OneCycle(),
    SCHEDULES.Polynomial(),
    SCHEDULES.Warmup(2, SCHEDULES.Cosine()),
    SCHEDULES.Cosine(restarts=True),
]
DO_NOT = [
    SCHEDULES.Cosine(9),
    SCHEDULES.OneCycle(9),
    SCHEDULES.Warmup(2),
    SCHEDULES.Warmup(2, SCHEDULES.Polynomial(3)),
    SCHEDULES.Step(2),
    SCHEDULES.Exponential(),
    SCHEDULES.ReduceOnPlateau(),
    lambda t: 1 / (1 + t),
    None,
]


@pytest.mark.parametrize(
    "schedule", [*DEPEND, *DO_NOT], ids=lambda schedule: getattr(schedule, "__name__", str(schedule))
)
def test_resuming_with_another_number_of_epochs_warns(schedule, tmp_path):
    path = tmp_path / "last"
    network().fit(X, Y, epochs=4, schedule=schedule, checkpoint=path)
    if schedule in DEPEND:
        with pytest.warns(
            ResumeWarning, match=r"epochs was 4 in the checkpoint and is 6 now.*schedule"
        ) as caught:
            network().fit(X, Y, epochs=6, schedule=schedule, resume=path)
        assert caught[0].filename == __file__
        assert len(caught) == 1
    else:
        network().fit(X, Y, epochs=6, schedule=schedule, resume=path)


@pytest.mark.parametrize("schedule", DEPEND, ids=str)
def test_resuming_with_the_same_number_of_epochs_does_not_warn(schedule, tmp_path):
    path = tmp_path / "last"
    stop = lambda epoch, logs: epoch == 2  # noqa: E731
    network().fit(X, Y, epochs=4, schedule=schedule, checkpoint=path, callbacks=[stop])
    network().fit(X, Y, epochs=4, schedule=schedule, resume=path)


def test_a_warning_raised_as_an_error_changes_nothing(tmp_path):
    path, net = tmp_path / "last", network(seed=3)
    network().fit(X, Y, epochs=4, schedule=SCHEDULES.Cosine(), checkpoint=path)
    before = net.parameters.tobytes()
    with pytest.raises(ResumeWarning):  # warnings are errors in these tests
        net.fit(X, Y, epochs=6, schedule=SCHEDULES.Cosine(), resume=path)
    assert (net.parameters.tobytes(), net.epochs, net.seed) == (before, 0, 3)


def test_early_stopping_with_a_best_checkpoint_restores_its_own_best_epoch(tmp_path):
    path = tmp_path / "best"
    best, stop = Checkpoint(path, best=True, monitor="cost"), EarlyStopping("cost")
    net = network()
    net.fit(X, Y, epochs=6, callbacks=[best, stop])
    assert lg.load(path).parameters.tobytes() == net.parameters.tobytes()
