"""Schedules that keep the factor constant or decrease it."""

import numpy as np

from localgrad._arguments.settings import flag, number, optional, settings
from localgrad.schedules.base import Schedule, Times


@settings
class Constant(Schedule):
    """Constant factor 1.

    Parameters
    ----------
    by_epoch : bool, default False
        Has no effect; present for consistency with the other schedules.

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
    """Step decay: multiply the learning rate by `factor` at regular intervals.

    The schedule is factor^⌊epoch / every⌋.

    Parameters
    ----------
    every : float, default 10
        Number of epochs between steps, finite and above 0.
    factor : float, default 0.1
        Factor of each step, finite and at least 0.
    by_epoch : bool, default False
        Whether to round the time down to whole epochs.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid.

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
    """Exponential decay by `factor` per epoch.

    The schedule is factor^epoch, which changes with every mini-batch.

    Parameters
    ----------
    factor : float, default 0.95
        Factor per epoch, finite and at least 0.
    by_epoch : bool, default False
        Whether to round the time down to whole epochs.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid.

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
    """Polynomial decay from 1 to `final`; linear by default.

    The schedule is final + (1 - final)(1 - epoch / epochs)^power.

    Parameters
    ----------
    epochs : float, optional
        Duration in epochs, finite and above 0. By default, the number of epochs of the fit. After this
        time, the factor is `final`.
    power : float, default 1.0
        Exponent, finite and above 0.
    final : float, default 0.0
        Final factor, finite and at least 0.
    by_epoch : bool, default False
        Whether to round the time down to whole epochs.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid.

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
