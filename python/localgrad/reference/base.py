"""How a network reads its inputs, and the units of its outputs: what its methods have in common."""

import math
from typing import Any

from .data import examples
from .functions import Activation, Cost, UnitActivation
from .matrix import Vector
from .parameters import Parameters
from .standardization import Standardization


class Base(Parameters):
    """Base class of the parts of `Network`."""

    input_scale: float
    activation: tuple[str, ...]
    output: str
    cost: str
    standardization: Standardization | None
    _hidden: list[UnitActivation]
    _output: Activation
    _cost: Cost
    _target_width: int

    def _inputs(self, x: Any, name: str) -> tuple[list[Vector], bool]:
        rows, single = examples(x, name, self.sizes[0])
        if self.input_scale == 1:
            return rows, single
        scaled = [[self.input_scale * x_k for x_k in row] for row in rows]
        if not all(math.isfinite(x_k) for row in scaled for x_k in row):
            raise ValueError(f"{name} times input_scale must be finite, got infinite numbers")
        return scaled, single

    def _standard(self, rows: list[Vector]) -> list[Vector]:
        return rows if self.standardization is None else self.standardization.inputs(rows)

    def _standard_targets(self, rows: list[Vector]) -> list[Vector]:
        return rows if self.standardization is None else self.standardization.targets(rows)

    def _original_output(self) -> Activation:
        """Return φ of the output layer, with a conversion to the units of the targets."""
        learned = self.standardization
        return (learned and learned.output(self.cost, self._cost.heads)) or self._output

    def _of_original_inputs(self, gradient: Vector) -> Vector:
        """Convert derivatives with respect to inputs as the layers read them to those as they were passed."""
        stds = [1.0] * len(gradient) if self.standardization is None else self.standardization.input_std
        return [self.input_scale * g_k / std for g_k, std in zip(gradient, stds, strict=True)]
