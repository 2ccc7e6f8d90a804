"""Encoding categories: one input for each frequent category."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from localgrad.tabular import described
from localgrad.tabular.values import distinct

_MOST = 128  # categories with an own input; the others share one
_FEWEST_ROWS = 3  # of a category with an own input, if there are many categories
_FEW = 16  # that many categories have an own input, no matter how rare they are


@dataclass(frozen=True)
class Categories:
    """Encoder of a column of categories.

    Each category has an input that is 1 for it and 0 otherwise. Rare categories share one input. Missing
    values have an own input if there were any in training. Two categories have a single input, -1 or 1. All
    inputs are 0 for categories that did not occur in training, or are those of the rare ones.
    """

    names: tuple[str, ...]
    rare: bool = False
    missing: bool = False

    @classmethod
    def fit(cls, values: NDArray[Any]) -> Self:
        """Return the encoder for these values."""
        counts = distinct(values)
        order = sorted(counts, key=lambda name: (-counts[name], name))
        least = 1 if len(order) <= _FEW else _FEWEST_ROWS
        names = [name for name in order[:_MOST] if counts[name] >= least]
        return cls(tuple(names), len(names) < len(order), sum(counts.values()) < len(values))

    @property
    def _single(self) -> bool:
        return len(self.names) == 2 and not self.rare and not self.missing

    @property
    def width(self) -> int:
        """Number of inputs."""
        return 1 if self._single else len(self.names) + self.rare + self.missing

    def encode(self, values: NDArray[Any], out: NDArray[np.float32]) -> None:
        """Write the inputs, (n, width)."""
        places = {name: i for i, name in enumerate(self.names)}
        other = len(places) if self.rare else -1
        gap = len(places) + self.rare if self.missing else -1
        index = np.fromiter(
            (gap if one is None else places.get(one, other) for one in values.tolist()), np.intp, len(values)
        )
        if self._single:
            out[:, 0] = np.array([-1.0, 1.0, 0.0], np.float32)[index]
            return
        out[...] = 0.0
        known = np.flatnonzero(index >= 0)
        out[known, index[known]] = 1.0

    def description(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {"names": list(self.names), "rare": self.rare, "missing": self.missing}

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> Self:
        """Return the encoder of such a state; raise a ValueError if it is invalid."""
        return cls(
            tuple(described.texts(description, "names")),
            described.flag(description, "rare"),
            described.flag(description, "missing"),
        )
