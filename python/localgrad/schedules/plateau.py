"""A schedule that depends on a cost or metric."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from localgrad._arguments.check import MAX_COUNT, choice, integer, real, shown
from localgrad._arguments.settings import Settings, checked, number, settings, whole
from localgrad._support.late import import_late

if TYPE_CHECKING:
    from localgrad.callbacks import Monitor


def _monitor(value: Any, name: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} must be a key of the history, got {shown(value)}")
    return value


def _mode(value: Any, name: str) -> str | None:
    return None if value in (None, "auto") else choice(value, name, ("min", "max"))


@settings
class ReduceOnPlateau(Settings):
    """Schedule that reduces the learning rate when a monitored value has stopped improving.

    An epoch is an improvement if its value is below best - threshold · abs(best), or, with ``mode="max"``,
    above best + threshold · abs(best). After more than `patience` consecutive epochs without improvement, the
    learning rate is multiplied by `factor`. The next `cooldown` epochs are then not counted.

    Parameters
    ----------
    monitor : str, optional
        Name of the monitored value in the history. By default ``"val_cost"`` if there is validation data,
        otherwise ``"cost"``.
    factor : float, default 0.1
        Factor by which the learning rate is reduced, in [0, 1).
    patience : int, default 10
        Number of epochs without improvement that are allowed, at least 0.
    threshold : float, default 1e-4
        Relative improvement that is required, in [0, 1).
    cooldown : int, default 0
        Number of epochs that are not counted after a reduction, at least 0.
    lowest : float, default 0.0
        Lower bound of the learning rate, as a fraction of the initial one, in [0, 1).
    mode : {"min", "max"}, optional
        Whether lower or higher values are better. By default inferred from the name of the cost or metric;
        required for a custom metric.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid, or `mode` is None for a custom metric.

    Notes
    -----
    The rule is that of PyTorch's ``ReduceLROnPlateau``, except that negative values must also improve by
    the threshold. Values that are not finite are never an improvement. The learning rate changes only between
    epochs.

    Examples
    --------
    >>> import localgrad as lg
    >>> tracker = lg.schedules.ReduceOnPlateau(patience=1, factor=0.5).start()
    >>> for cost in (3.0, 2.0, 2.0, 2.0, 1.0):
    ...     tracker.observe({"cost": cost})
    ...     print(tracker.factor)
    1.0
    1.0
    1.0
    0.5
    0.5
    """

    monitor: str | None = checked(_monitor, None)
    factor: float = number(0.1, at_least=0.0, below=1.0)
    patience: int = whole(10, at_least=0)
    threshold: float = number(1e-4, at_least=0.0, below=1.0)
    cooldown: int = whole(0, at_least=0)
    lowest: float = number(0.0, at_least=0.0, below=1.0)
    mode: str | None = checked(_mode, None, kw_only=True)

    def _check(self) -> None:
        if self.mode is None:
            _monitor_of(self)

    def start(self) -> "Tracker":
        """Return an object that tracks the factor during one fit.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.schedules.ReduceOnPlateau().start().factor
        1.0
        """
        return Tracker(self)


class Tracker:
    """The factor during one fit: `factor` is the factor of the next epoch."""

    def __init__(self, settings: ReduceOnPlateau) -> None:
        self.factor = 1.0
        self._settings = settings
        self._monitor = _monitor_of(settings)
        self._waited = 0
        self._cooling = 0

    def observe(self, logs: Mapping[str, float]) -> None:
        """Update the factor after an epoch; `logs` are its costs and metrics, named as in the history."""
        settings = self._settings
        if math.isfinite(self._monitor.value(logs)) and self._monitor.improved(logs):
            self._waited = 0
        else:
            self._waited += 1
        if self._cooling:  # epochs of the cooldown do not count as waiting, whether they improve or not
            self._cooling -= 1
            self._waited = 0
        if self._waited > settings.patience:
            self.factor = max(self.factor * settings.factor, settings.lowest)
            self._cooling = settings.cooldown
            self._waited = 0

    def state(self) -> dict[str, Any]:
        """Return the state to store in a checkpoint: numbers, and None if there is no best value yet."""
        return {
            "factor": self.factor,
            "best": self._monitor.best,
            "waited": self._waited,
            "cooling": self._cooling,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore a state that `state` returned; raise ValueError if it is invalid."""
        try:
            factor = real(state["factor"], "factor", at_least=0.0)
            best = None if state["best"] is None else real(state["best"], "best")
            waited, cooling = (
                integer(state[name], name, at_least=0, below=MAX_COUNT + 1) for name in ("waited", "cooling")
            )
            if factor > 1:
                raise ValueError(f"factor must be at most 1, got {factor}")
        except KeyError as error:
            raise ValueError(f"the state of a schedule must have {error}, got {shown(dict(state))}") from None
        except (TypeError, ValueError) as error:
            raise ValueError(f"invalid state of a schedule: {error}") from None
        self.factor, self._monitor.best, self._waited, self._cooling = factor, best, waited, cooling


def _monitor_of(settings: ReduceOnPlateau) -> "Monitor":
    import_late("localgrad.callbacks")
    from localgrad.callbacks import Monitor  # imported here because other schedules do not need it

    return Monitor(settings.monitor, settings.mode, threshold=settings.threshold)
