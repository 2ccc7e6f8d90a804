"""Names of activations and costs, and costs of the user's own."""

from collections.abc import Callable
from typing import TypeAlias

from numpy.typing import ArrayLike

from localgrad._arrays.rows import FloatArray

__all__ = ["CustomCost", "in_terms_of"]

# f(a, y) -> (the cost of each example, its gradient ∇_a c)
CustomCost: TypeAlias = Callable[[FloatArray, FloatArray], tuple[ArrayLike, ArrayLike]]


def in_terms_of(function: str, variables: str) -> str:
    """Write a function of some variables, its parameters behind a semicolon.

    Examples
    --------
    >>> in_terms_of("tanh", "z"), in_terms_of("leaky_relu(0.2)", "z")
    ('tanh(z)', 'leaky_relu(z; 0.2)')
    """
    bare, _, parameters = function.rstrip(")").partition("(")
    return f"{bare}({variables}; {parameters})" if parameters else f"{bare}({variables})"
