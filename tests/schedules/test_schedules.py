"""Schedules: their values, compared with PyTorch where it has the same schedule, and their use by `fit`."""

import copy
import json
import math
import pickle

import localgrad as lg
import numpy as np
import pytest
from localgrad import schedules
from localgrad.schedules import (
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Polynomial,
    ReduceOnPlateau,
    Step,
    Warmup,
)

ALL = [
    Constant(),
    Step(3, factor=0.5),
    Exponential(0.5),
    Polynomial(7.5, power=2, final=0.1),
    Cosine(7.5, final=0.1),
    Cosine(2, restarts=True),
    Cosine(1.5, restarts=True, stretch=1.7, by_epoch=True),
    OneCycle(8),
    Warmup(2.5, then=Cosine(5), start=0.1),
    Warmup(2, then=math.exp),
]


def test_all_schedules_are_exported():
    kinds = {type(schedule).__name__ for schedule in ALL}
    assert kinds | {"ReduceOnPlateau", "Schedule"} == set(schedules.__all__)


@pytest.mark.parametrize("schedule", ALL, ids=repr)
def test_schedules_accept_arrays_and_numbers(schedule):
    times = np.linspace(0, 12, 97)
    values = schedule(times)
    assert values.dtype == np.float64
    assert values.tolist() == [schedule(float(t)) for t in times]
    assert type(schedule(3)) is float
    assert schedule(times.reshape(1, 97)).shape == (1, 97)
    assert schedule(np.empty(0)).shape == (0,)


@pytest.mark.parametrize(
    "schedule",
    [*ALL[:-1], ReduceOnPlateau(patience=3), ReduceOnPlateau("mine", mode="max")],
    ids=repr,
)
def test_settings_are_immutable(schedule):
    assert eval(repr(schedule), vars(schedules)) == schedule
    for twin in (copy.deepcopy(schedule), pickle.loads(pickle.dumps(schedule))):
        assert twin == schedule
        assert hash(twin) == hash(schedule)
    with pytest.raises(AttributeError):
        schedule.factor = 2
    assert schedule != Step(17)


@pytest.mark.parametrize(
    "schedule", [Step(2), Exponential(), Polynomial(5), Cosine(5), OneCycle(5), Warmup(3)]
)
def test_by_epoch_rounds_the_time_down(schedule):
    arguments = {"epochs": schedule.epochs} if hasattr(schedule, "epochs") else {}
    whole = type(schedule)(**arguments, by_epoch=True)
    times = np.linspace(0, 6, 25)
    assert whole(times).tolist() == type(schedule)(**arguments)(np.floor(times)).tolist()


def test_epochs_of_none_are_those_of_the_fit():
    for kind in (Polynomial, Cosine, OneCycle):
        assert kind().over(7) == kind(7)
        assert kind(3).over(7) == kind(3)
        with pytest.raises(ValueError, match=r"epochs must be a number to call .*, got None"):
            kind()(1.0)
    assert Warmup(2, then=Cosine()).over(7) == Warmup(2, then=Cosine(5))
    assert Warmup(2, then=Cosine()).over(2)([0, 1]).tolist() == [0, 0.5]
    assert Warmup(2, then=math.exp).over(7).then is math.exp
    assert Constant().over(3) == Constant()


def test_the_last_factor_is_kept_after_the_end():
    assert Polynomial(5, final=0.25)([5, 50]).tolist() == [0.25, 0.25]
    assert Cosine(5, final=0.25)([5, 50]).tolist() == [0.25, 0.25]
    assert OneCycle(5)([5, 50]) == pytest.approx([4e-6, 4e-6])


@pytest.mark.parametrize("stretch", [1.0, 1.1, 2.0, 3.0, 10.0])
@pytest.mark.parametrize("first", [1.0, 0.3, 7.0])
def test_restarts_go_from_1_to_the_final_factor(first, stretch):
    schedule = Cosine(first, restarts=True, stretch=stretch)
    begin = 0.0
    for k in range(12):
        length = first * stretch**k
        assert schedule(begin + 1e-9 * length) == pytest.approx(1, abs=1e-6)
        assert schedule(begin + 0.5 * length) == pytest.approx(0.5)
        begin += length
        assert schedule(begin * (1 - 1e-9)) == pytest.approx(0, abs=1e-6)
    assert Cosine(2, restarts=True, stretch=3)([0, 2, 8, 26, 80]).tolist() == [1.0] * 5


