"""`localgrad bench`: answers first, then times; and the tools it shares with the demo."""

import json

import numpy as np
import pytest
from localgrad.__main__ import main
from localgrad.cli import bench
from localgrad.cli.contenders import CONTENDERS, Agreement, Core, PlainNumPy, Reference, agreement, rows_in
from localgrad.cli.timing import Times, by_turns

SMALL = ["--nets", "5-4-3:6", "3-2", "--repeat", "2"]


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Measure briefly: what is tested is what is said, not how fast anything is."""
    monkeypatch.setattr(bench, "_SECONDS", 0.0)
    monkeypatch.setattr(bench, "_SLOW_SECONDS", 0.001)
    monkeypatch.setattr(bench, "_ROWS", 120)


def work(sizes="5-4-3:6", n_threads=None):
    return bench._workload(bench.net(sizes), n_threads)


def trained(contender, part, steps):
    runner = contender(part)
    runner.train(steps)
    return runner


def test_the_report(capsys):
    assert main(["bench", *SMALL]) == 0
    out = capsys.readouterr().out
    for word in ("machine: ", "NumPy ", "BLAS", "threads", "us/step", "5-4-3", "localgrad ", "reference"):
        assert word in out
    rows = [line for line in out.splitlines() if "+-" in line]
    assert len(rows) == 2 * len(CONTENDERS)
    assert rows[0].split()[:3] == ["5-4-3", "6", "localgrad"]
    assert rows[3].split()[:3] == ["3-2", "32", "localgrad"]


def test_json(tmp_path, capsys):
    path = tmp_path / "bench.json"
    assert main(["bench", *SMALL, "--threads", "2", "--json", str(path)]) == 0
    report = json.loads(path.read_text())
    assert report["machine"]["threads"] == 2
    assert {"isa", "processor", "numpy_threads", "compiler"} <= report["machine"].keys()
    assert len(report["results"]) == 2 * len(CONTENDERS)
    for result in report["results"]:
        assert len(result["seconds_per_step"]) == 2
        assert result["contender"] == "localgrad" or result["difference"] <= result["difference_allowed"]


def test_at_least_five_networks_by_default():
    assert len(bench._BATCH_SIZES) >= 5
    assert bench._BATCH_SIZES["784-30-10"] == 10


@pytest.mark.parametrize("contender", CONTENDERS[1:])
@pytest.mark.parametrize("sizes", ["5-4-3:6", "7-1:1", "13-17-5-1:33", "2-3-2:4"])
def test_contenders_agree(contender, sizes):
    part = work(sizes).first(3)
    before = part.initial.parameters.copy()
    agreed = agreement(part, trained(Core, part, 3), trained(contender, part, 3), 3)
    assert agreed
    np.testing.assert_array_equal(part.initial.parameters, before)


@pytest.mark.parametrize("relative", [0.01, np.nan, np.inf])
def test_a_slightly_wrong_change_is_noticed(relative):
    """The gradient of one bias out by a hundredth of the largest change, which is far less than w itself."""
    part = work().first(3)
    core, other = trained(Core, part, 3), trained(PlainNumPy, part, 3)
    other._b[0][1] += relative * np.abs(other._b[0] - part.initial.biases[0]).max()
    assert not agreement(part, core, other, 3)


def test_disagreement_ends_the_bench(monkeypatch, capsys):
    class Wrong(PlainNumPy):
        name = "wrong"

        def parameters(self):
            return super().parameters() + 0.01

    monkeypatch.setattr(bench, "CONTENDERS", (Core, Wrong))
    assert main(["bench", *SMALL]) == 1
    out, err = capsys.readouterr()
    assert "wrong and localgrad disagree on 5-4-3" in err
    assert "+-" not in out


def test_agreement_is_a_truth():
    assert Agreement(1.0, 1.0)
    assert not Agreement(1.1, 1.0)
    assert not Agreement(np.inf, 1.0)


def test_first_takes_a_part_of_the_rows():
    part = work().first(3, 2)
    assert (len(part.X), len(part.y), part.batch_size, part.steps) == (6, 6, 2, 3)


def test_rows_in_stays_between_a_few_and_the_mini_batch():
    assert rows_in(1e9, Reference, work("5-4-3:6")) == 6
    assert rows_in(0.0, Reference, work("5-4-3:6")) == 4
    assert rows_in(0.0, Reference, work("5-4-3:2")) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--nets", "784"], "expected at least 2 widths"),
        (["--nets", "a-b"], "expected widths of at least 1"),
        (["--nets", "4-2:0"], "expected at least 1, given 0"),
        (["--nets", "4-2:"], "expected an integer, given ''"),
        (["--nets", "4-2:5000"], "expected less than"),
        (["--nets", "999999999999-999999999999"], "999999999999"),
        (["--repeat", "0"], "expected at least 1"),
        (["--threads", "0"], "expected at least 1"),
        (["--json", "no/such/folder.json"], "cannot write"),
    ],
)
def test_mistakes(options, message, capsys):
    try:
        status = main(["bench", *options])
    except SystemExit as stop:
        status = stop.code
    err = capsys.readouterr().err
    assert status == 2
    assert message in err.splitlines()[-1]


def test_times():
    times = Times((4.0, 1.0, 2.0))
    assert (times.median, times.spread) == (2.0, 0.75)


def test_by_turns_warms_up_and_then_alternates():
    calls = []

    def worker(name):
        def turn():
            calls.append(name)
            return 5

        return turn

    times = by_turns([worker("a"), worker("b")], 2, [0.0, 0.0])
    assert "".join(calls) == "ab" + "ab" * 2
    assert [len(one.seconds) for one in times] == [2, 2]
