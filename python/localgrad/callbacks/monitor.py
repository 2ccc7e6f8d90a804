"""The number of each epoch that is watched, and its best value."""

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from localgrad._arrays import FloatArray
from localgrad._check import shown
from localgrad._names.similar import near
from localgrad._names.values import history_name
from localgrad.metrics import names as metric_names

if TYPE_CHECKING:
    from localgrad._training.training import Training

__all__ = ["Monitor"]


class Monitor:
    """Tells when a number is better than the best so far by more than `min_delta`.

    The number is ``"val_cost"`` if there is one, else ``"cost"``, unless `name` is given. `name`, `mode` and
    `min_delta` stay as they were given.
    """

    def __init__(self, name: Any, mode: Any, min_delta: float = 0.0) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"monitor must be a name in the history, got {shown(name)}")
        self.name: str | None = name
        self.mode: str | None = mode
        self.min_delta = min_delta
        self._max = metric_names.direction(name, mode)
        self._known: frozenset[str] | None = None  # what each epoch of the fit will have
        self.reset()

    def reset(self) -> None:
        """Forget what has been seen."""
        self._name: str | None = self.name
        self._best: float | None = None

    def check(self, names: Collection[str]) -> None:
        """Refuse a name that is not among those of the numbers that each epoch will have."""
        self._known = frozenset(names)
        if self.name is None or self.name in names:
            return
        if history_name(self.name, names) in names:
            self.name = self._name = history_name(self.name, names)
            return
        bare = self.name.removeprefix("val_")
        if bare != self.name and not any(name.startswith("val_") for name in names):
            hint = "; fit(validation=...) measures what begins with 'val_'"
        elif metric_names.higher_is_better(bare) is not None:
            hint = f"; fit(metrics={bare!r}) measures it"
        else:
            hint = near(self.name, names)
        known = ", ".join(map(repr, names))
        raise ValueError(f"monitor must be one of {known}, got {self.name!r}{hint}")

    @property
    def of_training(self) -> bool:
        """Whether the number is measured while an epoch is trained, not after it as that of validation is."""
        return not self.sense[0].startswith("val_")

    @property
    def sense(self) -> tuple[str, bool]:
        """The name of the number that is watched, and whether higher is better."""
        default = "val_cost" if self._known is not None and "val_cost" in self._known else "cost"
        return self._name or default, self._max

    @property
    def best(self) -> float | None:
        """The best number so far."""
        return self._best

    def parameters(self, training: "Training") -> FloatArray:
        """Return the parameters that have the number of the epoch which is over; they stay as they are."""
        measured = training._measured if self.of_training else None
        if measured is None:
            parameters: FloatArray = training.network.parameters.copy()
            return parameters
        name, higher = self.sense
        return measured.parameters(training._model, name, higher)

    def beats(self, other: float) -> bool:
        """Tell whether the best number so far is better than another."""
        return self._best is not None and (self._best > other if self._max else self._best < other)

    def improved(self, logs: Mapping[str, float]) -> bool:
        """Take an epoch's numbers; return whether the one that is watched is better than ever before."""
        if self._name is None:
            self._name = "val_cost" if "val_cost" in logs else "cost"
        if self._name not in logs:  # a checkpoint's state may have named another
            known = ", ".join(map(repr, logs))
            raise ValueError(f"monitor must be one of {known}, got {self._name!r}")
        value = float(logs[self._name])
        if math.isnan(value):
            return False
        if self._best is not None:
            gain = value - self._best if self._max else self._best - value
            if not gain > self.min_delta:
                return False
        self._best = value
        return True

    def state(self) -> dict[str, object]:
        """Return what has been seen, for a checkpoint."""
        return {"monitor": self._name, "best": self._best}

    def set_state(self, state: Mapping[str, Any], owner: str) -> None:
        """Go on from such a state; `owner` is named in errors."""
        name, best = state.get("monitor"), state.get("best")
        if not isinstance(name, str | None) or (self.name is not None and name not in (self.name, None)):
            raise ValueError(f"{owner} must go on with monitor {self.name!r}, got the state of {shown(name)}")
        if name is not None and self._known is not None and name not in self._known:
            raise ValueError(f"{owner} must go on with monitor {name!r}, which this fit does not measure")
        try:
            best = None if best is None else _number(best)
            if best is not None and name is None:
                raise ValueError
        except (TypeError, ValueError, OverflowError):
            raise ValueError(
                f"{owner} must go on from a best number, got {shown(state.get('best'))}"
            ) from None
        self._name = name or self.name
        self._best = best


def _number(value: Any) -> float:
    """Return a float that can be compared."""
    if type(value) not in (int, float) or math.isnan(value):
        raise ValueError
    return float(value)
