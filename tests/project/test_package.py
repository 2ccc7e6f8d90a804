"""The package as a whole: its exports, and that importing it is cheap and has no side effects."""

import ast
import inspect
import json

import localgrad as lg
import pytest
from programs import run


def run_python(code):
    """Return the output of a new interpreter, parsed as JSON."""
    return json.loads(run(code).stdout)


def test_public_names_exist():
    assert set(lg.__all__) <= set(dir(lg))
    for name in lg.__all__:
        getattr(lg, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        lg.nothing  # noqa: B018


@pytest.mark.parametrize("name", ["callbacks", "metrics", "schedules"])
def test_modules_list_their_public_names(name):
    module = getattr(lg, name)
    assert dir(module) == sorted(module.__all__)
    for public in module.__all__:
        assert getattr(module, public).__doc__


@pytest.mark.parametrize("name", lg.metrics.__all__)
def test_signatures_of_metrics_are_readable(name):
    text = str(inspect.signature(getattr(lg.metrics, name)))
    assert "_NestedSequence" not in text
    assert len(text) < 200, text


def test_literal_lists_of_names_are_complete():
    """Type checkers only read literal lists; names added at run time would have no types."""
    for module in (lg, lg.optimizers):
        tree = ast.parse(inspect.getsource(module))
        (listed,) = (
            ast.literal_eval(one.value)
            for one in tree.body
            if isinstance(one, ast.Assign) and one.targets[0].id == "__all__"
        )
        assert sorted(listed) == sorted(module.__all__)


def test_info_describes_the_build():
    info = lg.info()
    assert type(info) is dict
    expected = {
        "version",
        "isa",
        "isa_available",
        "threads",
        "threads_from",
        "threading",
        "openmp",
        "compiler",
    }
    assert expected <= set(info)
    assert info["threading"] in ("openmp", "std", "none")
    assert (info["threading"] == "openmp") == (info["openmp"] != "none")
    assert info["version"] == lg.__version__
    assert info["isa"] in info["isa_available"]
    assert "portable" in info["isa_available"]
    assert info["threads"] >= 1
    assert all(info[key] for key in ("threads_from", "openmp", "compiler"))
    json.dumps(info)


def test_info_returns_a_new_dict():
    lg.info()["isa"] = "changed"
    assert lg.info()["isa"] != "changed"


def test_import_loads_no_heavy_modules():
    loaded = run_python("import localgrad, sys, json; print(json.dumps(sorted(sys.modules)))")
    for heavy in ("argparse", "matplotlib", "sklearn", "scipy", "localgrad.reference", "localgrad.cli"):
        assert heavy not in loaded


def test_reference_is_loaded_on_access():
    assert run_python("import localgrad, json; print(json.dumps(localgrad.reference.__name__))") == (
        "localgrad.reference"
    )


def test_import_has_no_side_effects():
    before, after = run_python(
        """
import json, locale, os, signal, sys, threading, warnings
import numpy as np

def state():
    return {
        "environment": dict(os.environ),
        "random": np.random.get_state()[1].tolist(),
        "errors": np.geterr(),
        "print": str(np.get_printoptions()),
        "subnormal": float(np.float32(1e-38) * np.float32(1e-3) + np.float64(5e-324) * 1.0),
        "signals": [str(signal.getsignal(s)) for s in signal.valid_signals()],
        "threads": threading.active_count(),
        "locale": locale.setlocale(locale.LC_ALL),
        "warnings": len(warnings.filters),
        "recursion": sys.getrecursionlimit(),
    }

before = state()
import localgrad
print(json.dumps([before, state()]))
"""
    )
    assert before == after
    assert before["subnormal"] > 0
