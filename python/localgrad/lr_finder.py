"""Which learning rates are worth trying."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Sweep"]


@dataclass(frozen=True, eq=False)
class Sweep:
    """What `localgrad.Network.lr_finder` found.

    Attributes
    ----------
    learning_rates : ndarray of shape (k,)
        The rates that were tried, float64, up to the one where the cost ran away.
    costs : ndarray of shape (k,)
        The mean cost of the mini-batch that met each of them, before its update.
    smoothed : ndarray of shape (k,)
        The mean of two exponential averages of the costs, one forwards and one backwards, which does not lag.
    suggestion : float or None
        The rate at which the smoothed cost, as a function of the rate's logarithm, falls most steeply on the
        last stretch from its median down to its lowest; None if it falls nowhere.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([1, 1], init="zeros", dtype="float64")
    >>> found = net.lr_finder([[1.0]], [2.0], lowest=0.01, highest=100.0, steps=50)
    >>> len(found.costs) < 50  # it ran away
    True
    >>> float(found.costs[0])
    2.0
    """

    learning_rates: NDArray[np.float64]
    costs: NDArray[np.float64]
    smoothed: NDArray[np.float64]
    suggestion: float | None

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the costs over the learning rates, and mark the suggestion.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to; by default a figure of its own.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.

        Raises
        ------
        ImportError
            If matplotlib is missing.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 1], init="zeros", dtype="float64")
        >>> axes = net.lr_finder([[1.0]], [2.0]).plot()  # doctest: +SKIP
        """
        if ax is None:
            try:
                from matplotlib import pyplot
            except ImportError as error:
                raise ImportError('plot needs matplotlib: pip install "localgrad[plot]"') from error
            ax = pyplot.figure().add_subplot()
        ax.plot(self.learning_rates, self.costs, ".", alpha=0.4, label="cost of a mini-batch")
        ax.plot(self.learning_rates, self.smoothed, label="smoothed")
        if self.suggestion is not None:
            ax.axvline(
                self.suggestion, linestyle="--", color="0.4", label=f"suggestion {self.suggestion:.2g}"
            )
        ax.set_xscale("log")
        ax.set_xlabel("learning rate")
        ax.set_ylabel("cost")
        ax.legend()
        return ax

    def __repr__(self) -> str:
        rates = self.learning_rates
        found = "no suggestion" if self.suggestion is None else f"suggestion {self.suggestion:.2g}"
        return f"<Sweep of {len(rates)} learning rates from {rates[0]:.2g} to {rates[-1]:.2g}, {found}>"
