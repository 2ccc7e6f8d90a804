"""Which learning rates are worth trying."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from localgrad._check import integer, real
from localgrad._training.feed import ArrayFeed
from localgrad._training.trainer import Trainer
from localgrad.optimizers import Rprop
from localgrad.optimizers.base import MiniBatchRule

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Sweep"]

_TOO_MUCH = 4.0  # times the lowest smoothed cost: nothing is learnt from there on
_KEPT = 0.8  # of the average at each step when costs are smoothed
_REACH = 5  # steps to either side over which a slope is taken: neighbours differ by the noise of mini-batches


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


def learning_rates(lowest: Any, highest: Any, steps: Any) -> NDArray[np.float64]:
    """Return the rates to try."""
    first = real(lowest, "lowest", above=0.0)
    last = real(highest, "highest", above=0.0)
    if last <= first:
        raise ValueError(f"highest must be above lowest, {first}, got {last}")
    return np.geomspace(first, last, integer(steps, "steps", at_least=2, below=2**31))


def rule_at_rate_one(rule: MiniBatchRule) -> MiniBatchRule:
    """Return the rule whose schedule's factors are its learning rates."""
    if isinstance(rule, Rprop):
        raise ValueError(f"optimizer must be one whose steps follow its learning rate, got {rule}")
    settings: dict[str, Any] = {"learning_rate": 1.0}
    return replace(rule, **settings)


def sweep(trainer: Trainer, feed: ArrayFeed, rates: NDArray[np.float64]) -> Sweep:
    """Train with one rate after another and find where the cost falls most steeply."""
    costs = np.empty(0)
    data, steps_per_epoch = feed.data, -(-len(feed.data) // feed.batch_size)
    trainer.set_data(data.rows, data.targets, data.weights, *data.names)
    for epoch, start in enumerate(range(0, len(rates), steps_per_epoch)):
        (part,) = feed.parts(data.network.epochs + epoch)
        factors = rates[start : start + steps_per_epoch]
        failure = None
        try:
            trainer.part(part.order[: len(factors) * feed.batch_size], factors, None)
            trainer.end_epoch()
        except FloatingPointError as error:
            failure = error
        costs = np.append(costs, trainer.step_costs)
        costs = costs[: _run_away(costs)]
        if failure is not None and not len(costs):
            raise failure
        if failure is not None or len(costs) < min(start + steps_per_epoch, len(rates)):
            break
    rates, smoothed = rates[: len(costs)], _smooth(costs)
    return Sweep(rates, costs, smoothed, _steepest(rates, smoothed))


def _average(costs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the exponential average up to each step, as if there had been nothing before the first."""
    averages, total, weight = np.empty_like(costs), 0.0, 0.0
    for k, cost in enumerate(costs):
        total = _KEPT * total + cost
        weight = _KEPT * weight + 1.0
        averages[k] = total / weight
    return averages


def _run_away(costs: NDArray[np.float64]) -> int:
    """Return how many costs there are before the first that is not finite or takes the average too high."""
    finite = np.isfinite(costs)
    count = len(costs) if finite.all() else int(np.argmin(finite))
    costs = costs[:count]
    averages = _average(costs)
    best = np.minimum.accumulate(averages)
    # For costs above 0 that is _TOO_MUCH times the lowest. Costs of densities cross 0, where the lowest says
    # nothing of their size; the mean of what came before does.
    before = np.cumsum(np.abs(costs))[:-1] / np.arange(1, count)
    scale = np.abs(best)
    scale[1:] = np.where(np.minimum.accumulate(costs)[1:] < 0, np.maximum(scale[1:], before), scale[1:])
    above = averages > best + (_TOO_MUCH - 1) * scale
    return int(np.argmax(above)) if above.any() else count


def _smooth(costs: NDArray[np.float64]) -> NDArray[np.float64]:
    return (_average(costs) + _average(costs[::-1])[::-1]) / 2


def _steepest(rates: NDArray[np.float64], smoothed: NDArray[np.float64]) -> float | None:
    # Behind the lowest cost it may fall as well, from where a rate that is too high has thrown it; and on the
    # level before, at rates that change nothing, mini-batches differ. So look at the last way down from
    # there.
    lowest = int(np.argmin(smoothed))
    level = np.median(smoothed[: lowest + 1])
    start = int(np.flatnonzero(smoothed[: lowest + 1] >= level)[-1])
    if start == lowest:
        return None
    reach = min(_REACH, max(1, (lowest - start) // 2))
    middle = np.arange(start, lowest - reach + 1)
    left, right = np.maximum(middle - reach, 0), middle + reach
    slopes = (smoothed[right] - smoothed[left]) / np.log(rates[right] / rates[left])
    return float(rates[middle[np.argmin(slopes)]])
