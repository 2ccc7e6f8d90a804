"""The parts of `localgrad bench`: networks, contenders, answers, workers and measurements."""

import dataclasses
import doctest
import importlib
import os
import time

import localgrad as lg
import numpy as np
import pytest
from localgrad import _core
from localgrad.bench import contest, report
from localgrad.bench.agreement import Agreement, Answer, agreement, agreements
from localgrad.bench.contenders import KINDS, rows_in
from localgrad.bench.contenders.core import Core
from localgrad.bench.contenders.numpy import PlainNumPy
from localgrad.bench.contenders.reference import Reference
from localgrad.bench.nets import NETS, Net, operations
from localgrad.bench.times import Times
from localgrad.bench.worker import ContenderError, Worker
from localgrad.bench.workload import TRAININGS, initial, inputs, workload
from localgrad.cli import bench
from localgrad.cli.machine import Neighbors, processors
from localgrad.cli.plots import save_figure

ODD = ["5-4-3:6", "7-1:1", "13-17-5-1:33", "2-3-2:4"]


def work(word="5-4-3:6", training="sgd", epsilon=1e-4):
    (net,) = bench.nets(word)
    return workload(net, training, 1, 120, epsilon)


def trained(contender, part):
    runner = contender(part)
    return runner, runner.train(1, shuffle=False)


def answered(kind, part, training):
    """Train in this process, without a worker process."""
    contender = kind.load()(part)
    predictions = np.array(contender.prediction(part.X)()) if kind.predicts else None
    if training not in kind.trainings:
        return Answer(None, None, predictions)
    cost = contender.train(1, shuffle=False)
    return Answer(contender.parameters().copy(), cost, predictions)


def installed(kind):
    return pytest.param(
        kind,
        id=kind.name,
        marks=pytest.mark.skipif(kind.missing, reason=f"{kind.name} is not installed: {kind.install}"),
    )


# The networks and their answers


def test_the_networks_have_the_documented_sizes():
    assert list(NETS) == list("ABCDEFGHS")
    assert (NETS["A"].sizes, NETS["A"].batch_size, NETS["A"].rows) == ((784, 30, 10), 10, 20_000)
    assert (NETS["S"].activation, NETS["S"].batch_size, NETS["S"].rows) == ("tanh", 10_000, 10_000)
    assert operations(NETS["A"]) == 10 * (4 * 784 * 30 + 6 * 30 * 10)


def test_work_consists_of_whole_mini_batches_and_longer_work_extends_it():
    net = Net("", (5, 3), 6)
    short, long = workload(net, "sgd", 1, 12), workload(net, "sgd", 1, 61)
    assert (short.steps, long.steps) == (2, 10)
    np.testing.assert_array_equal(short.X, long.X[:12])
    np.testing.assert_array_equal(short.y, long.y[:12])
    np.testing.assert_array_equal(long.X, inputs(net, 60))
    part = long.first(3, 2)
    assert (len(part.X), len(part.y), part.batch_size, part.steps) == (6, 6, 2, 3)


@pytest.mark.parametrize("kind", [installed(kind) for kind in list(KINDS.values())[1:]])
@pytest.mark.parametrize("sizes", ODD)
@pytest.mark.parametrize("training", TRAININGS)
@pytest.mark.filterwarnings("ignore")  # raised by other libraries
def test_contenders_agree_with_localgrad(kind, sizes, training):
    if kind.name == "torch.compile" and sizes != ODD[0]:
        pytest.skip("compiling takes long")
    part = work(sizes, training, kind.checked_epsilon).first(3)
    before = part.initial.parameters.copy()
    ours, theirs = answered(KINDS["localgrad"], part, training), answered(kind, part, training)
    extent = np.mean if training == "adam" else np.max
    found = agreements(part.initial, part.batch_size, 3, ours, theirs, extent)
    trains = training in kind.trainings
    assert found.keys() == {*["parameters", "cost"] * trains, *["predictions"] * kind.predicts}
    assert all(found.values()), found
    np.testing.assert_array_equal(part.initial.parameters, before)