# Compared with PyTorch, whose schedulers count whole epochs.


def torch_factors(make, steps, cost=None):
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = make(torch.optim.lr_scheduler, optimizer)
    values = []
    for k in range(steps):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step(*(() if cost is None else (cost[k],)))
    return values


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Step(4, factor=0.3), lambda lr, o: lr.StepLR(o, 4, 0.3)),
        (Exponential(0.8), lambda lr, o: lr.ExponentialLR(o, 0.8)),
        (Polynomial(15, power=2), lambda lr, o: lr.PolynomialLR(o, 15, 2)),
        (Polynomial(15, final=0.2), lambda lr, o: lr.LinearLR(o, 1.0, 0.2, 15)),
        (Cosine(20, final=0.1), lambda lr, o: lr.CosineAnnealingLR(o, 20, eta_min=0.1)),
        (Cosine(4, restarts=True), lambda lr, o: lr.CosineAnnealingWarmRestarts(o, 4)),
        (
            Cosine(3, restarts=True, stretch=2, final=0.1),
            lambda lr, o: lr.CosineAnnealingWarmRestarts(o, 3, 2, 0.1),
        ),
        (Warmup(5, start=0.2), lambda lr, o: lr.LinearLR(o, 0.2, 1.0, 5)),
    ],
    ids=lambda case: repr(case) if isinstance(case, schedules.Schedule) else "",
)
def test_values_equal_those_of_pytorch(ours, theirs):
    assert ours(np.arange(20)) == pytest.approx(torch_factors(theirs, 20), abs=1e-12)


def test_one_cycle_equals_that_of_pytorch():
    # PyTorch reaches the last rate at step 29 of 30 and the highest at step 0.3 * 30 - 1.
    theirs = torch_factors(lambda lr, o: lr.OneCycleLR(o, max_lr=1.0, total_steps=30), 29)
    assert OneCycle(29, warmup=8 / 29)(np.arange(29)) == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize(
    "settings",
    [{}, {"cooldown": 4}, {"lowest": 0.02}, {"threshold": 0.2}, {"patience": 0, "factor": 0.5}],
)
def test_reduce_on_plateau_equals_that_of_pytorch(settings):
    costs = 1 + np.exp(-np.arange(60) / 6) + 0.1 * np.random.default_rng(3).random(60)
    settings = {"patience": 3, **settings}
    theirs = {"min_lr" if name == "lowest" else name: value for name, value in settings.items()}
    expected = torch_factors(lambda lr, o: lr.ReduceLROnPlateau(o, eps=0, **theirs), 60, costs)
    tracker, values = ReduceOnPlateau(**settings).start(), []
    for cost in costs:
        values.append(tracker.factor)
        tracker.observe({"cost": cost})
    assert values == pytest.approx(expected, abs=1e-12)


def test_reduce_on_plateau_with_negative_costs():
    tracker = ReduceOnPlateau(patience=2).start()
    # -0.99999 is below best * (1 - threshold).
    for cost in (-1.0, -1.00001, -0.99999, -1.00002):
        tracker.observe({"cost": cost})
    assert tracker.factor == 0.1


def observed(schedule, values, name="cost"):
    tracker, factors = schedule.start(), []
    for value in values:
        tracker.observe({name: value})
        factors.append(tracker.factor)
    return factors


def test_reduce_on_plateau_with_increasing_numbers():
    schedule = ReduceOnPlateau("val_accuracy", patience=0, factor=0.5)
    assert observed(schedule, [0.5, 0.6, 0.6, 0.7, 0.1], "val_accuracy") == [1, 1, 0.5, 0.5, 0.25]
    # 0.60005 is greater than 0.6, but not by a relative 1e-4.
    assert observed(schedule, [0.6, 0.60005], "val_accuracy") == [1, 0.5]
    assert observed(schedule, [-0.6, -0.60005, -0.5], "val_accuracy") == [1, 0.5, 0.5]


