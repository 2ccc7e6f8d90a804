"""The body of `Network.lr_finder`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._arguments.check import boolean, integer, mini_batch_size, real, threads
from localgrad._arguments.regularization import penalties_of
from localgrad._data.examples import Examples
from localgrad._data.feed import ArrayFeed
from localgrad._model.model import Model
from localgrad._training.trainer import Trainer, TrainerSettings
from localgrad.lr_finder import Sweep
from localgrad.optimizers import Rprop
from localgrad.optimizers.argument import mini_batch_rule
from localgrad.optimizers.base import MiniBatchRule

_TOO_MUCH = 4.0  # stop at this multiple of the lowest smoothed cost: training has diverged
_KEPT = 0.8  # weight of the average so far when costs are smoothed
_REACH = 5  # steps to either side for a slope: adjacent costs differ mainly by mini-batch noise


def lr_finder(model: Model, given: Mapping[str, Any]) -> Sweep:
    """Try learning rates on a copy of the model; the arguments are those of `Network.lr_finder`."""
    data = Examples.of(model, given["X"], given["y"], only_batch=True, sample_weight=given["sample_weight"])
    size = None if given["batch_size"] is None else mini_batch_size(given["batch_size"])
    rule = mini_batch_rule(given["optimizer"], "and has a learning rate to find")
    penalties = penalties_of(len(model.sizes) - 1, given)
    rates = _rates(given["lowest"], given["highest"], given["steps"])
    unit = _at_rate_one(rule)
    feed = ArrayFeed(data, given["class_weight"], size, boolean(given["shuffle"], "shuffle"))
    team = threads(given["n_threads"])
    settings = TrainerSettings(unit, penalties, feed.batch_size, team, feed.weighted)
    twin = model.copy()
    if twin.standardize_now:
        twin.native.standardization = feed.moments(team)
    return _sweep(settings.trainer(twin, feed.rows), feed, rates)


def _rates(lowest: Any, highest: Any, steps: Any) -> NDArray[np.float64]:
    """Return the learning rates to try."""
    first = real(lowest, "lowest", above=0.0)
    last = real(highest, "highest", above=0.0)
    if last <= first:
        raise ValueError(f"highest must be above lowest ({first}), got {last}")
    return np.geomspace(first, last, integer(steps, "steps", at_least=2, below=2**31))


def _at_rate_one(rule: MiniBatchRule) -> MiniBatchRule:
    """Return the rule with learning rate 1, so that the factors of a schedule are the learning rates."""
    if isinstance(rule, Rprop):
        raise ValueError(f"optimizer must have steps that scale with the learning rate, got {rule}")
    settings: dict[str, Any] = {"learning_rate": 1.0}
    return replace(rule, **settings)


def _sweep(trainer: Trainer, feed: ArrayFeed, rates: NDArray[np.float64]) -> Sweep:
    """Train with one learning rate after another, and find where the cost falls most steeply."""
    costs = np.empty(0)
    data, steps_per_epoch = feed.data, -(-len(feed.data) // feed.batch_size)
    trainer.set_data(data.rows, data.targets, data.weights, *data.names)
    for epoch, start in enumerate(range(0, len(rates), steps_per_epoch)):
        (part,) = feed.parts(data.model.epochs + epoch)
        factors = rates[start : start + steps_per_epoch]
        failure = None
        try:
            trainer.part(part.order[: len(factors) * feed.batch_size], {"learning_rate": factors})
            trainer.end_epoch()
        except FloatingPointError as error:
            failure = error
        # Training may diverge slowly, over several epochs, so check all costs so far.
        costs = np.append(costs, trainer.step_costs)
        costs = costs[: _run_away(costs)]
        if failure is not None and not len(costs):
            raise failure
        if failure is not None or len(costs) < min(start + steps_per_epoch, len(rates)):
            break
    rates, smoothed = rates[: len(costs)], _smooth(costs)
    return Sweep(rates, costs, smoothed, _steepest(rates, smoothed))


def _average(costs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the exponential moving average up to each step, without bias toward an initial value."""
    averages, total, weight = np.empty_like(costs), 0.0, 0.0
    for k, cost in enumerate(costs):
        total = _KEPT * total + cost
        weight = _KEPT * weight + 1.0
        averages[k] = total / weight
    return averages


def _run_away(costs: NDArray[np.float64]) -> int:
    """Return the number of costs before one is not finite or the average becomes too high."""
    finite = np.isfinite(costs)
    count = len(costs) if finite.all() else int(np.argmin(finite))
    costs = costs[:count]
    averages = _average(costs)
    best = np.minimum.accumulate(averages)
    # For positive costs the limit is _TOO_MUCH times the lowest average. Negative log-likelihoods may cross
    # 0, where the lowest average has no scale; then the mean magnitude of the costs so far gives the scale.
    before = np.cumsum(np.abs(costs))[:-1] / np.arange(1, count)
    scale = np.abs(best)
    scale[1:] = np.where(np.minimum.accumulate(costs)[1:] < 0, np.maximum(scale[1:], before), scale[1:])
    above = averages > best + (_TOO_MUCH - 1) * scale
    return int(np.argmax(above)) if above.any() else count


def _smooth(costs: NDArray[np.float64]) -> NDArray[np.float64]:
    return (_average(costs) + _average(costs[::-1])[::-1]) / 2


def _steepest(rates: NDArray[np.float64], smoothed: NDArray[np.float64]) -> float | None:
    # Ignore the costs after the lowest one, which may fall again after a high learning rate has raised them,
    # and the plateau at low learning rates, where costs differ only by mini-batch. Search the last descent
    # from the plateau to the lowest cost.
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
