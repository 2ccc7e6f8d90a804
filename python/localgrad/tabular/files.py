"""Files of estimators: a checkpoint file with the networks, and the rest as JSON in its metadata.

The file has the format of a checkpoint without state of an optimizer. Its network is the first one; the
parameters of network k of list g are in the tensor ``arrays.network.g.k``. The note ``tabular`` is a JSON
object: the version of this format, the name of the estimator, the description of each network, and the
description of the estimator.
"""

import json
import os
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

import localgrad._core as _core
from localgrad._arguments.check import file_path
from localgrad._model.model import Model
from localgrad._model.pickled import described as of_network
from localgrad._model.pickled import restored
from localgrad.history import History
from localgrad.network import Network
from localgrad.tabular import described

_NOTE = "tabular"
_VERSION = 1
_NO_STATE: Any = ("sgd", 0, 1.0, 0, [], None)  # of an optimizer


class Content(NamedTuple):
    """Content of a file."""

    estimator: str
    networks: list[list[Network]]
    description: dict[str, Any]


def save(
    path: str | os.PathLike[str],
    estimator: str,
    networks: Sequence[Sequence[Network]],
    description: Mapping[str, Any],
) -> None:
    """Write a file atomically."""
    natives = [[one._core_model.native for one in some] for some in networks]
    arrays = {
        _name(g, k): one.parameters.copy()
        for g, some in enumerate(natives)
        for k, one in enumerate(some)
        if (g, k) != (0, 0)
    }
    kinds = [[{**of_network(one), "parameters": None} for one in some] for some in natives]
    note = {"version": _VERSION, "estimator": estimator, "networks": kinds, **description}
    text = json.dumps(note, allow_nan=False)
    _core.save_checkpoint(file_path(path), natives[0][0], _NO_STATE, {_NOTE: text}, arrays)


def load(path: str | os.PathLike[str]) -> Content:
    """Read a file; raise a ValueError if it is not one of these or is damaged."""
    native, _, notes, arrays = _core.load_checkpoint(file_path(path))
    if _NOTE not in notes:
        raise ValueError("the file contains a network, but no estimator of localgrad.tabular")
    note = described.parse(notes[_NOTE], f"the note {_NOTE!r}")
    if (version := described.count(note, "version")) != _VERSION:
        raise ValueError(f"version must be {_VERSION}, got {version}; a newer localgrad may read it")
    arrays = {**arrays, _name(0, 0): native.parameters}
    kinds = described.field(note, "networks", list)
    networks: list[list[Network]] = []
    for g, some in enumerate(kinds):
        if not isinstance(some, list) or not some or not all(isinstance(one, dict) for one in some):
            raise ValueError("networks must be lists of JSON objects, of at least one each")
        networks.append([_network(one, arrays.pop(_name(g, k), None)) for k, one in enumerate(some)])
    if not networks or arrays:
        raise ValueError(f"networks must describe each array, got none for {sorted(arrays)}")
    return Content(described.text(note, "estimator"), networks, note)


def plain(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of an estimator as JSON values; None for those that have no such form."""
    return {name: _plain(value) for name, value in arguments.items()}


def argument(value: Any) -> Any:
    """Return an argument from its JSON value."""
    if isinstance(value, dict):
        pairs = value.get("items")
        if not isinstance(pairs, list) or not all(isinstance(one, list) and len(one) == 2 for one in pairs):
            raise ValueError(f"arguments must be JSON values or items, got {value!r:.60}")
        return {key: one for key, one in pairs if isinstance(key, str | int | float)}
    return tuple(value) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Mapping):
        return {"items": [[_plain(key), _plain(one)] for key, one in value.items()]}
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Sequence | np.ndarray):
        return [_plain(one) for one in value]
    return float(value) if isinstance(value, Real) else None


def _name(g: int, k: int) -> str:
    return f"network.{g}.{k}"


def _network(kind: Mapping[str, Any], parameters: Any) -> Network:
    native, custom_cost, _ = restored({"_network": {**kind, "parameters": parameters}})
    network = Network.__new__(Network)  # without __init__, which would draw new parameters
    network._adopt(Model(native, custom_cost), History())
    return network
