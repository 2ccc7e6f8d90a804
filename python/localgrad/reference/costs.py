"""How a cost is found by its name."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from . import classification, regression  # noqa: F401  they put their costs on the list
from .functions import COSTS, Cost, find
from .matrix import Vector

# Outputs that stand for classes: for them labels and an accuracy have a meaning.
CLASSIFIERS = ("softmax", "sigmoid")

# f(a, y) of several rows, that gives the cost of each and the rows of ∇_a c.
CustomCost = Callable[[list[Vector], list[Vector]], tuple[Sequence[Any], Sequence[Any]]]


def cost(text: str | CustomCost, output: str, argument: str = "cost") -> Cost:
    """Find a cost by its name, with its parameters if it has any; or take one that somebody wrote.

    Parameters
    ----------
    text : str or callable
        Such as "mse" or "huber(0.5)".
    output : str
        The activation of the output layer, without parameters.
    argument : str
        What an error message calls the cost.

    Returns
    -------
    Cost

    Raises
    ------
    ValueError
        If the name is unknown, a parameter is out of its range, or the output does not fit.

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
    """Make a cost of a function of rows; here it is given one row at a time.

    Parameters
    ----------
    f : callable
        f(a, y), with rows of outputs and of targets, gives the cost of each row, and for each row ∇_a c.

    Returns
    -------
    Cost

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
            raise ValueError(f"cost must return rows of {len(a)} slopes, got {len(slopes)}")
        return slopes

    return Cost(lambda z, a, y: float(f([a], [y])[0][0]), gradient)
