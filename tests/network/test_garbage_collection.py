"""Reference cycles through the core are garbage-collected."""

import copy
import gc
import pickle
import threading
import weakref

import localgrad as lg
import numpy as np
import pytest
from localgrad import _core

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(30, 4)), RNG.normal(size=(30, 2))


class Model:
    """An object whose cost is its own method."""

    def __init__(self, dtype="float32", **options):
        self.net = lg.Network([4, 5, 2], cost=self.loss, seed=1, dtype=dtype, **options)

    def loss(self, a, y):
        assert self.net is not None
        return ((a - y) ** 2).sum(axis=1) / 2, a - y


class Own(lg.Network):
    """A network whose cost is its own method."""

    def __init__(self):
        super().__init__([4, 5, 2], cost=self.loss, seed=1)
        self.native, self.views = self._core_model.native, [self.parameters, self.weights[0], self.biases[1]]

    def loss(self, a, y):
        return ((a - y) ** 2).sum(axis=1) / 2, a - y


def failed_fit():
    model = Model()

    def fail(epoch, logs):
        raise ZeroDivisionError(model)

    try:
        model.net.fit(X, Y, callbacks=[fail])
    except ZeroDivisionError as error:
        model.error = error  # its traceback refers to every frame of fit
    return model


def failed_cost():
    model = Model()
    model.loss = None
    net = model.net = lg.Network([4, 2], cost=lambda a, y: 1 / 0 if model else None)
    try:
        net.fit(X, Y)
    except ZeroDivisionError as error:
        model.error = error
    return model


def used(call):
    def make():
        model = Model()
        model.kept = call(model)
        return model

    return make


def trained_by_parts(model):
    history = model.net.fit(
        X,
        Y,
        epochs=2,
        validation=0.3,
        metrics="mae",
        callbacks=[lg.callbacks.EarlyStopping(), lambda epoch, logs: model is None],
        schedule=lambda time: 1.0 if model else 0.0,
    )
    return history, model.net.history


def native_trainer(model):
    penalties = {"l1": [0.0, 0.0], "l2": [0.0, 0.0], "weight_decay": None, "penalize_biases": False}
    penalties |= {"max_norm": 0.0, "clip_value": 0.0, "clip_norm": 0.0}
    penalties |= {"weight_lr_factor": [1.0, 1.0], "bias_lr_factor": [1.0, 1.0], "input_scale_lr_factor": 1.0}
    rule = lg.Adam()._native()
    trainer = _core.Trainer32(model.net._core_model.native, rule, penalties, 8, 1, True)
    trainer.set_data(X, Y, np.ones(30), "X", "y")
    trainer.watch(None, lambda finished, cost: model)  # another cycle
    return trainer


CYCLES = {
    "method": Model,
    "float64": lambda: Model("float64"),
    "subclass": Own,
    "view": used(lambda model: (model.net.parameters, model.net.weights[1], model.net.biases[0])),
    "fit": used(lambda model: model.net.fit(X, Y, epochs=1)),
    "parts": used(trained_by_parts),
    "blocks": used(lambda model: model.net.fit(lambda: [(X, Y)] if model else [], epochs=1)),
    "partial_fit": used(lambda model: model.net.partial_fit(X, Y, optimizer=lg.Adam())),
    "lr_finder": used(lambda model: model.net.lr_finder(X, Y, steps=5)),
    "backprop": used(lambda model: model.net.backprop(X, Y)),
    "evaluate": used(lambda model: (model.net.evaluate(X, Y), model.net.plan(8))),
    "copies": used(lambda model: [model.net.copy(), copy.copy(model.net), copy.deepcopy(model.net)]),
    "pickle": lambda: pickle.loads(pickle.dumps(Model())),
    "trainer": used(native_trainer),
    "failed fit": failed_fit,
    "failed cost": failed_cost,
}


@pytest.mark.parametrize("name", CYCLES)
def test_a_cycle_through_the_core_is_collected(name):
    references = [weakref.ref(CYCLES[name]()) for _ in range(3)]
    gc.collect()
    assert [reference() for reference in references] == [None] * 3


def test_lbfgs_and_files_leave_no_uncollectable_cycle(tmp_path):
    pytest.importorskip("scipy")
    model = Model()
    model.net.fit(X, Y, epochs=3, optimizer=lg.LBFGS())
    model.net.fit(X, Y, epochs=2, checkpoint=tmp_path / "run")
    model.net.fit(X, Y, epochs=3, resume=tmp_path / "run")
    model.again = lg.load(tmp_path / "run", cost=model.loss)
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None


def test_a_network_without_a_cycle_is_deleted_immediately():
    """Without the garbage collector, whatever was called before."""
    gc.collect()
    gc.disable()
    try:
        net = lg.Network([4, 5, 2], seed=1)
        net.predict(X)
        net.evaluate(X, Y)
        net.fit(X, Y, epochs=1)
        net.fit(X, Y, epochs=2, validation=(X, Y), callbacks=[lambda epoch, logs: False])
        net.partial_fit(X, Y)
        net.save_me = net.copy()
        native = weakref.ref(net._core_model.native)
        reference = weakref.ref(net)
        del net
        assert (reference(), native()) == (None, None)
    finally:
        gc.enable()


def test_a_view_outlives_its_network_without_keeping_it_alive():
    net = lg.Network([4, 5, 2], seed=1)
    view, expected, native = net.weights[1], net.weights[1].tolist(), weakref.ref(net._core_model.native)
    del net
    assert native() is None
    assert view.tolist() == expected
    view[:] = 1


def test_the_collector_visits_each_reference_once():
    model = Model()
    native, twin = model.net._core_model.native, model.net._core_model.native.copy()
    for one in (native, twin):
        assert gc.is_tracked(one)
        kind, function = gc.get_referents(one)
        assert kind is _core.Network32
        assert function == model.loss
    trainer = native_trainer(model)
    referents = gc.get_referents(trainer)
    assert referents[:2] == [_core.Trainer32, native]
    assert [id(one) for one in referents[4:6]] == [id(X), id(Y)]
    assert len(referents) == 8  # the rest: the main thread function, the tick, the weights and the slopes
    trainer.release_data()
    assert len(gc.get_referents(trainer)) == 4
    native.set_custom_cost(None)
    assert gc.get_referents(native) == [_core.Network32]
    assert twin.evaluate(X, Y, None, 1, "X", "y")[0] > 0  # it has its own reference


def test_collection_at_every_allocation_is_safe():
    """While networks are created, copied, trained and deleted, and after other threads have done the same."""
    before = gc.get_threshold()

    def live():
        for name in ("method", "view", "partial_fit", "copies", "failed fit", "trainer", "parts"):
            for _ in range(3):
                CYCLES[name]()

    gc.set_threshold(1)
    try:
        live()
        threads = [threading.Thread(target=live) for _ in range(3)]
        for thread in threads:
            thread.start()
        model = Model()
        expected = model.net.evaluate(X, Y)
        while any(thread.is_alive() for thread in threads):
            gc.collect()
            assert model.net.evaluate(X, Y) == expected
    finally:
        gc.set_threshold(*before)
        for thread in threads:
            thread.join()
