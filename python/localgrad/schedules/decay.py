"""Factors that stay or fall."""

import numpy as np

from localgrad._arguments.settings import flag, number, optional, settings
from localgrad.schedules.base import Schedule, Times


@settings
class Constant(Schedule):
    """The factor 1, always.

    Parameters
    ----------
    by_epoch : bool, default False
        Without effect; all schedules have it.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.schedules.Constant()(3.5)
    1.0
    """

    by_epoch: bool = flag(kw_only=True)

    def _factors(self, times: Times) -> Times:
        return np.ones_like(times)


@settings
class Step(Schedule):
    """Falls by a factor at regular times: factor^⌊epoch / every⌋.

    Parameters
    ----------
    every : float, default 10
        Epochs from one fall to the next, finite and above 0.
    factor : float, default 0.1
        Finite and at least 0.
    by_epoch : bool, default False
        Whether to round the time down to whole epochs.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.schedules.Step(every=5, factor=0.5)([0, 4.9, 5, 12])
    array([1.  , 1.  , 0.5 , 0.25])
    """

    every: float = number(10.0, above=0.0)
    factor: float = number(0.1, at_least=0.0)
    by_epoch: bool = flag(kw_only=True)

    def _factors(self, times: Times) -> Times:
        return np.power(self.factor, np.floor(times / self.every))


@settings
class Exponential(Schedule):
    """Falls by the same factor in every epoch, smoothly: factor^epoch.

    Parameters
    ----------
    factor : float, default 0.95
        Finite and at least 0.
    by_epoch : bool, default False
        Whether to round the time down to whole epochs.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.schedules.Exponential(0.25)([0, 0.5, 1])
    array([1.  , 0.5 , 0.25])
    """

    factor: float = number(0.95, at_least=0.0)
    by_epoch: bool = flag(kw_only=True)

    def _factors(self, times: Times) -> Times:
        return np.power(self.factor, times)


@settings
class Polynomial(Schedule):
    """Falls from 1 to `final` along a power of the time left: final + (1 - final)(1 - epoch / epochs)^power.

    Parameters
    ----------
    epochs : float, optional
        How long it takes, finite and above 0; by default the whole fit. From then on `final` stays.
    power : float, default 1.0
        Finite and above 0; 1 is a straight line.
    final : float, default 0.0
        Finite and at least 0.
    by_epoch : bool, default False
        Whether to round the time down to whole epochs.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.schedules.Polynomial(10, power=2)([0, 5, 10])
    array([1.  , 0.25, 0.  ])
    """

    epochs: float | None = optional(above=0.0)
    power: float = number(1.0, above=0.0)
    final: float = number(0.0, at_least=0.0)
    by_epoch: bool = flag(kw_only=True)

    def _factors(self, times: Times) -> Times:
        left = 1.0 - self._progress(times, self.epochs)
        return self.final + (1.0 - self.final) * left**self.power