@pytest.mark.parametrize("kind", [installed(kind) for kind in list(KINDS.values())[1:] if kind.trainings])
@pytest.mark.parametrize("training", ["sgd", "adam"])
@pytest.mark.filterwarnings("ignore")
def test_contenders_support_tanh_and_shuffled_training(kind, training):
    if kind.name == "torch.compile":
        pytest.skip("compiling takes long")
    part = workload(Net("", (4, 6, 5, 2), 6, activation="tanh"), training, 1, 60)
    contender = kind.load()(part)
    first = contender.train(1)
    assert 0 < contender.train(20) < first
    in_order, _ = trained(kind.load(), part)
    shuffled = kind.load()(part)
    shuffled.train(1)
    assert not np.array_equal(in_order.parameters(), shuffled.parameters())


@pytest.mark.parametrize("relative", [0.01, np.nan, np.inf])
def test_a_slightly_wrong_step_is_detected(relative):
    """An error of a hundredth of the largest step in a single bias, small compared with w, is detected."""
    part = work().first(3)
    (core, _), (other, _) = trained(Core, part), trained(PlainNumPy, part)
    assert agreement(part.initial, 6, 3, core.parameters(), other.parameters())
    other._b[0][1] += relative * np.abs(other._b[0] - part.initial.biases[0]).max()
    assert not agreement(part.initial, 6, 3, core.parameters(), other.parameters())


@pytest.mark.parametrize(
    "wrong",
    [{"beta1": 0.89}, {"beta2": 0.99}, {"epsilon": 1e-8}, {"epsilon": 2e-4}, {"learning_rate": 1.001e-3}],
)
def test_a_slightly_wrong_adam_is_detected(wrong):
    part = work("13-17-5-1:33", "adam")
    (core, _), (right, _) = trained(Core, part), trained(PlainNumPy, part)
    rule = {name: getattr(part.optimizer, name) for name in ("learning_rate", "beta1", "beta2", "epsilon")}
    other, _ = trained(PlainNumPy, dataclasses.replace(part, optimizer=lg.Adam(**rule | wrong)))

    def agreed(contender):
        ours, theirs = core.parameters(), contender.parameters()
        return agreement(part.initial, 33, part.steps, ours, theirs, np.mean)

    assert agreed(right)
    assert not agreed(other)


def test_another_position_of_epsilon_is_detected():
    """scikit-learn adds epsilon to √v before the bias correction."""
    part = work("13-17-5-1:33", "adam")
    sklearn = KINDS["sklearn"].load()
    (core, _), (other, _) = trained(Core, part), trained(sklearn, part)
    assert not agreement(part.initial, 33, part.steps, core.parameters(), other.parameters(), np.mean)


def test_agreement_is_truthy_within_its_tolerance():
    assert Agreement(1.0, 1.0)
    assert not Agreement(1.1, 1.0)
    assert not Agreement(np.inf, 1.0)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nonfinite_costs_and_predictions_disagree(value):
    net = initial(Net("", (2, 1), 1))
    ours = Answer(None, 1.0, np.ones((2, 1)))
    theirs = Answer(None, value, np.array([[1.0], [value]]))
    assert not any(agreements(net, 1, 1, ours, theirs).values())


def test_rows_in_is_between_four_and_the_mini_batch_size():
    assert rows_in(1e9, Reference, work("5-4-3:6")) == 6
    assert rows_in(0.0, Reference, work("5-4-3:6")) == 4
    assert rows_in(0.0, Reference, work("5-4-3:2")) == 2


# Processes and measurements


