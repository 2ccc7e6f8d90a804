"""Custom callbacks: restoring parameters, states in checkpoints, and stopping."""

import copy
import gc
import json
import pickle
import struct
import weakref

import localgrad as lg
import numpy as np
import pytest
from localgrad.callbacks import Callback, Monitor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = np.sin(X[:, :2])


def network(**options):
    return lg.Network([4, 6, 2], **{"activation": "tanh", "seed": 1, "dtype": "float64", **options})


class Best:
    """Derives from no class and does what EarlyStopping does."""

    keep_parameters = True

    def __init__(self, name, patience=3):
        self.monitor = Monitor(name)
        self.patience = patience

    def on_train_begin(self, training):
        self.monitor.begin(training.names)
        self.parameters, self.waited = None, 0

    def on_epoch_end(self, training):
        if self.monitor.improved(training.logs):
            self.parameters, self.waited = training.parameters_of(self.monitor.watched), 0
        else:
            self.waited += 1
        return self.should_stop()

    def should_stop(self):
        return "early_stopping" if self.waited >= self.patience else None

    def on_restore(self, training):
        if self.parameters is not None:
            training.network.parameters = self.parameters

    def state(self):
        return {**self.monitor.state(), "waited": self.waited, "parameters": self.parameters}

    def set_state(self, state):
        self.monitor.set_state(state)
        self.waited, self.parameters = state["waited"], state["parameters"]


def too_long_from(epoch):
    return lambda t: 1.0 if t < epoch else 40.0


@pytest.mark.parametrize("batch_size", [7, None])
@pytest.mark.parametrize("name", ["cost", "val_cost"])
def test_a_custom_callback_can_do_what_early_stopping_does(name, batch_size):
    options = {
        "epochs": 20,
        "batch_size": batch_size,
        "validation": (X[:20], Y[:20]),
        "schedule": too_long_from(4),
        "optimizer": "sgd",
    }
    own, ours = network(), network()
    history = own.fit(X, Y, callbacks=[Best(name)], **options)
    expected = ours.fit(X, Y, callbacks=[lg.callbacks.EarlyStopping(name, patience=3)], **options)
    assert history == expected
    assert history.stopped == expected.stopped == "early_stopping"
    assert own.parameters.tobytes() == ours.parameters.tobytes()


class StopAtBatch(Callback):
    def __init__(self, step):
        self.step = step

    def on_batch_end(self, training):
        return training.step == self.step


@pytest.mark.parametrize("step", [3, 8, 14, 20])
def test_it_resumes_from_any_mini_batch(step, tmp_path):
    options = {"epochs": 20, "batch_size": 25, "schedule": too_long_from(4), "optimizer": "sgd"}
    path = tmp_path / "last"
    at_once, second = network(), network(seed=None)
    at_once.fit(X, Y, callbacks=[Best("cost")], **options)
    network().fit(X, Y, callbacks=[Best("cost"), StopAtBatch(step)], checkpoint=path, **options)
    second.fit(X, Y, callbacks=[Best("cost")], resume=path, **options)
    assert second.history == at_once.history
    assert second.parameters.tobytes() == at_once.parameters.tobytes()


def test_should_stop_is_called_when_training_resumes(tmp_path):
    path = tmp_path / "last"
    options = {"epochs": 40, "schedule": too_long_from(4), "optimizer": "sgd"}
    history = network().fit(X, Y, callbacks=[Best("cost")], checkpoint=path, **options)
    again = network()
    assert again.fit(X, Y, callbacks=[Best("cost")], resume=path, **options) == history
    assert again.history.stopped == "early_stopping"
    longer = network().fit(X, Y, callbacks=[Best("cost", patience=6)], resume=path, **options)
    assert len(longer["cost"]) == len(history["cost"]) + 3


def test_the_checkpoint_has_the_last_parameters_not_the_restored_ones(tmp_path):
    path = tmp_path / "last"
    net = network()
    options = {"epochs": 6, "schedule": too_long_from(4), "optimizer": "sgd"}
    net.fit(X, Y, callbacks=[Best("cost")], checkpoint=path, **options)
    assert lg.load(path).parameters.tobytes() != net.parameters.tobytes()


