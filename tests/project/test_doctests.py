"""Every example in a docstring runs and gives the output shown."""

import doctest
import importlib
import inspect
import re
from pathlib import Path
from typing import get_origin

import localgrad as lg
import pytest

PUBLIC = [
    "",
    ".network",
    ".optimizers",
    ".schedules",
    ".metrics",
    ".callbacks",
    ".blocks",
    ".hold_out",
    ".lr_finder",
    ".history",
    ".diagnosis",
    ".privacy",
    ".trace",
    ".explain",
    ".graph",
    ".plot",
    ".costs",
    ".inspect",
    ".warnings",
    ".sklearn",
    ".tabular",
    ".verification",
]
WITH_EXAMPLES = [
    "",
    ".network",
    "._network.curvature",
    "._network.derivatives",
    "._network.jacobian",
    "._network.per_example",
    "._network.properties",
    ".curvature",
    ".per_example",
    "._arguments.names.similar",
    "._arguments.names.values",
    ".errors",
    ".fleet",
    ".standardization",
    ".warnings",
    ".costs.check",
    "._data.prefetch",
    "._training.progress",
    ".blocks",
    ".hold_out",
    ".warnings",
    ".callbacks.base",
    ".callbacks.checkpoint",
    ".callbacks.early_stopping",
    ".callbacks.loggers",
    ".callbacks.monitor",
    ".callbacks.records",
    ".callbacks.tensorboard",
    ".callbacks.training",
    ".optimizers.base",
    ".optimizers.sgd",
    ".optimizers.adam",
    ".optimizers.adagrad",
    ".optimizers.signs",
    ".optimizers.lbfgs",
    ".optimizers.levenberg_marquardt",
    ".schedules.base",
    ".schedules.decay",
    ".schedules.cosine",
    ".schedules.warmup",
    ".schedules.plateau",
    ".metrics",
    ".metrics.classification",
    ".metrics.scores",
    ".metrics.metric",
    ".metrics.names",
    ".metrics.probability",
    ".metrics.ranking",
    ".metrics.regression",
    ".inspect.issues",
    ".inspect.labels",
    ".lr_finder",
    ".history",
    ".diagnosis.finding",
    ".diagnosis.setup",
    ".privacy",
    ".trace",
    "._network.reading",
    ".explain.explanation",
    ".graph.graph",
    ".plan",
    ".plot",
    ".plot.boundary",
    ".plot.confusion",
    ".plot.curves",
    ".plot.layers",
    ".plot.probabilities",
    ".plot.sensitivity",
    ".plot.targets",
    ".plot.weights",
    ".sklearn",
    ".sklearn.base",
    ".sklearn.classifier",
    ".sklearn.regressor",
    ".tabular",
    ".tabular.base",
    ".tabular.classifier",
    ".tabular.columns",
    ".tabular.loading",
    ".tabular.regressor",
    ".verification.checking",
    ".verification.result",
]


def members(kind):
    """Return name -> member, including members inherited from classes of the package."""
    own = [base for base in reversed(kind.__mro__) if base.__module__.startswith("localgrad")]
    return {
        name: value
        for base in own
        for name, value in vars(base).items()
        if not name.startswith("_") and (callable(value) or isinstance(value, property))
    }


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_docstring_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(importlib.import_module(f"localgrad{name}"))
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("name", PUBLIC)
def test_everything_public_has_a_docstring_and_every_function_an_example(name):
    module = importlib.import_module(f"localgrad{name}")
    for public in module.__all__:
        thing = getattr(module, public)
        if get_origin(thing) or not callable(thing):  # a type alias, a version or a module
            continue
        assert ">>>" in thing.__doc__, public
        for member, value in members(thing).items() if isinstance(thing, type) else ():
            assert value.__doc__, f"{public}.{member}"
            if callable(value):
                assert ">>>" in value.__doc__, f"{public}.{member}"


@pytest.mark.parametrize("path", sorted(Path(lg.__file__).parent.rglob("*.py")), ids=lambda path: path.stem)
def test_headings_are_on_separate_lines(path):
    assert not re.search(r"^ *[A-Z][A-Za-z ]+ -{3,}( |$)", path.read_text("utf-8"), re.MULTILINE)


METHODS = [value for value in members(lg.Network).values() if callable(value)]


@pytest.mark.parametrize("thing", [lg.Network, lg.load, *METHODS], ids=lambda thing: thing.__name__)
def test_help_shows_names_of_types(thing):
    assert not re.search(r"Union\[|numpy\._typing", str(inspect.signature(thing)))
