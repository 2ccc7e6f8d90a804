"""Every example in a docstring runs and gives what it says."""

import doctest
import importlib

import pytest

MODULES = ["", ".network", ".optimizers", ".history", ".trace", ".graph"]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(importlib.import_module(f"localgrad{name}"))
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_has_a_docstring_and_every_function_an_example(name):
    module = importlib.import_module(f"localgrad{name}")
    for public in module.__all__:
        thing = getattr(module, public)
        if public in ("__version__", "reference"):
            continue
        assert ">>>" in thing.__doc__, public
        for member, value in vars(thing).items() if isinstance(thing, type) else ():
            if not member.startswith("_"):
                assert value.__doc__, f"{public}.{member}"
                if callable(value):
                    assert ">>>" in value.__doc__, f"{public}.{member}"
