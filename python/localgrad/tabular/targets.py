"""The targets of tables: labels as integers, and numbers that are standardized."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from localgrad._arguments.check import shown
from localgrad._arrays.rows import FloatArray
from localgrad.errors import BadExample
from localgrad.tabular import described


@dataclass(frozen=True)
class Labels:
    """Labels of classes, as the integers 0, 1, ..."""

    classes: NDArray[Any]

    def encode(self, y: NDArray[Any]) -> NDArray[np.int64]:
        """Return the index of each label."""
        unknown = ~np.isin(y, self.classes)
        if unknown.any():
            row = int(np.argmax(unknown))
            known = shown(self.classes.tolist())
            raise BadExample(
                "y", row, f"must contain the classes {known}, got {y[row : row + 1].tolist()[0]!r}"
            )
        return np.searchsorted(self.classes, y).astype(np.int64)

    def description(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        dtype = self.classes.dtype
        size = {"itemsize": dtype.itemsize} if dtype.kind in "iuf" else {}
        return {"dtype": dtype.kind, **size, "classes": self.classes.tolist()}

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> Self:
        """Return the labels of such a state; raise a ValueError if it is invalid."""
        kind = described.text(description, "dtype")
        types = {"i": int, "u": int, "f": float, "b": bool, "U": str, "O": str, "T": str}
        values = described.field(description, "classes", list)
        if kind not in types or not all(type(one) is types[kind] for one in values):
            raise ValueError(f"classes must be a list of the dtype {kind!r}, got {values!r:.60}")
        size = described.count(description, "itemsize") if "itemsize" in description else 8
        dtype = np.dtype(f"{kind}{size}" if kind in "iuf" else object if kind == "O" else types[kind])
        try:
            classes: NDArray[Any] = np.array(values, dtype)
        except OverflowError:
            raise ValueError(f"classes must fit the dtype {dtype}, got {shown(values)}") from None
        if len(classes) < 2 or any(not a < b for a, b in pairwise(values)):
            raise ValueError(f"classes must be at least 2 labels in ascending order, got {values!r:.60}")
        return cls(classes)


@dataclass(frozen=True)
class Quantities:
    """Numbers, standardized by their mean and standard deviation."""

    mean: float
    std: float

    @classmethod
    def fit(cls, y: NDArray[np.float64], weights: NDArray[np.float64] | None) -> Self:
        """Return the scale of these targets."""
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(np.average(y, weights=weights))
            std = float(np.sqrt(np.average((y - mean) ** 2, weights=weights)))
        if not np.isfinite(std):
            raise ValueError(f"y must have a finite variance, got values from {y.min()} to {y.max()}")
        return cls(mean, std if std > 1e-12 * abs(mean) else 1.0)

    def encode(self, y: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the standardized targets."""
        return ((y - self.mean) / self.std).astype(np.float32)

    def decode(self, outputs: FloatArray) -> NDArray[np.float64]:
        """Return predictions in the units of the targets."""
        return outputs.astype(np.float64) * self.std + self.mean

    def description(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {"mean": self.mean, "std": self.std}

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> Self:
        """Return the scale of such a state; raise a ValueError if it is invalid."""
        return cls(described.number(description, "mean"), described.number(description, "std"))