def test_a_custom_callback_can_write_a_best_checkpoint(tmp_path):
    class Keep(Best):
        def on_epoch_end(self, training):
            if self.monitor.improved(training.logs):
                training.save_checkpoint(tmp_path / "own", best=self.monitor)

        on_restore = should_stop = lambda self, *_: None

    ours = lg.callbacks.Checkpoint(tmp_path / "ours", best=True, monitor="cost")
    options = {"epochs": 6, "schedule": too_long_from(4), "optimizer": "sgd"}
    network().fit(X, Y, callbacks=[Keep("cost"), ours], **options)
    own, expected = lg.load(tmp_path / "own"), lg.load(tmp_path / "ours")
    assert own.parameters.tobytes() == expected.parameters.tobytes()
    assert own.epochs == expected.epochs < 6


def test_a_best_checkpoint_requires_a_monitor_with_a_number(tmp_path):
    class Ask(Callback):
        def on_epoch_end(self, training):
            training.save_checkpoint(tmp_path / "file", best=Monitor())

    with pytest.raises(ValueError, match="best must be a Monitor with a best value"):
        network().fit(X, Y, callbacks=[Ask()])


class Ask(Callback):
    """Gets the parameters of the cost after each epoch, and keeps the last ones."""

    def __init__(self, keep):
        self.keep_parameters = keep

    def on_epoch_end(self, training):
        at_end = training.network.parameters.tobytes()
        given, of_validation = training.parameters_of("cost"), training.parameters_of("val_cost")
        assert of_validation.tobytes() == at_end
        self.parameters = given.copy()
        given[:] = of_validation[:] = 0  # both are copies
        assert training.network.parameters.tobytes() == at_end


def test_parameters_of_returns_the_parameters_that_a_number_belongs_to():
    net = network()
    keep, end = Ask(True), Ask(False)
    options = {"epochs": 3, "batch_size": None, "validation": (X, Y)}
    history = net.fit(X, Y, callbacks=[keep], **options)
    twin = net.copy()
    twin.parameters = keep.parameters
    assert twin.evaluate(X, Y)["cost"] == pytest.approx(history["cost"][-1], rel=1e-12)
    other = network()
    other.fit(X, Y, callbacks=[end], **options)
    assert end.parameters.tobytes() == other.parameters.tobytes() == net.parameters.tobytes()


def test_parameters_of_an_unknown_number_requires_mode():
    class Ask(Callback):
        def on_epoch_end(self, training):
            with pytest.raises(
                ValueError, match="mode must be 'min' or 'max' for the unknown monitor 'mine'"
            ):
                training.parameters_of("mine")
            assert training.parameters_of("mine", "max").any()

    def mine(y, a):
        return 1.0

    network().fit(X, Y, epochs=1, metrics=mine, callbacks=[Ask()])


@pytest.mark.parametrize("put", ["in place", "assigned"])
def test_on_restore_is_called_last(put, tmp_path):
    happened = []

    class Restore(Callback):
        def on_train_end(self, training):
            happened.append("end")

        def on_restore(self, training):
            happened.append("restored")
            assert lg.load(tmp_path / "last").epochs == 2
            if put == "assigned":
                training.network.parameters = np.zeros(training.network.num_parameters)
            else:
                training.network.parameters[:] = 0
            with pytest.raises(RuntimeError, match="can only be called while fit runs"):
                training.save_checkpoint(tmp_path / "late")

    net = network()
    net.fit(X, Y, epochs=2, callbacks=[Restore(), Restore()], checkpoint=tmp_path / "last")
    assert happened == ["end", "end", "restored", "restored"]
    assert not net.parameters.any()


# States by class and position


class Tally(Callback):
    """A callback whose state is its name."""

    def __init__(self, name):
        self.name = self.given = name

    def state(self):
        return {"name": self.name}

    def set_state(self, state):
        self.given = state["name"]


class Other(Tally):
    pass


CHANGES = {  # callbacks that resume after [Tally a, Tally b, Other c], and the states they receive
    "the same": ("TTO", "abc"),
    "one in front": (".TTO", "abc"),
    "the first is gone, another class in its place": (".TO", "bc"),
    "the second is gone": ("TO", "ac"),
    "another between": ("TOT", "acb"),
    "a new one at the end": ("TTOT", "abc3"),
    "none of a class": ("TT", "ab"),
}


