"""The best value of a cost or metric over the epochs."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from localgrad._arguments.check import real, shown
from localgrad._arguments.names.similar import near
from localgrad._arguments.names.values import history_name
from localgrad.metrics import names as metric_names


class Monitor:
    """Tracker of the best value of a cost or metric over the epochs.

    `EarlyStopping`, `Checkpoint` and `localgrad.schedules.ReduceOnPlateau` use it to decide whether an epoch
    has improved. User-defined callbacks can use it too.

    Parameters
    ----------
    name : str, optional
        Name of the monitored value in the history. By default ``"val_cost"`` if there is validation data,
        otherwise ``"cost"``.
    mode : {"min", "max"}, optional
        Whether lower or higher values are better. By default inferred from the name of the cost or metric;
        required for a custom metric.
    min_delta : float, default 0.0
        Minimum improvement, at least 0. The value must be better than the best so far by more than this.
    threshold : float, default 0.0
        Relative minimum improvement, at least 0. If above 0, the value must be better than the best so far by
        more than threshold · abs(best), and `min_delta` is ignored.

    Attributes
    ----------
    best : float or None
        The best value so far; None before the first.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid, or `mode` is None for a custom metric.

    Examples
    --------
    >>> import localgrad as lg
    >>> monitor = lg.callbacks.Monitor("accuracy")
    >>> [monitor.improved({"cost": 1.0, "accuracy": value}) for value in (0.5, 0.7, 0.6)]
    [True, True, False]
    >>> monitor.best
    0.7
    """

    def __init__(
        self,
        name: str | None = None,
        mode: str | None = None,
        *,
        min_delta: float = 0.0,
        threshold: float = 0.0,
    ) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"monitor must be a key of the history, got {shown(name)}")
        self.name = name
        self.mode = mode
        self.min_delta = real(min_delta, "min_delta", at_least=0.0)
        self._threshold = real(threshold, "threshold", at_least=0.0)
        self._higher = metric_names.direction(name, mode)
        self._known: frozenset[str] | None = None  # the names in the history of the current fit
        self._watched: str | None = None  # the history's name for `self.name`, once both are known
        self.best: float | None = None

    @property
    def watched(self) -> str:
        """Name of the monitored value in the history."""
        default = "val_cost" if self._known is not None and "val_cost" in self._known else "cost"
        return self._watched or self.name or default

    @property
    def higher(self) -> bool:
        """Whether higher values are better.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.Monitor("accuracy").higher, lg.callbacks.Monitor("cost").higher
        (True, False)
        """
        return self._higher

    @property
    def of_training(self) -> bool:
        """Whether the value is measured on the training data during the epoch, not on validation data.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.Monitor("accuracy").of_training, lg.callbacks.Monitor("val_accuracy").of_training
        (True, False)
        """
        return not self.watched.startswith("val_")

    def begin(self, names: Collection[str]) -> None:
        """Reset the best value, at the start of a fit.

        Parameters
        ----------
        names : collection of str
            The names in the history of this fit, as in ``Training.names``.

        Raises
        ------
        ValueError
            If the monitored name is not one of them.

        Examples
        --------
        >>> import localgrad as lg
        >>> monitor = lg.callbacks.Monitor()
        >>> monitor.begin(["cost", "val_cost"])
        >>> monitor.watched
        'val_cost'
        """
        self.best = self._watched = None
        self._known = frozenset(names)
        if self.name is not None:
            self._watched = self._among(names)

    def improved(self, logs: Mapping[str, float]) -> bool:
        """Return whether the monitored value has improved in this epoch, and update `best`.

        Parameters
        ----------
        logs : mapping of str to float
            The costs and metrics of the epoch, as in ``Training.logs``.

        Returns
        -------
        bool
            True if the value is the best so far; False if it is NaN.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.Monitor().improved({"cost": float("nan")})
        False
        """
        value = self.value(logs)
        if math.isnan(value) or (self.best is not None and not self._better(value, self.best)):
            return False
        self.best = value
        return True

    def value(self, logs: Mapping[str, float]) -> float:
        """Return the monitored value of an epoch.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.Monitor("val_loss").value({"cost": 1.0, "val_cost": 2.0})
        2.0
        """
        if self._watched is None:
            self._watched = history_name(self.name or ("val_cost" if "val_cost" in logs else "cost"), logs)
        if self._watched not in logs:  # set_state() may have been called with the name of another fit
            known = ", ".join(map(repr, logs))
            raise ValueError(f"monitor must be one of {known}, got {self._watched!r}")
        return float(logs[self._watched])

    def beats(self, other: float) -> bool:
        """Return whether the best value so far is better than another value.

        Examples
        --------
        >>> import localgrad as lg
        >>> monitor = lg.callbacks.Monitor("cost")
        >>> monitor.improved({"cost": 0.5}), monitor.beats(0.7), monitor.beats(0.3)
        (True, True, False)
        """
        return self.best is not None and (self.best > other if self._higher else self.best < other)

    def state(self) -> dict[str, object]:
        """Return the state to store in a checkpoint.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.Monitor("cost").state()
        {'monitor': 'cost', 'best': None}
        """
        return {"monitor": self._watched or self.name, "best": self.best}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore a state that `state` returned.

        Raises
        ------
        ValueError
            If `state` is invalid or belongs to a different monitor. The monitor is left unchanged.

        Examples
        --------
        >>> import localgrad as lg
        >>> monitor = lg.callbacks.Monitor("cost")
        >>> monitor.set_state({"monitor": "cost", "best": 0.5})
        >>> monitor.improved({"cost": 0.6})
        False
        """
        name, best = state.get("monitor"), state.get("best")
        own = self._watched or self.name
        if not isinstance(name, str | None) or (self.name is not None and name not in (own, None)):
            raise ValueError(f"monitor in state must be {own!r}, got {shown(name)}")
        if name is not None and self._known is not None and name not in self._known:
            raise ValueError(f"monitor in state must be a name in the history of this fit, got {name!r}")
        if best is not None and (name is None or not _is_number(best)):
            raise ValueError(f"best in state must be a number, got {shown(best)}")
        self._watched = name or own
        self.best = None if best is None else float(best)

    def _better(self, value: float, best: float) -> bool:
        sign = -1.0 if self._higher else 1.0
        if self._threshold:
            return sign * value < sign * best - self._threshold * abs(best)
        return sign * (best - value) > self.min_delta

    def _among(self, names: Collection[str]) -> str:
        """Return the history's name for the monitored value; raise ValueError if it has none."""
        assert self.name is not None
        found = history_name(self.name, names)
        if found in names:
            return found
        bare = self.name.removeprefix("val_")
        if bare != self.name and not any(name.startswith("val_") for name in names):
            hint = "; names that begin with 'val_' require fit(validation=...)"
        elif metric_names.higher_is_better(bare) is not None:
            hint = f"; pass metrics={bare!r} to fit to compute it"
        else:
            hint = near(self.name, names)
        known = ", ".join(map(repr, names))
        raise ValueError(f"monitor must be one of {known}, got {self.name!r}{hint}")


def _is_number(value: Any) -> bool:
    """Return whether the value can be converted to a float other than NaN."""
    try:
        return type(value) in (int, float) and not math.isnan(value)
    except OverflowError:
        return False
