"""Every option of the core's list is kept by copies, pickles and files, and shown by the network."""

import os
import pickle

import localgrad as lg
import pytest
from localgrad import _core

NAMES = {"activation": ["tanh"], "output": "sigmoid", "cost": "mae", "init": "he"}
DEFAULTS = _core.Network32([3, 4, 2]).options


def another(name, default):
    """Return a value of the option that is not the default, whichever option it is."""
    if name in NAMES:
        return NAMES[name]
    if isinstance(default, list):
        return [0.25] * len(default)
    return {bool: True, int: 7, float: 0.25}[type(default)]


OTHERS = {name: another(name, default) for name, default in DEFAULTS.items()}


@pytest.mark.parametrize("name", DEFAULTS)
def test_an_option_is_kept(name, tmp_path):
    native = _core.Network32([3, 4, 2], {name: OTHERS[name]})
    assert native.options == DEFAULTS | {name: OTHERS[name]}
    native.save(os.fsencode(tmp_path / "net"))
    for again in (native.copy(), _core.load(os.fsencode(tmp_path / "net"))):
        assert again.options == native.options


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_network_shows_and_pickles_it(name):
    arguments = {name: OTHERS[name]} if name != "init_given" else {"init": ([[[1.0] * 3]], [[0.0]])}
    net = lg.Network([3, 1] if name == "init_given" else [3, 4, 2], **arguments)
    again = pickle.loads(pickle.dumps(net))
    assert again._core_model.native.options == net._core_model.native.options
    assert net._core_model.native.options[name] == OTHERS[name]
    if name != "init_given":
        shown = getattr(net, name)
        assert (list(shown) if isinstance(shown, tuple) else shown) == OTHERS[name]


def test_what_is_no_option_or_of_another_kind_is_a_type_error():
    with pytest.raises(TypeError, match=r"options must be those of a network, got \{'no': 1\}"):
        _core.Network32([1, 1], {"no": 1})
    for name in DEFAULTS:
        with pytest.raises(TypeError, match=f"{name} must be of its kind, got <class 'object'>"):
            _core.Network32([1, 1], {name: object()})
