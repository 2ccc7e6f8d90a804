"""The networks for tables, and how they are trained."""

import math
import time
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from localgrad._support.warn import warn
from localgrad.network import Network
from localgrad.optimizers import AdamW
from localgrad.tabular.averages import BestAverage
from localgrad.tabular.rows import Rows

_CYCLES = 4  # of the learning rate, each twice as long as the one before
_BETA2 = 0.95
_BIAS_RATE = 0.1
_SCALE_RATE = 6.0
_EPOCHS_NOT_AVERAGED = 32  # parameters are averaged over a constant share of more epochs


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
        newest = min(_EPOCHS_NOT_AVERAGED / self.epochs, 1.0)
        average = None if held is None else BestAverage(held, newest, self.n_threads)
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
