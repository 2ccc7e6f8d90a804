"""The calls of `Network.fit` and `Network.partial_fit`, with the penalty of scikit-learn.

The bodies of both methods are called, because `l2_by_rows`, the penalty that is divided by the number of rows
of each mini-batch, is not one of their arguments.
"""

import inspect
from typing import Any

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


def _sorted(arguments: dict[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in arguments.items() if name not in _OF_REGULARIZATION}
    rest = {name: value for name, value in arguments.items() if name in _OF_REGULARIZATION}
    return {**own, "regularization": rest}
