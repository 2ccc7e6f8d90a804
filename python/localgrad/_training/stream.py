"""What `partial_fit` keeps from call to call."""

from dataclasses import dataclass
from typing import Protocol

from localgrad import _core
from localgrad._model.model import Model, Owner
from localgrad._training.first_look import Look
from localgrad._training.trainer import Trainer, make_trainer
from localgrad.history import History
from localgrad.optimizers.base import MiniBatchRule

__all__ = ["Stream", "Trainee"]


@dataclass(frozen=True)
class Stream:
    """A trainer and what it was made for."""

    trainer: Trainer
    rule: MiniBatchRule
    settings: tuple["_core.Regularization", int, int, bool]
    look: Look

    @classmethod
    def of(
        cls,
        model: Model,
        before: "Stream | None",
        rule: MiniBatchRule,
        penalties: "_core.Regularization",
        batch_size: int,
        n_threads: int,
        *,
        weighted: bool,
        rows: int,
        look: Look,
    ) -> "Stream":
        """Return the stream that goes on from `before`, itself if nothing has changed.

        An optimiser of the same class and update rule goes on with what the other remembered.
        """
        settings = (penalties, batch_size, n_threads, weighted)
        if before is not None and before.rule == rule and before.settings == settings:
            return before
        trainer = make_trainer(model, rule, penalties, batch_size, n_threads, weighted=weighted, rows=rows)
        if before is not None and type(before.rule) is type(rule):
            state = before.trainer.state()
            # Momentum or AMSGrad switched on or off, say, is another rule.
            if state[0] == trainer.state()[0]:
                trainer.set_state(*state)
        return cls(trainer, rule, settings, look)


class Trainee(Owner, Protocol):
    """A `localgrad.Network`, as what trains it knows it."""

    history: History
    _stream: Stream | None
