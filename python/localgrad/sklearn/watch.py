"""The callback that records a fit as scikit-learn does, and stops it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from localgrad._arrays.rows import FloatArray
from localgrad.callbacks import Callback, Training
from localgrad.network import Network
from localgrad.schedules.base import Schedule, Times

Score = Callable[[Network], float]


class Pace(Schedule):
    """The learning rate of scikit-learn, which changes between epochs only."""

    by_epoch = True

    def __init__(self, kind: str, learning_rate: float, power_t: float) -> None:
        self.kind = kind
        self.initial = self.learning_rate = learning_rate
        self.power_t = power_t
        self.velocity = 1.0  # factor of the momentum's velocity before the next epoch

    @property
    def factor(self) -> float:
        """The learning rate, divided by the initial one."""
        return self.learning_rate / self.initial

    def _factors(self, times: Times) -> Times:
        return np.full_like(times, self.factor)

    def end_epoch(self, examples: int) -> None:
        """Reduce the rate of "invscaling"; `examples` is the number trained on so far."""
        if self.kind == "invscaling":
            self._set(self.initial / (examples + 1) ** self.power_t)

    def _velocity_factor(self) -> float:
        factor, self.velocity = self.velocity, 1.0
        return factor

    def _set(self, learning_rate: float) -> None:
        # scikit-learn's velocity contains the learning rate of its time; localgrad's does not.
        if learning_rate > 0:
            self.velocity *= self.learning_rate / learning_rate
        self.learning_rate = learning_rate

    def stops(self, message: str, verbose: int) -> bool:
        """Return whether to stop, after no improvement; otherwise reduce the rate."""
        stop, then = True, "Stopping."
        if self.kind == "adaptive":
            stop, then = self.learning_rate <= 1e-6, "Learning rate too small. Stopping."
            if not stop:
                self._set(self.learning_rate / 5.0)
                then = f"Setting learning rate to {self.learning_rate:f}"
        if verbose:
            print(f"{message} {then}")
        return stop


@dataclass
class Record:
    """What scikit-learn's estimators record, over all fits of a warm start."""

    t: int = 0  # examples trained on
    losses: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    best_loss: float = math.inf
    best_score: float = -math.inf
    no_improvement: int = 0


@dataclass(frozen=True)
class Loss:
    """How scikit-learn computes the loss from a cost: a C + b + ½ Σ_i l2_i Σ w²."""

    scale: float
    constant: float
    l2: list[float]

    def __call__(self, cost: float, squares: list[float]) -> float:
        """Return the loss, given the sum of the squared weights of each layer."""
        penalty = sum(factor * square for factor, square in zip(self.l2, squares, strict=True))
        return cost * self.scale + self.constant + 0.5 * penalty


class Watch(Callback):
    """Records losses and validation scores, and stops when they no longer improve."""

    def __init__(
        self,
        record: Record,
        loss: Loss,
        *,
        rows: int,
        steps: int,
        pace: Pace | None,
        tol: float,
        patience: float,
        verbose: int,
    ) -> None:
        self.record = record
        self.iterations = 0
        self.stops = False  # whether this callback has ended training
        self.best: FloatArray | None = None  # the parameters with the best validation score
        self.loss = loss
        self._rows = rows
        self._steps = steps  # mini-batches of an epoch
        self.pace = pace  # None: a full-batch method, which stops by itself
        self._score: Score | None = None
        self._tol = tol
        self._patience = patience
        self._verbose = verbose
        self._weights: list[Any] = []
        self._squares: list[float] = []
        self._penalized = any(loss.l2)

    def score_with(self, score: Score) -> None:
        """Stop by a validation score instead of the loss."""
        self._score = score

    def begin(self, network: Network) -> None:
        """Keep the initial parameters."""
        self._weights = [w.T.reshape(-1) for w in network.weights]
        self._squares = self._sums()
        if self._score is not None:
            self.best = network.parameters.copy()

    def end_epoch(self, cost: float, network: Network) -> str | None:
        """Record an epoch; return the reason to stop, or None."""
        record = self.record
        self.iterations += 1
        record.t += self._rows
        record.losses.append(self.loss(cost, self._mean_squares()))
        if self._verbose:
            print(f"Iteration {self.iterations}, loss = {record.losses[-1]:.8f}")
        if self.pace is None:
            return None
        if self._score is None:
            what = "Training loss"
            self._count(record.losses[-1] > record.best_loss - self._tol)
            record.best_loss = min(record.best_loss, record.losses[-1])
        else:
            what = "Validation score"
            self._validate(self._score(network), network)
        self.pace.end_epoch(record.t)
        if record.no_improvement > self._patience:
            message = (
                f"{what} did not improve more than tol={self._tol:f} for {self._patience} consecutive epochs."
            )
            if self.pace.stops(message, self._verbose):
                self.stops = True
                return "no_improvement"
            record.no_improvement = 0
        return None

    def diverge(self) -> None:
        """Record an epoch whose cost became infinite or NaN."""
        self.iterations += 1
        self.record.losses.append(math.nan)
        self.record.scores.append(math.nan)

    def _validate(self, score: float, network: Network) -> None:
        record = self.record
        record.scores.append(score)
        if self._verbose:
            print(f"Validation score: {score:f}")
        self._count(score < record.best_score + self._tol)
        if score > record.best_score:
            record.best_score = score
            self.best = network.parameters.copy()

    def _count(self, worse: bool) -> None:
        self.record.no_improvement = self.record.no_improvement + 1 if worse else 0

    def _sums(self) -> list[float]:
        return [float(w.dot(w)) for w in self._weights]

    def _mean_squares(self) -> list[float]:
        """Return the sums of squared weights, averaged over the mini-batches of the epoch.

        The cost of a mini-batch is measured before its update. Between the start and the end of the epoch the
        sums are interpolated.
        """
        if not self._penalized:
            return self._squares
        before, self._squares = self._squares, self._sums()
        if self.pace is None:  # the cost was computed after the step
            return self._squares
        share = (self._steps - 1) / (2 * self._steps)
        return [old + (new - old) * share for old, new in zip(before, self._squares, strict=True)]

    # Hooks of fit

    def on_train_begin(self, training: Training) -> None:
        """Keep the initial parameters."""
        self.begin(training.network)

    def on_epoch_end(self, training: Training) -> str | None:
        """Record an epoch."""
        return self.end_epoch(training.logs["cost"], training.network)

    def on_restore(self, training: Training) -> None:
        """Restore the parameters with the best validation score."""
        if self.best is not None:
            training.network.parameters = self.best

    def state(self) -> dict[str, Any]:
        """Return the state for a checkpoint."""
        finite = {name: value for name, value in vars(self.record).items() if _finite(value)}
        pace = self.pace
        rate = {} if pace is None else {"learning_rate": pace.learning_rate, "velocity": pace.velocity}
        best = {} if self.best is None else {"best": self.best}
        return {**finite, **rate, **best, "iterations": self.iterations, "squares": self._squares}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restore such a state."""
        values = dict(state)
        self.best = values.pop("best", None)
        self.iterations = values.pop("iterations")
        self._squares = [float(square) for square in values.pop("squares")]
        rate, velocity = values.pop("learning_rate", None), values.pop("velocity", None)
        if self.pace is not None and rate is not None:
            self.pace.learning_rate, self.pace.velocity = rate, velocity
        vars(self.record).update(values)

    def should_stop(self) -> str | None:
        """Return a reason if the fit had stopped before the checkpoint."""
        return "no_improvement" if self.record.no_improvement > self._patience else None


def _finite(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)
