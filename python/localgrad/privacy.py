"""Differential privacy of a training run: the epsilon of `Network.fit` with `clip_per_example`."""

from __future__ import annotations  # help() then shows types by their names

import math
from dataclasses import dataclass
from typing import Any

from localgrad._arguments.check import boolean, choice, integer, real

__all__ = ["Guarantee"]

_SAMPLERS = ("poisson", "shuffled")
_INTERVAL, _SMALL_NOISE = 1e-4, 0.2  # between the privacy losses; below this σ, it is larger
_LEAST_NOISE = 1e-4  # below, the exponential function of a loss is too large for a float


@dataclass(frozen=True)
class Guarantee:
    """What a private training run reveals about one example of its training data.

    `Network.fit` with `clip_per_example` leaves one in ``history.privacy``; one can also be made before
    training, to choose the noise.

    Parameters
    ----------
    noise_multiplier : float
        Standard deviation σ of the noise, relative to `clip_per_example`; at least 0.
    sampler : {"poisson", "shuffled"}
        How mini-batches are chosen.
    examples : int
        Number n of training examples.
    batch_size : int
        Mini-batch size b, the expected one for ``"poisson"``; at most n.
    steps : int
        Number of mini-batches of the run.
    secret_noise : bool, default True
        Whether the noise has a secret key. With a known seed (`unsafe_noise_seed`), it can be subtracted.

    See Also
    --------
    Network.fit : Trains with clipped gradients and noise.

    Examples
    --------
    >>> from localgrad.privacy import Guarantee
    >>> guarantee = Guarantee(1.1, "poisson", examples=60_000, batch_size=256, steps=14_063)
    >>> round(guarantee.epsilon(delta=1e-5), 2)  # doctest: +SKIP
    2.38
    """

    noise_multiplier: float
    sampler: str
    examples: int
    batch_size: int
    steps: int
    secret_noise: bool = True

    def __post_init__(self) -> None:
        real(self.noise_multiplier, "noise_multiplier", at_least=0.0)
        choice(self.sampler, "sampler", _SAMPLERS)
        integer(self.examples, "examples", at_least=1)
        integer(self.batch_size, "batch_size", at_least=1, below=self.examples + 1)
        integer(self.steps, "steps", at_least=0)
        boolean(self.secret_noise, "secret_noise")

    @property
    def epochs(self) -> int:
        """Number of passes over the data, of which the last may be incomplete."""
        return -(-self.steps // -(-self.examples // self.batch_size))

    def epsilon(self, delta: float, *, assume_poisson: bool = False) -> float:
        """Return ε of the (ε, δ)-differential privacy of all steps together.

        For Poisson sampling, this is the privacy loss distribution of the composed subsampled Gaussian
        mechanisms, an upper bound for adding or removing one example. For shuffled epochs, no such
        amplification by sampling is proven: each example takes part in one step of every epoch, so this is
        the ε of one Gaussian mechanism per epoch, for replacing one example by one without a gradient.

        Parameters
        ----------
        delta : float
            δ in (0, 1); usually less than 1/n.
        assume_poisson : bool, default False
            For shuffled epochs: return the ε that Poisson sampling would have. It is often quoted for
            shuffled training, but it is an approximation and can be too small by a large factor.

        Returns
        -------
        float
            ε; infinite if `noise_multiplier` is below 1e-4 or the noise is not secret, 0 without steps.

        Raises
        ------
        ValueError
            If `delta` is not in (0, 1).
        ImportError
            If the package ``dp-accounting`` is not installed.

        Notes
        -----
        Several runs on the same data compose: their ε and δ add up at most. What is not released does not
        count, but choosing among several runs by their results on private data does.

        References
        ----------
        M. Abadi et al., "Deep learning with differential privacy", 2016. L. Chua et al., "How private are
        DP-SGD implementations?", 2024. A. Koskela et al., "Computing tight differential privacy guarantees
        using FFT", 2020.

        Examples
        --------
        >>> from localgrad.privacy import Guarantee
        >>> Guarantee(0.0, "shuffled", examples=100, batch_size=10, steps=10).epsilon(1e-5)
        inf
        """
        delta = real(delta, "delta", above=0.0, below=1.0)
        poisson = boolean(assume_poisson, "assume_poisson") or self.sampler == "poisson"
        if self.steps == 0:
            return 0.0
        if self.noise_multiplier < _LEAST_NOISE or not self.secret_noise:
            return math.inf
        accounting = _dp_accounting()
        step: Any = accounting.GaussianDpEvent(self.noise_multiplier)
        times = self.epochs
        if poisson:
            step = accounting.PoissonSampledDpEvent(self.batch_size / self.examples, step)
            times = self.steps
        from dp_accounting.pld import PLDAccountant

        # The number of losses that the accountant stores grows with 1/σ²; rounded up, they stay a bound.
        interval = _INTERVAL * max(1.0, (_SMALL_NOISE / self.noise_multiplier) ** 2)
        accountant = PLDAccountant(value_discretization_interval=interval)
        return float(accountant.compose(step, times).get_epsilon(delta))


def _dp_accounting() -> Any:
    try:
        import dp_accounting
    except ImportError as error:
        raise ImportError(
            'epsilon requires dp-accounting; install with: pip install "localgrad[privacy]"'
        ) from error
    return dp_accounting
