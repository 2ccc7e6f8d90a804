"""Repeated measurements."""

import statistics
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Times:
    """Repeated measurements of a time, in seconds."""

    seconds: tuple[float, ...]

    @property
    def best(self) -> float:
        """The minimum."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """The median."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """Half the range, relative to the median.

        Examples
        --------
        >>> Times((9.0, 10.0, 12.0)).spread
        0.15
        """
        return (max(self.seconds) - min(self.seconds)) / (2 * self.median)

    def over(self, other: Self) -> float:
        """Return the median of the ratios to other measurements, which were taken in the same rounds.

        Examples
        --------
        >>> Times((9.0, 10.0, 12.0)).over(Times((9.0, 5.0, 8.0)))
        1.5
        """
        return statistics.median(p / q for p, q in zip(self.seconds, other.seconds, strict=True))
