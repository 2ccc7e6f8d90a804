"""Cross-fitting: for each row, the outputs of a network that was not trained on it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arguments.check import threads
from localgrad._arguments.members import is_sequence
from localgrad._arrays.rows import FloatArray
from localgrad._data.examples import Examples
from localgrad._support.late import import_late
from localgrad.fleet import Fleet
from localgrad.network import Network

_BLOCK = 1000  # rows whose activations are in memory at the same time
_MOST_EPOCHS, _PATIENCE = 100, 3  # without a number of epochs


def cross_fit(
    net: Network, X: ArrayLike, y: ArrayLike, rows: NDArray[np.bool_], fit: Mapping[str, Any]
) -> Fleet:
    """Return untrained copies of the network, each trained on the rows of one mask.

    `fit` holds arguments of `Fleet.fit`. If `epochs` is None, each member is trained until the cost of the
    other rows no longer falls, and keeps its parameters of the best epoch.
    """
    fleet = Fleet.of([net.copy().reset() for _ in rows])
    arguments = dict(fit)
    # For a fleet, a sequence has one value for each member.
    for name, value in arguments.pop("regularization").items():
        arguments[name] = [value] * len(rows) if is_sequence(value) else value
    if arguments["epochs"] is None:
        import_late("localgrad.callbacks")
        from localgrad.callbacks import EarlyStopping

        arguments["epochs"] = _MOST_EPOCHS
        arguments["callbacks"] = [EarlyStopping("val_cost", patience=_PATIENCE, restore_best=True)]
        arguments |= {"validation": "rest", "metrics": ()}
    fleet.fit(X, y, rows=rows, **arguments)
    return fleet


def out_of_sample(
    fleet: Fleet, data: Examples, rows: NDArray[np.bool_], n_threads: int | None
) -> tuple[FloatArray, FloatArray]:
    """Return z and a of the output layer, (n, m_L) each, of the member that was not trained on the row."""
    team = threads(n_threads)
    z = np.empty((len(data), fleet.sizes[-1]), fleet[0].dtype)
    a = np.empty_like(z)
    for net, mask in zip(fleet, rows, strict=True):
        index = np.flatnonzero(~mask)
        for start in range(0, len(index), _BLOCK):
            block = index[start : start + _BLOCK]
            layers = net._core_model.native.forward(data.rows[block], team, "X")
            z[block], a[block] = (of_layers[-1] for of_layers in layers)
    return z, a
