"""Members of a fleet are bit-identical to networks that are trained alone."""

import threading
import time
import tracemalloc
import weakref

import localgrad as lg
import numpy as np
import pytest
from localgrad._training.run import Run
from localgrad.callbacks import EarlyStopping
from network_cases import OPTIMIZERS, some_data
from scipy import sparse

SIZES, ROWS, MEMBERS = [5, 12, 7, 2], 203, 5
X, Y = some_data(ROWS, SIZES)
LABELS = (X[:, 0] > 0).astype(int)


def check(fleet, alone, **arguments):
    """Train the fleet and, with `alone(k)`, the same networks alone; compare them."""
    histories = fleet.fit(**arguments)
    for k, net in enumerate(fleet):
        expected, history = alone(k)
        assert net.parameters.tobytes() == expected.parameters.tobytes(), k
        assert (net.epochs, net.history) == (expected.epochs, history), k
        assert histories[k] is net.history
        assert (history.stopped, history.best_epoch) == (net.history.stopped, net.history.best_epoch)
        assert (net.standardization is None) == (expected.standardization is None)


def fleet_and_solo(settings, arguments, of_member=lambda k: {}, x=X, y=Y, rows=None, sizes=SIZES):
    """Compare members with networks that are trained on their rows alone; `of_member(k)` differs."""
    fleet = lg.Fleet(sizes, MEMBERS, seed=3, **settings)

    def alone(k):
        net = lg.Network(sizes, seed=3 + k, **settings)
        part = slice(None) if rows is None else rows[k]
        return net, net.fit(x[part], y[part], **{**arguments, **of_member(k)})

    each = [of_member(k) for k in range(MEMBERS)]
    varied = {name: [one[name] for one in each] for name in each[0]}
    check(fleet, alone, X=x, y=y, rows=rows, **arguments, **varied)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_all_optimizers(rule, dtype):
    fleet_and_solo({"dtype": dtype}, {"epochs": 4, "batch_size": 16, "optimizer": rule})


@pytest.mark.parametrize("n_threads", [None, 1, 2, 3, 7])
def test_any_number_of_threads(n_threads):
    settings = {"dropout": [0.3, 0.1], "input_noise": 0.1, "learn_input_scale": True}
    fleet_and_solo(settings, {"epochs": 9, "batch_size": 10, "n_threads": n_threads})


def test_each_member_has_its_own_settings():
    def of_member(k):
        return {
            "optimizer": [lg.SGD(0.1), "adam", lg.Lion(0.01), None, lg.AdamW(0.01)][k],
            "l1": 0.001 * k,
            "l2": [0.1, [0.1, 0.0, 0.2], 0.0, 0.0, 1.0][k],
            "weight_decay": [None, 0.1, 0.2, None, 0.3][k],
            "clip_norm": [None, 0.1, 0.2, 1.0, None][k],
        }

    fleet_and_solo({}, {"epochs": 3, "max_norm": 2.0}, of_member)


@pytest.mark.parametrize("kind", ["masks", "numbers", "lists"])
@pytest.mark.parametrize("arguments", [{}, {"metrics": "r2"}, {"batch_size": None}], ids=str)
def test_each_member_has_its_own_rows(kind, arguments):
    masks = np.random.default_rng(0).random((MEMBERS, ROWS)) < np.linspace(0.1, 1, MEMBERS)[:, np.newaxis]
    numbers = [np.flatnonzero(mask) for mask in masks]
    rows = {"masks": masks, "numbers": numbers, "lists": [one.tolist() for one in numbers]}[kind]
    fleet_and_solo({"standardize": True}, {"epochs": 3, "batch_size": 16, **arguments}, rows=rows)


def test_rows_can_be_an_iterator_or_a_data_frame():
    pd = pytest.importorskip("pandas")
    masks = lg.Fleet.folds(ROWS, 3)
    expected = lg.Fleet(SIZES, 3, seed=0)
    expected.fit(X, Y, rows=masks, epochs=2)
    for rows in (iter(masks), (np.flatnonzero(mask) for mask in masks), pd.DataFrame(masks)):
        fleet = lg.Fleet(SIZES, 3, seed=0)
        fleet.fit(X, Y, rows=rows, epochs=2)
        assert (fleet.predict_all(X) == expected.predict_all(X)).all()


