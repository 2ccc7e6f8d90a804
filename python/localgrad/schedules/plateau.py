"""A schedule that listens to the cost."""

import math
from dataclasses import dataclass
from typing import Any

from localgrad._check import choice
from localgrad._settings import Settings, checked, number, whole

__all__ = ["ReduceOnPlateau", "Tracker"]

_MONITORED = ("cost", "val_cost")


def _monitor(value: Any, name: str) -> str | None:
    return None if value is None else choice(value, name, _MONITORED)


@dataclass(frozen=True)
class ReduceOnPlateau(Settings):
    """Falls by a factor when the cost has not become lower for some epochs.

    An epoch is better if its cost is below best - threshold · abs(best). After more than `patience` epochs in
    a row that are not, the factor is multiplied by `factor`; then `cooldown` epochs pass without being
    counted.

    Parameters
    ----------
    monitor : {"cost", "val_cost"}, optional
        Which of the history's costs; by default ``"val_cost"`` if there is validation, else ``"cost"``.
    factor : float, default 0.1
        In [0, 1).
    patience : int, default 10
        Epochs without improvement that are borne, at least 0.
    threshold : float, default 1e-4
        The relative improvement that counts, in [0, 1).
    cooldown : int, default 0
        Epochs after a fall that are not counted, at least 0.
    lowest : float, default 0.0
        Where it falls no further, in [0, 1).

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be.

    Notes
    -----
    The rule is that of PyTorch's scheduler of the same name in mode ``"min"``; for costs below 0
    ours also wants them lower. The factor holds for whole epochs.

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
    """Follows the costs of one fit; `factor` is that of the next epoch."""

    def __init__(self, settings: ReduceOnPlateau) -> None:
        self.factor = 1.0
        self._settings = settings
        self._best = math.inf
        self._waited = 0
        self._cooling = 0

    def observe(self, logs: dict[str, float]) -> None:
        """Take the numbers of an epoch, named as in the history."""
        settings = self._settings
        cost = logs[settings.monitor or ("val_cost" if "val_cost" in logs else "cost")]
        margin = 0.0 if self._best == math.inf else settings.threshold * abs(self._best)
        if cost < self._best - margin:
            self._best = cost
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
