"""The network and the data with which a fit starts."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from localgrad._arguments.network import init_gains
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
    return data.part(train), data.part(held)


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
