"""The pictures of the documentation suit light and dark pages, and its tables are those of the benchmark."""

import importlib
import json
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def pictures(monkeypatch):
    """Return what imports a module of docs/pictures."""
    monkeypatch.syspath_prepend(DOCS)
    return lambda name: importlib.import_module(f"pictures.{name}")


def test_a_picture_is_the_same_in_every_run(pictures, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        pictures("network_graph").draw(tmp_path / name)
    one, two = ((tmp_path / name / "graph.svg").read_bytes() for name in ("one", "two"))
    assert one == two


@pytest.mark.parametrize("path", sorted((DOCS / "images").glob("*.svg")), ids=lambda path: path.name)
def test_pictures_have_colors_for_dark_pages(pictures, path):
    style = pictures("style")
    svg = path.read_text("utf-8")
    assert len(svg) < 100_000
    rules, drawn = svg.split("</style>", 1)
    assert "prefers-color-scheme:dark" in rules
    names = set(re.findall(r"var\(--(\w+)\)", drawn))
    assert names <= set(re.findall(r"--(\w+):", rules))
    assert not set(re.findall(r"(?:fill|stroke|color): ?#\w+", drawn))
    assert "<text" in drawn  # not outlines of letters
    assert "ink" in names or style.INK not in svg


def test_ratios_are_those_that_the_benchmark_reports(pictures):
    benchmark = pictures("benchmark")
    measured = json.loads(benchmark.MEASURED.read_text("utf-8"))
    tasks = benchmark.tasks(measured)
    reported = measured["ratios"]
    assert len(tasks) == len(reported)
    for task, nets in zip(tasks.values(), reported.values(), strict=True):
        for net, ratios in zip(task.times, nets.values(), strict=True):
            for peer, ratio in task.ratios(net).items():
                assert ratio == pytest.approx(ratios[peer]), (task.title, net, peer)


def test_tables_have_a_row_for_each_network(pictures, tmp_path):
    benchmark = pictures("benchmark")
    benchmark.write_tables(tmp_path)
    for name, task in benchmark.tasks(benchmark.read()).items():
        lines = (tmp_path / f"benchmark_ratios_{name}.md").read_text("utf-8").splitlines()
        assert len(lines) == 2 + len(task.times)
        assert len({line.count("|") for line in lines}) == 1


def test_the_readme_has_the_measured_times(pictures):
    benchmark = pictures("benchmark")
    readme = (DOCS.parent / "README.md").read_text("utf-8").splitlines()
    for row in benchmark.readme_rows(benchmark.tasks(benchmark.read())):
        assert row in readme
