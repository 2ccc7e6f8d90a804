"""Holding out groups of examples for validation."""

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
    """Fraction of the examples that `Network.fit` holds out for validation, in whole groups.

    Use it for examples that belong together, such as several images of one patient. No group is split between
    training and validation data, so the validation cost estimates the performance on unseen groups.

    Parameters
    ----------
    share : float
        Fraction of the examples to hold out, above 0 and below 1. The held-out fraction is as close to
        it as whole groups allow; if the difference is more than half of `share`,
        `localgrad.warnings.HoldOutWarning` is issued. In contrast, ``test_size`` of scikit-learn's
        ``GroupShuffleSplit`` is a fraction of the groups.
    groups : array_like of shape (n,)
        Group of each example: numbers, strings or other hashable values. At least two groups.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid.

    Notes
    -----
    The groups are drawn with the seed of the network. If the targets are labels, the held-out examples have
    about the same proportions of classes as all examples, and no class is held out completely. With
    ``shuffle=False`` the last groups are held out; the examples of each group must then be adjacent.

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
        # Not self.share = ..., because instances are frozen.
        object.__setattr__(self, "share", real(share, "share", above=0.0, below=1.0))
        object.__setattr__(self, "groups", groups)
        if isinstance(groups, str | bytes) or not hasattr(groups, "__len__"):
            raise TypeError(f"groups must be a sequence with one group per row, got {shown(groups)}")

    def __repr__(self) -> str:
        return f"HoldOut({self.share}, groups=...)"

    def _numbers(self, n: int, index: NDArray[np.uint32] | None = None) -> NDArray[np.intp]:
        """Return the group of each of n examples as an integer, numbered in order of first appearance.

        With an `index`, only of the examples that it lists.
        """
        array = _array(self.groups)
        if array.shape != (n,):
            raise ValueError(f"groups must have shape ({n},), one for each row of X, got {array.shape}")
        if index is not None:
            array = array[index]
        if array.dtype.kind == "O":
            return _numbered(array)
        _, first, inverse = np.unique(array, return_index=True, return_inverse=True)
        missing = array != array  # NaN and NaT
        if missing.any():
            raise ValueError(f"groups must not contain missing values, got nan at row {np.argmax(missing)}")
        # np.unique numbers the groups in sorted order; renumber them in order of first appearance.
        rank = np.empty(len(first), np.intp)
        rank[np.argsort(first)] = np.arange(len(first))
        numbers: NDArray[np.intp] = rank[inverse]
        return numbers


def _array(groups: Any) -> NDArray[Any]:
    """Return the groups as an array, with the items of a list unchanged."""
    if not isinstance(groups, Sequence) or hasattr(type(groups), "__array__"):
        return np.asarray(groups)
    # np.asarray would convert a list of mixed types to a common type, such as [1, "1"] to strings.
    array = np.empty(len(groups), object)
    for row, group in enumerate(groups):
        # Tensors and 0-d arrays are hashed by identity or not at all; use the number in them.
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
            raise ValueError(f"groups must not contain missing values, got {group} at row {row}")
        try:
            result[row] = numbers.setdefault(group, len(numbers))
        except TypeError:
            raise TypeError(f"groups must be hashable, got {shown(group)} at row {row}") from None
    return result
