"""The package as a whole: what it exports, and that importing it costs and changes nothing."""

import ast
import inspect
import json

import localgrad as lg
import pytest
from programs import run


def run_python(code):
    """Return what a fresh interpreter prints, read as JSON."""
    return json.loads(run(code).stdout)


def test_public_names():
    assert set(lg.__all__) <= set(dir(lg))
    for name in lg.__all__:
        getattr(lg, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        lg.nothing  # noqa: B018


@pytest.mark.parametrize("name", ["callbacks", "metrics", "schedules"])
def test_modules_list_what_is_public(name):
    module = getattr(lg, name)
    assert dir(module) == sorted(module.__all__)
    for public in module.__all__:
        assert getattr(module, public).__doc__


@pytest.mark.parametrize("name", lg.metrics.__all__)
def test_signatures_of_metrics_can_be_read(name):
    text = str(inspect.signature(getattr(lg.metrics, name)))
    assert "_NestedSequence" not in text
    assert len(text) < 200, text


def test_lists_that_type_checkers_read_are_whole():
    """They know literal lists alone; what is added at run time would be without types."""
    for module in (lg, lg.optimizers):
        tree = ast.parse(inspect.getsource(module))
        (listed,) = (
            ast.literal_eval(one.value)
            for one in tree.body
            if isinstance(one, ast.Assign) and one.targets[0].id == "__all__"
        )
        assert sorted(listed) == sorted(module.__all__)


def test_info():
    info = lg.info()
    assert type(info) is dict
    expected = {"version", "isa", "isa_available", "threads", "threads_from", "openmp", "compiler"}
    assert expected <= set(info)
    assert info["version"] == lg.__version__
    assert info["isa"] in info["isa_available"]
    assert "portable" in info["isa_available"]
    assert info["threads"] >= 1
    assert all(info[key] for key in ("threads_from", "openmp", "compiler"))
    json.dumps(info)


def test_info_is_a_new_dict_each_time():
    lg.info()["isa"] = "changed"
    assert lg.info()["isa"] != "changed"


def test_import_loads_nothing_heavy():
    loaded = run_python("import localgrad, sys, json; print(json.dumps(sorted(sys.modules)))")
    for heavy in ("argparse", "matplotlib", "sklearn", "scipy", "localgrad.reference", "localgrad.cli"):
        assert heavy not in loaded


def test_reference_is_there_when_asked_for():
    assert run_python("import localgrad, json; print(json.dumps(localgrad.reference.__name__))") == (
        "localgrad.reference"
    )


def test_import_changes_nothing_in_the_process():
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
