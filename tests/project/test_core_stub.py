"""The stub `_core.pyi` declares exactly the names, methods and parameters of the extension."""

import ast
import re
from pathlib import Path

import localgrad
import pytest
from localgrad import _core

# The stub is next to the package's own files; an editable install may have the extension elsewhere.
STUB = ast.parse((Path(localgrad.__file__).parent / "_core.pyi").read_text())


def is_for_types_only(node):
    return any(isinstance(d, ast.Name) and d.id == "type_check_only" for d in node.decorator_list)


def parameter_names(function):
    return [argument.arg for argument in function.args.args]


def stub_classes():
    return {node.name: node for node in STUB.body if isinstance(node, ast.ClassDef)}


def stub_members(node):
    """Return name -> parameters of methods, or None for properties and attributes, including base classes."""
    members = {}
    for base in node.bases:
        if base.id in stub_classes():
            members |= stub_members(stub_classes()[base.id])
    for item in node.body:
        if isinstance(item, ast.FunctionDef):
            members[item.name] = None if item.decorator_list else parameter_names(item)
        elif isinstance(item, ast.AnnAssign):
            members[item.target.id] = None
    return members


def native_parameters(function):
    """Return the parameters of the first signature in a docstring of pybind11: `name(x: object) -> U`."""
    signature = re.search(r"\w+\((.*)\) ->", function.__doc__).group(1)
    signature = re.sub(r"\[[^\[\]]*(\[[^\[\]]*\])*[^\[\]]*\]", "", signature)  # commas inside types
    return [parameter.split(":")[0].strip() for parameter in signature.split(",") if parameter.strip()]


def native_members(kind):
    members = {
        name: None if isinstance(value, property) else native_parameters(value)
        for name, value in vars(kind).items()
        if not name.startswith("_")
    }
    members |= {name: ["self"] for name in ("__enter__", "__exit__") if name in vars(kind)}
    if kind.__doc__:  # the signature; without it, only the core creates instances
        members["__init__"] = ["self", *native_parameters(kind)]
    return members


CLASSES = [name for name, node in stub_classes().items() if not is_for_types_only(node)]


def test_names_are_the_same():
    functions = [node.name for node in STUB.body if isinstance(node, ast.FunctionDef)]
    constants = [node.target.id for node in STUB.body if isinstance(node, ast.AnnAssign)]
    ours = {name for name in vars(_core) if not re.fullmatch(r"__(?!version__)\w+__|_pybind11_\w+", name)}
    assert ours == {*functions, *CLASSES, *constants}


@pytest.mark.parametrize("name", CLASSES)
def test_members_and_their_parameters_are_the_same(name):
    assert native_members(getattr(_core, name)) == stub_members(stub_classes()[name])


@pytest.mark.parametrize(
    "node", [n for n in STUB.body if isinstance(n, ast.FunctionDef)], ids=lambda n: n.name
)
def test_parameters_of_functions_are_the_same(node):
    assert native_parameters(getattr(_core, node.name)) == parameter_names(node)


def test_the_keys_of_names_are_the_same():
    assert set(_core.names()) == set(stub_members(stub_classes()["Names"]))


def test_the_keys_of_options_are_the_same():
    assert set(_core.Network32([1, 1]).options) == set(stub_members(stub_classes()["Options"]))
