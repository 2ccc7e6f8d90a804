"""Imports of the package point one way: from above to below, and never in a circle."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import localgrad as lg
import pytest

PACKAGE = Path(lg.__file__).parent
# From below. What is in a line may import what is in the lines before, and nothing of its neighbors.
FLOORS = [
    {"_core"},
    {"_support", "errors", "warnings", "reference"},
    {"_arguments"},
    {"_arrays"},
    {"blocks", "costs", "hold_out", "optimizers"},
    {"_model", "graph", "lr_finder", "plan"},
    {"metrics", "trace"},
    {"history"},
    {"callbacks"},
    {"_data", "schedules"},
    {"_training"},
    {"network"},
    {"__init__"},
    {"bench"},
    {"cli"},
    {"__main__"},
]


def name_of(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


NAMES = {name_of(path): path for path in PACKAGE.rglob("*.py")}


def imported(path):
    """The modules of ours that a module imports, also within functions or for types."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "localgrad":
            for one in node.names:
                full = f"{node.module}.{one.name}".removeprefix("localgrad.")
                module = node.module.removeprefix("localgrad").removeprefix(".") or "__init__"
                yield full if full in NAMES or full == "_core" else module
        elif isinstance(node, ast.Import):
            for one in node.names:
                if one.name.partition(".")[0] == "localgrad":
                    yield one.name.removeprefix("localgrad").removeprefix(".") or "__init__"


def floor(name):
    room = name.partition(".")[0]
    return next(k for k, rooms in enumerate(FLOORS) if room in rooms)


def test_every_module_has_a_floor():
    assert {name.partition(".")[0] for name in NAMES} <= set().union(*FLOORS)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_imports_point_down(name):
    for other in imported(NAMES[name]):
        if other.partition(".")[0] != name.partition(".")[0]:
            assert floor(other) < floor(name), f"{name} imports {other}"


def test_no_modules_import_each_other():
    graph = {name: set(imported(path)) - {name} for name, path in NAMES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {error.args[1]}")
