"""The calls of `Network.fit` and `Network.partial_fit`, with the penalty of scikit-learn.

The bodies of both methods are called, because `l2_by_rows`, the penalty that is divided by the number of rows
of each mini-batch, is not one of their arguments.
"""

import inspect
import threading
from typing import Any

from joblib.parallel import get_active_backend

from localgrad._arguments.regularization import ARGUMENTS
from localgrad._training.fit import fit
from localgrad._training.partial_fit import partial_fit
from localgrad.network import Network

_OF_REGULARIZATION = {one.name for one in ARGUMENTS}


def _defaults(method: Any) -> dict[str, Any]:
    parameters = inspect.signature(method).parameters.values()
    return {
        one.name: one.default
        for one in parameters
        if one.default is not one.empty and one.name not in _OF_REGULARIZATION
    }


_OF_FIT = _defaults(Network.fit)
_OF_PARTIAL_FIT = _defaults(Network.partial_fit)


def run_fit(network: Network, arguments: dict[str, Any]) -> None:
    """Call `Network.fit`."""
    fit(network, {**_OF_FIT, **_sorted(arguments)})


def run_partial_fit(network: Network, arguments: dict[str, Any]) -> float:
    """Call `Network.partial_fit`; return the cost."""
    return partial_fit(network, {**_OF_PARTIAL_FIT, **_sorted(arguments)})


def threads(n_threads: int | None) -> int | None:
    """Return `n_threads`, by default 1 in a thread of joblib: its other threads use the other processors."""
    if n_threads is not None or threading.current_thread() is threading.main_thread():
        return n_threads
    return 1 if getattr(get_active_backend()[0], "nesting_level", 0) else None


def _sorted(arguments: dict[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in arguments.items() if name not in _OF_REGULARIZATION}
    rest = {name: value for name, value in arguments.items() if name in _OF_REGULARIZATION}
    return {**own, "regularization": rest}
