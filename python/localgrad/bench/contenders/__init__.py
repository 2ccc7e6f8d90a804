"""Implementations of the same training step and prediction, each as a good user of it would write it."""

import importlib
import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from localgrad.bench.workload import TRAININGS, FloatArray, Workload

__all__ = ["KINDS", "Contender", "Kind", "rows_in"]

# With fewer rows a step would consist mostly of what does not grow with them, such as the update.
_FEW_ROWS = 4


class Contender(Protocol):
    """One implementation, set up for one workload."""

    def __init__(self, work: Workload) -> None: ...

    def train(self, epochs: int, shuffle: bool = True) -> float:
        """Take a step (M) of the optimiser on each mini-batch; return the last epoch's mean cost."""

    def parameters(self) -> FloatArray:
        """Return all parameters in the order of `localgrad.Network.parameters`."""

    def prediction(self, X: FloatArray) -> Callable[[], Any]:
        """Return a call that predicts these rows, which it finds ready in the library's own form."""


@dataclass(frozen=True)
class Kind:
    """A kind of contender: its name on the command line, and how to come by it."""

    name: str
    place: str  # module:class
    needs: tuple[str, ...] = ()  # packages to import
    install: str = ""
    trainings: tuple[str, ...] = ("sgd", "adam")
    predicts: bool = True
    slow: bool = False
    """Whether an epoch would take too long to be measured: pure Python, on one thread."""
    checked_epsilon: float = 1e-4
    """Adam's ε while answers are compared: about as large as slopes are, so that it matters."""

    @property
    def missing(self) -> bool:
        """Whether a package that it needs is not installed."""
        return any(importlib.util.find_spec(name) is None for name in self.needs)

    def load(self) -> type[Contender]:
        """Import the class, and with it the library."""
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
            checked_epsilon=1e-20,  # too small to matter, because it is added in another place
        ),
        Kind("onnxruntime", "onnx:Session", ("onnxruntime", "onnx"), _EXTRA, trainings=()),
        Kind("numpy", "numpy:PlainNumPy", ("numpy",)),
        Kind("reference", "reference:Reference", trainings=tuple(TRAININGS), predicts=False, slow=True),
    )
}
"""All of them by name; the first is the one that the others are compared with."""


def rows_in(seconds: float, contender: type[Contender], work: Workload) -> int:
    """Return how many rows of a mini-batch a contender takes in about so many seconds, but not too few."""
    trial = contender(work.first(1, batch_size=1))
    start = time.perf_counter()
    trial.train(1, shuffle=False)
    affordable = int(seconds / (time.perf_counter() - start))
    return min(work.batch_size, max(_FEW_ROWS, affordable))
