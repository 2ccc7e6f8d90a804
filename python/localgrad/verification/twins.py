"""The same network in float64, and in the reference."""

from collections.abc import Callable
from typing import Any

import numpy as np

from localgrad._support.late import import_late
from localgrad.costs.custom import CustomCost, answer
from localgrad.network import Network


def in_float64(net: Network) -> Network:
    """Return a network of float64 with the same parameters and functions, without dropout and noise."""
    model = net._core_model
    twin = Network(
        model.sizes,
        activation=model.activation,
        output=model.output,
        cost=model.custom_cost or model.cost,
        init="zeros",
        input_scale=net.input_scale,
        standardize=net.standardize,
        learn_input_scale=net.learn_input_scale,
        dtype="float64",
        seed=0,
    )
    twin.parameters = model.native.parameters
    twin._core_model.native.standardization = model.native.standardization
    return twin


def in_reference(net: Network) -> Any:
    """Return the same network in pure Python."""
    import_late("localgrad.reference")
    from localgrad.reference import Network as ReferenceNetwork
    from localgrad.reference import standardization

    model = net._core_model
    twin = ReferenceNetwork(
        model.sizes,
        activation=model.activation,
        output=model.output,
        cost=model.cost if model.custom_cost is None else _of_lists(model.custom_cost),
        init="zeros",
        input_scale=net.input_scale,
        standardize=net.standardize,
        learn_input_scale=net.learn_input_scale,
        seed=0,
    )
    twin.parameters = model.native.parameters.astype(np.float64).tolist()
    learned = net.standardization
    if learned is not None:
        mean, std = learned.target_mean, learned.target_std
        twin.standardization = standardization.Standardization(
            learned.input_mean.tolist(),
            learned.input_std.tolist(),
            None if mean is None else mean.tolist(),
            None if std is None else std.tolist(),
        )
    return twin


def _of_lists(cost: CustomCost) -> Callable[[Any, Any], tuple[Any, Any]]:
    """Return the custom cost as a function of lists of rows."""

    def of_lists(a: Any, y: Any) -> tuple[Any, Any]:
        return answer(cost, np.array(a, np.float64), np.array(y, np.float64))[:2]

    return of_lists
