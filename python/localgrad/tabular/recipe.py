"""The networks for tables, and how they are trained."""

import math
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from localgrad._support.warn import warn
from localgrad._training.fleet import OfMembers
from localgrad._training.fleet_checkpoints import is_member, member_path
from localgrad.fleet import Fleet
from localgrad.network import Network
from localgrad.optimizers import AdamW
from localgrad.tabular.averages import BestAverage
from localgrad.tabular.rows import Rows

_CYCLES = 4  # of the learning rate, each twice as long as the one before
_BETA2 = 0.95
_BIAS_RATE = 0.1
_SCALE_RATE = 6.0
_FEWEST_EPOCHS = 4  # of a cycle, for a lack of improvement to end training
_EPOCHS_NOT_AVERAGED = 32  # parameters are averaged over a constant share of more epochs


@dataclass(frozen=True)
class Files:
    """Where the checkpoints of networks are written to, and where training resumes from.

    Attributes
    ----------
    write, resume : str or None
        Folders.
    every : int
        Number of epochs between checkpoints.
    name : str
        Name of the checkpoint of a network that is trained alone.
    """

    write: str | None = None
    every: int = 1
    resume: str | None = None
    name: str = member_path("", 0)

    def single(self, name: str) -> "Files":
        """Return the checkpoints of another network that is trained alone."""
        return replace(self, name=name)

    def of_network(self) -> dict[str, Any]:
        """Return the arguments of `Network.fit`."""
        write, resume = (
            None if one is None else os.path.join(one, self.name) for one in (self.write, self.resume)
        )
        there = resume is not None and os.path.exists(resume)
        return {"checkpoint": write, "checkpoint_every": self.every, "resume": resume if there else None}

    def of_fleet(self) -> dict[str, Any]:
        """Return the arguments of `Fleet.fit`."""
        there = self.resume is not None and any(map(is_member, os.listdir(self.resume)))
        return {
            "checkpoint": self.write,
            "checkpoint_every": self.every,
            "resume": self.resume if there else None,
        }


NO_FILES = Files()


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

    def best_average(self, held: Rows | None) -> BestAverage:
        """Return the callback of a network with this validation data."""
        newest = min(_EPOCHS_NOT_AVERAGED / self.epochs, 1.0)
        second, third = (math.ceil(self.epochs * (2**k - 1) / (2**_CYCLES - 1)) for k in (2, 3))
        until = third if third - second >= _FEWEST_EPOCHS else 0  # 0: no early end
        return BestAverage(held, newest, self.n_threads, second, until)

    def train(
        self,
        network: Network,
        rows: Rows,
        held: Rows | None,
        time_limit: float | None,
        files: Files,
        best: BestAverage,
    ) -> None:
        """Train the network, and keep the averaged parameters of the best epoch, also after Ctrl-C."""
        with _keeping([network], [best]):
            network.fit(
                rows.X,
                rows.y,
                validation=_validation(held),
                callbacks=[] if held is None else [best],
                **self._arguments(rows, time_limit),
                **files.of_network(),
                weight_lr_factor=_rates(network),
            )

    def train_fleet(
        self,
        networks: Sequence[Network],
        rows: Rows,
        held: Rows | Sequence[NDArray[np.bool_]],
        time_limit: float | None,
        files: Files,
        bests: Sequence[BestAverage],
    ) -> None:
        """Train networks at the same time, each as by `train`.

        `held` is the validation data of all networks, or for each network whether it holds out each row.
        """
        masks = None if isinstance(held, Rows) or not held[0].any() else ~np.stack(held)
        validation: Any = (
            "rest" if masks is not None else _validation(held if isinstance(held, Rows) else None)
        )
        rates: Any = [_rates(network) for network in networks]
        with _keeping(networks, bests):
            Fleet.of(networks).fit(
                rows.X,
                rows.y,
                rows=masks,
                validation=validation,
                callbacks=[] if validation is None else [OfMembers(bests)],
                **self._arguments(rows, time_limit),
                **files.of_fleet(),
                weight_lr_factor=rates,
            )

    def _arguments(self, rows: Rows, time_limit: float | None) -> dict[str, Any]:
        """Return the arguments of `fit` that networks and fleets share."""
        return {
            "sample_weight": rows.weights,
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "optimizer": AdamW(self.learning_rate, beta2=_BETA2, weight_decay=self.weight_decay),
            "schedule": CosineLog(self.epochs, time_limit),
            "time_limit": time_limit,
            "n_threads": self.n_threads,
            "verbose": self.verbose,
            "bias_lr_factor": _BIAS_RATE,
            "input_scale_lr_factor": _SCALE_RATE,
        }


def _validation(held: Rows | None) -> tuple[Any, ...] | None:
    return None if held is None else tuple(one for one in held if one is not None)


def _rates(network: Network) -> list[float]:
    return [1 / math.sqrt(fan_in) for fan_in in network.sizes[:-1]]


@contextmanager
def _keeping(networks: Sequence[Network], bests: Sequence[BestAverage]) -> Iterator[None]:
    """Keep the parameters of each network's best epoch, also after Ctrl-C or if training diverges."""
    try:
        yield
    except FloatingPointError as error:
        for network, best in zip(networks, bests, strict=True):
            # The history of a fit that diverges in its first mini-batch is that before the fit.
            if best.best is None and network.history.stopped in (None, "error"):
                raise
        warn(f"{error}; the parameters of the best epoch are kept", ConvergenceWarning)
    finally:
        for network, best in zip(networks, bests, strict=True):
            if best.best is not None:
                network.parameters = best.best.parameters


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
