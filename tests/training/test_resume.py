"""`checkpoint` and `resume`: a resumed fit is bit-identical to an uninterrupted one."""

import logging

import localgrad as lg
import numpy as np
import pytest
from network_cases import OPTIMIZERS

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 6)).astype(np.float32)
LABELS = RNG.integers(0, 3, 90)
WEIGHTS = RNG.uniform(0.5, 2, 90)
PARTS = [slice(start, start + 17) for start in range(0, 90, 17)]
BLOCKS = lg.Blocks(lambda: ((X[part], LABELS[part]) for part in PARTS), rows=90, shuffle_buffer=40)


def network(**options):
    settings = {"activation": "tanh", "output": "softmax", "seed": 3, **options}
    return lg.Network([6, 8, 5, 3], **settings)


def stop_at(epoch):
    return lambda now, logs: now == epoch


class StopAtBatch(lg.callbacks.Callback):
    def __init__(self, step):
        self.step = step

    def on_batch_end(self, training):
        return training.step == self.step


def same(one, other):
    assert one.parameters.tobytes() == other.parameters.tobytes()
    assert (one.epochs, one.seed) == (other.epochs, other.seed)
    assert list(one.history) == list(other.history)
    for name in one.history:
        np.testing.assert_array_equal(one.history[name], other.history[name], err_msg=name)


def in_two(tmp_path, stop, make=network, *, epochs=7, **options):
    """Return a network trained in one fit, and one that resumed after `stop` ended the first part."""
    at_once = make()
    at_once.fit(X, LABELS, epochs=epochs, **options)
    first = make()
    callbacks = options.pop("callbacks", [])
    path = tmp_path / "checkpoint"
    first.fit(X, LABELS, epochs=epochs, checkpoint=path, callbacks=[*callbacks, stop], **options)
    assert first.history.stopped == "callback"
    second = make(seed=None)
    second.fit(X, LABELS, epochs=epochs, resume=path, callbacks=callbacks, **options)
    return at_once, second


