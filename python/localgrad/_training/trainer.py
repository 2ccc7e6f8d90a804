"""The native trainer of a network."""

from typing import TypeAlias

from localgrad import _core
from localgrad._model.model import Model
from localgrad.optimizers.base import MiniBatchRule

__all__ = ["Trainer", "make_trainer"]

Trainer: TypeAlias = _core.Trainer32 | _core.Trainer64

_TRAINERS: dict[str, type[Trainer]] = {"float32": _core.Trainer32, "float64": _core.Trainer64}


def make_trainer(
    model: Model,
    rule: MiniBatchRule,
    penalties: "_core.Regularization",
    batch_size: int,
    n_threads: int,
    *,
    weighted: bool,
    rows: int | None,
) -> Trainer:
    """Return what trains a network on examples, so many for a start, None if nobody knows."""
    return _TRAINERS[model.dtype.name](
        model.native,
        rule._native(),
        penalties,
        batch_size,
        n_threads,
        weighted,
        min(rows or 0, batch_size),
    )
