"""Conversion between layers and one list of all parameters.

The list contains, for each layer, first the weights and then the biases. The weights are ordered by input
unit: first all weights from unit 0, then all weights from unit 1, and so on. Input scales s follow at the
end, like the biases of a layer without weights: Layer([], s).
"""

from collections.abc import Sequence
from itertools import pairwise

from .matrix import Vector, transpose
from .steps import Layer


def flatten(layers: Sequence[Layer]) -> Vector:
    """Return all weights and biases, or their partial derivatives, as one vector.

    Parameters
    ----------
    layers : sequence of Layer
        The layers.

    Returns
    -------
    vector
        The numbers in the order described above.

    Examples
    --------
    >>> flatten([Layer([[1.0, 2.0], [3.0, 4.0]], [5.0, 6.0])])
    [1.0, 3.0, 2.0, 4.0, 5.0, 6.0]
    """
    flat: Vector = []
    for w, b in layers:
        for from_one_input in transpose(w):  # columns of w: the weights from one input to all units
            flat += from_one_input
        flat += b
    return flat


def unflatten(flat: Vector, sizes: Sequence[int]) -> list[Layer]:
    """Return the layers of one vector of parameters, the inverse of `flatten`.

    Parameters
    ----------
    flat : vector
        The parameters.
    sizes : sequence of int
        Widths of the layers, from the input to the output.

    Returns
    -------
    list of Layer
        The layers, and last the input scales, if there are numbers left for them.

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
    return [*layers, Layer([], flat[start:])] if start < len(flat) else layers
