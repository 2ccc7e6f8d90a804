"""A schedule that follows a number of the history."""

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
    """Falls by a factor when a number has not become better for some epochs.

    An epoch is better if its number is below best - threshold · abs(best), or with the mode ``"max"`` above
    best + threshold · abs(best). After more than `patience` epochs in a row that are not, the factor is
    multiplied by `factor`; then `cooldown` epochs pass without being counted.

    Parameters
    ----------
    monitor : str, optional
        Which number of the history; by default ``"val_cost"`` if there is validation, else ``"cost"``.
    factor : float, default 0.1
        In [0, 1).
    patience : int, default 10
        Epochs without improvement to wait, at least 0.
    threshold : float, default 1e-4
        The relative improvement that counts, in [0, 1).
    cooldown : int, default 0
        Epochs after a fall that are not counted, at least 0.
    lowest : float, default 0.0
        Where it falls no further, in [0, 1).
    mode : {"min", "max"}, optional
        Whether a lower or a higher number is better; by default what is known of costs and of the metrics of
        `localgrad.metrics`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be, or `mode` is not given for a number that is not known.

    Notes
    -----
    The rule is that of PyTorch's scheduler of the same name; for numbers below 0 ours also wants an
    improvement. What is not finite is not better. The factor holds for whole epochs.

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
        """Return what follows one fit.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.schedules.ReduceOnPlateau().start().factor
        1.0
        """
        return Tracker(self)


class Tracker:
    """Follows the numbers of one fit; `factor` is that of the next epoch."""

    def __init__(self, settings: ReduceOnPlateau) -> None:
        self.factor = 1.0
        self._settings = settings
        self._monitor = _monitor_of(settings)
        self._waited = 0
        self._cooling = 0

    def observe(self, logs: Mapping[str, float]) -> None:
        """Take the numbers of an epoch, named as in the history."""
        settings = self._settings
        if math.isfinite(self._monitor.value(logs)) and self._monitor.improved(logs):
            self._waited = 0
        else:
            self._waited += 1
        if self._cooling:
            self._cooling -= 1
            self._waited = 0
        if self._waited > settings.patience:
            self.factor = max(self.factor * settings.factor, settings.lowest)
            self._cooling = settings.cooldown
            self._waited = 0

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps of it: numbers, and None for no best."""
        return {
            "factor": self.factor,
            "best": self._monitor.best,
            "waited": self._waited,
            "cooling": self._cooling,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Continue from what `state` returned; a ValueError if it cannot be that."""
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
            raise ValueError(f"the state of a schedule must be its own, got another: {error}") from None
        self.factor, self._monitor.best, self._waited, self._cooling = factor, best, waited, cooling


def _monitor_of(settings: ReduceOnPlateau) -> "Monitor":
    import_late("localgrad.callbacks")
    from localgrad.callbacks import Monitor  # here: other schedules do without

    return Monitor(settings.monitor, settings.mode, threshold=settings.threshold)
