"""Implementations of the same training and prediction, each as an experienced user of a library writes it."""

import importlib
import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from localgrad.bench.workload import TRAININGS, FloatArray, Workload

__all__ = ["KINDS", "Contender", "Kind", "rows_in"]

# With fewer rows, most of a step would be work that does not depend on the batch size, such as the update.
_FEW_ROWS = 4


class Contender(Protocol):
    """One implementation, set up for one workload."""

    def __init__(self, work: Workload) -> None: ...

    def train(self, epochs: int, shuffle: bool = True) -> float:
        """Take a step (M) of the optimizer for each mini-batch; return the mean cost of the last epoch."""

    def parameters(self) -> FloatArray:
        """Return all parameters in the order of `localgrad.Network.parameters`."""

    def prediction(self, X: FloatArray) -> Callable[[], Any]:
        """Convert the rows to the library's own type, and return a function that predicts for them."""


@dataclass(frozen=True)
class Kind:
    """A kind of contender: its name on the command line, how to import it, and what it supports."""

    name: str
    place: str  # module:class
    needs: tuple[str, ...] = ()  # required packages
    install: str = ""
    trainings: tuple[str, ...] = ("sgd", "adam")
    predicts: bool = True
    slow: bool = False
    """Whether an epoch takes too long to be measured, because it is pure Python on one thread."""
    checked_epsilon: float = 1e-4
    """ε of Adam when results are compared: close to the size of the gradients, so that it has an effect."""

    @property
    def missing(self) -> bool:
        """Whether a required package is not installed."""
        return any(importlib.util.find_spec(name) is None for name in self.needs)

    def load(self) -> type[Contender]:
        """Import the class, which imports the library."""
        module, _, name = self.place.partition(":")
        return cast(type[Contender], getattr(importlib.import_module(f"{__name__}.{module}"), name))


_EXTRA = 'pip install "localgrad[bench]"'

KINDS = {
    kind.name: kind
    for kind in (
        Kind("localgrad", "core:Core", trainings=tuple(TRAININGS)),
        Kind("torch", "torch:Eager", ("torch",), "pip install torch"),
        Kind("torch.compile", "torch:Compiled", ("torch",), "pip install torch", predicts=False),
        Kind("jax", "jax:Jitted", ("jax",), "pip install jax"),
        Kind(
            "sklearn",
            "sklearn:Regressor",
            ("sklearn",),
            _EXTRA,
            checked_epsilon=1e-20,  # too small to have an effect, because scikit-learn adds it elsewhere
        ),
        Kind("onnxruntime", "onnx:Session", ("onnxruntime", "onnx"), _EXTRA, trainings=()),
        Kind("numpy", "numpy:PlainNumPy", ("numpy",)),
        Kind("reference", "reference:Reference", trainings=tuple(TRAININGS), predicts=False, slow=True),
    )
}
"""All contenders by name. The first is the one that the others are compared with."""


def rows_in(seconds: float, contender: type[Contender], work: Workload) -> int:
    """Return the batch size with which a step of a contender takes about this time, at least a few rows."""
    trial = contender(work.first(1, batch_size=1))
    start = time.perf_counter()
    trial.train(1, shuffle=False)
    affordable = int(seconds / (time.perf_counter() - start))
    return min(work.batch_size, max(_FEW_ROWS, affordable))
