"""How a mini-batch is computed on this machine."""

from dataclasses import dataclass
from typing import Self

import localgrad._core as _core

__all__ = ["LayerPlan", "Plan"]

_SHARED = {
    "units": "each thread computes some units of every hidden layer",
    "rows": "each thread computes some rows of the mini-batch, then parts of every weight matrix",
    "chunks": "each thread computes whole chunks of the mini-batch",
}


@dataclass(frozen=True)
class LayerPlan:
    """Division of the weight matrix of one layer into panels of columns and into tiles.

    Attributes
    ----------
    fan_in, fan_out : int
        Numbers of inputs and units of the layer.
    panels : int
        Number of panels.
    tile_rows, tile_columns : int
        Maximum size of a tile.
    transposed : bool
        Whether the columns are the inputs of the layer instead of its units, as for an output layer of one or
        two units.

    Examples
    --------
    >>> import localgrad as lg
    >>> plan = lg.Network([784, 100, 10]).plan(32)
    >>> [(layer.fan_in, layer.fan_out) for layer in plan.layers]
    [(784, 100), (100, 10)]
    """

    fan_in: int
    fan_out: int
    panels: int
    tile_rows: int
    tile_columns: int
    transposed: bool


@dataclass(frozen=True)
class Plan:
    """Result of `Network.plan`.

    Attributes
    ----------
    batch_size : int
        Number of examples in the mini-batch.
    threads : int
        Number of threads.
    fixed : bool
        Whether the number of threads was set by `n_threads`. If not, `fit` measures whether a single thread
        is faster, and uses it in that case.
    split : {"units", "rows", "chunks"}
        What is divided among the threads: the units of each layer, the rows of the mini-batch, or chunks of
        it.
    update : {"fused", "staged"}
        Whether parameters are updated while the gradient is in registers, or afterward from memory.
    chunks : int
        Number of chunks of the mini-batch whose gradients are computed separately and added in order. Above 1
        only for large mini-batches of small networks.
    layers : tuple of LayerPlan
        Panels and tiles of each weight matrix.
    workspace : int
        Memory that training needs in addition to the network, in bytes.
    operations : int
        Floating-point operations per mini-batch: 2 per weight and example for each of (F), (G1) and, except
        in the first layer, (D2).
    seconds : float
        Predicted time of the mini-batch.
    bound : {"arithmetic", "bandwidth", "handover"}
        What limits that time: arithmetic, memory bandwidth, or synchronization of threads.

    Examples
    --------
    >>> import localgrad as lg
    >>> plan = lg.Network([4, 32, 16, 4], activation="tanh").plan(10_000, n_threads=1)
    >>> plan.threads, plan.split, plan.update, plan.operations
    (1, 'chunks', 'staged', 39680000)
    """

    batch_size: int
    threads: int
    fixed: bool
    split: str
    update: str
    chunks: int
    layers: tuple[LayerPlan, ...]
    workspace: int
    operations: int
    seconds: float
    bound: str

    @classmethod
    def of(cls, batch_size: int, plan: "_core.Plan") -> Self:
        """Create a Plan from the dict that the core returns."""
        return cls(
            batch_size=batch_size,
            threads=plan["threads"],
            fixed=plan["fixed"],
            split=plan["split"],
            update="staged" if plan["staged"] else "fused",
            chunks=plan["chunks"],
            layers=tuple(LayerPlan(*layer) for layer in plan["layers"]),
            workspace=plan["workspace"],
            operations=round(plan["operations"]),
            seconds=plan["seconds"],
            bound=plan["bound"],
        )

    def __str__(self) -> str:
        rate = self.operations / self.seconds / 1e9
        lines = [
            f"mini-batch of {_count(self.batch_size, 'row')}: {self.operations:,} floating-point operations, "
            f"{self.workspace:,} bytes of workspace",
            f"predicted: {_duration(self.seconds)}, {rate:.3g} GFLOP/s, bound by {self.bound}",
            self._team(),
            f"update: {self.update}"
            + (f", gradients of {self.chunks} chunks added up in order" if self.chunks > 1 else ""),
        ]
        sizes = [f"{layer.fan_in} -> {layer.fan_out}" for layer in self.layers]
        width = max(map(len, sizes))
        lines += [
            f"  {size:<{width}}  {'transposed, ' * layer.transposed}{_count(layer.panels, 'panel')}, "
            f"tiles of {layer.tile_rows} x {layer.tile_columns}"
            for size, layer in zip(sizes, self.layers, strict=True)
        ]
        return "\n".join(lines)

    def _team(self) -> str:
        if self.threads == 1:
            return "threads: 1"
        choice = "as requested" if self.fixed else "or 1 if measured to be faster"
        return f"threads: {self.threads}, {choice}; {_SHARED[self.split]}"


def _count(n: int, thing: str) -> str:
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"
