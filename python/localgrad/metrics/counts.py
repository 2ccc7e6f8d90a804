"""True positives, examples and predictions of each class, for precision, recall and F1 scores."""

from __future__ import annotations  # so that help() shows types by their names

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arrays.weights import Weights
from localgrad.metrics.inputs import (
    Labels,
    Marks,
    as_outputs,
    as_weights,
    marks,
    predicted_labels,
    right_labels,
)

Scores: TypeAlias = NDArray[np.float64]  # (K,), one for each class


class Counts(NamedTuple):
    """Total weights per class, of shape (K,). Without sample weights these are numbers of examples."""

    found: Scores  # true positives
    there: Scores  # examples of the class, TP + FN
    predicted: Scores  # predictions of the class, TP + FP
    present: Marks  # whether the class has an example or a prediction, even one of weight 0
    binary: bool  # whether there are two classes, 0 and 1

    def f1(self) -> Scores:
        """Return 2 TP/(2 TP + FP + FN) of each class, 0 for a class with neither examples nor predictions."""
        return _ratio(2 * self.found, self.there + self.predicted)

    def precision(self) -> Scores:
        """Return TP/(TP + FP) of each class, 0 for a class without predictions."""
        return _ratio(self.found, self.predicted)

    def recall(self) -> Scores:
        """Return TP/(TP + FN) of each class, 0 for a class without examples."""
        return _ratio(self.found, self.there)

    def mean(self, scores: Scores) -> float:
        """Return the mean over the classes that are present."""
        return float(scores[self.present].mean())

    def main(self, scores: Scores) -> float:
        """Return the score of class 1 if there are two classes, otherwise the mean."""
        return float(scores[1]) if self.binary else self.mean(scores)


def count(
    y: ArrayLike,
    a: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    threshold: float = 0.5,
    multi_label: bool = False,
) -> Counts:
    """Count true positives, examples and predictions per class, or per output with `multi_label`."""
    outputs = as_outputs(a)
    weights = as_weights(sample_weight, len(outputs))
    if multi_label:
        right, said = marks(y, outputs, threshold)
        found, there, named = (_columns(yes, weights) for yes in (right & said, right, said))
        return Counts(found, there, named, np.ones(outputs.shape[1], bool), binary=False)
    classes = max(outputs.shape[1], 2)
    labels, predicted = right_labels(y, outputs, threshold), predicted_labels(outputs, threshold)
    hits = labels == predicted
    found = _classes(labels[hits], None if weights is None else weights[hits], classes)
    there, named = (_classes(which, weights, classes) for which in (labels, predicted))
    present = (there > 0) | (named > 0)
    if weights is not None and not weights.all():
        present = (_classes(labels, None, classes) > 0) | (_classes(predicted, None, classes) > 0)
    return Counts(found, there, named, present, binary=classes == 2)


def _classes(labels: Labels, weights: Weights | None, classes: int) -> NDArray[np.float64]:
    """Return the total weight of the examples of each class."""
    return np.bincount(labels, weights, classes).astype(np.float64, copy=False)


def _columns(yes: Marks, weights: Weights | None) -> NDArray[np.float64]:
    """Return the total weight of the True entries of each column."""
    return np.asarray(np.count_nonzero(yes, axis=0) if weights is None else weights @ yes, np.float64)


def _ratio(part: Scores, whole: Scores) -> Scores:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
