"""Errors of fleets leave all members, or all but one, in a good state."""

import signal
import threading
import time

import localgrad as lg
import numpy as np
import pytest
from localgrad.callbacks import CSVLogger, EarlyStopping
from network_cases import some_data

SIZES = [3, 4, 1]
X, Y = some_data(60, SIZES)


def bad(row, column=1):
    x = X.copy()
    x[row, column] = np.nan
    return x


INVALID = [
    ({"X": lambda: iter([])}, TypeError, "X must be an array for a Fleet, got"),
    ({"y": None}, TypeError, "y must be an array, got None"),
    ({"optimizer": [lg.Adam()] * 2}, ValueError, "optimizer must be a single value or have length 3"),
    ({"optimizer": lg.LBFGS()}, ValueError, "optimizer must be one that uses mini-batches for a Fleet"),
    ({"l2": [0.1, 0.2]}, ValueError, "l2 must be a single value or have length 3"),
    ({"l2": [0.1, -0.2, 0]}, ValueError, r"^l2\[1\] must be finite and at least 0"),
    ({"l2": -0.2}, ValueError, "^l2 must be finite and at least 0"),
    ({"clip_norm": [None, 1.0, 0]}, ValueError, r"^clip_norm\[2\] must be finite and above 0"),
    ({"optimizer": ["sgd", 3, "sgd"]}, TypeError, r"^optimizer\[1\] must be an object .* mean SGD\(3\)\?"),
    ({"optimizer": ["sgd", "adm", "sgd"]}, ValueError, r"^optimizer\[1\] must be"),
    ({"schedule": [None, 3, None]}, TypeError, r"^schedule\[1\] must be an object"),
    ({"schedule": [{"lr": None}] * 3}, ValueError, r"^a key of schedule\[0\] must be one of"),
    ({"schedule": [None] * 4}, ValueError, "schedule must be a single value or have length 3"),
    ({"rows": True}, TypeError, "rows must be a sequence of arrays, one for each member, got True"),
    ({"rows": [[0]]}, ValueError, "rows must have length 3, an array for each member, got length 1"),
    ({"rows": np.ones((3, 59), bool)}, ValueError, r"rows\[0\] must have length 60, a boolean for each row"),
    ({"rows": [[0], [1], []]}, (TypeError, ValueError), r"rows\[2\] must"),
    ({"rows": [[0], [60], [1]]}, ValueError, r"rows\[1\] must be in \[0, 60\), got 60"),
    ({"rows": [[0], [1, 2, 1], [1]]}, ValueError, r"rows\[1\] must not repeat a row, got row 1 twice"),
    ({"rows": [([0], [1])] * 3}, TypeError, r"rows\[0\] must be an array, got a pair; pass its first array"),
    ({"rows": [[0.5], [1], [1]]}, TypeError, r"rows\[0\] must be an array of 60 booleans or of integers"),
    ({"rows": np.zeros((3, 60), bool)}, ValueError, r"rows\[0\] must have at least 1 row, got 0"),
    ({"validation": "rest"}, ValueError, "rows must be given for validation='rest', got None"),
    ({"validation": "all"}, ValueError, "validation must be 'rest' if it is a str, got 'all'"),
    ({"validation": "rest", "rows": np.ones((3, 60), bool)}, ValueError, r"rows\[0\] must leave at least 1"),
    ({"validation": 2}, ValueError, "validation must be in"),
    ({"sample_weight": np.ones(59)}, ValueError, r"sample_weight must have shape \(60,\)"),
    ({"sample_weight": -np.ones((3, 60))}, ValueError, r"sample_weight\[0\] must be finite and at least 0"),
    (
        {"sample_weight": np.eye(60)[0], "rows": [[0], [1], [2]]},
        ValueError,
        "sample_weight must be above 0 for at least 1 row of member 1, got 0 for all",
    ),
    ({"callbacks": 3}, TypeError, "callbacks must be a sequence, got 3"),
    (
        {"callbacks": [CSVLogger("x.csv")]},
        TypeError,
        r"callbacks\[0\] must be a function or an EarlyStopping",
    ),
    (
        {"callbacks": [EarlyStopping()]},
        ValueError,
        "callbacks must monitor validation data or have restore_best=False for a Fleet",
    ),
    ({"restore_best": True}, ValueError, "restore_best must be False for a Fleet without validation data"),
    ({"verbose": "x"}, TypeError, "verbose must be an int"),
    ({"epochs": -1}, ValueError, "epochs must be at least 0"),
    ({"batch_size": 0}, ValueError, "batch_size must be"),
    ({"time_limit": 0}, ValueError, "time_limit must be"),
    ({"n_threads": 0}, ValueError, "n_threads must be"),
    ({"X": bad(17)}, lg.BadExample, "X must be finite as float32, got nan at row 17, column 1"),
    ({"X": bad(17), "rows": [[0], [1, 17], [2]]}, lg.BadExample, "got nan at row 17, column 1"),
    ({"checkpoint": 3}, TypeError, "checkpoint must be a str or os.PathLike"),
    ({"checkpoint": "no/such/folder"}, FileNotFoundError, "checkpoint must be in an existing folder"),
    ({"checkpoint": __file__}, NotADirectoryError, "checkpoint must be a folder, got the file"),
    ({"checkpoint": ".", "checkpoint_every": 0}, ValueError, "checkpoint_every must be at least 1"),
    ({"resume": "nowhere"}, FileNotFoundError, "resume must be an existing folder, got 'nowhere'"),
    ({"resume": "/"}, ValueError, "resume must be a folder with checkpoints such as 'member-0.safetensors'"),
]