@pytest.mark.parametrize(("callbacks", "expected"), CHANGES.values(), ids=CHANGES)
def test_callbacks_of_one_class_receive_their_own_states(callbacks, expected, tmp_path):
    path = tmp_path / "last"
    network().fit(X, Y, epochs=1, checkpoint=path, callbacks=[Tally("a"), Tally("b"), Other("c")])
    kinds = {"T": Tally, "O": Other, ".": lambda name: Callback()}
    given = [kinds[kind](str(k)) for k, kind in enumerate(callbacks)]
    network().fit(X, Y, epochs=2, resume=path, callbacks=given)
    assert "".join(one.given for one in given if isinstance(one, Tally)) == expected


def change_notes(path, change):
    """Change the notes that a checkpoint stores about training."""
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    notes = json.loads(header["__metadata__"]["notes"])
    text = json.loads(notes["training"])
    change(text)
    header["__metadata__"]["notes"] = json.dumps({"training": json.dumps(text)})
    new = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(new)) + new + data[8 + size :])


def test_states_without_positions_are_assigned_in_order(tmp_path):
    path = tmp_path / "last"
    network().fit(X, Y, epochs=1, checkpoint=path, callbacks=[Tally("a"), Tally("b"), Other("c")])

    def change(text):
        assert [one.pop("position") for one in text["callbacks"]] == [0, 1, 2]

    change_notes(path, change)
    given = [Callback(), Other("3"), Tally("1"), Tally("2"), Tally("4")]
    network().fit(X, Y, epochs=2, resume=path, callbacks=given)
    assert [one.given for one in given[1:]] == ["c", "a", "b", "4"]


def test_unused_states_are_logged(tmp_path, caplog):
    class Mute(Callback):
        def state(self):
            return {"one": 1}

    path = tmp_path / "last"
    network().fit(X, Y, epochs=1, checkpoint=path, callbacks=[Tally("a"), Mute()])
    network().fit(X, Y, epochs=2, resume=path, callbacks=[Mute()])
    assert "Tally, Mute" in caplog.text


class Keep(Callback):
    copied = None

    def on_train_begin(self, training):
        self.training = training

    def on_epoch_end(self, training):
        self.copied = pickle.loads(pickle.dumps(copy.deepcopy(training)))


def test_a_stored_training_object_can_be_pickled_and_releases_the_data():
    x, keep = X.copy(), Keep()
    freed = weakref.ref(x)
    network().fit(x, Y, epochs=1, metrics=lambda y, a: 1.0, validation=0.2, callbacks=[keep])
    del x
    gc.collect()
    assert freed() is None
    assert keep.copied.logs == copy.deepcopy(keep).training.logs
    with pytest.raises(RuntimeError, match="only be called while fit runs"):
        keep.copied.save_checkpoint("anywhere")


@pytest.mark.parametrize("first", [True, False])
def test_restoring_continues_when_another_callback_fails(first):
    class Fails(Callback):
        def on_restore(self, training):
            raise OSError("disk full")

    net, stop = network(), lg.callbacks.EarlyStopping("cost", patience=100, restore_best=True)
    with pytest.raises(OSError, match="disk full"):
        net.fit(
            X, Y, epochs=20, optimizer=lg.SGD(2.0), callbacks=[Fails(), stop] if first else [stop, Fails()]
        )
    again = network()
    again.fit(X, Y, epochs=20, optimizer=lg.SGD(2.0), callbacks=[stop])
    assert net.parameters.tobytes() == again.parameters.tobytes()


def test_hooks_can_be_attributes_of_an_instance(tmp_path):
    def counter():
        one = Callback()
        one.seen = []
        one.on_epoch_end = lambda training: one.seen.append(training.epoch)
        one.state = lambda: {"seen": one.seen}
        one.set_state = lambda state: one.seen.extend(state["seen"])
        return one

    path = tmp_path / "last"
    network().fit(X, Y, epochs=3, checkpoint=path, callbacks=[counter()])
    resumed = counter()
    network().fit(X, Y, epochs=5, resume=path, callbacks=[resumed])
    assert resumed.seen == [1, 2, 3, 4, 5]


def test_the_best_epoch_is_kept_when_another_callback_is_removed(tmp_path):
    path, stop = tmp_path / "last", lg.callbacks.EarlyStopping("cost", patience=2, min_delta=1e9)
    before = network().fit(X, Y, epochs=9, checkpoint=path, callbacks=[stop, Tally("once")])
    again = lg.callbacks.EarlyStopping("cost", patience=2, min_delta=1e9)
    after = network().fit(X, Y, epochs=9, resume=path, callbacks=[again])
    assert (after.best_epoch, after.stopped) == (before.best_epoch, before.stopped) == (1, "early_stopping")
