"""The one notion of "best": a number of each epoch that is watched, and its best value."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from localgrad._arguments.check import real, shown
from localgrad._arguments.names.similar import near
from localgrad._arguments.names.values import history_name
from localgrad.metrics import names as metric_names


class Monitor:
    """Watches a number of each epoch for its best value.

    `EarlyStopping`, `Checkpoint` and `localgrad.schedules.ReduceOnPlateau` decide by one what is better; a
    callback of your own can, too.

    Parameters
    ----------
    name : str, optional
        The number's name in the history; by default ``"val_cost"`` if there is validation, else ``"cost"``.
    mode : {"min", "max"}, optional
        Whether lower or higher is better; by default what is known of costs and metrics.
    min_delta : float, default 0.0
        A number is better if it beats the best by more than this; at least 0.
    threshold : float, default 0.0
        If above 0, a number is better instead if it beats the best by more than threshold · abs(best).

    Attributes
    ----------
    best : float or None
        The best number so far.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be, or `mode` is not given for a number that is not known.

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
            raise TypeError(f"monitor must be a name in the history, got {shown(name)}")
        self.name = name
        self.mode = mode
        self.min_delta = real(min_delta, "min_delta", at_least=0.0)
        self._threshold = real(threshold, "threshold", at_least=0.0)
        self._higher = metric_names.direction(name, mode)
        self._known: frozenset[str] | None = None  # what each epoch of the fit will have
        self._watched: str | None = None  # as the history calls it, once that is known
        self.best: float | None = None

    @property
    def watched(self) -> str:
        """The name of the number that is watched, as the history has it."""
        default = "val_cost" if self._known is not None and "val_cost" in self._known else "cost"
        return self._watched or self.name or default

    @property
    def higher(self) -> bool:
        """Whether higher is better."""
        return self._higher

    @property
    def of_training(self) -> bool:
        """Whether the number is measured while an epoch is trained, unlike that of validation."""
        return not self.watched.startswith("val_")

    def begin(self, names: Collection[str]) -> None:
        """Start afresh, for a fit whose epochs will have the numbers of these names.

        Raises
        ------
        ValueError
            If the name that is watched is not among them.

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
        """Take an epoch's numbers; return whether the one that is watched is the best so far.

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
        """Return the number that is watched.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.Monitor("val_loss").value({"cost": 1.0, "val_cost": 2.0})
        2.0
        """
        if self._watched is None:
            self._watched = history_name(self.name or ("val_cost" if "val_cost" in logs else "cost"), logs)
        if self._watched not in logs:  # a checkpoint's state may have named another
            known = ", ".join(map(repr, logs))
            raise ValueError(f"monitor must be one of {known}, got {self._watched!r}")
        return float(logs[self._watched])

    def beats(self, other: float) -> bool:
        """Return whether the best number so far is better than another.

        Examples
        --------
        >>> import localgrad as lg
        >>> monitor = lg.callbacks.Monitor("cost")
        >>> monitor.improved({"cost": 0.5}), monitor.beats(0.7), monitor.beats(0.3)
        (True, True, False)
        """
        return self.best is not None and (self.best > other if self._higher else self.best < other)

    def state(self) -> dict[str, object]:
        """Return what has been seen, for a checkpoint.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.callbacks.Monitor("cost").state()
        {'monitor': 'cost', 'best': None}
        """
        return {"monitor": self._watched or self.name, "best": self.best}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Continue from what `state` returned.

        Raises
        ------
        ValueError
            If it is not the state of such a monitor; nothing changes then.

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
            raise ValueError(f"state must be of monitor {own!r}, got the state of {shown(name)}")
        if name is not None and self._known is not None and name not in self._known:
            raise ValueError(f"state must be of a monitor that this fit measures, got {name!r}")
        if best is not None and (name is None or not _is_number(best)):
            raise ValueError(f"state must have a best number, got {shown(best)}")
        self._watched = name or own
        self.best = None if best is None else float(best)

    def _better(self, value: float, best: float) -> bool:
        sign = -1.0 if self._higher else 1.0
        if self._threshold:
            return sign * value < sign * best - self._threshold * abs(best)
        return sign * (best - value) > self.min_delta

    def _among(self, names: Collection[str]) -> str:
        """Return the history's name for what is watched; a ValueError where it is not measured."""
        assert self.name is not None
        found = history_name(self.name, names)
        if found in names:
            return found
        bare = self.name.removeprefix("val_")
        if bare != self.name and not any(name.startswith("val_") for name in names):
            hint = "; fit(validation=...) measures what begins with 'val_'"
        elif metric_names.higher_is_better(bare) is not None:
            hint = f"; fit(metrics={bare!r}) measures it"
        else:
            hint = near(self.name, names)
        known = ", ".join(map(repr, names))
        raise ValueError(f"monitor must be one of {known}, got {self.name!r}{hint}")


def _is_number(value: Any) -> bool:
    """Whether it is a number that a float can hold and compare."""
    try:
        return type(value) in (int, float) and not math.isnan(value)
    except OverflowError:
        return False
