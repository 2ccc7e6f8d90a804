"""Implementations of the quantities of `localgrad bench --train inspect`, each with one library.

A class has a method for each quantity that it supports, named like it: it returns a function without
arguments, which computes the quantity.
"""

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localgrad.bench.quantities import Problem

__all__ = ["INSPECTORS", "Inspector"]


@dataclass(frozen=True)
class Inspector:
    """A library: its name, how to import it, and the quantities that it supports."""

    name: str
    place: str  # module:class
    quantities: tuple[str, ...]
    needs: tuple[str, ...] = ()  # required packages
    install: str = ""

    @property
    def missing(self) -> bool:
        """Whether a required package is not installed."""
        return any(importlib.util.find_spec(name) is None for name in self.needs)

    def prepare(self, quantity: str, problem: Problem) -> Callable[[], Any]:
        """Import the library, and return a function that computes the quantity."""
        module, _, name = self.place.partition(":")
        methods = getattr(importlib.import_module(f"{__name__}.{module}"), name)(problem)
        found: Callable[[], Any] = getattr(methods, quantity)()
        return found


INSPECTORS = {
    one.name: one
    for one in (
        Inspector("localgrad", "core:Core", ("norms",)),
        Inspector("torch.func", "torch:TorchFunc", ("norms",), ("torch",), "pip install torch"),
        Inspector("jax", "jax:Jitted", ("norms",), ("jax",), "pip install jax"),
        Inspector("opacus", "opacus:Opacus", ("norms",), ("opacus",), "pip install opacus"),
    )
}
"""All libraries by name. The first is the one that the others are compared with."""
