"""What `partial_fit` keeps from call to call."""

from dataclasses import dataclass
from typing import Protocol

from localgrad._model.model import Model, Owner
from localgrad._training.first_look import Look
from localgrad._training.trainer import Trainer, TrainerSettings
from localgrad.history import History


@dataclass(frozen=True)
class PartialState:
    """A trainer and what it was made for."""

    trainer: Trainer
    settings: TrainerSettings
    look: Look

    @classmethod
    def of(
        cls, model: Model, before: "PartialState | None", settings: TrainerSettings, rows: int, look: Look
    ) -> "PartialState":
        """Return the state that continues from `before`, itself if nothing has changed.

        An optimizer of the same class and update rule continues from the state of the other.
        """
        if before is not None and before.settings == settings:
            return before
        trainer = settings.trainer(model, rows)
        if before is not None and type(before.settings.rule) is type(settings.rule):
            state = before.trainer.state()
            # Momentum or AMSGrad switched on or off, say, is another rule.
            if state[0] == trainer.state()[0]:
                trainer.set_state(*state)
        return cls(trainer, settings, look)


class Trainee(Owner, Protocol):
    """A `localgrad.Network`, as what trains it knows it."""

    history: History
    _partial_state: PartialState | None
