"""The regularization arguments are declared once and shared by every method that takes them."""

import inspect
import pydoc

import localgrad as lg
import pytest
from localgrad._arguments.regularization import ARGUMENTS

METHODS = ["fit", "partial_fit", "lr_finder", "plan"]


@pytest.mark.parametrize("name", METHODS)
def test_signatures_and_help_show_the_arguments(name):
    method = getattr(lg.Network, name)
    parameters = inspect.signature(method).parameters
    assert len(ARGUMENTS) == 10
    assert [parameters[one.name] for one in ARGUMENTS] == ARGUMENTS
    assert "regularization" not in parameters
    text = pydoc.plain(pydoc.render_doc(method))
    assert all(f" {one.name}: " in text.partition(" -> ")[0] for one in ARGUMENTS)


@pytest.mark.parametrize("name", METHODS)
def test_misspelled_names_raise_with_a_suggestion(name):
    net = lg.Network([2, 1])
    data = () if name == "plan" else ([[1.0, 2.0]], [1.0])
    with pytest.raises(TypeError, match=r"'clip_nrm'; did you mean '?clip_norm"):
        getattr(net, name)(*data, clip_nrm=1.0)
    with pytest.raises(TypeError, match="'regularization'"):
        getattr(net, name)(*data, regularization={})
