"""The network and the data with which a fit starts."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from localgrad._arguments.check import shown
from localgrad._arguments.network import dropout_rates, init_gains
from localgrad.network import Network
from localgrad.sklearn.arguments import OF_NETWORK, given
from localgrad.sklearn.checks import Checked

Arrays = tuple[list[Any], list[Any]]  # weights (fan_in, fan_out) and biases of each layer


class Data(NamedTuple):
    """Examples, checked."""

    X: Any
    y: NDArray[Any]
    weights: NDArray[np.float64] | None

    @property
    def mean_weight(self) -> float:
        """Mean of the weights."""
        if self.weights is None:
            return 1.0
        mean = float(self.weights.mean())
        if not mean > 0:
            raise ValueError(f"sample_weight must be above 0 for at least 1 example, got a mean of {mean}")
        return mean

    def part(self, rows: NDArray[np.intp]) -> "Data":
        """Return some of the examples."""
        return Data(self.X[rows], self.y[rows], None if self.weights is None else self.weights[rows])


def split(data: Data, fraction: float, strata: NDArray[Any] | None, random: Any) -> tuple[Data, Data]:
    """Return the examples to train on and the validation data, drawn as by scikit-learn."""
    train, held = train_test_split(
        np.arange(len(data.y)), random_state=random, test_size=fraction, stratify=strata
    )
    if len(held) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
        )
    validation = data.part(held)
    if validation.weights is not None and not validation.weights.any():
        raise ValueError(
            "sample_weight must be above 0 for at least 1 example of the validation set, got 0 for all"
        )
    return data.part(train), validation


def initial_parameters(
    sizes: Sequence[int], activation: Sequence[str], gains: float | Sequence[float], random: Any
) -> Arrays:
    """Draw weights and biases, all uniform within the bound of Glorot & Bengio.

    They are drawn in the order of scikit-learn's estimators, so that the same `random_state` gives the same
    initial parameters as there.
    """
    layers = len(sizes) - 1
    names = [*activation, *(activation[-1:] or ["relu"])]  # the output layer is drawn as the last hidden one
    scales = init_gains(gains, layers, False)
    weights, biases = [], []
    for (fan_in, fan_out), name, gain in zip(pairwise(sizes), names, scales, strict=True):
        bound = gain * np.sqrt((2.0 if name == "sigmoid" else 6.0) / (fan_in + fan_out))
        weights.append(random.uniform(-bound, bound, (fan_in, fan_out)))
        biases.append(random.uniform(-bound, bound, fan_out))
    return weights, biases


def new_network(
    checked: Checked,
    values: Mapping[str, Any],
    sizes: Sequence[int],
    functions: Mapping[str, Any],
    dtype: np.dtype[Any],
    start: Arrays | None,
    seed: int,
) -> Network:
    """Return a network with the initial parameters `start`, or those of the argument `init`."""
    network = Network(
        sizes,
        activation=checked.activation,
        init="zeros" if start is not None else values["init"],
        dtype=checked.dtype or ("float32" if dtype == np.float32 else "float64"),
        seed=seed,
        **functions,
        **given(values, OF_NETWORK if start is not None else (*OF_NETWORK, "init_gain")),
    )
    if start is not None:
        for i, (w, b) in enumerate(zip(*start, strict=True)):
            network.weights[i] = w.T
            network.biases[i] = b
    return network


def check_same_options(
    network: Network, checked: Checked, values: Mapping[str, Any], functions: Mapping[str, Any]
) -> None:
    """Raise an error if continued training requires another network than the one trained so far."""
    if checked.hidden != list(network.sizes[1:-1]):
        raise ValueError(
            f"hidden_layer_sizes must be {network.sizes[1:-1]}, as in the previous fit, got "
            f"{shown(values['hidden_layer_sizes'])}"
        )
    old = dict(network._core_model.native.options)
    wanted = {"activation": checked.activation, **functions, **{name: values[name] for name in OF_NETWORK}}
    wanted["dropout"] = dropout_rates(values["dropout"], len(checked.hidden))
    if all(old[name] == value for name, value in wanted.items()):
        return
    # The same options can be written in several ways; a tiny network has them in the form of `old`.
    other = Network(
        [1] * (len(checked.hidden) + 1) + [network.sizes[-1]],
        activation=checked.activation,
        init="zeros",
        seed=0,
        **functions,
        **given(values, OF_NETWORK),
    )
    new = dict(other._core_model.native.options)
    for name in wanted:
        if old[name] != new[name]:
            argument = "loss" if name == "cost" and "loss" in values else name
            raise ValueError(f"{argument} must be {old[name]!r}, as in the previous fit, got {new[name]!r}")