@pytest.mark.parametrize("rule", OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_optimizer_resumes_bit_for_bit(tmp_path, rule, dtype):
    def make(**options):
        return network(dropout=0.2, input_dropout=0.1, input_noise=0.1, dtype=dtype, **options)

    same(*in_two(tmp_path, stop_at(3), make, optimizer=OPTIMIZERS[rule], batch_size=20))


@pytest.mark.parametrize("step", [1, 8, 10, 13])
@pytest.mark.parametrize("rule", ["nadam", "momentum"])
def test_a_fit_resumes_within_an_epoch(tmp_path, rule, step):
    def make(**options):
        return network(dropout=0.2, input_noise=0.1, **options)

    schedule = lg.schedules.Cosine()
    same(
        *in_two(
            tmp_path, StopAtBatch(step), make, optimizer=OPTIMIZERS[rule], batch_size=20, schedule=schedule
        )
    )


@pytest.mark.parametrize(
    "schedule",
    [lg.schedules.OneCycle(), lg.schedules.ReduceOnPlateau(patience=0, factor=0.5), lambda t: 1 / (1 + t)],
)
def test_schedules_resume(tmp_path, schedule):
    options = {"schedule": schedule, "optimizer": lg.SGD(1.0), "validation": (X[:30], LABELS[:30])}
    same(*in_two(tmp_path, stop_at(3), **options))


PLATEAU = lg.schedules.ReduceOnPlateau(patience=0, factor=0.5, threshold=0.2)
ALL_SCHEDULES = {
    "label_smoothing": PLATEAU,
    "dropout": lg.schedules.OneCycle(),
    "weight_decay": lg.schedules.ReduceOnPlateau(patience=1, factor=0.1, threshold=0.2),
    "learning_rate": lambda t: 1 / (1 + t),
}


@pytest.mark.parametrize("step", [1, 10, 13, 15])
@pytest.mark.parametrize("change", [{}, {"learning_rate": PLATEAU}], ids=["nested", "both"])
def test_schedules_of_other_settings_resume(tmp_path, step, change):
    def make(**options):
        return network(dropout=[0.2, 0.1], input_dropout=0.1, cost="cross_entropy(0.3)", **options)

    class Save(lg.callbacks.Callback):
        def on_batch_end(self, training):
            if training.step == step:
                training.save_checkpoint(tmp_path / "here")

    options = {"batch_size": 20, "epochs": 7, "schedule": ALL_SCHEDULES | change, "optimizer": lg.AdamW(0.02)}
    at_once, second = make(), make()
    at_once.fit(X, LABELS, callbacks=[Save()], **options)
    second.fit(X, LABELS, resume=tmp_path / "here", **options)  # 15 is the end of an epoch
    same(at_once, second)
    history = at_once.history
    assert list(history) == ["cost", "learning_rate", "dropout", "weight_decay", "label_smoothing"]
    assert min(history["label_smoothing"]) < 0.3 == history["label_smoothing"][0]


def reports(caplog, path, X, y):
    caplog.clear()
    with caplog.at_level(logging.WARNING, "localgrad"):
        network().fit(X, y, epochs=3, resume=path)
    return [record.message for record in caplog.records]


def test_other_data_is_reported(tmp_path, caplog):
    path, labels = tmp_path / "run", LABELS.astype(np.uint8)
    network().fit(X, LABELS, epochs=2, checkpoint=path)
    for same_x, same_y in (
        (X.copy(), labels),
        (X.astype(np.float64), LABELS.tolist()),
        (np.asfortranarray(X), LABELS),
        (X[::-1].copy()[::-1], labels.astype(np.uint64)),
    ):
        assert reports(caplog, path, same_x, same_y) == []
    for other_x, other_y in ((X[::-1], LABELS), (X, LABELS[::-1]), (X + 1, LABELS), (X, 2 - LABELS)):
        assert reports(caplog, path, other_x, other_y) == [
            "resume: X or y differs from that of the checkpoint"
        ]
    # Blocks have no checksum; neither do files of older versions.
    assert not any("X or y" in message for message in reports(caplog, path, BLOCKS, None))
    network().fit(BLOCKS, epochs=2, checkpoint=path)
    assert not any("X or y" in message for message in reports(caplog, path, X, LABELS))


def test_other_data_is_reported_for_sparse_examples_and_targets(tmp_path, caplog):
    sparse = pytest.importorskip("scipy.sparse")
    path, rows = tmp_path / "run", np.eye(3)[LABELS]
    network().fit(X, rows, epochs=2, checkpoint=path)
    assert reports(caplog, path, sparse.csr_matrix(X), rows) == []
    assert len(reports(caplog, path, sparse.csr_matrix(2 * X), rows)) == 1
    assert len(reports(caplog, path, X, 1 - 0.5 * rows)) == 1


def test_changed_schedules_of_other_settings_are_reported(tmp_path, caplog):
    path, cosine = tmp_path / "run", lg.schedules.Cosine()
    options = {"optimizer": lg.SGD(0.1), "weight_decay": 0.1}
    network().fit(X, LABELS, epochs=2, checkpoint=path, schedule={"weight_decay": PLATEAU}, **options)
    with caplog.at_level(logging.WARNING, "localgrad"):
        step = lg.schedules.Step()
        network().fit(X, LABELS, epochs=3, resume=path, schedule={"weight_decay": step}, **options)
    assert "schedule was weight_decay: ReduceOnPlateau(" in caplog.text
    assert "is weight_decay: Step(" in caplog.text
    network().fit(X, LABELS, epochs=2, checkpoint=path, schedule={"weight_decay": cosine}, **options)
    with pytest.warns(lg.warnings.ResumeWarning, match="so the weight decay jumps"):
        network().fit(X, LABELS, epochs=3, resume=path, schedule={"weight_decay": cosine}, **options)


@pytest.mark.parametrize("stop", [1, 4, 6])
def test_early_stopping_resumes_with_its_best_parameters(tmp_path, stop):
    # With this learning rate the cost soon increases.
    options = {
        "optimizer": lg.Adam(0.05),
        "validation": 0.3,
        "metrics": ["accuracy", "f1"],
        "epochs": 40,
    }
    at_once, second = in_two(
        tmp_path, stop_at(stop), callbacks=[lg.callbacks.EarlyStopping(patience=5)], **options
    )
    same(at_once, second)
    assert at_once.history.stopped == second.history.stopped
    assert at_once.history.best_epoch == second.history.best_epoch
    assert len(second.history["cost"]) < 40


def test_a_fit_ended_by_early_stopping_does_not_continue(tmp_path):
    path = tmp_path / "checkpoint"
    options = {"optimizer": lg.Adam(0.05), "validation": 0.3, "epochs": 40, "checkpoint": path}
    one = network()
    one.fit(X, LABELS, callbacks=[lg.callbacks.EarlyStopping(patience=5)], **options)
    again = network()
    again.fit(X, LABELS, callbacks=[lg.callbacks.EarlyStopping(patience=5)], resume=path, **options)
    same(one, again)
    patient = network()
    patient.fit(X, LABELS, callbacks=[lg.callbacks.EarlyStopping(patience=20)], resume=path, **options)
    at_once = network()
    options.pop("checkpoint")
    at_once.fit(X, LABELS, callbacks=[lg.callbacks.EarlyStopping(patience=20)], **options)
    same(at_once, patient)


def test_fits_with_weights_penalties_and_threads_resume(tmp_path):
    options = {
        "sample_weight": WEIGHTS,
        "class_weight": "balanced",
        "l2": 1e-3,
        "max_norm": 1.0,
        "clip_norm": 0.5,
        "weight_lr_factor": [0, 0.5, 1],
        "bias_lr_factor": [0, 2, 1],
        "optimizer": lg.AdamW(0.01),
        "n_threads": 2,
    }
    same(*in_two(tmp_path, stop_at(2), **options))


def test_checkpoint_and_resume_can_be_the_same_file(tmp_path):
    path = tmp_path / "checkpoint"
    net = network()
    net.fit(X, LABELS, epochs=2, checkpoint=path, optimizer=lg.Adam())
    for epochs in (5, 5, 8):
        other = network(seed=None)
        other.fit(X, LABELS, epochs=epochs, checkpoint=path, resume=path, optimizer=lg.Adam())
        assert other.epochs == epochs
    at_once = network()
    at_once.fit(X, LABELS, epochs=8, optimizer=lg.Adam())
    same(at_once, other)


def test_epochs_are_counted_from_the_start_of_the_fit(tmp_path):
    path = tmp_path / "checkpoint"
    net = network()
    net.fit(X, LABELS, epochs=3)
    at_once = net.copy()
    at_once.fit(X, LABELS, epochs=6, optimizer=lg.Adam())
    net.fit(X, LABELS, epochs=6, optimizer=lg.Adam(), checkpoint=path, callbacks=[stop_at(5)])
    other = network()
    other.fit(X, LABELS, epochs=6, optimizer=lg.Adam(), resume=path)
    same(at_once, other)
    assert other.history.first_epoch == 3


def test_a_checkpoint_is_written_every_n_epochs_and_at_the_end(tmp_path):
    path, seen = tmp_path / "checkpoint", []

    def look(epoch, logs):
        seen.append(lg.load(path).epochs if path.exists() else 0)

    network().fit(X, LABELS, epochs=8, checkpoint=path, checkpoint_every=3, callbacks=[look])
    assert seen == [0, 0, 0, 3, 3, 3, 6, 6]
    assert lg.load(path).epochs == 8


def test_a_missing_or_invalid_checkpoint_raises(tmp_path):
    net = network()
    with pytest.raises(FileNotFoundError, match="nothing"):
        net.fit(X, LABELS, resume=tmp_path / "nothing")
    path = tmp_path / "network"
    net.save(path)
    with pytest.raises(ValueError, match=r"resume must be a checkpoint .* no state of training"):
        net.fit(X, LABELS, resume=path)
    path.write_bytes(b"not at all")
    with pytest.raises(ValueError, match="resume must be a checkpoint"):
        net.fit(X, LABELS, resume=path)


@pytest.mark.parametrize(
    ("what", "options"),
    [
        ("activation", {"activation": "relu"}),
        ("cost", {"cost": "mse"}),
        ("dropout", {"dropout": 0.5}),
        ("input_noise", {"input_noise": 0.5}),
        ("dtype", {"dtype": "float64"}),
    ],
)
def test_another_architecture_raises_and_changes_nothing(tmp_path, what, options):
    path = tmp_path / "checkpoint"
    network().fit(X, LABELS, epochs=1, checkpoint=path)
    net = network(**options)
    before, history = net.parameters.copy(), net.history
    with pytest.raises(ValueError, match=f"resume must be the checkpoint of a network with {what} "):
        net.fit(X, LABELS, resume=path)
    assert (net.parameters == before).all()
    assert net.history is history
    with pytest.raises(ValueError, match="sizes"):
        lg.Network([6, 3], output="softmax").fit(X, LABELS, resume=path)


def test_another_optimizer_raises(tmp_path):
    path = tmp_path / "checkpoint"
    network().fit(X, LABELS, epochs=1, checkpoint=path)
    net = network()
    before = net.parameters.copy()
    with pytest.raises(ValueError, match="fit with Adam, got one with SGD"):
        net.fit(X, LABELS, resume=path, optimizer=lg.Adam())
    with pytest.raises(ValueError, match=r"resume must be .*: rule must be 'momentum'.* got 'sgd'"):
        net.fit(X, LABELS, resume=path, optimizer=lg.SGD(0.1, momentum=0.5))
    assert (net.parameters == before).all()


def test_other_settings_are_logged(tmp_path, caplog):
    path = tmp_path / "checkpoint"
    network().fit(X, LABELS, epochs=1, checkpoint=path)
    with caplog.at_level(logging.WARNING, "localgrad"):
        network().fit(X, LABELS, epochs=2, resume=path)
        assert not caplog.records
        network().fit(X[:50], LABELS[:50], epochs=2, resume=path, batch_size=10, optimizer=lg.SGD(0.2))
        network().fit(X, LABELS, epochs=2, resume=path, weight_lr_factor=[0, 1, 1])
    text = " ".join(record.getMessage() for record in caplog.records)
    for words in (
        "weight_lr_factor was None in the checkpoint and is [0.0, 1.0, 1.0] now",
        "number of examples was 90",
        "batch_size was 32",
        "optimizer was SGD(learning_rate=0.1",
    ):
        assert words in text


def test_another_batch_size_within_an_epoch_raises(tmp_path):
    path = tmp_path / "checkpoint"
    network().fit(X, LABELS, epochs=3, batch_size=10, checkpoint=path, callbacks=[StopAtBatch(4)])
    with pytest.raises(ValueError, match="inside an epoch of 90 in mini-batches of 10"):
        network().fit(X, LABELS, epochs=3, batch_size=30, resume=path)


def test_a_fit_of_blocks_resumes_within_an_epoch(tmp_path):
    options = {"epochs": 5, "batch_size": 8, "optimizer": lg.Adam(0.01)}

    def make():
        return network(dropout=0.2)

    at_once = make()
    at_once.fit(BLOCKS, **options)
    path = tmp_path / "checkpoint"
    for step in (5, 12, 40):
        make().fit(BLOCKS, checkpoint=path, callbacks=[StopAtBatch(step)], **options)
        other = make()
        other.fit(BLOCKS, resume=path, **options)
        same(at_once, other)


@pytest.mark.parametrize("step", [3, 7, 9])
def test_metrics_resume_within_an_epoch(tmp_path, step):
    # Otherwise, callbacks that monitor them would miss an epoch.
    stop = lg.callbacks.EarlyStopping("accuracy", patience=4)
    plateau = lg.schedules.ReduceOnPlateau("accuracy", patience=1, factor=0.5)
    options = {
        "batch_size": 20,
        "metrics": ["accuracy", "auc"],
        "callbacks": [stop],
        "schedule": plateau,
        "optimizer": lg.SGD(0.5),
        "epochs": 20,
    }
    same(*in_two(tmp_path, StopAtBatch(step), **options))

    path = tmp_path / "blocks"
    at_once, first, second = network(), network(), network()
    at_once.fit(BLOCKS, **options)
    first.fit(BLOCKS, checkpoint=path, **{**options, "callbacks": [stop, StopAtBatch(step)]})
    second.fit(BLOCKS, resume=path, **options)
    same(at_once, second)


def test_two_checkpoint_callbacks_resume_with_their_own_states(tmp_path):
    last, best = tmp_path / "last", tmp_path / "best"

    def both():
        return [lg.callbacks.Checkpoint(last), lg.callbacks.Checkpoint(best, best=True)]

    network().fit(X, LABELS, epochs=5, optimizer=lg.SGD(0.1), callbacks=both())
    assert lg.load(best).epochs == 5
    network().fit(X, LABELS, epochs=6, optimizer=lg.SGD(50.0), callbacks=both(), resume=last)
    network().fit(X, LABELS, epochs=8, optimizer=lg.SGD(50.0), callbacks=both(), resume=last)
    assert lg.load(last).epochs == 8
    history = network()
    history = history.fit(X, LABELS, epochs=8, optimizer=lg.SGD(50.0), resume=last)
    assert lg.load(best).epochs == int(np.argmin(history["cost"])) + 1


def test_a_requested_checkpoint_is_written_after_all_callbacks(tmp_path):
    class Count(lg.callbacks.Callback):
        def __init__(self):
            self.batches = self.epochs = 0

        def on_batch_end(self, training):
            self.batches += 1

        def on_epoch_end(self, training):
            self.epochs += 1

        def state(self):
            return {"batches": self.batches, "epochs": self.epochs}

        def set_state(self, state):
            self.batches, self.epochs = state["batches"], state["epochs"]

    class Save(lg.callbacks.Callback):
        def on_batch_end(self, training):
            if training.step == 8:
                training.save_checkpoint(tmp_path / "inside")

        def on_epoch_end(self, training):
            if training.epoch == 2:
                training.save_checkpoint(tmp_path / "end")

    count = Count()
    network().fit(X, LABELS, epochs=4, batch_size=15, callbacks=[Save(), count])
    for name in ("inside", "end"):
        resumed = Count()
        network().fit(X, LABELS, epochs=4, batch_size=15, callbacks=[resumed], resume=tmp_path / name)
        assert resumed.state() == count.state() == {"batches": 24, "epochs": 4}


def test_save_checkpoint_after_the_fit_raises(tmp_path):
    class Keep(lg.callbacks.Callback):
        def on_train_begin(self, training):
            self.training = training

    keep = Keep()
    network().fit(X, LABELS, epochs=1, callbacks=[keep])
    with pytest.raises(RuntimeError, match="only be called while fit runs"):
        keep.training.save_checkpoint(tmp_path / "late")


def test_errors_before_training_change_nothing(tmp_path):
    path = tmp_path / "checkpoint"
    network().fit(X, LABELS, epochs=3, checkpoint=path)
    net = network(seed=9)
    history = net.fit(X, LABELS, epochs=1)
    before = (net.parameters.tobytes(), net.seed, net.epochs)
    nowhere = tmp_path / "no" / "folder"
    for options in ({"checkpoint": nowhere}, {"callbacks": [lg.callbacks.CSVLogger(nowhere)]}):
        with pytest.raises(OSError, match="no"):
            net.fit(X, LABELS, epochs=5, resume=path, **options)
        assert net.history is history
        assert (net.parameters.tobytes(), net.seed, net.epochs) == before


@pytest.mark.parametrize("resumes", [False, True])
def test_an_invalid_row_found_late_changes_nothing(tmp_path, resumes):
    path = tmp_path / "checkpoint"
    network().fit(X, LABELS, epochs=3, checkpoint=path)
    net = network(seed=9)
    history = net.fit(X, LABELS, epochs=1)
    before = (net.parameters.tobytes(), net.seed, net.epochs)
    bad = X.copy()
    bad[70, 2] = np.nan
    with pytest.raises(ValueError, match="row 70"):
        net.fit(
            bad,
            LABELS,
            epochs=5,
            batch_size=4,
            callbacks=[lg.callbacks.LearningRates()],
            resume=path if resumes else None,
        )
    assert net.history is history
    assert (net.parameters.tobytes(), net.seed, net.epochs) == before


def test_without_early_stopping_there_is_no_best_epoch(tmp_path, caplog):
    path = tmp_path / "checkpoint"
    options = {"epochs": 5, "validation": 0.3, "checkpoint": path}
    network().fit(X, LABELS, callbacks=[lg.callbacks.EarlyStopping()], **options)
    history = network().fit(X, LABELS, **{**options, "epochs": 6, "resume": path})
    assert history.best_epoch is None
    assert "EarlyStopping" in caplog.text


def test_early_stopping_ignores_numbers_that_are_no_longer_measured(tmp_path):
    path = tmp_path / "checkpoint"
    network().fit(X, LABELS, epochs=5, validation=0.3, checkpoint=path, optimizer=lg.SGD(0.01))
    history = network().fit(
        X,
        LABELS,
        epochs=12,
        optimizer=lg.SGD(0.01),
        callbacks=[lg.callbacks.EarlyStopping(patience=3)],
        resume=path,
    )
    assert history.stopped == "epochs"
    assert np.isnan(history["val_cost"][5:]).all()
    assert not np.isnan(history["cost"]).any()


def test_a_fit_resumes_at_the_end_of_an_epoch_with_its_learning_rate(tmp_path):
    options = {"epochs": 4, "batch_size": 20, "schedule": lg.schedules.OneCycle(), "optimizer": lg.SGD(0.1)}
    same(*in_two(tmp_path, StopAtBatch(9), **options))

    class Save(lg.callbacks.Callback):
        def on_batch_end(self, training):
            if training.step == 10:
                training.save_checkpoint(tmp_path / "last of an epoch")

    at_once, second = network(), network()
    at_once.fit(X, LABELS, callbacks=[Save()], **options)
    second.fit(X, LABELS, resume=tmp_path / "last of an epoch", **options)
    same(at_once, second)


def test_a_source_that_became_shorter_raises(tmp_path):
    rows = [90]

    def blocks():
        yield X[: rows[0]], LABELS[: rows[0]]

    path = tmp_path / "checkpoint"
    options = {"epochs": 2, "batch_size": 10}
    network().fit(blocks, checkpoint=path, callbacks=[StopAtBatch(6)], **options)
    rows[0] = 30
    with pytest.raises(ValueError, match="at least the 60 rows"):
        network().fit(blocks, resume=path, **options)


def test_a_checkpoint_callback_ignores_states_of_others(tmp_path):
    last, best = tmp_path / "last", tmp_path / "best"
    options = {"checkpoint": last, "epochs": 5, "optimizer": lg.SGD(0.1)}
    network().fit(X, LABELS, callbacks=[lg.callbacks.Checkpoint(best, best=True)], **options)
    assert lg.load(best).epochs == 5
    callbacks = [lg.callbacks.Checkpoint(tmp_path / "other"), lg.callbacks.Checkpoint(best, best=True)]
    history = network().fit(
        X, LABELS, epochs=6, optimizer=lg.SGD(500.0), batch_size=5, callbacks=callbacks, resume=last
    )
    assert history["cost"][5] > history["cost"][4]
    assert lg.load(best).epochs == 5


def test_a_monitored_number_that_is_no_longer_measured_raises(tmp_path):
    path = tmp_path / "checkpoint"
    stop = lg.callbacks.EarlyStopping()
    network().fit(X, LABELS, epochs=3, validation=0.3, callbacks=[stop], checkpoint=path)
    net = network(seed=9)
    before = net.parameters.tobytes()
    with pytest.raises(ValueError, match="in the history of this fit, got 'val_cost'"):
        net.fit(X, LABELS, epochs=6, callbacks=[stop], resume=path)
    assert net.parameters.tobytes() == before
    assert net.epochs == 0


def test_a_folder_as_checkpoint_raises(tmp_path):
    net = network()
    with pytest.raises(IsADirectoryError, match="path must be a file, got the folder"):
        net.fit(X, LABELS, checkpoint=tmp_path)
    assert net.epochs == 0


def test_a_checkpoint_contains_outputs_only_within_an_epoch(tmp_path):
    at_end, inside = tmp_path / "end", tmp_path / "inside"
    options = {"epochs": 2, "batch_size": 10, "metrics": "accuracy"}
    network().fit(X, LABELS, checkpoint=at_end, **options)
    network().fit(X, LABELS, checkpoint=inside, callbacks=[StopAtBatch(8)], **options)
    assert inside.stat().st_size >= at_end.stat().st_size + 900
