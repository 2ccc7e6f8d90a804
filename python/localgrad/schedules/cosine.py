"""Factors that follow half a wave of the cosine."""

import numpy as np

from localgrad._arguments.settings import flag, number, optional, settings
from localgrad.schedules.base import Schedule, Times


def _between(first: float, last: float, progress: Times) -> Times:
    """Go from the first to the last along half a wave while the progress goes from 0 to 1."""
    return last + (first - last) * (1.0 + np.cos(np.pi * progress)) / 2.0


@settings
class Cosine(Schedule):
    """Falls from 1 to `final` along half a wave: final + (1 - final)(1 + cos(π epoch / epochs)) / 2.

    Parameters
    ----------
    epochs : float, optional
        How long it takes, finite and above 0; by default the whole fit. From then on `final` stays.
    final : float, default 0.0
        Finite and at least 0.
    restarts : bool, default False
        Whether to start again from 1 instead (SGDR).
    stretch : float, default 1.0
        With `restarts`, how many times longer each round takes than the one before, finite and at least 1.
    by_epoch : bool, default False
        Whether to round the time down to whole epochs.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be.

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
        """Return the time as a share of the round that it falls into."""
        if self.stretch == 1:
            return np.asarray(np.mod(times, first) / first)
        # Round k begins at first (stretch^k - 1) / (stretch - 1).
        k = np.floor(np.log1p(times / first * (self.stretch - 1)) / np.log(self.stretch))

        def begin(k: Times) -> Times:
            return np.asarray(first * (self.stretch**k - 1) / (self.stretch - 1))

        # The logarithm's rounding may have missed a beginning.
        k = np.where(begin(k + 1) <= times, k + 1, np.where(begin(k) > times, k - 1, k))
        return np.asarray(np.clip((times - begin(k)) / (first * self.stretch**k), 0.0, 1.0))


@settings
class OneCycle(Schedule):
    """Rises from `start` to 1 and falls to almost nothing, along half a wave each way (the 1cycle policy).

    The optimizer's learning rate is the highest; the end is `start` · `final`.

    Parameters
    ----------
    epochs : float, optional
        How long it takes, finite and above 0; by default the whole fit. From then on the last factor stays.
    warmup : float, default 0.3
        The share of that time in which it rises, in (0, 1).
    start : float, default 0.04
        The first factor, finite and above 0.
    final : float, default 0.0001
        The last factor as a share of the first, finite and at least 0.
    by_epoch : bool, default False
        Whether to round the time down to whole epochs.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be.

    References
    ----------
    Smith & Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates",
    2018. The defaults are PyTorch's.

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