@pytest.mark.parametrize(("arguments", "kind", "message"), INVALID, ids=[one[2] for one in INVALID])
def test_an_invalid_argument_changes_no_member(arguments, kind, message):
    fleet = lg.Fleet(SIZES, 3, seed=0, standardize=True)
    before = [net.parameters.copy() for net in fleet]
    histories = fleet.histories
    with pytest.raises(kind, match=message):
        fleet.fit(**{"X": X, "y": Y, "epochs": 5, **arguments})
    for net, parameters, history in zip(fleet, before, histories, strict=True):
        assert (net.parameters == parameters).all()
        assert (net.epochs, net.standardization) == (0, None)
        assert net.history is history
    fleet.fit(X, Y, epochs=1)  # all of them can be trained


def test_a_bad_row_that_no_member_uses_is_not_read():
    fleet = lg.Fleet(SIZES, 3, seed=0)
    fleet.fit(bad(17), Y, rows=[[0], [1, 16], [2]], epochs=2)
    assert [net.epochs for net in fleet] == [2, 2, 2]


@pytest.mark.parametrize("output", ["identity", "softmax"])
def test_the_check_of_the_data_does_not_call_a_custom_cost(output):
    lengths = []

    def cost(a, y):
        lengths.append(len(a))
        return ((a - y) ** 2).sum(axis=1), 2 * (a - y)

    sizes, y = ([3, 4, 2], np.arange(60) % 2) if output == "softmax" else (SIZES, Y)
    fleet = lg.Fleet(sizes, 2, seed=0, output=output, cost=cost, standardize=True)
    with pytest.raises(lg.BadExample, match="got nan at row 17, column 1"):
        fleet.fit(bad(17), y, rows=[np.arange(10), np.arange(10, 60)], epochs=3)
    assert [net.epochs for net in fleet] == [0, 0]
    lengths.clear()
    fleet.fit(X, y, rows=[np.arange(10), np.arange(10, 60)], epochs=3, batch_size=10)
    assert max(lengths) == 32  # in the check of its gradient, after training
    with pytest.raises(lg.BadExample, match="got nan at row 17, column 1"):
        fleet.fit(bad(17), y, rows=[np.arange(10), np.arange(10, 60)], epochs=3)
    assert [net.epochs for net in fleet] == [3, 3]


def test_rows_are_checked_with_the_standardization_of_their_member():
    x = X.copy()
    x[:30, 2] *= 1e-20
    x[30:, 2] *= 1e30  # overflows if it is divided by the standard deviation of the first rows
    rows = [np.arange(30), np.arange(30, 60)]
    fleet = lg.Fleet(SIZES, 2, seed=0, standardize=True)
    fleet.fit(x, Y, rows=rows, epochs=2)
    assert [net.epochs for net in fleet] == [2, 2]
    with pytest.raises(lg.BadExample, match=r"X standardized must be finite .* at row 30, column 2"):
        fleet.fit(x, Y, rows=rows[::-1], epochs=2)
    assert [net.epochs for net in fleet] == [2, 2]


@pytest.mark.parametrize("more", [{}, {"validation": (X, Y)}], ids=["quiet", "validation"])
def test_divergence_of_one_member_names_it_and_ends_only_its_training(more):
    fleet, alone = lg.Fleet(SIZES, 4, seed=0), lg.Fleet(SIZES, 4, seed=0)
    rules = [lg.SGD(0.01), lg.SGD(1e6), lg.SGD(0.01), lg.SGD(1e6)]
    with pytest.raises(FloatingPointError, match=r"^member 1: epoch \d, mini-batch .*; member 3 failed too$"):
        fleet.fit(X, Y, epochs=5, optimizer=rules, **more)
    assert [net.history.stopped for net in fleet] == ["epochs", "error", "epochs", "error"]
    for k, net in enumerate(fleet):
        assert np.isfinite(net.parameters).all()
        try:
            alone[k].fit(X, Y, epochs=5, optimizer=rules[k], **more)
        except FloatingPointError:
            assert k in (1, 3)
        assert (net.parameters == alone[k].parameters).all()
        assert (net.epochs, net.history) == (alone[k].epochs, alone[k].history)


