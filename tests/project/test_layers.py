"""Imports within the package go one way, from higher to lower layers, without cycles."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import localgrad as lg
import pytest

PACKAGE = Path(lg.__file__).parent
# From the lowest layer to the highest. A module may import modules of lower layers and of the same package.
LAYERS = [
    {"_core"},
    {"_support", "curvature", "errors", "per_example", "warnings", "reference"},
    {"_arguments"},
    {"_arrays"},
    {"blocks", "costs", "hold_out", "optimizers", "privacy"},
    {"standardization"},
    {"_model", "plan"},
    {"diagnosis", "metrics", "plot", "trace"},
    {"_drawing"},
    {"graph", "history", "lr_finder"},
    {"callbacks"},
    {"_data", "schedules"},
    {"_training", "explain"},
    {"_diagram"},
    {"_network"},
    {"network"},
    {"fleet", "sklearn", "verification"},
    {"inspect", "tabular"},
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
    """Yield the modules of the package that a module imports, also in functions and for types only."""
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


def layer(name):
    part = name.partition(".")[0]
    return next(k for k, parts in enumerate(LAYERS) if part in parts)


def test_every_module_has_a_layer():
    assert {name.partition(".")[0] for name in NAMES} <= set().union(*LAYERS)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_imports_go_to_lower_layers(name):
    for other in imported(NAMES[name]):
        if other.partition(".")[0] != name.partition(".")[0]:
            assert layer(other) < layer(name), f"{name} imports {other}"


def test_imports_have_no_cycle():
    graph = {name: set(imported(path)) - {name} for name, path in NAMES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {error.args[1]}")
