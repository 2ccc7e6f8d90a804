"""What trains the epochs of a fit."""

from abc import ABC, abstractmethod
from typing import Any

from localgrad._arrays.rows import FloatArray
from localgrad._model.model import Model
from localgrad._training.checkpoint import AlgorithmState, Saved
from localgrad._training.first_look import Look
from localgrad._training.recipe import Recipe


class Algorithm(ABC):
    """Trains the epochs of one fit, for a `Run` that calls the callbacks and keeps the history."""

    can_checkpoint = False
    refused = False  # whether an example was refused before any had been trained

    def __init__(self, model: Model, recipe: Recipe, look: Look) -> None:
        self._model = model
        self._recipe = recipe
        self._look = look  # at the first rows of what comes in blocks

    @classmethod
    def check(cls, model: Model, recipe: Recipe) -> None:
        """Refuse what the algorithm cannot do; some can do all."""
        return

    @property
    def position(self) -> int:
        """How many rows of the current epoch are trained."""
        return 0

    @abstractmethod
    def train(self, run: Any) -> None:  # a Run, whose module imports this one
        """Train up to the last epoch, or until `run.training.stopped` says that it is over."""

    @abstractmethod
    def end_epoch(self) -> None:
        """Count an epoch that has been trained."""

    def observe(self, logs: dict[str, float]) -> None:
        """Take the numbers of an epoch that has been counted."""
        return

    def parameters_of(self, name: str, higher: bool) -> FloatArray:
        """Return the parameters that one of the training's own numbers of the last epoch belongs to."""
        return self._model.parameters

    def snapshot(self) -> AlgorithmState:
        """Return what a checkpoint keeps; asked for only where `can_checkpoint`."""
        raise NotImplementedError

    def resume(self, saved: Saved) -> None:
        """Continue from what a checkpoint kept; likewise."""
        raise NotImplementedError