@pytest.mark.parametrize(
    ("monitor", "falls"), [("f1", True), ("val_rmse", False), ("cost", False), (None, False)]
)
def test_the_name_determines_which_direction_is_better(monitor, falls):
    factors = observed(ReduceOnPlateau(monitor, patience=0), [2.0, 1.0], monitor or "cost")
    assert (factors[-1] < 1) == falls


def test_mode_sets_which_direction_is_better():
    for mode, values in (("min", [2.0, 1.0]), ("max", [1.0, 2.0])):
        for monitor in ("mine", "cost", None):
            schedule = ReduceOnPlateau(monitor, patience=0, mode=mode)
            assert observed(schedule, values, monitor or "cost") == [1, 1]
            assert observed(schedule, values[::-1], monitor or "cost") == [1, 0.1]


def test_nonfinite_numbers_are_not_better():
    for mode in ("min", "max"):
        schedule = ReduceOnPlateau("mine", patience=1, mode=mode)
        for odd in (math.nan, math.inf, -math.inf):
            assert observed(schedule, [odd, odd, 1.0], "mine") == [1, 0.1, 0.1]
            assert observed(schedule, [1.0, odd, odd], "mine") == [1, 1, 0.1]


def test_a_missing_number_raises():
    tracker = ReduceOnPlateau("val_accuracy").start()
    with pytest.raises(ValueError, match=r"monitor must be one of 'cost', 'val_cost', got 'val_accuracy'"):
        tracker.observe({"cost": 1.0, "val_cost": 2.0})


@pytest.mark.parametrize("stop", range(12))
def test_reduce_on_plateau_resumes_from_its_state(stop):
    schedule = ReduceOnPlateau(patience=1, factor=0.5, cooldown=2, lowest=0.1)
    costs = [3.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    expected = observed(schedule, costs)
    tracker = schedule.start()
    for cost in costs[:stop]:
        tracker.observe({"cost": cost})
    state = json.loads(json.dumps(tracker.state(), allow_nan=False))
    other = schedule.start()
    other.set_state(state)
    assert other.state() == tracker.state()
    factors = []
    for cost in costs[stop:]:
        other.observe({"cost": cost})
        factors.append(other.factor)
    assert factors == expected[stop:]


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"factor": -0.5}, ["factor", "-0.5"]),
        ({"factor": 1.5}, ["factor", "at most 1", "1.5"]),
        ({"factor": "1"}, ["factor", "number", "'1'"]),
        ({"factor": math.nan}, ["factor", "nan"]),
        ({"best": math.inf}, ["best", "finite", "inf"]),
        ({"best": "low"}, ["best", "number", "'low'"]),
        ({"waited": -1}, ["waited", "0", "-1"]),
        ({"waited": 1.0}, ["waited", "int", "1.0"]),
        ({"waited": 2**60}, ["waited", str(2**60)]),
        ({"cooling": 10**400}, ["cooling"]),
        ({"cooling": None}, ["cooling", "int", "None"]),
    ],
)
def test_invalid_states_raise_and_change_nothing(change, parts):
    tracker = ReduceOnPlateau().start()
    tracker.observe({"cost": 1.0})
    before = tracker.state()
    with pytest.raises(ValueError) as caught:
        tracker.set_state({**before, **change})
    for part in ("state of a schedule", *parts):
        assert part in str(caught.value)
    assert tracker.state() == before
    for name in before:
        with pytest.raises(ValueError, match=f"state of a schedule must have '{name}'"):
            tracker.set_state({key: value for key, value in before.items() if key != name})


# In fit


X = np.linspace(-1, 1, 40).reshape(20, 2)
Y = np.sin(X[:, 0])


def fitted(schedule, rule=lg.SGD(0.5), **options):  # noqa: B008
    net = lg.Network([2, 3, 1], seed=1, dtype="float64")
    net.fit(X, Y, **{"epochs": 4, "batch_size": 6, "optimizer": rule, "schedule": schedule, **options})
    return net


