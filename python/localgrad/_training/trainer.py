"""The native trainer."""

from dataclasses import dataclass
from typing import TypeAlias

import localgrad._core as _core
from localgrad._model.model import Model
from localgrad._training.private_steps import PrivateSteps
from localgrad.optimizers.base import MiniBatchRule

Trainer: TypeAlias = _core.Trainer32 | _core.Trainer64

_TRAINERS: dict[str, type[Trainer]] = {"float32": _core.Trainer32, "float64": _core.Trainer64}


@dataclass(frozen=True)
class TrainerSettings:
    """The settings of a trainer."""

    rule: MiniBatchRule
    penalties: "_core.Regularization"
    batch_size: int
    n_threads: int
    weighted: bool
    privacy: PrivateSteps | None = None
    slope_weight: float = 0.0
    diagnostics: bool = False

    def trainer(self, model: Model, rows: int | None) -> Trainer:
        """Return a trainer for a model; `rows` is the number of examples to expect, None if unknown."""
        return _TRAINERS[model.dtype.name](
            model.native,
            self.rule._native(),
            self.penalties,
            self.batch_size,
            self.n_threads,
            self.weighted,
            min(rows or 0, self.batch_size),  # so that the workspace is not larger than needed
            None if self.privacy is None else self.privacy.native,
            self.slope_weight,
            self.diagnostics,
        )


def scale_velocity(trainer: Trainer, factor: float) -> None:
    """Multiply the velocity of SGD with momentum by a factor; leave the states of other rules unchanged."""
    if factor == 1.0:
        return
    rule, t, mu_product, position, arrays, sums = trainer.state()
    if rule == "momentum":
        trainer.set_state(rule, t, mu_product, position, [array * factor for array in arrays], sums)