def test_numbers_of_rows_are_used_in_ascending_order():
    numbers = np.arange(0, ROWS, 3)
    one, other = (lg.Fleet(SIZES, 1, seed=0) for _ in range(2))
    one.fit(X, Y, rows=[numbers], epochs=2)
    other.fit(X, Y, rows=[numbers[::-1]], epochs=2)
    assert (one[0].parameters == other[0].parameters).all()


SCHEDULES = {
    "one": lg.schedules.Cosine(),
    "each setting": {"learning_rate": lg.schedules.Step(2), "dropout": lambda t: 1 / (1 + t)},
    "plateau": lg.schedules.ReduceOnPlateau("cost", patience=1),
}


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_schedules(schedule):
    arguments = {"epochs": 5, "batch_size": 32, "optimizer": lg.SGD(0.1, momentum=0.9)}
    fleet_and_solo({"dropout": 0.2}, {**arguments, "schedule": schedule})


def test_a_schedule_of_each_member():
    schedules = [None, lg.schedules.Cosine(), lambda t: 0.5**t, None, {"learning_rate": lambda t: 0.0}]
    fleet_and_solo({}, {"epochs": 3}, lambda k: {"schedule": schedules[k]})


VALIDATIONS = {
    "data": (X[:50], Y[:50]),
    "weighted": (X[:50], Y[:50], np.arange(50.0)),
    "share": 0.2,
    "groups": lg.HoldOut(0.3, groups=np.arange(ROWS) // 4),
}


@pytest.mark.parametrize("validation", VALIDATIONS.values(), ids=VALIDATIONS)
@pytest.mark.parametrize("early", [False, True])
def test_validation(validation, early):
    arguments = {"epochs": 12, "optimizer": lg.Adam(0.05), "metrics": ["r2", "mae"]}
    if early:
        arguments["callbacks"] = [EarlyStopping(patience=2)]
    else:
        arguments["restore_best"] = True
    fleet_and_solo({"standardize": True}, {**arguments, "validation": validation})


def test_the_rest_of_the_rows_as_validation():
    rows = lg.Fleet.folds(ROWS, MEMBERS)
    fleet = lg.Fleet(SIZES, MEMBERS, seed=3)
    weights = np.random.default_rng(0).random(ROWS)
    arguments = {"epochs": 12, "optimizer": lg.Adam(0.05), "callbacks": [EarlyStopping(patience=1)]}

    def alone(k):
        net, part = lg.Network(SIZES, seed=3 + k), rows[k]
        held_out = X[~part], Y[~part], weights[~part]
        return net, net.fit(X[part], Y[part], sample_weight=weights[part], validation=held_out, **arguments)

    check(fleet, alone, X=X, y=Y, rows=rows, sample_weight=weights, validation="rest", **arguments)
    assert len({net.epochs for net in fleet}) > 1  # each has stopped for itself


@pytest.mark.parametrize("with_rows", [False, True])
def test_a_share_of_the_rows_of_each_member_is_stratified(with_rows):
    rows = lg.Fleet.folds(ROWS, MEMBERS) if with_rows else None
    settings = {"output": "softmax"}
    arguments = {"epochs": 3, "validation": 0.3, "class_weight": "balanced"}
    fleet_and_solo(settings, arguments, y=LABELS, rows=rows)


@pytest.mark.parametrize("standardize", [False, True])
def test_groups_of_the_rows_of_each_member(standardize):
    rows, groups = lg.Fleet.folds(ROWS, MEMBERS), np.arange(ROWS) // 3
    fleet = lg.Fleet(SIZES, MEMBERS, seed=3, standardize=standardize)

    def alone(k):
        net, part = lg.Network(SIZES, seed=3 + k, standardize=standardize), rows[k]
        hold_out = lg.HoldOut(0.3, groups=groups[part])
        return net, net.fit(X[part], Y[part], epochs=3, validation=hold_out)

    check(fleet, alone, X=X, y=Y, rows=rows, epochs=3, validation=lg.HoldOut(0.3, groups=groups))


@pytest.mark.parametrize("standardize", [False, True])
@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("class_weight", [None, {0: 3.0}])
def test_sample_weights(each, class_weight, standardize):
    weights = np.random.default_rng(1).exponential(size=(MEMBERS, ROWS) if each else ROWS)
    before = weights.copy()
    rows = lg.Fleet.folds(ROWS, MEMBERS)
    settings = {"output": "softmax", "standardize": standardize}
    fleet = lg.Fleet(SIZES, MEMBERS, seed=3, **settings)

    def alone(k):
        net, part = lg.Network(SIZES, seed=3 + k, **settings), rows[k]
        own = (weights[k] if each else weights)[part]
        history = net.fit(X[part], LABELS[part], epochs=3, sample_weight=own, class_weight=class_weight)
        return net, history

    check(
        fleet,
        alone,
        X=X,
        y=LABELS,
        rows=rows,
        epochs=3,
        sample_weight=weights,
        class_weight=class_weight,
    )
    assert (weights == before).all()


def test_sparse_inputs():
    sparse_x = sparse.csr_matrix(np.where(X > 0, X, 0))
    fleet_and_solo({}, {"epochs": 3, "validation": 0.2}, x=sparse_x, rows=lg.Fleet.folds(ROWS, MEMBERS))


def test_a_custom_cost():
    def cost(a, y):
        return ((a - y) ** 2).sum(axis=1), 2 * (a - y)

    fleet_and_solo({"cost": cost}, {"epochs": 3, "n_threads": 2})


def test_training_goes_on_in_a_second_call():
    fleet = lg.Fleet(SIZES, 3, seed=0)
    fleet.fit(X, Y, epochs=2)
    fleet[1].fit(X, Y, epochs=1)  # a member can be trained alone
    histories = fleet.fit(X, Y, epochs=3)
    assert [net.epochs for net in fleet] == [5, 6, 5]
    assert [history.first_epoch for history in histories] == [2, 3, 2]
    net = lg.Network(SIZES, seed=1)
    for epochs in (2, 1, 3):
        net.fit(X, Y, epochs=epochs)
    assert (net.parameters == fleet[1].parameters).all()


def test_no_epochs():
    fleet = lg.Fleet(SIZES, 2, seed=0, standardize=True)
    histories = fleet.fit(X, Y, epochs=0)
    assert [history.stopped for history in histories] == ["epochs", "epochs"]
    assert fleet[0].standardization is None


def test_the_default_number_of_epochs_is_that_of_fit():
    fleet_and_solo({}, {"batch_size": None})


def test_functions_are_called_after_each_epoch():
    calls = []
    fleet = lg.Fleet(SIZES, 3, seed=0)
    fleet.fit(
        X,
        Y,
        epochs=30,
        optimizer=lg.Adam(0.05),
        validation=0.2,
        callbacks=[lambda epoch, logs: calls.append((epoch, logs)), EarlyStopping(patience=1)],
    )
    lengths = [len(history["cost"]) for history in fleet.histories]
    assert [epoch for epoch, _ in calls] == list(range(1, max(lengths) + 1))
    for name in ("cost", "val_cost"):
        for k, history in enumerate(fleet.histories):
            seen = [logs[name][k] for _, logs in calls]
            assert seen[: lengths[k]] == history[name]
            assert np.isnan(seen[lengths[k] :]).all()


def test_early_stopping_is_copied_and_a_schedule_is_shared():
    early, calls = EarlyStopping(patience=1), []

    def schedule(t):
        calls.append(t)
        return 0.0

    before = early.state()
    lg.Fleet(SIZES, 3, seed=0).fit(
        X, Y, epochs=9, batch_size=None, validation=0.2, callbacks=[early], schedule=schedule
    )
    assert early.state() == before
    assert calls == [0, 0, 0, 1, 1, 1]  # without a learning rate, nothing improves after the first epoch


@pytest.mark.parametrize(("answer", "stopped"), [(True, "callback"), ("enough", "enough")])
def test_a_function_can_stop_all_members(answer, stopped):
    fleet = lg.Fleet(SIZES, 2, seed=0)
    fleet.fit(X, Y, epochs=30, callbacks=[lambda epoch, logs: epoch == 3 and answer])
    assert [history.stopped for history in fleet.histories] == [stopped] * 2
    assert [len(history["cost"]) for history in fleet.histories] == [3, 3]


def test_a_time_limit_stops_all_members():
    for more in ({}, {"validation": (X, Y)}):
        fleet = lg.Fleet(SIZES, 3, seed=0)
        fleet.fit(X, Y, epochs=10**12, time_limit=0.2, **more)
        for net in fleet:
            assert net.history.stopped == "time_limit"
            assert len(net.history["cost"]) == net.epochs < 10**12


def test_other_threads_can_train_other_fleets():
    fleets = [lg.Fleet(SIZES, 3, seed=0) for _ in range(3)]
    threads = [
        threading.Thread(target=fleet.fit, args=(X, Y), kwargs={"epochs": 20, "n_threads": 2})
        for fleet in fleets
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = lg.Fleet(SIZES, 3, seed=0)
    expected.fit(X, Y, epochs=20)
    for fleet in fleets:
        assert [net.epochs for net in fleet] == [20] * 3
        assert (fleet.predict_all(X) == expected.predict_all(X)).all()


def test_the_columns_of_a_data_frame_are_kept():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=list("abcde"))
    fleet = lg.Fleet(SIZES, 2, seed=0)
    fleet.fit(frame, Y, epochs=1, validation=(frame, Y))
    assert [net.feature_names for net in fleet] == [tuple("abcde")] * 2
    with pytest.raises(ValueError, match="columns"):
        fleet.predict(frame[list("edcba")])
    with pytest.raises(ValueError, match="columns"):
        fleet.fit(frame, Y, epochs=1, validation=(frame[list("edcba")], Y))


def test_the_data_is_neither_copied_for_each_member_nor_kept():
    x, y = some_data(20_000, [50, 4, 1])
    fleet = lg.Fleet([50, 4, 1], 10, seed=0)
    tracemalloc.start()
    fleet.fit(x, y, rows=lg.Fleet.folds(len(x), 10), epochs=1, validation="rest")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < x.nbytes / 2
    reference = weakref.ref(x)
    del x
    assert reference() is None


def threads_that_measure(monkeypatch, **arguments):
    seen = set()
    measure = Run.measure_epoch

    def noting(self, *given):
        seen.add(threading.get_ident())
        time.sleep(0.01)  # so that one thread cannot measure all members
        measure(self, *given)

    monkeypatch.setattr(Run, "measure_epoch", noting)
    lg.Fleet(SIZES, MEMBERS, seed=0).fit(X, Y, epochs=2, validation=(X, Y), **arguments)
    return seen


def test_members_are_validated_at_the_same_time(monkeypatch):
    assert len(threads_that_measure(monkeypatch, n_threads=3, metrics=["r2", "mae"])) == 3


def test_functions_as_metrics_are_called_by_the_calling_thread(monkeypatch):
    def bias(y, a):
        return (a - y).mean()

    seen = threads_that_measure(monkeypatch, n_threads=3, metrics=["r2", bias])
    assert seen == {threading.get_ident()}


def test_verbose_shows_the_means_of_the_members(capsys):
    fleet = lg.Fleet(SIZES, MEMBERS, seed=0)
    histories = fleet.fit(X, Y, epochs=3, validation=(X, Y), verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    assert f"val_cost {np.mean([one['val_cost'][-1] for one in histories]):#.4g}" in lines[-1]


def test_verbose_follows_members_that_are_left(capsys):
    fleet = lg.Fleet(SIZES, 2, seed=0)
    fleet[0].fit(X, Y, epochs=4)
    with pytest.raises(FloatingPointError):
        fleet.fit(X, Y, epochs=3, optimizer=[lg.SGD(1e6), lg.SGD(0.01)], verbose=2)
    assert capsys.readouterr().out.splitlines()[-1].startswith("epoch 3/3")
