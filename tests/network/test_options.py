"""Copies, pickles and files keep every option of the core, and the network has a property for it."""

import os
import pickle

import localgrad as lg
import pytest
from localgrad import _core

NAMES = {"activation": ["tanh"], "output": "sigmoid", "cost": "mae", "init": "he"}
DEFAULTS = _core.Network32([3, 4, 2]).options


def another(name, default):
    """Return a value of the option other than the default."""
    if name in NAMES:
        return NAMES[name]
    if isinstance(default, list):
        return [0.25] * len(default)
    return {bool: True, int: 7, float: 0.25}[type(default)]


OTHERS = {name: another(name, default) for name, default in DEFAULTS.items()}


@pytest.mark.parametrize("name", DEFAULTS)
def test_copies_and_files_keep_the_option(name, tmp_path):
    native = _core.Network32([3, 4, 2], {name: OTHERS[name]})
    assert native.options == DEFAULTS | {name: OTHERS[name]}
    native.save(os.fsencode(tmp_path / "net"))
    for again in (native.copy(), _core.load(os.fsencode(tmp_path / "net"))):
        assert again.options == native.options


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_network_has_a_property_and_pickles_it(name):
    arguments = {name: OTHERS[name]} if name != "init_given" else {"init": ([[[1.0] * 3]], [[0.0]])}
    net = lg.Network([3, 1] if name == "init_given" else [3, 4, 2], **arguments)
    again = pickle.loads(pickle.dumps(net))
    assert again._core_model.native.options == net._core_model.native.options
    assert net._core_model.native.options[name] == OTHERS[name]
    if name != "init_given":
        shown = getattr(net, name)
        assert (list(shown) if isinstance(shown, tuple) else shown) == OTHERS[name]


def test_unknown_options_and_wrong_types_raise():
    with pytest.raises(TypeError, match=r"options must only have options of a network, got \{'no': 1\}"):
        _core.Network32([1, 1], {"no": 1})
    for name in DEFAULTS:
        with pytest.raises(TypeError, match=f"{name} must have the right type, got <class 'object'>"):
            _core.Network32([1, 1], {name: object()})
