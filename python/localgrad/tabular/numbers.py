"""Encoding numbers: scaling with smooth clipping, quantile bins, and an indicator of missing values."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from localgrad.tabular import described

_CLIP = 3.0  # scaled values approach ±3


@dataclass(frozen=True)
class Numbers:
    """Encoder of a column of numbers.

    The first input is x' = (x - median) · scale, smoothly clipped to x'/√(1 + (x'/3)²). With the edges
    b_0 < ... < b_T of quantile bins, input t is the share (x - b_(t-1)) / (b_t - b_(t-1)) of bin t that lies
    below x, from 0 to 1, minus ½: the piecewise-linear encoding of Gorishniy et al. 2022. Missing values are
    replaced with the median; if there were any in training, the last input is 1 for them and 0 otherwise.
    """

    median: float
    scale: float
    edges: tuple[float, ...] = ()
    indicator: bool = False

    @classmethod
    def fit(cls, values: NDArray[np.float64], bins: int) -> Self:
        """Return the encoder for these values, with at most `bins` bins (0: none)."""
        present = values[~np.isnan(values)]
        if not len(present):
            return cls(0.0, 0.0)
        low, first, median, third, high = np.quantile(present, [0.0, 0.25, 0.5, 0.75, 1.0])
        # Half of the range, where more than half of the values are equal.
        width = third - first if third > first else (high - low) / 2
        with np.errstate(over="ignore", divide="ignore"):
            scale = 1.0 / width if width > 0 else 0.0
        edges = (
            np.unique(np.quantile(present, np.linspace(0.0, 1.0, bins + 1), method="inverted_cdf"))
            if bins
            else np.empty(0)
        )
        return cls(
            float(median),
            float(scale) if np.isfinite(scale) else 0.0,
            # A single bin adds nothing to the scaled value.
            tuple(edges.tolist()) if len(edges) > 2 else (),
            len(present) < len(values),
        )

    @property
    def width(self) -> int:
        """Number of inputs."""
        return 1 + max(len(self.edges) - 1, 0) + self.indicator

    def encode(self, values: NDArray[np.float64], out: NDArray[np.float32]) -> None:
        """Write the inputs, (n, width)."""
        missing = np.isnan(values)
        x = np.where(missing, self.median, values)
        with np.errstate(over="ignore"):
            scaled = (x - self.median) * self.scale
            ratio = np.clip(scaled / _CLIP, -1e150, 1e150)
        out[:, 0] = _CLIP * ratio / np.sqrt(1.0 + ratio * ratio)
        if self.edges:
            edges = np.array(self.edges)
            with np.errstate(over="ignore"):
                shares = (x[:, np.newaxis] - edges[:-1]) / np.diff(edges)
            out[:, 1 : len(edges)] = np.clip(shares, 0.0, 1.0) - 0.5
        if self.indicator:
            out[:, -1] = missing

    def description(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {
            "median": self.median,
            "scale": self.scale,
            "edges": list(self.edges),
            "indicator": self.indicator,
        }

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> Self:
        """Return the encoder of such a state; raise a ValueError if it is invalid."""
        edges = described.numbers(description, "edges")
        if any(not one < other for one, other in pairwise(edges)):
            raise ValueError("edges must increase")
        if len(edges) in (1, 2):
            raise ValueError(f"edges must be at least 3 numbers or none, got {len(edges)}")
        return cls(
            described.number(description, "median"),
            described.number(description, "scale"),
            tuple(edges),
            described.flag(description, "indicator"),
        )
