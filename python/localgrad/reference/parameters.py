"""The weights and biases of a network: their initialization, and all of them as one list."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from .data import vector
from .functions import Activation
from .layout import flatten, unflatten
from .matrix import Matrix, Vector
from .random_numbers import INITS, initial_layer
from .steps import Layer


class Parameters:
    """The parameters of a network.

    Attributes
    ----------
    sizes : tuple of int
        Widths of the layers, from the input to the output.
    weights : list of matrices
        weights[i][j][k] is w_jk of layer i + 2. Can be modified.
    biases : list of vectors
        biases[i][j] is b_j of layer i + 2. Can be modified.
    """

    sizes: tuple[int, ...]
    weights: list[Matrix]
    biases: list[Vector]

    def _draw(self, init: str, gains: Sequence[float], phis: Sequence[Activation], seed: int) -> None:
        if init not in ("auto", *INITS):
            raise ValueError(f"init must be one of {', '.join(('auto', *INITS))}, got {init!r}")
        layers = []
        shapes = pairwise(self.sizes)
        for i, ((fan_in, fan_out), phi, gain) in enumerate(zip(shapes, phis, gains, strict=True)):
            w, b = initial_layer(fan_in, fan_out, phi, init, seed, i)
            layers.append(Layer([[gain * w_jk for w_jk in row] for row in w], b))
        self._set_layers(layers)

    def _take(self, weights: Sequence[Any], biases: Sequence[Any]) -> None:
        layers = []
        count = len(self.sizes) - 1
        for values, name in ((weights, "init weights"), (biases, "init biases")):
            if len(values) != count:
                raise ValueError(f"{name} must have {count} layers, got {len(values)}")
        for i, (fan_in, fan_out) in enumerate(pairwise(self.sizes)):
            name = f"init weights[{i}]"
            if len(weights[i]) != fan_out:
                raise ValueError(f"{name} must have {fan_out} rows, got {len(weights[i])}")
            w = [vector(row, name, fan_in) for row in weights[i]]
            layers.append(Layer(w, vector(biases[i], f"init biases[{i}]", fan_out)))
        self._set_layers(layers)

    def _set_layers(self, layers: Sequence[Layer]) -> None:
        self.weights = [w for w, b in layers]
        self.biases = [b for w, b in layers]

    def _layers(self) -> list[Layer]:
        return [Layer(w, b) for w, b in zip(self.weights, self.biases, strict=True)]

    @property
    def num_parameters(self) -> int:
        """The number of weights and biases."""
        return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(self.sizes))

    @property
    def parameters(self) -> Vector:
        """All weights and biases as one list, in the order described in `layout`.

        The list is a copy. Assign to the property to change the network.

        Examples
        --------
        >>> from localgrad.reference import Network
        >>> net = Network([2, 1], init=([[[0.5, -1.0]]], [[0.25]]))
        >>> net.parameters = [2.0 * p for p in net.parameters]
        >>> net.weights, net.biases
        ([[[1.0, -2.0]]], [[0.5]])
        """
        return flatten(self._layers())

    @parameters.setter
    def parameters(self, value: Sequence[float]) -> None:
        self._set_layers(unflatten(vector(value, "parameters", self.num_parameters), self.sizes))
