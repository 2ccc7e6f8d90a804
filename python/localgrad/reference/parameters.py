"""The weights and biases of a network: their initialization, and all of them as one list."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from .data import vector
from .functions import Activation
from .layout import flatten, unflatten
from .matrix import Matrix, Vector, hadamard
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
    input_scales : vector or None
        input_scales[k] is s_k, the factor of input k, initially 1. Can be modified. None unless the network
        learns them.
    """

    sizes: tuple[int, ...]
    weights: list[Matrix]
    biases: list[Vector]
    input_scales: Vector | None = None

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
        count = len(self.sizes) - 1
        self.weights = [w for w, b in layers[:count]]
        self.biases = [b for w, b in layers[:count]]
        if len(layers) > count:
            self.input_scales = layers[count].b

    def _layers(self) -> list[Layer]:
        return [Layer(w, b) for w, b in zip(self.weights, self.biases, strict=True)]

    def _all_layers(self) -> list[Layer]:
        """Return the layers, and last the input scales, if there are any."""
        return [*self._layers(), *([] if self.input_scales is None else [Layer([], self.input_scales)])]

    def _scaled(self, x: Vector) -> Vector:
        return x if self.input_scales is None else hadamard(self.input_scales, x)

    @property
    def num_parameters(self) -> int:
        """The number of weights, biases and input scales."""
        count = sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(self.sizes))
        return count if self.input_scales is None else count + self.sizes[0]

    @property
    def parameters(self) -> Vector:
        """All parameters as one list, in the order described in `layout`.

        The list is a copy. Assign to the property to change the network.

        Examples
        --------
        >>> from localgrad.reference import Network
        >>> net = Network([2, 1], init=([[[0.5, -1.0]]], [[0.25]]))
        >>> net.parameters = [2.0 * p for p in net.parameters]
        >>> net.weights, net.biases
        ([[[1.0, -2.0]]], [[0.5]])
        """
        return flatten(self._all_layers())

    @parameters.setter
    def parameters(self, value: Sequence[float]) -> None:
        self._set_layers(unflatten(vector(value, "parameters", self.num_parameters), self.sizes))
