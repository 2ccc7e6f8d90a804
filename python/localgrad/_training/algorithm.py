"""The interface of training algorithms."""

from abc import ABC, abstractmethod
from typing import Any

from localgrad._arrays.rows import FloatArray
from localgrad._model.model import Model
from localgrad._training.checkpoint import AlgorithmState, Saved
from localgrad._training.first_look import Look
from localgrad._training.recipe import Recipe


class Algorithm(ABC):
    """Trains the epochs of one fit, while a `Run` keeps the history and calls the callbacks."""

    can_checkpoint = False
    refused = False  # whether an example was rejected before any had been trained

    def __init__(self, model: Model, recipe: Recipe, look: Look) -> None:
        self._model = model
        self._recipe = recipe
        self._look = look  # used here for blocks, whose first rows are unknown before training

    @classmethod
    def check(cls, model: Model, recipe: Recipe) -> None:
        """Raise an error for arguments that the algorithm does not support; by default, it supports all."""
        return

    @property
    def position(self) -> int:
        """Number of rows of the current epoch that have been trained."""
        return 0

    @abstractmethod
    def train(self, run: Any) -> None:  # a Run; its module imports this one
        """Train up to the last epoch, or until `run.training.stopped` is set."""

    @abstractmethod
    def end_epoch(self) -> None:
        """Count an epoch that has been trained."""

    def observe(self, logs: dict[str, float]) -> None:
        """Receive the metrics of an epoch that has been counted."""
        return

    def parameters_of(self, name: str, higher: bool) -> FloatArray:
        """Return the parameters for which a metric of the last epoch, on the training data, was measured."""
        return self._model.parameters

    def snapshot(self) -> AlgorithmState:
        """Return the state for a checkpoint; called only if `can_checkpoint`."""
        raise NotImplementedError

    def resume(self, saved: Saved) -> None:
        """Restore the state of a checkpoint; called only if `can_checkpoint`."""
        raise NotImplementedError
