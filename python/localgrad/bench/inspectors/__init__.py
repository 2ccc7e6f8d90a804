"""Implementations of the quantities of `localgrad bench --train inspect`, each with one library.

A class has a method for each quantity that it supports, named like it: it returns a function without
arguments, which computes the quantity. A method NAME_answer does the same without random numbers, for the
comparison of results.
"""

import importlib
import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localgrad.bench.quantities import QUANTITIES, Problem

__all__ = ["INSPECTORS", "Inspector", "fastest"]

_CALLS = 20  # to find the fastest of several functions


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

    def answer(self, quantity: str, problem: Problem) -> Callable[[], Any] | None:
        """Return a function that computes the quantity without random numbers, None if it has none."""
        try:
            return self.prepare(f"{quantity}_answer", problem)
        except AttributeError:
            return None


def fastest(*functions: Callable[[], Any]) -> Callable[[], Any]:
    """Return the function that takes the least time, after a first call that may compile."""

    def seconds(compute: Callable[[], Any]) -> float:
        compute()
        start = time.perf_counter()
        for _ in range(_CALLS):
            compute()
        return time.perf_counter() - start

    return min(functions, key=seconds)


_DERIVATIVES = ("norms", "jacobian", "hessian_product")

INSPECTORS = {
    one.name: one
    for one in (
        Inspector("localgrad", "core:Core", tuple(QUANTITIES)),
        Inspector("torch.func", "torch:TorchFunc", _DERIVATIVES, ("torch",), "pip install torch"),
        Inspector("jax", "jax:Jitted", _DERIVATIVES, ("jax",), "pip install jax"),
        Inspector("opacus", "opacus:Opacus", ("norms", "private"), ("opacus",), "pip install opacus"),
    )
}
"""All libraries by name. The first is the one that the others are compared with."""
