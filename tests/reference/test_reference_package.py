"""The reference as a package: it has no dependencies, and its examples run."""

import ast
import doctest
import inspect
import pkgutil
from importlib import import_module

import pytest
from localgrad import reference

MODULES = [
    "localgrad.reference",
    *(f"localgrad.reference.{m.name}" for m in pkgutil.iter_modules(reference.__path__)),
]
ALLOWED = {
    "bisect",
    "collections.abc",
    "dataclasses",
    "itertools",
    "math",
    "numbers",
    "os",
    "secrets",
    "typing",
}


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_run(name: str) -> None:
    result = doctest.testmod(import_module(name))
    assert result.attempted > 0 or name == "localgrad.reference.base"  # which has private methods only
    assert result.failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_it_imports_only_itself_and_parts_of_the_standard_library(name: str) -> None:
    nodes = list(ast.walk(ast.parse(inspect.getsource(import_module(name)))))
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    outside = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    outside |= {node.module or "" for node in froms if node.level == 0}
    assert outside <= ALLOWED
    # One dot refers to this package; two would refer to localgrad itself.
    assert all(node.level <= 1 for node in froms)


def test_the_docstring_of_the_package_lists_the_modules() -> None:
    assert reference.__doc__ is not None
    for name in MODULES[1:]:
        assert f"`{name.rpartition('.')[2]}`" in reference.__doc__
    assert len(MODULES) >= 8