def test_a_worker_has_the_requested_threads():
    before = dict(os.environ)
    worker = Worker(KINDS["localgrad"], 1)
    try:
        assert dict(os.environ) == before
        assert worker.ask("machine", 0.01)["handover"] == 0
        if hasattr(os, "sched_getaffinity"):
            assert len(os.sched_getaffinity(worker._process.pid)) == 1
            assert len(os.sched_getaffinity(0)) == processors()
    finally:
        worker.close()
    assert not worker._process.is_alive()


def test_a_worker_that_dies_is_reported():
    worker = Worker(KINDS["numpy"], 1)
    try:
        worker._process.kill()
        with pytest.raises(ContenderError, match="numpy: its process ended with status -9"):
            worker.ask("version")
    finally:
        worker.close()


def test_a_worker_reports_errors_and_continues():
    worker = Worker(KINDS["localgrad"], 1)
    try:
        with pytest.raises(ContenderError, match=r"localgrad: ValueError: .*at least"):
            worker.ask("answer", Net("", (3,), 1), "sgd", 1, 1, 1e-4)
        assert worker.ask("version")
    finally:
        worker.close()


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_measure_machine_returns_positive_rates(threads):
    speed = _core.measure_machine(threads, 0.01)
    assert speed.keys() == {"flops", "bandwidth", "handover"}
    assert speed["flops"] > 0
    assert speed["bandwidth"] > 0
    assert threads > 1 or speed["handover"] == 0


@pytest.mark.parametrize("handover", [0.0, 2e-7])
def test_the_report_shows_the_measured_machine(handover):
    """On a busy machine, the thread latency may be unknown."""
    names = "version isa compiler processor processors system python"
    machine = dict.fromkeys(names.split(), "x")
    speed = {"flops": 2e9, "bandwidth": 1e9, "handover": handover}
    text = report.header(machine, {2: speed}, {}, {}, ["sgd"])
    assert "measured peak, 2 threads: 2 GFLOP/s" in text
    assert ("200 ns thread-to-thread latency" in text) == (handover > 0)


def test_measure_machine_requires_a_thread():
    with pytest.raises(ValueError, match="at least 1, got 0"):
        _core.measure_machine(0, 0.01)


def test_times_has_best_median_and_spread():
    times = Times((4.0, 1.0, 2.0))
    assert (times.best, times.median, times.spread) == (1.0, 2.0, 0.75)
    assert times.over(Times((8.0, 0.5, 2.0))) == 1.0


def test_ratios_compare_the_best_thread_counts():
    results = [
        contest.Result(name, threads, 4, {}, {"sgd": Times((seconds,)), "adam": Times((6.0,))}, {})
        for name, threads, seconds in [
            ("localgrad", 1, 3.0),
            ("localgrad", 2, 2.0),
            ("localgrad", None, 1.0),  # not a fixed number of threads
            ("x", 1, 5.0),
            ("x", 2, 6.0),
        ]
    ]
    assert report.speed_ratios(results, report.training("sgd")) == {"x": 2.5}
    assert report.training_ratios(results) == {"adam": 3.0}


def test_own_work_is_not_counted_as_load_of_other_processes():
    watch = Neighbors()
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass
    others = watch.processors()
    assert others is None or 0 <= others < os.cpu_count()


@pytest.mark.parametrize("name", ["bench.nets", "bench.agreement", "bench.times", "bench.report"])
def test_docstring_examples_run(name):
    result = doctest.testmod(importlib.import_module(f"localgrad.{name}"))
    assert result.attempted > 0
    assert result.failed == 0


def test_the_plot_has_one_panel_per_table(tmp_path):
    pytest.importorskip("matplotlib")
    from localgrad.bench.plot import speed_figure

    rows = {"A 784-30-10": {"x": 0.5, "y": 3000.0}, "B 1-1": {"y": 2.0}}
    figure = speed_figure({"training": rows, "one": rows, "many": {"A 784-30-10": {}}}, "title")
    assert len(figure.axes) == 3
    assert figure.axes[0].get_yscale() == "log"
    save_figure(figure, str(tmp_path / "picture.png"))
