"""Which rows of the training's data are kept for validation."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arguments.check import real, shown

__all__ = ["HoldOut"]


@dataclass(frozen=True, eq=False, repr=False)
class HoldOut:
    """A share of the rows that `localgrad.Network.fit` keeps for validation, in whole groups.

    For rows that belong together, such as several images of one patient: no group is on both sides, so that
    the validation measures what the network makes of groups that it has not seen.

    Parameters
    ----------
    share : float
        The share of the rows, above 0 and below 1, met as nearly as whole groups allow; if it is missed by
        more than half of it, there is a `localgrad.warnings.HoldOutWarning`. (scikit-learn's
        `GroupShuffleSplit` counts groups, not rows.)
    groups : array_like of shape (n,)
        The group of each row: numbers, strings or other hashable values, at least two different ones.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be.

    Notes
    -----
    Groups are drawn by the network's seed. With labels, groups are held out so that each class has about its
    share among the rows held out, and no class is only among them. With ``shuffle=False`` the last groups are
    held out; the rows of a group must then be adjacent.

    Examples
    --------
    Five patients with four images each:

    >>> import localgrad as lg
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(20, 8)), rng.integers(0, 2, 20)
    >>> patients = np.repeat(["Ann", "Bob", "Cem", "Dia", "Eva"], 4)
    >>> net = lg.Network([8, 4, 2], output="softmax", seed=0)
    >>> history = net.fit(X, y, epochs=3, validation=lg.HoldOut(0.2, groups=patients))
    >>> len(history["val_accuracy"])
    3
    """

    share: float
    groups: ArrayLike

    def __init__(self, share: float, *, groups: ArrayLike) -> None:
        object.__setattr__(self, "share", real(share, "share", above=0.0, below=1.0))
        object.__setattr__(self, "groups", groups)
        if isinstance(groups, str | bytes) or not hasattr(groups, "__len__"):
            raise TypeError(f"groups must be a sequence of n groups, one for each row, got {shown(groups)}")

    def __repr__(self) -> str:
        return f"HoldOut({self.share}, groups=...)"

    def _numbers(self, n: int) -> NDArray[np.intp]:
        """Return the group of each of n rows as a number, in the order of their first rows."""
        array = _array(self.groups)
        if array.shape != (n,):
            raise ValueError(f"groups must have shape ({n},), one for each row of X, got {array.shape}")
        if array.dtype.kind == "O":
            return _numbered(array)
        _, first, inverse = np.unique(array, return_index=True, return_inverse=True)
        missing = array != array  # not a number, or not a time
        if missing.any():
            raise ValueError(f"groups must name a group for each row, got nan at row {np.argmax(missing)}")
        rank = np.empty(len(first), np.intp)
        rank[np.argsort(first)] = np.arange(len(first))
        numbers: NDArray[np.intp] = rank[inverse]
        return numbers


def _array(groups: Any) -> NDArray[Any]:
    """Return groups as an array; those of a list as they are: NumPy would make one type of all."""
    if not isinstance(groups, Sequence) or hasattr(type(groups), "__array__"):
        return np.asarray(groups)
    array = np.empty(len(groups), object)
    for row, group in enumerate(groups):
        # Tensors and arrays of one number are equal if their numbers are.
        alone = getattr(group, "shape", None) == () and not isinstance(group, np.generic)
        array[row] = group.item() if alone else group
    return array


def _is_missing(group: Any) -> bool:
    if isinstance(group, tuple):
        return any(map(_is_missing, group))
    if group is None or type(group).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(group, Number | np.generic) and bool(group != group)


def _numbered(groups: NDArray[Any]) -> NDArray[np.intp]:
    numbers: dict[Any, int] = {}
    result = np.empty(len(groups), np.intp)
    for row, group in enumerate(groups):
        if _is_missing(group):
            raise ValueError(f"groups must name a group for each row, got {group} at row {row}")
        try:
            result[row] = numbers.setdefault(group, len(numbers))
        except TypeError:
            raise TypeError(f"groups must be hashable, got {shown(group)} at row {row}") from None
    return result