def test_the_factor_multiplies_the_learning_rate():
    net = lg.Network([2, 3, 1], seed=1, dtype="float64")
    by_hand = net.copy()
    step = 0
    for _ in range(4):
        for start in range(0, 20, 6):
            rate = 0.5 * 0.8 ** (step / 4)
            by_hand.parameters -= rate * by_hand.backprop(X[start : start + 6], Y[start : start + 6]).gradient
            step += 1
    history = net.fit(
        X, Y, epochs=4, batch_size=6, shuffle=False, optimizer=lg.SGD(0.5), schedule=Exponential(0.8)
    )
    np.testing.assert_allclose(net.parameters, by_hand.parameters, rtol=1e-12)
    assert history["learning_rate"] == pytest.approx([0.5 * 0.8 ** (e + 0.75) for e in range(4)])
    assert list(history) == ["cost", "learning_rate"]


def test_a_schedule_is_called_before_each_mini_batch():
    asked = []
    fitted(lambda epoch: asked.append(epoch) or 1.0, epochs=3)
    assert asked == [k / 4 for k in range(12)]
    assert all(type(time) is float for time in asked)


def test_functions_and_schedules_are_equivalent():
    expected = fitted(Exponential(0.5))
    for other in (lambda epoch: 0.5**epoch, lambda epoch: np.float64(0.5**epoch), Exponential(0.5)):
        net = fitted(other)
        assert net.history == expected.history
        np.testing.assert_allclose(net.parameters, expected.parameters, rtol=1e-12)


def test_a_constant_schedule_has_no_effect():
    for rule in (lg.SGD(0.1, momentum=0.9), lg.Adam(0.01)):
        with_it, without = fitted(Constant(), rule), fitted(None, rule)
        assert with_it.parameters.tobytes() == without.parameters.tobytes()
        assert with_it.history["cost"] == without.history["cost"]


def test_a_factor_of_0_changes_no_parameters():
    net = fitted(lambda epoch: 0.0)
    assert net.parameters.tobytes() == lg.Network([2, 3, 1], seed=1, dtype="float64").parameters.tobytes()


def test_each_fit_starts_at_time_0():
    net = fitted(Cosine(4))
    net.fit(X, Y, epochs=4, optimizer=lg.SGD(0.5), schedule=Cosine(by_epoch=True))
    assert net.history["learning_rate"][0] == 0.5
    assert net.epochs == 8


def test_a_fit_without_epochs_has_an_empty_history():
    assert fitted(Cosine(), epochs=0).history == {"cost": [], "learning_rate": []}


def test_callbacks_and_progress_lines_show_the_learning_rate(capsys):
    recorded = []
    fitted(Step(1), callbacks=[lambda epoch, logs: recorded.append(logs["learning_rate"])], verbose=1)
    assert recorded == pytest.approx([0.5, 0.05, 0.005, 0.0005])
    assert "learning_rate 0.0005 " in capsys.readouterr().out


def test_a_plateau_lowers_the_learning_rate():
    rule = lg.SGD(0)  # the cost is constant
    rates = fitted(ReduceOnPlateau(patience=1), lg.SGD(1e-12), epochs=6).history["learning_rate"]
    assert rates == pytest.approx([1e-12, 1e-12, 1e-12, 1e-13, 1e-13, 1e-14])
    monitored = fitted(ReduceOnPlateau("cost", patience=0), rule, epochs=3, validation=(X, Y))
    assert monitored.history["learning_rate"] == [0, 0, 0]


