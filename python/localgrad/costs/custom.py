"""Custom costs: functions passed as `cost`."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arguments.check import shown
from localgrad._arrays.objects import NUMBERS
from localgrad._arrays.rows import FloatArray, shape_of
from localgrad._arrays.tensors import is_tensor

# f(a, y) -> (cost of each example, gradient ∇_a c of each example)
CustomCost: TypeAlias = Callable[[FloatArray, FloatArray], tuple[ArrayLike, ArrayLike]]

Rows: TypeAlias = NDArray[Any]


def answer(
    cost: CustomCost, a: Rows, y: Rows, *, finite: bool = True, remedy: str = ""
) -> tuple[Rows, Rows, float]:
    """Call the cost with copies of the rows and check the result.

    Return the costs (n,) and the gradient (n, m) as float64, and the machine epsilon of the type they had.
    `remedy` is appended to the error for values that are not finite.
    """
    with np.errstate(all="ignore"):  # values that are not finite are reported below
        answer: Any = cost(a.copy(), y.copy())
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise TypeError(
            f"cost must return a tuple of 2 arrays, the costs and their gradient, got {shown(answer)}"
        )
    result, eps = [], 0.0
    for value, what, shape in ((answer[0], "costs", a.shape[:1]), (answer[1], "a gradient", a.shape)):
        array = _as_the_core_reads(value, f"cost must return {what} of shape {shape_of(np.empty(shape))}")
        if array.shape != shape:
            raise ValueError(f"cost must return {what} of shape {shape}, got {shape_of(array)}")
        if array.dtype.kind == "f":
            eps = max(eps, float(np.finfo(array.dtype).eps))
        array = array.astype(np.float64)
        if finite and not np.isfinite(array).all():
            raise ValueError(f"cost must return finite {what}, got {array[~np.isfinite(array)][0]}{remedy}")
        result.append(array)
    return result[0], result[1], eps


def _as_the_core_reads(value: Any, expected: str) -> Rows:
    """Convert with NumPy only, because the core does the same during training."""
    try:
        array = np.asarray(value)
    except Exception:
        remedy = "; detach it" if is_tensor(value) else ""
        raise TypeError(f"{expected}, real numbers, got {type(value).__name__}{remedy}") from None
    if array.dtype.kind not in NUMBERS:
        raise TypeError(f"{expected}, real numbers, got an array of dtype {array.dtype}")
    return array
