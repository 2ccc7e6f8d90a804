"""Result of the learning rate finder."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from localgrad._support.late import import_late

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Sweep"]


@dataclass(frozen=True, eq=False)
class Sweep:
    """Result of `Network.lr_finder`.

    Attributes
    ----------
    learning_rates : ndarray of shape (k,)
        Learning rates that were tried, float64. The last one is the rate at which the cost diverged, if it
        did.
    costs : ndarray of shape (k,)
        Mean cost of the mini-batch of each learning rate, before its update.
    smoothed : ndarray of shape (k,)
        Smoothed costs: the mean of a forward and a backward exponential moving average, which has no lag.
    suggestion : float or None
        Suggested learning rate. At this rate the smoothed cost, plotted against the logarithm of the rate,
        falls most steeply on its last descent from the median to the minimum. None if the cost never falls.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([1, 1], init="zeros", dtype="float64")
    >>> found = net.lr_finder([[1.0]], [2.0], lowest=0.01, highest=100.0, steps=50)
    >>> len(found.costs) < 50  # the cost diverged
    True
    >>> float(found.costs[0])
    2.0
    """

    learning_rates: NDArray[np.float64]
    costs: NDArray[np.float64]
    smoothed: NDArray[np.float64]
    suggestion: float | None

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Plot the costs against the learning rates, and mark the suggestion.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Axes to plot on. By default a new figure is created.

        Returns
        -------
        matplotlib.axes.Axes
            The axes.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If `ax` is not an Axes.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 1], init="zeros", dtype="float64")
        >>> axes = net.lr_finder([[1.0]], [2.0]).plot()  # doctest: +SKIP
        """
        import_late("localgrad.plot")
        from localgrad.plot._axes import axes_for
        from localgrad.plot._colors import ink, palette

        ax = axes_for(ax)
        costs, smoothed = palette(ax)[:2]
        ax.plot(self.learning_rates, self.costs, ".", color=costs, alpha=0.4, label="cost of a mini-batch")
        ax.plot(self.learning_rates, self.smoothed, color=smoothed, label="smoothed")
        if self.suggestion is not None:
            label = f"suggestion {self.suggestion:.2g}"
            ax.axvline(self.suggestion, linestyle="--", color=ink(ax), alpha=0.6, label=label)
        ax.set_xscale("log")
        ax.set_xlabel("learning rate")
        ax.set_ylabel("cost")
        ax.legend()
        return ax

    def __repr__(self) -> str:
        rates = self.learning_rates
        found = "no suggestion" if self.suggestion is None else f"suggestion {self.suggestion:.2g}"
        return f"<Sweep of {len(rates)} learning rates from {rates[0]:.2g} to {rates[-1]:.2g}, {found}>"
