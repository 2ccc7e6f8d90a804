"""`localgrad bench` checks the answers before it measures times."""

import builtins
import dataclasses
import importlib
import importlib.util
import json
import os

import localgrad as lg
import numpy as np
import pytest
from localgrad.__main__ import main
from localgrad.bench import choice, contest, fleets
from localgrad.bench.contenders import KINDS
from localgrad.bench.tasks import Tasks
from localgrad.bench.times import Times
from localgrad.bench.worker import Worker
from localgrad.cli import bench
from localgrad.cli.machine import processors

SMALL = ["--nets", "5-4-3:6,3-2", "--repeat", "2", "--threads", "1"]


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Measure briefly: these tests check the report, not the speed."""
    for name in ("TRAIN_SECONDS", "PREDICT_SECONDS", "SLOW_SECONDS"):
        monkeypatch.setattr(contest, name, 0.001)
    monkeypatch.setattr(contest, "MACHINE_SECONDS", 0.01)


def test_the_report_shows_all_sections(capsys):
    assert main(["bench", *SMALL, "--peers", "numpy,sklearn,onnxruntime,reference"]) == 0
    out = capsys.readouterr().out
    for word in ("machine: ", "numpy ", "sklearn ", "GFLOP/s", "GB/s", "us/step", "of peak", "examples/s"):
        assert word in out
    assert "localgrad, relative to sgd" in out
    assert out.count("5-4-3, sigmoid: batch size 6, 9,996 examples per epoch") == 1
    rows = [line.split()[:2] for line in out.splitlines() if "+-" in line]
    training = ["localgrad", "localgrad", "numpy", "sklearn", "reference"]
    dropout = ["localgrad", "localgrad", "reference"]
    predicting = ["localgrad", "localgrad", "numpy", "sklearn", "onnxruntime"]
    assert [name for name, _ in rows] == 2 * (training + training + dropout + predicting)
    assert rows[:2] == [["localgrad", "1"], ["localgrad", "default"]]
    assert "load from other processes: " in out or not os.path.exists("/proc/stat")


def test_json_and_plot_files_are_written(tmp_path, capsys):
    path, picture = tmp_path / "bench.json", tmp_path / "bench.png"
    options = ["--peers", "numpy", "--json", str(path), "--plot", str(picture)]
    assert main(["bench", *SMALL, *options]) == 0
    report = json.loads(path.read_text())
    assert {"isa", "processor", "compiler"} <= report["machine"].keys()
    assert report["speeds"]["1"]["flops"] > 0
    assert len(report["results"]) == 2 * 3
    for result in report["results"]:
        for times in result["training_seconds_per_step"].values():
            assert len(times["all"]) == 2
        assert result["predicting_seconds"].keys() == {"1", "1000"}
        for agreements in result["answers"].values():
            for agreed in agreements.values():
                assert agreed["difference"] <= agreed["allowed"]
    assert report["results"][0]["training_seconds_per_step"].keys() == {"sgd", "adam", "dropout"}
    assert report["results"][2]["training_seconds_per_step"].keys() == {"sgd", "adam"}
    for name in ("sgd", "adam"):
        answers = report["results"][2]["answers"][name]
        assert answers.keys() == {"parameters", "cost", "predictions"}
        assert report["ratios"][f"training with {name}"]["5-4-3"]["numpy"] > 0
    assert report["training_ratios"]["5-4-3"].keys() == {"adam", "dropout"}
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.skipif(processors() < 2, reason="one processor")
def test_each_thread_count_has_a_line(capsys):
    options = ["--nets", "5-4-3:6", "--repeat", "1", "--threads", "1,2", "--peers", "numpy,reference"]
    options += ["--train", "sgd"]
    assert main(["bench", *options]) == 0
    out = capsys.readouterr().out
    assert "measured peak, 2 threads: " in out
    training = out[out.index("\nsgd ") : out.index("\nprediction ")]
    counts = [line.split()[:2] for line in training.splitlines() if "+-" in line]
    assert [(name, count.strip("*")) for name, count in counts] == [
        ("localgrad", "1"),
        ("localgrad", "2"),
        ("localgrad", "default"),
        ("numpy", "1"),
        ("numpy", "2"),
        ("reference", "1"),
    ]
    assert sum(count.startswith("*") for _, count in counts) == 2


@pytest.fixture
def absent_torch(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else find(name))


def test_a_missing_peer_is_reported(absent_torch, monkeypatch, capsys):
    monkeypatch.setattr(bench, "_PEERS", ["torch", "numpy"])
    assert main(["bench", "--nets", "3-2", "--repeat", "1", "--threads", "1"]) == 0
    out = capsys.readouterr().out
    assert "left out: torch is not installed; install it with: pip install torch\n" in out


def test_a_requested_peer_that_is_missing_is_an_error(absent_torch, capsys):
    assert main(["bench", *SMALL, "--peers", "numpy,torch"]) == 1
    assert "torch is not installed; install it with: pip install torch" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["parameters", "cost", "predictions"])
def test_disagreement_ends_the_benchmark(what, monkeypatch, capsys):
    ask = Worker.ask

    def wrong(self, method, *arguments):
        answer = ask(self, method, *arguments)
        if method == "answer" and self.kind.name == "numpy":
            answer = dataclasses.replace(answer, **{what: getattr(answer, what) + 0.01})
        return answer

    monkeypatch.setattr(Worker, "ask", wrong)
    assert main(["bench", *SMALL, "--peers", "numpy"]) == 1
    out, err = capsys.readouterr()
    assert "numpy and localgrad disagree on 5-4-3" in err
    assert f"in the {what}" in err
    assert "+-" not in out


def test_train_selects_the_measured_methods(capsys):
    assert main(["bench", *SMALL, "--peers", "numpy,onnxruntime", "--train", "dropout"]) == 0
    out = capsys.readouterr().out
    rows = [line.split()[0] for line in out.splitlines() if "+-" in line]
    predicting = ["localgrad", "localgrad", "numpy", "onnxruntime"]
    assert rows == 2 * ["localgrad", "localgrad", *predicting]
    assert "\nsgd " not in out
    assert "localgrad, relative to sgd" not in out


def test_published_results_are_listed(capsys):
    assert main(["bench", "--nets", "S", "--peers", "numpy", "--repeat", "1", "--threads", "1"]) == 0
    assert "published: SimpleChains.jl" in capsys.readouterr().out


def test_a_failing_peer_is_skipped_unless_it_was_requested(monkeypatch, capsys):
    monkeypatch.setitem(KINDS, "numpy", dataclasses.replace(KINDS["numpy"], place="numpy:Nothing"))
    monkeypatch.setattr(bench, "_PEERS", ["numpy"])
    assert main(["bench", *SMALL]) == 0
    assert "left out: numpy: AttributeError" in capsys.readouterr().out
    assert main(["bench", *SMALL, "--peers", "numpy"]) == 1
    assert "numpy: AttributeError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--nets", "784"], "expected at least 2 widths"),
        (["--nets", "a-b"], "expected widths of at least 1"),
        (["--nets", "A,Z"], "named networks are A, B"),
        (["--nets", "4-2:0"], "expected at least 1, got 0"),
        (["--nets", "4-2:"], "expected an integer, got ''"),
        (["--nets", "4-2:10001"], "expected less than"),
        (["--nets", "999999999999-999999999999"], "999999999999"),
        (["--peers", "numpy,pandas"], "got 'pandas'"),
        (["--peers", "localgrad"], "got 'localgrad'"),
        (["--repeat", "0"], "expected at least 1"),
        (["--train", "adam,lion"], "expected one or more of sgd, adam, dropout, inspect, got 'lion'"),
        (["--threads", "0"], "expected at least 1"),
        (["--threads", "1,x"], "expected an integer, got 'x'"),
        (["--threads", "1,100000"], "the number of processors, got 100000"),
        (["--json", "no/such/folder.json"], "cannot write"),
        (["--plot", "no/such/folder.png"], "cannot write"),
        (["--plot", "picture.txt"], "expected a name ending in"),
    ],
)
def test_invalid_options_are_errors(options, message, capsys):
    try:
        status = main(["bench", *options])
    except SystemExit as stop:
        status = stop.code
    err = capsys.readouterr().err
    assert status == 2
    assert message in err.splitlines()[-1]


def test_plot_requires_matplotlib(monkeypatch, capsys):
    importing = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return importing(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    assert main(["bench", "--plot", "x.png"]) == 1
    assert "localgrad[plot]" in capsys.readouterr().err


def test_predict_compares_the_default_with_fixed_thread_counts(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(choice, "TURN_SECONDS", 0.001)
    path = tmp_path / "choice.json"
    assert main(["bench", *SMALL, "--predict", "1,200", "--json", str(path)]) == 0
    out = capsys.readouterr().out
    assert "vs best" in out
    lines = [line.split() for line in out.splitlines()]
    assert [line[0] for line in lines if len(line) == 4 and line[0].isdigit()] == ["1", "200"] * 2
    found = json.loads(path.read_text())["choices"]
    assert [(one["net"]["sizes"], one["rows"]) for one in found] == [
        (sizes, rows) for sizes in ([5, 4, 3], [3, 2]) for rows in (1, 200)
    ]
    for one in found:
        assert one["seconds"].keys() == {"1"}
        assert len(one["default_seconds"]) == 2
        assert one["ratio"] > 0


def test_members_compares_fleets_with_networks_one_after_another(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fleets, "TURN_SECONDS", 0.001)
    path = tmp_path / "fleets.json"
    assert main(["bench", *SMALL, "--members", "1,3", "--json", str(path)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines if len(line) == 5 and line[0].isdigit()] == ["1", "3"] * 2
    found = json.loads(path.read_text())["fleets"]
    assert [(one["net"]["sizes"], one["members"]) for one in found] == [
        (sizes, members) for sizes in ([5, 4, 3], [3, 2]) for members in (1, 3)
    ]
    for one in found:
        assert one["seconds"].keys() == one["sklearn_seconds"].keys() == {"1"}
        assert one["ratios"]["1 thread"] == 1.0
        assert one["ratios"]["alone"] > 0


def test_a_member_that_differs_from_a_network_trained_alone_raises(monkeypatch):
    tasks = Tasks(KINDS["localgrad"], 1)
    (net,) = bench.nets("5-4-3:6")
    tasks.begin_fleet(net, "adam", 2)
    monkeypatch.setattr(lg.Fleet, "fit", lambda self, *args, **kwargs: None)
    with pytest.raises(ArithmeticError, match="member 1 of a Fleet differs"):
        tasks.begin_fleet(net, "adam", 2)


def test_differing_predictions_raise(monkeypatch):
    tasks = Tasks(KINDS["localgrad"], None)
    (net,) = bench.nets("5-4-3:6")
    tasks.begin_counts(net, 3, (1, 2, None))
    monkeypatch.setattr(lg.Network, "predict", lambda self, X, n_threads: np.full(3, float(n_threads or 0)))
    with pytest.raises(ArithmeticError, match="3 rows differ between 2 threads and 1"):
        tasks.begin_counts(net, 3, (1, 2, None))


def test_predict_and_members_exclude_each_other(capsys):
    assert main(["bench", *SMALL, "--predict", "1", "--members", "2"]) == 2
    assert "--predict does not support --members" in capsys.readouterr().err


def test_predict_does_not_support_peers(capsys):
    assert main(["bench", *SMALL, "--predict", "--peers", "numpy"]) == 2
    assert "--predict does not support --peers" in capsys.readouterr().err


def test_the_default_is_compared_with_the_best_thread_count():
    times = {1: Times((4.0, 4.0, 4.0)), 2: Times((2.0, 2.0, 3.0))}
    found = choice.Choice(10, times, Times((3.0, 3.0, 3.0)))
    assert (found.best, found.ratio) == (2, 1.5)
