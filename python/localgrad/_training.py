"""What happens between the epochs of a fit: evaluation, progress line, callbacks."""

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from localgrad._arguments import Callback
from localgrad.history import History

if TYPE_CHECKING:
    from localgrad import _core
    from localgrad.network import Network

__all__ = ["Run"]

_EPOCHS_A_CALL = 2**31 - 1  # more are asked for in several calls


class Run:
    """One fit. `evaluate` measures the validation data after an epoch, if there are any."""

    def __init__(
        self,
        network: "Network",
        trainer: "_core.Trainer32 | _core.Trainer64",
        evaluate: Callable[[], dict[str, float]] | None,
        callbacks: tuple[Callback, ...],
        history: History,
    ) -> None:
        self._network = network
        self._trainer = trainer
        self._evaluate = evaluate
        self._callbacks = callbacks
        self._history = history

    def _validate(self, evaluate: Callable[[], dict[str, float]]) -> dict[str, float]:
        """Measure the validation data; not a number stands for an epoch whose measurement was cut short."""
        values = dict.fromkeys((name for name in self._history if name.startswith("val_")), math.nan)
        try:
            values |= {f"val_{name}": value for name, value in evaluate().items()}
        finally:
            for name, value in values.items():
                self._history[name].append(value)
        return values

    def train(self, epochs: int, rows: int, verbose: int) -> None:
        """Train for so many epochs of so many rows; without anybody to tell of each, in one native call."""
        if self._evaluate is None and not self._callbacks and not verbose:
            while epochs > 0:
                self._trainer.run(min(epochs, _EPOCHS_A_CALL), self._history["cost"])
                epochs -= _EPOCHS_A_CALL
            return
        last = self._network.epochs + epochs
        for _ in range(epochs):
            start = time.perf_counter()
            self._trainer.run(1, self._history["cost"])
            seconds = time.perf_counter() - start
            logs = {"cost": self._history["cost"][-1]}
            if self._evaluate is not None:
                logs |= self._validate(self._evaluate)
            epoch = self._network.epochs
            if verbose:
                print(_progress_line(epoch, last, logs, rows / max(seconds, 1e-9)), flush=True)
            # Each has its turn, also after one has asked to stop.
            answers = [callback(epoch, dict(logs)) for callback in self._callbacks]
            if any(answers):
                return


def _progress_line(epoch: int, last: int, logs: dict[str, float], speed: float) -> str:
    numbers = "  ".join(f"{name} {value:.6f}" for name, value in logs.items())
    return f"epoch {epoch:>{len(str(last))}}/{last}  {numbers}  {speed:,.0f} examples/s"
