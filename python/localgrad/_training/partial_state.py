"""The state that `partial_fit` keeps between calls."""

from dataclasses import dataclass
from typing import Protocol

from localgrad._model.model import Model, Owner
from localgrad._training.first_look import Look
from localgrad._training.trainer import Trainer, TrainerSettings
from localgrad.history import History


@dataclass(frozen=True)
class PartialState:
    """A trainer, its settings, and the check of the first rows."""

    trainer: Trainer
    settings: TrainerSettings
    look: Look

    @classmethod
    def of(
        cls, model: Model, before: "PartialState | None", settings: TrainerSettings, rows: int, look: Look
    ) -> "PartialState":
        """Return the state that continues from `before`: the same one if the settings are unchanged.

        Otherwise an optimizer with the same class and update rule continues from the state of the old one.
        """
        if before is not None and before.settings == settings:
            return before
        trainer = settings.trainer(model, rows)
        if before is not None and type(before.settings.rule) is type(settings.rule):
            state = before.trainer.state()
            # Enabling or disabling momentum or AMSGrad changes the rule.
            if state[0] == trainer.state()[0]:
                trainer.set_state(*state)
        return cls(trainer, settings, look)


class Trainee(Owner, Protocol):
    """A `localgrad.Network`, as the training code sees it."""

    history: History
    _partial_state: PartialState | None
