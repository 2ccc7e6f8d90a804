"""Names of activations and costs, and costs of the user's own."""

from collections.abc import Callable, Collection
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arrays import FloatArray, exact, numeric, shape_of
from localgrad._check import choice, shown

__all__ = ["CheckedCost", "CustomCost", "function_name", "in_terms_of"]

# f(a, y) -> (the cost of each example, its gradient ∇_a c)
CustomCost: TypeAlias = Callable[[FloatArray, FloatArray], tuple[ArrayLike, ArrayLike]]


def function_name(value: Any, name: str, known: Collection[str]) -> str:
    """Return a name, with its parameters if it has any; what may stand in parentheses the core knows."""
    if not isinstance(value, str):
        choice(value, name, known)
    bare, parenthesis, _ = value.partition("(")
    if bare.strip() not in known or (parenthesis and bare not in known):
        choice(value, name, known)
    return str(value)


def in_terms_of(function: str, variables: str) -> str:
    """Write a function of some variables, its parameters behind a semicolon.

    Examples
    --------
    >>> in_terms_of("tanh", "z"), in_terms_of("leaky_relu(0.2)", "z")
    ('tanh(z)', 'leaky_relu(z; 0.2)')
    """
    bare, _, parameters = function.rstrip(")").partition("(")
    return f"{bare}({variables}; {parameters})" if parameters else f"{bare}({variables})"


class CheckedCost:
    """A cost of the user's own as the core calls it: what it answers is checked and in the core's types."""

    def __init__(self, function: CustomCost, dtype: np.dtype[Any]) -> None:
        self._function = function
        self._dtype = dtype

    def __call__(self, a: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the cost of each example (n,) and the gradient of each by a, (n, m_L)."""
        answer: Any = self._function(a, y)
        if not isinstance(answer, tuple | list):
            raise TypeError(f"cost must return a pair (costs, gradients), given {shown(answer)}")
        if len(answer) != 2:
            raise ValueError(f"cost must return a pair (costs, gradients), given {len(answer)} things")
        costs = self._array(answer[0], "costs", a.shape[:1], np.dtype(np.float64))
        return costs, self._array(answer[1], "gradients", a.shape, self._dtype)

    def _array(
        self, value: ArrayLike, what: str, shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> NDArray[Any]:
        array = numeric(value, f"the {what} that cost returns")
        if array.shape != shape:
            raise ValueError(f"cost must return {what} of shape {shape}, given {shape_of(array)}")
        return exact(array, dtype)
