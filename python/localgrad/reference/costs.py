"""Costs by name, and custom costs."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from . import classification, regression  # noqa: F401  importing them fills COSTS
from .functions import COSTS, Cost, find
from .matrix import Vector

# Outputs of classifiers, which support labels as targets and have an accuracy.
CLASSIFIERS = ("softmax", "sigmoid")

# f(a, y) of several examples, one per row; returns the cost and ∇_a c of each.
CustomCost = Callable[[list[Vector], list[Vector]], tuple[Sequence[Any], Sequence[Any]]]


def cost(text: str | CustomCost, output: str, argument: str = "cost") -> Cost:
    """Return the cost of a name, which may include parameters, or of a user-defined function.

    Parameters
    ----------
    text : str or callable
        Name, such as "mse" or "huber(0.5)", or function; see `custom`.
    output : str
        Activation of the output layer, without parameters.
    argument : str
        Name of the argument for error messages.

    Returns
    -------
    Cost
        The cost.

    Raises
    ------
    ValueError
        If the name is unknown, a parameter is out of range, or the cost does not support this output.

    Examples
    --------
    >>> cost("huber(0.5)", "identity").gradient([3.0], [1.0])
    [0.5]
    >>> cost("mse", "sigmoid").labels
    (0.0, 1.0)
    """
    if callable(text):
        found = custom(text)
    else:
        _, family, parameters = find(text, argument, COSTS)
        found = family.make(output, *parameters)
    if output in CLASSIFIERS and found.labels is None and found.heads == 1:
        return replace(found, labels=(0.0, 1.0))
    return found


def custom(f: CustomCost) -> Cost:
    """Return the cost of a user-defined function. The reference calls it with one row at a time.

    Parameters
    ----------
    f : callable
        Function f(a, y) of rows of outputs and rows of targets that returns the cost of each row, and ∇_a c
        of each row.

    Returns
    -------
    Cost
        The cost.

    Examples
    --------
    >>> def quartic(a, y):
    ...     e = [[a_k - y_k for a_k, y_k in zip(*row)] for row in zip(a, y)]
    ...     return [sum(v**4 for v in row) for row in e], [[4 * v**3 for v in row] for row in e]
    >>> custom(quartic).value([], [3.0], [1.0]), custom(quartic).gradient([3.0], [1.0])
    (16.0, [32.0])
    """

    def gradient(a: Vector, y: Vector) -> Vector:
        slopes = [float(v) for v in f([a], [y])[1][0]]
        if len(slopes) != len(a):
            raise ValueError(f"cost must return gradients of width {len(a)}, got {len(slopes)}")
        return slopes

    return Cost(lambda z, a, y: float(f([a], [y])[0][0]), gradient)
