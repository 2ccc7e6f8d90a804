"""Importance sampling: examples are drawn in proportion to the norms of their gradients."""

from dataclasses import replace

import numpy as np

import localgrad._core as _core
from localgrad._arrays.rows import FloatArray
from localgrad._data.feed import Part
from localgrad._model.model import Model

_UNIFORM = 0.5  # share of the draws that are uniform, so that no example has a weight above 2


class Importance:
    """Chooses the examples of each epoch from the norms at its start.

    Attributes
    ----------
    norms : array or None
        The norms of the current epoch, as stored in a checkpoint: in the dtype of the network.
    """

    def __init__(self, model: Model, n_threads: int) -> None:
        self._model = model
        self._n_threads = n_threads
        self.norms: FloatArray | None = None

    def resume(self, norms: FloatArray | None, position: int) -> None:
        """Restore the norms of the current epoch."""
        if position and (norms is None or not (norms >= 0).all()):
            raise ValueError(
                "resume must be a checkpoint with the norms of its epoch for sampler='importance'"
            )
        self.norms = norms

    def begin(self, position: int) -> None:
        """Start an epoch of which `position` rows have already been trained."""
        if not position:
            self.norms = None

    def part(self, part: Part, names: tuple[str, str]) -> Part:
        """Return the part with the drawn order, and the weights that keep the mean of the gradient."""
        norms = self._measured(part, names)
        n = len(part.order)
        if len(norms) != n:
            raise ValueError(f"resume must have the norms of {n} examples, got {len(norms)}")
        total = norms.sum()
        chances = np.full(n, 1 / n) if total == 0 else (1 - _UNIFORM) * (norms / total) + _UNIFORM / n
        order = _core.importance_order(chances, self._model.seed, self._model.epochs)
        weights = np.ones(len(part.rows)) if part.weights is None else part.weights.astype(np.float64)
        weights[part.trained] /= n * chances
        if not isinstance(part.trained, slice):
            order = part.trained[order]
        return replace(part, order=order, weights=weights)

    def _measured(self, part: Part, names: tuple[str, str]) -> FloatArray:
        if self.norms is None:
            model = self._model
            with model.guard.computing():
                _, norms = model.native.gradient_norms(part.rows, part.targets, self._n_threads, *names)
            if part.weights is not None:
                norms = norms * part.weights
            # Rounded as in a checkpoint, so that a resumed epoch has the same order.
            self.norms = norms[part.trained].astype(model.dtype)
        return self.norms.astype(np.float64)