def test_a_plateau_can_monitor_the_validation_cost():
    def rates(monitor):
        net = lg.Network([2, 3, 1], seed=1)
        schedule = ReduceOnPlateau(monitor, patience=0)
        # The validation cost rises while the cost falls.
        history = net.fit(
            X, Y, epochs=3, optimizer=lg.SGD(0.3), validation=(X, -5 * Y - 3), schedule=schedule
        )
        return history["learning_rate"]

    assert rates("cost") == pytest.approx([0.3, 0.3, 0.3])
    assert rates("val_cost")[-1] < 0.3
    assert rates(None) == rates("val_cost")


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (math.nan, ValueError, ["schedule(0.5)", "finite", "nan"]),
        (math.inf, ValueError, ["schedule(0.5)", "finite", "inf"]),
        (-0.5, ValueError, ["schedule(0.5)", "at least 0", "-0.5"]),
        (None, TypeError, ["schedule(0.5)", "number", "None"]),
        ("1", TypeError, ["schedule(0.5)", "number", "'1'"]),
        (np.ones(2), TypeError, ["schedule(0.5)", "number", "array"]),
    ],
)
def test_invalid_factors_raise(answer, error, words):
    net = lg.Network([2, 3, 1], seed=1)
    before = net.parameters.tobytes(), net.history
    with pytest.raises(error) as caught:
        net.fit(X, Y, batch_size=10, schedule=lambda epoch: answer if epoch else 1.0)
    for word in words:
        assert word in str(caught.value)
    assert (net.parameters.tobytes(), net.epochs) == (before[0], 0)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("dropout", {"dropout": 0.25}),
        ("dropout", {"input_dropout": 0.25}),
        ("label_smoothing", {"output": "sigmoid", "cost": "cross_entropy(0.25)"}),
    ],
)
def test_dropout_and_label_smoothing_stay_below_1(name, options):
    net = lg.Network([2, 3, 1], seed=1, **options)
    labels = np.arange(20) % 2
    start = net.parameters.tobytes()
    with pytest.raises(ValueError, match=rf"{name} must be below 1, got 0.25 times 4, the factor of its sch"):
        net.fit(X, labels, schedule={name: lambda t: 4.0})
    assert (net.parameters.tobytes(), net.epochs) == (start, 0)
    history = net.fit(X, labels, epochs=2, schedule={name: lambda t: 3.75 - t})
    assert history[name] == [3.75 / 4, 2.75 / 4]


def test_a_factor_of_1_has_no_effect():
    make = {"dropout": 0.2, "output": "sigmoid", "cost": "cross_entropy(0.1)"}
    nets = [lg.Network([2, 9, 1], seed=1, **make) for _ in range(2)]
    constant = dict.fromkeys(["dropout", "weight_decay", "label_smoothing"], Constant())
    for net, schedule in zip(nets, (constant, None), strict=True):
        net.fit(X, np.arange(20) % 2, optimizer=lg.AdamW(), schedule=schedule)
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()
    assert nets[0].history["cost"] == nets[1].history["cost"]


def test_a_factor_of_0_turns_the_setting_off():
    labels = np.arange(20) % 2
    off = dict.fromkeys(["dropout", "weight_decay", "label_smoothing"], lambda t: 0.0)
    with_all = lg.Network(
        [2, 9, 1], seed=1, dropout=0.2, input_dropout=0.1, output="sigmoid", cost="cross_entropy(0.1)"
    )
    without = lg.Network([2, 9, 1], seed=1, output="sigmoid", cost="cross_entropy")
    with_all.fit(X, labels, weight_decay=0.1, schedule=off)
    without.fit(X, labels)
    np.testing.assert_allclose(with_all.parameters, without.parameters, rtol=1e-5)  # rounded differently


def test_label_smoothing_of_the_validation_data_does_not_vary():
    net = lg.Network([2, 3, 1], seed=1, output="sigmoid", cost="cross_entropy(0.2)")
    data = X, np.arange(20) % 2
    history = net.fit(*data, validation=data, schedule={"label_smoothing": lambda t: 0.0})
    assert history["val_cost"][-1] == net.evaluate(*data)["cost"]


def test_an_error_in_a_schedule_keeps_the_last_epoch():
    def fail(epoch):
        if epoch >= 2:
            raise KeyError("mine")
        return 1.0

    net = lg.Network([2, 3, 1], seed=1)
    with pytest.raises(KeyError, match="mine"):
        net.fit(X, Y, epochs=5, schedule=fail)
    assert net.epochs == len(net.history["cost"]) == len(net.history["learning_rate"]) == 2


def test_overflowing_values_raise():
    with pytest.raises(ValueError, match=r"schedule\(.*finite"):
        fitted(Exponential(1e300), lg.SGD(0), epochs=3)
