"""`localgrad bench --train inspect` compares results before it measures times."""

import json
from dataclasses import replace

import numpy as np
import pytest
from localgrad.__main__ import main
from localgrad.bench import inspection
from localgrad.bench.inspectors import INSPECTORS, Inspector
from localgrad.bench.inspectors.tasks import InspectionTasks
from localgrad.bench.quantities import QUANTITIES, Problem, Quantity
from localgrad.bench.worker import ContenderError

CORE = INSPECTORS["localgrad"]
NORMS = Quantity("norms", "norms of gradients", (5, 4, 3), 40, "forward and δ pass", 1.3, peer_rows=10)
OPTIONS = ["bench", "--train", "inspect", "--repeat", "2", "--threads", "1"]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Measure a small network briefly, against the library itself and two that cannot be used."""
    others = [
        Inspector("again", CORE.place, ("norms",)),
        Inspector("failing", "nowhere:Nothing", ("norms",)),
        Inspector("absent", CORE.place, ("norms",), ("no_such_package",), "pip install absent"),
    ]
    monkeypatch.setattr(inspection, "INSPECTORS", {one.name: one for one in (CORE, *others)})
    monkeypatch.setattr(inspection, "QUANTITIES", {"norms": NORMS})
    monkeypatch.setattr(inspection, "TURN_SECONDS", 0.001)


def test_every_library_is_measured_or_left_out_with_a_message(tmp_path, capsys):
    path = tmp_path / "inspect.json"
    assert main([*OPTIONS, "--json", str(path)]) == 0
    out = capsys.readouterr().out
    assert "left out: absent is not installed; install it with: pip install absent" in out
    assert "left out: failing: ModuleNotFoundError" in out
    assert "times the forward and δ pass (goal: at most 1.3)" in out
    assert "times localgrad" in out
    (found,) = json.loads(path.read_text())["quantities"]
    assert found["seconds"].keys() == {"localgrad", "again"}
    assert len(found["seconds"]["again"]["1"]) == len(found["base_seconds"]["1"]) == 2
    assert found["over_base"] > 0
    assert found["ratios"]["again"] > 0


def test_a_different_result_ends_the_benchmark():
    expected = np.array([1.0, 2.0])
    inspection._check("other", NORMS, expected * 1.0005, expected)
    with pytest.raises(ContenderError, match=r"other: norms differs from that of localgrad by 2\.0e-03"):
        inspection._check("other", NORMS, expected * 1.002, expected)
    with pytest.raises(ContenderError, match="has shape"):
        inspection._check("other", NORMS, expected[:1], expected)


@pytest.mark.parametrize("name", list(QUANTITIES))
def test_all_libraries_that_are_installed_agree(name):
    rows = min(64, QUANTITIES[name].rows)
    answers = {
        one.name: InspectionTasks(one, 1).begin(QUANTITIES[name], rows)
        for one in INSPECTORS.values()
        if name in one.quantities and not one.missing
    }
    for other, found in answers.items():
        inspection._check(other, QUANTITIES[name], found, answers["localgrad"])


def test_problems_of_few_rows_are_the_first_rows_of_larger_ones():
    few, many = Problem.of(NORMS, 10, 1), Problem.of(NORMS, 40, 1)
    assert np.array_equal(few.X, many.X[:10])
    assert np.array_equal(few.y, many.y[:10])
    assert few.net.parameters.tobytes() == many.net.parameters.tobytes()


def test_the_base_of_the_norms_changes_no_parameter():
    problem = Problem.of(NORMS, 40, 1)
    before = problem.net.parameters.tobytes()
    history = CORE.prepare("norms_base", problem)()
    assert len(history["cost"]) == 1
    assert problem.net.parameters.tobytes() == before


def test_answers_of_private_training_have_no_noise():
    private = Quantity("private", "private training", (5, 4, 3), 128)
    first, second = (InspectionTasks(CORE, 1).begin(private, 128) for _ in range(2))
    assert first.tobytes() == second.tobytes()
    problem = Problem.of(private, 128, 1)
    noisy = [CORE.prepare("private", problem)().parameters for _ in range(2)]
    assert (noisy[0] != noisy[1]).all()


@pytest.mark.parametrize(
    "quantity", [one for one in QUANTITIES.values() if one.base], ids=lambda one: one.name
)
def test_every_base_can_be_measured(quantity):
    small = replace(quantity, rows=64)
    tasks = InspectionTasks(CORE, 1)
    tasks.begin(small, 64)
    tasks.begin_base(small)
    assert tasks.measure(False, 0.001) > 0
    assert tasks.measure(True, 0.001) > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--predict", "1"], "--train inspect does not support --predict"),
        (["--members", "2"], "--train inspect does not support --members"),
        (["--peers", "numpy"], "--train inspect does not support --peers"),
    ],
)
def test_other_comparisons_exclude_it(options, message, capsys):
    assert main([*OPTIONS, *options]) == 2
    assert message in capsys.readouterr().err


def test_it_excludes_training_methods(capsys):
    with pytest.raises(SystemExit):
        main(["bench", "--train", "sgd,inspect"])
    assert "expected inspect alone" in capsys.readouterr().err
