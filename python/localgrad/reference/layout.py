"""The order of all parameters in one list: for each i the weights, input by input, then the biases."""

from collections.abc import Sequence
from itertools import pairwise

from .matrix import Vector, transpose
from .steps import Layer


def flatten(layers: Sequence[Layer]) -> Vector:
    """All weights and biases, or all partial derivatives, as one vector.

    Parameters
    ----------
    layers : sequence of Layer

    Returns
    -------
    vector

    Examples
    --------
    >>> flatten([Layer([[1.0, 2.0], [3.0, 4.0]], [5.0, 6.0])])
    [1.0, 3.0, 2.0, 4.0, 5.0, 6.0]
    """
    flat: Vector = []
    for w, b in layers:
        for from_one_input in transpose(w):
            flat += from_one_input
        flat += b
    return flat


def unflatten(flat: Vector, sizes: Sequence[int]) -> list[Layer]:
    """Undo `flatten`.

    Parameters
    ----------
    flat : vector
    sizes : sequence of int
        The widths of the layers, from the input to the output.

    Returns
    -------
    list of Layer

    Examples
    --------
    >>> unflatten([1.0, 3.0, 2.0, 4.0, 5.0, 6.0], [2, 2])
    [Layer(w=[[1.0, 2.0], [3.0, 4.0]], b=[5.0, 6.0])]
    """
    layers = []
    start = 0
    for fan_in, fan_out in pairwise(sizes):
        end = start + fan_in * fan_out
        by_input = [flat[row : row + fan_out] for row in range(start, end, fan_out)]
        layers.append(Layer(transpose(by_input), flat[end : end + fan_out]))
        start = end + fan_out
    return layers
