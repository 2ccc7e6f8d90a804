"""Encoding dates: numbers for the time, and for the parts of the year, month, week and day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from localgrad.tabular import described
from localgrad.tabular.numbers import Numbers

PARTS = ("days", "year", "month", "day", "weekday", "hour")
_BINS = 24  # at most, so that each month, weekday or hour has an own bin


@dataclass(frozen=True)
class Dates:
    """Encoder of a column of dates: of the `PARTS` that vary, each encoded as numbers.

    `days` counts from 1970-01-01, with fractions; `day` is that of the month; `weekday` is 0 for Mondays.
    """

    parts: tuple[tuple[str, Numbers], ...]

    @classmethod
    def fit(cls, values: NDArray[np.datetime64]) -> Self:
        """Return the encoder for these dates."""
        gaps = bool(np.isnat(values).any())
        varying: list[tuple[str, Numbers]] = []
        for name in PARTS:
            numbers = _part(name, values)
            present = numbers[~np.isnan(numbers)]
            if (gaps and not varying) or (len(present) and present.min() < present.max()):
                encoder = Numbers.fit(numbers, _BINS)
                # One indicator of missing dates is enough.
                varying.append(
                    (name, Numbers(encoder.median, encoder.scale, encoder.edges, gaps and not varying))
                )
        return cls(tuple(varying))

    @property
    def width(self) -> int:
        """Number of inputs."""
        return sum(encoder.width for _, encoder in self.parts)

    def encode(self, values: NDArray[np.datetime64], out: NDArray[np.float32]) -> None:
        """Write the inputs, (n, width)."""
        start = 0
        for name, encoder in self.parts:
            encoder.encode(_part(name, values), out[:, start : start + encoder.width])
            start += encoder.width

    def description(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {"parts": [{"name": name, **encoder.description()} for name, encoder in self.parts]}

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> Self:
        """Return the encoder of such a state; raise a ValueError if it is invalid."""
        parts = []
        for one in described.objects(description, "parts"):
            name = described.text(one, "name")
            if name not in PARTS:
                raise ValueError(f"parts must have names in {PARTS}, got {name!r}")
            parts.append((name, Numbers.of(one)))
        return cls(tuple(parts))


def _part(name: str, values: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Return a part of dates as numbers, NaN for missing dates."""
    days = values.astype("datetime64[D]")
    months = values.astype("datetime64[M]")
    part: NDArray[Any]
    if name == "days":
        part = (values - np.datetime64(0, "us")) / np.timedelta64(1, "D")
    elif name == "year":
        part = values.astype("datetime64[Y]").astype(np.int64) + 1970
    elif name == "month":
        part = months.astype(np.int64) % 12 + 1
    elif name == "day":
        part = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    elif name == "weekday":
        part = (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    else:
        part = (values - days.astype("datetime64[us]")) / np.timedelta64(1, "h")
    return np.where(np.isnat(values), np.nan, part)
