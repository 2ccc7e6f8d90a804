"""Views of the parameter buffer, and assignment to them."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from localgrad._arguments.check import integer
from localgrad._arrays.rows import FloatArray, exact, numeric, shape_of


class Views(Sequence[FloatArray]):
    """The weights or the biases of each layer: writable views that share the network's buffer.

    ``views[i] = value`` copies an array of the same shape with finite values into the buffer. Operations such
    as ``views[i] -= g`` work in place.
    """

    def __init__(
        self,
        name: str,
        view: Callable[[int], FloatArray],
        count: int,
        changing: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._name = name
        self._view = view
        self._count = count
        self._changing = changing

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, i: int) -> FloatArray: ...
    @overload
    def __getitem__(self, i: slice) -> list[FloatArray]: ...
    def __getitem__(self, i: int | slice) -> FloatArray | list[FloatArray]:
        if isinstance(i, slice):
            return [self._view(k) for k in range(*i.indices(self._count))]
        return self._view(self._index(i))

    def __setitem__(self, i: int, value: ArrayLike) -> None:
        k = self._index(i)
        with self._changing():
            assign(self._view(k), value, f"{self._name}[{k}]")

    def _index(self, i: int) -> int:
        k = integer(i, f"the index of {self._name}")
        if not -self._count <= k < self._count:
            raise IndexError(f"the index of {self._name} must be in [{-self._count}, {self._count}), got {k}")
        return k % self._count

    def __repr__(self) -> str:
        return f"<{self._name} of shapes {', '.join(shape_of(view) for view in self)}>"


def assign(view: FloatArray, value: ArrayLike, name: str) -> None:
    """Copy an array of exactly the view's shape, with finite values, into the view."""
    # ``views[i] -= g`` works in place and then assigns the view to itself.
    if isinstance(value, np.ndarray) and _same_memory(value, view):
        return
    array = numeric(value, name)
    if array.shape != view.shape:
        raise ValueError(f"{name} must have shape {shape_of(view)}, got {shape_of(array)}")
    array = exact(array, view.dtype)
    finite = np.isfinite(array)
    if not finite.all():
        where = tuple(int(k) for k in np.argwhere(~finite)[0])
        raise ValueError(f"{name} must be finite, got {array[where]} at index {where}")
    view[...] = array


def _same_memory(one: FloatArray, other: FloatArray) -> bool:
    return (
        one.dtype == other.dtype
        and one.shape == other.shape
        and one.strides == other.strides
        # .ctypes also has the address, but takes ten times as long
        and bool(one.__array_interface__["data"][0] == other.__array_interface__["data"][0])
    )