def test_an_error_of_a_custom_cost_names_the_member():
    def cost(a, y):
        if len(a) == 7:
            raise ZeroDivisionError("seven")
        return ((a - y) ** 2).sum(axis=1), 2 * (a - y)

    fleet = lg.Fleet(SIZES, 2, seed=0, cost=cost)
    with pytest.raises(ZeroDivisionError, match="seven") as caught:
        fleet.fit(X, Y, rows=[np.arange(40), np.arange(17)], epochs=3, batch_size=10)
    assert caught.value.__notes__ == ["This error occurred in member 1 of the Fleet."]
    assert [net.epochs for net in fleet] == [3, 0]


@pytest.mark.parametrize("more", [{}, {"validation": (X, Y)}], ids=["quiet", "validation"])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_ctrl_c_in_a_custom_cost_stops_all_members(kind, more):
    calls = iter(range(100))

    def cost(a, y):
        if next(calls, None) is None:
            raise kind
        return ((a - y) ** 2).sum(axis=1), 2 * (a - y)

    fleet = lg.Fleet(SIZES, 3, seed=0, cost=cost)
    with pytest.raises(kind):
        fleet.fit(X, Y, epochs=10**7, n_threads=2, **more)
    if kind is KeyboardInterrupt:
        assert [net.history.stopped for net in fleet] == ["interrupted"] * 3
    assert max(net.epochs for net in fleet) < 1000


def test_a_custom_cost_is_called_on_the_calling_thread():
    seen = set()

    def cost(a, y):
        seen.add(threading.get_ident())
        return ((a - y) ** 2).sum(axis=1), 2 * (a - y)

    lg.Fleet(SIZES, 4, seed=0, cost=cost).fit(X, Y, epochs=20, n_threads=2)
    assert seen == {threading.get_ident()}


def test_objects_with_hooks_are_refused_even_if_they_can_be_called():
    class Both:
        def __call__(self, epoch, logs):
            """Do nothing."""

        def on_epoch_end(self, training):
            """Do nothing."""

    with pytest.raises(TypeError, match=r"callbacks\[0\] must be a function or an EarlyStopping"):
        lg.Fleet(SIZES, 2, seed=0).fit(X, Y, epochs=1, callbacks=[Both()])


def fail(*arguments):
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("arguments", "kind", "k"),
    [
        ({"metrics": fail}, ZeroDivisionError, 0),
        ({"schedule": [None, fail]}, ZeroDivisionError, 1),
        ({"rows": [range(60), range(3)], "validation": 0.1}, ValueError, 1),
    ],
    ids=["metric", "schedule", "validation"],
)
def test_errors_of_one_member_name_it(arguments, kind, k):
    with pytest.raises(kind) as caught:
        lg.Fleet(SIZES, 2, seed=0).fit(X, Y, epochs=2, **arguments)
    assert caught.value.__notes__ == [f"This error occurred in member {k} of the Fleet."]


def test_an_error_of_a_function_ends_all_members():
    def fail(epoch, logs):
        if epoch == 2:
            raise KeyError("lost")

    fleet = lg.Fleet(SIZES, 2, seed=0)
    with pytest.raises(KeyError, match="lost"):
        fleet.fit(X, Y, epochs=5, callbacks=[fail])
    assert [net.history.stopped for net in fleet] == ["error"] * 2
    assert [len(net.history["cost"]) for net in fleet] == [2, 2]


@pytest.mark.parametrize("more", [{}, {"validation": (X, Y)}], ids=["quiet", "validation"])
@pytest.mark.parametrize("n_threads", [1, 2])
def test_ctrl_c_keeps_what_was_trained(n_threads, more):
    fleet = lg.Fleet(SIZES, 5, seed=0)
    main = threading.get_ident()

    def interrupt():
        time.sleep(0.3)
        signal.pthread_kill(main, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        fleet.fit(X, Y, epochs=10**7, n_threads=n_threads, **more)
    assert time.monotonic() - started < 60
    thread.join()
    for net in fleet:
        assert net.history.stopped == "interrupted"
        assert 0 < net.epochs == len(net.history["cost"])
        # Ctrl-C may come before the cost of the last epoch is recorded.
        assert np.isfinite(net.history["cost"][:-1]).all()
    fleet.fit(X, Y, epochs=1)


def test_a_member_that_is_being_trained_cannot_be_trained_by_the_fleet():
    fleet = lg.Fleet(SIZES, 2, seed=0)
    with pytest.raises(RuntimeError, match="a network does not support changes while a call to fit"):
        fleet[1].fit(X, Y, epochs=1, callbacks=[lambda epoch, logs: fleet.fit(X, Y, epochs=1)])
    assert fleet[0].epochs == 0
