"""Schedules that follow a cosine: cosine annealing and 1cycle."""

import numpy as np

from localgrad._arguments.settings import flag, number, optional, settings
from localgrad.schedules.base import Schedule, Times


def _between(first: float, last: float, progress: Times) -> Times:
    """Interpolate from `first` to `last` along half a cosine period, for progress from 0 to 1."""
    return last + (first - last) * (1.0 + np.cos(np.pi * progress)) / 2.0


@settings
class Cosine(Schedule):
    """Cosine annealing from 1 to `final`, optionally with warm restarts.

    The schedule is final + (1 - final)(1 + cos(π epoch / epochs)) / 2.

    Parameters
    ----------
    epochs : float, optional
        Duration in epochs, finite and above 0. By default, the number of epochs of the fit. After this
        time, the factor is `final`.
    final : float, default 0.0
        Final factor, finite and at least 0.
    restarts : bool, default False
        Whether to restart from 1 after `epochs` epochs (SGDR), instead of staying at `final`.
    stretch : float, default 1.0
        Ratio of the lengths of successive cycles, with `restarts`; finite and at least 1.
    by_epoch : bool, default False
        Whether to round the time down to whole epochs.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid.

    References
    ----------
    Loshchilov & Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.schedules.Cosine(10)([0, 5, 10, 15]).round(3)
    array([1. , 0.5, 0. , 0. ])
    >>> lg.schedules.Cosine(10, restarts=True, stretch=2)([0, 5, 10, 20, 30]).round(3)
    array([1. , 0.5, 1. , 0.5, 1. ])
    """

    epochs: float | None = optional(above=0.0)
    final: float = number(0.0, at_least=0.0)
    restarts: bool = flag()
    stretch: float = number(1.0, at_least=1.0)
    by_epoch: bool = flag(kw_only=True)

    def _check(self) -> None:
        if self.stretch != 1 and not self.restarts:
            raise ValueError(f"stretch must be 1 without restarts=True, got {self.stretch}")

    def _factors(self, times: Times) -> Times:
        progress = (
            self._round(times, self.epochs)
            if self.restarts and self.epochs
            else self._progress(times, self.epochs)
        )
        return _between(1.0, self.final, progress)

    def _round(self, times: Times, first: float) -> Times:
        """Return the elapsed fraction of the current cycle."""
        if self.stretch == 1:
            return np.asarray(np.mod(times, first) / first)
        # Cycle k begins at first (stretch^k - 1) / (stretch - 1), the sum of the lengths before it.
        k = np.floor(np.log1p(times / first * (self.stretch - 1)) / np.log(self.stretch))

        def begin(k: Times) -> Times:
            return np.asarray(first * (self.stretch**k - 1) / (self.stretch - 1))

        # Rounding in the logarithm can make k wrong by one at the boundary of two cycles.
        k = np.where(begin(k + 1) <= times, k + 1, np.where(begin(k) > times, k - 1, k))
        return np.asarray(np.clip((times - begin(k)) / (first * self.stretch**k), 0.0, 1.0))


@settings
class OneCycle(Schedule):
    """1cycle policy: increase the factor from `start` to 1, then decrease it to `start` · `final`.

    Both phases follow a cosine. The learning rate of the optimizer is the maximum.

    Parameters
    ----------
    epochs : float, optional
        Duration in epochs, finite and above 0. By default, the number of epochs of the fit. After this
        time, the factor keeps its final value.
    warmup : float, default 0.3
        Fraction of the duration in which the factor increases, in (0, 1).
    start : float, default 0.04
        Initial factor, finite and above 0.
    final : float, default 0.0001
        Ratio of the final factor to the initial one, finite and at least 0.
    by_epoch : bool, default False
        Whether to round the time down to whole epochs.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid.

    References
    ----------
    Smith & Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates",
    2018. The defaults are those of PyTorch.

    Examples
    --------
    >>> import localgrad as lg
    >>> [round(lg.schedules.OneCycle(10)(epoch), 6) for epoch in (0, 1.5, 3, 10)]
    [0.04, 0.52, 1.0, 4e-06]
    """

    epochs: float | None = optional(above=0.0)
    warmup: float = number(0.3, above=0.0, below=1.0)
    start: float = number(1 / 25, above=0.0)
    final: float = number(1e-4, at_least=0.0)
    by_epoch: bool = flag(kw_only=True)

    def _factors(self, times: Times) -> Times:
        progress = self._progress(times, self.epochs)
        rise = _between(self.start, 1.0, np.minimum(progress / self.warmup, 1.0))
        fall = _between(
            1.0, self.start * self.final, np.maximum(progress - self.warmup, 0.0) / (1 - self.warmup)
        )
        return np.where(progress < self.warmup, rise, fall)
