"""The networks for tables, and how they are trained."""

import math
import time
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from localgrad._arrays.rows import FloatArray
from localgrad._support.warn import warn
from localgrad.callbacks import Callback, Training
from localgrad.network import Network
from localgrad.optimizers import AdamW
from localgrad.tabular.table import Weights

_CYCLES = 4  # of the learning rate, each twice as long as the one before
_BETA2 = 0.95
_BIAS_RATE = 0.1
_SCALE_RATE = 6.0
_NEWEST = 0.5  # share of the last epoch in the average of the parameters


class Rows(NamedTuple):
    """Inputs, targets as the network expects them, and weights."""

    X: NDArray[np.float32]
    y: NDArray[Any]
    weights: Weights

    def part(self, rows: NDArray[np.bool_]) -> "Rows":
        """Return some of the rows."""
        return Rows(self.X[rows], self.y[rows], None if self.weights is None else self.weights[rows])


@dataclass(frozen=True)
class Recipe:
    """How to build and train a network; RealMLP-TD-S of Holzmüller et al. 2024 with fewer epochs.

    Their parametrization computes z = w a / √fan_in + b with weights of variance 1. Under Adam, whose steps
    do not depend on the scale of gradients, this is a network with weights of variance 1/fan_in that are
    trained with the rate divided by √fan_in.
    """

    hidden: tuple[int, ...]
    activation: str
    output: str
    cost: str
    outputs: int
    learning_rate: float
    epochs: int
    batch_size: int
    dropout: float
    weight_decay: float
    n_threads: int | None
    verbose: int

    def network(self, inputs: int, seed: int) -> Network:
        """Return an untrained network."""
        sizes = [inputs, *self.hidden, self.outputs]
        network = Network(
            sizes,
            activation=self.activation,
            output=self.output,
            cost=self.cost,
            init="lecun",
            init_gain=[1.0] * len(self.hidden) + [0.0],
            learn_input_scale=True,
            dropout=self.dropout,
            seed=seed,
        )
        random = np.random.default_rng(seed)
        for i, width in enumerate(self.hidden):
            network.biases[i] = random.standard_normal(width)
        return network

    def train(self, network: Network, rows: Rows, held: Rows | None, time_limit: float | None) -> None:
        """Train the network, and keep the averaged parameters of the best epoch, also after Ctrl-C."""
        average = None if held is None else BestAverage(held, self.n_threads)
        sizes = network.sizes
        pace = CosineLog(self.epochs, time_limit)
        try:
            network.fit(
                rows.X,
                rows.y,
                sample_weight=rows.weights,
                epochs=self.epochs,
                batch_size=self.batch_size,
                optimizer=AdamW(self.learning_rate, beta2=_BETA2, weight_decay=self.weight_decay),
                schedule=pace,
                validation=None if held is None else tuple(one for one in held if one is not None),
                callbacks=[] if average is None else [average],
                time_limit=time_limit,
                n_threads=self.n_threads,
                verbose=self.verbose,
                weight_lr_factor=[1 / math.sqrt(fan_in) for fan_in in sizes[:-1]],
                bias_lr_factor=_BIAS_RATE,
                input_scale_lr_factor=_SCALE_RATE,
            )
        except FloatingPointError as error:
            if average is None or average.best is None:
                raise
            warn(f"{error}; the parameters of the best epoch are kept", ConvergenceWarning)
        finally:
            if average is not None and average.best is not None:
                network.parameters = average.best.parameters


class CosineLog:
    """The schedule ½(1 - cos 2πk), whose cycles k = log₂(1 + (2⁴ - 1)t) become longer; t from 0 to 1.

    With a time limit, t is at least the elapsed share of it, so that the rate has fallen when time is up.
    """

    def __init__(self, epochs: int, time_limit: float | None) -> None:
        self._epochs = epochs
        self._limit = time_limit
        self._start = time.monotonic()

    def __call__(self, epoch: float) -> float:
        """Return the factor at a time in epochs."""
        elapsed = 0.0 if self._limit is None else (time.monotonic() - self._start) / self._limit
        t = min(max(epoch / self._epochs, elapsed), 1.0)
        return 0.5 * (1.0 - math.cos(2.0 * math.pi * math.log2(1.0 + (2**_CYCLES - 1) * t)))


class Candidate(NamedTuple):
    """Parameters after an epoch, and what they reach on the validation data."""

    epoch: int
    cost: float
    accuracy: float | None  # None for numbers
    parameters: FloatArray


class BestAverage(Callback):
    """Averages the parameters over epochs, and keeps those that are best on the validation data.

    The average after an epoch is half its parameters and half the average before, p̄ ← ½ p + ½ p̄. Training
    continues with p. Each epoch has the better of p̄ and p: where an epoch still brings much, p̄ lags behind.
    The best epoch is that of the lowest cost, or the last one if it is more accurate: with few rows, the best
    accuracy is often that of an early epoch by chance; with many, the cost rises while the accuracy improves.
    """

    def __init__(self, held: Rows, n_threads: int | None) -> None:
        self._held = held
        self._threads = n_threads
        self._average: FloatArray | None = None
        self._lowest: Candidate | None = None
        self._last: Candidate | None = None

    @property
    def best(self) -> Candidate | None:
        """The best epoch; None before the end of the first one."""
        if self._lowest is None or self._last is None:
            return None
        more_accurate = (self._last.accuracy or 0.0) > (self._lowest.accuracy or 0.0)
        return self._last if more_accurate else self._lowest

    def on_epoch_end(self, training: Training) -> None:
        """Compare the epoch with those before."""
        network, logs = training.network, training.logs
        own = network.parameters.copy()
        # New arrays, because state() may have returned the old ones.
        average = own if self._average is None else _NEWEST * own + (1.0 - _NEWEST) * self._average
        network.parameters = self._average = average
        try:
            X, y, weights = self._held
            found = network.evaluate(X, y, sample_weight=weights, n_threads=self._threads)
        finally:
            network.parameters = own
        epoch = len(training.history["cost"])
        self._last = min(
            Candidate(epoch, found["cost"], found.get("accuracy"), average),
            Candidate(epoch, logs["val_cost"], logs.get("val_accuracy"), own),
            key=attrgetter("cost"),
        )
        if self._lowest is None or self._last.cost <= self._lowest.cost:
            self._lowest = self._last
        if self.best is not None:
            training.history.best_epoch = self.best.epoch

    def state(self) -> dict[str, object]:
        """Return the state to store in a checkpoint."""
        candidates = {"lowest": self._lowest, "last": self._last}
        fields = {
            f"{name}_{field}": value
            for name, one in candidates.items()
            if one is not None
            for field, value in one._asdict().items()
        }
        return {"average": self._average, **fields}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restore a state that `state` returned."""
        self._average = state["average"]
        if self._average is not None:
            self._lowest, self._last = (
                Candidate(*(state[f"{name}_{field}"] for field in Candidate._fields))
                for name in ("lowest", "last")
            )
