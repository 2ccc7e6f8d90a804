"""Repeated measurements."""

import statistics
from dataclasses import dataclass

__all__ = ["Times"]


@dataclass(frozen=True)
class Times:
    """Repeated measurements of the same step, in seconds."""

    seconds: tuple[float, ...]

    @property
    def best(self) -> float:
        """The least."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """The middle measurement."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """Half the distance from the least to the greatest, as a share of the median.

        Examples
        --------
        >>> Times((9.0, 10.0, 12.0)).spread
        0.15
        """
        return (max(self.seconds) - min(self.seconds)) / (2 * self.median)
