"""The classifier of tables."""

from __future__ import annotations  # help() then shows types by their names

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from localgrad._arguments.check import boolean, real
from localgrad.sklearn import start
from localgrad.sklearn.classifier import weights_by_class
from localgrad.tabular import described
from localgrad.tabular.base import BaseTabular
from localgrad.tabular.calibration import softened, temperature_of
from localgrad.tabular.documented import documented
from localgrad.tabular.files import Content
from localgrad.tabular.recipe import Files, Recipe, Rows
from localgrad.tabular.table import Data, Weights
from localgrad.tabular.targets import Labels


@documented
class TabularClassifier(ClassifierMixin, BaseTabular[Labels]):  # type: ignore[misc]
    """Classifier for tables with columns of any kind.

    Parameters
    ----------
    {parameters}
    label_smoothing : float, default 0.1
        Share of each target that is spread over all classes, in [0, 1).
    class_weight : dict or "balanced", optional
        Weight of each class, which multiplies those of its rows. ``"balanced"`` makes the sums of all classes
        equal.
    calibrate : bool, default False
        Whether to calibrate the probabilities: their logarithms are divided by a temperature, which minimizes
        the log loss of the validation rows (Guo et al. 2017). Predicted classes do not change.
    {ensemble}

    Attributes
    ----------
    {attributes}
    classes_ : ndarray
        The classes, sorted.
    temperature_ : float
        The temperature, 1 without calibration.

    See Also
    --------
    TabularRegressor : The same for numbers.
    load : Load a saved estimator.

    Notes
    -----
    {notes}

    Examples
    --------
    >>> import pandas as pd
    >>> from localgrad.tabular import TabularClassifier
    >>> X = pd.DataFrame({"size": [1.5, 2.0, None, 8.5] * 10, "color": ["red", "red", "blue", None] * 10})
    >>> y = ["small", "small", "large", "large"] * 10
    >>> model = TabularClassifier(random_state=0).fit(X, y)
    >>> model.columns_
    size   numeric      numbers
    color  categorical  text, 2 different values
    >>> model.score(X, y)
    1.0
    """

    def __init__(
        self,
        *,
        columns: Mapping[Any, str] | None = None,
        hidden_layer_sizes: Sequence[int] = (256, 256, 256),
        activation: str = "selu",
        learning_rate: float = 0.04,
        epochs: int = 64,
        batch_size: int = 256,
        bins: int | None = None,
        dropout: float = 0.0,
        weight_decay: float = 0.0,
        label_smoothing: float = 0.1,
        class_weight: Mapping[Any, float] | str | None = None,
        calibrate: bool = False,
        n_ensemble: int = 1,
        validation_fraction: float = 0.15,
        time_ordered: bool = False,
        time_limit: float | None = None,
        n_threads: int | None = None,
        verbose: int = 0,
        random_state: Any = None,
    ) -> None:
        self.columns = columns
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.bins = bins
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.label_smoothing = label_smoothing
        self.class_weight = class_weight
        self.calibrate = calibrate
        self.n_ensemble = n_ensemble
        self.validation_fraction = validation_fraction
        self.time_ordered = time_ordered
        self.time_limit = time_limit
        self.n_threads = n_threads
        self.verbose = verbose
        self.random_state = random_state

    @property
    def classes_(self) -> NDArray[Any]:
        """The classes, sorted."""
        if "_targets" not in vars(self):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute 'classes_' before fit")
        classes: NDArray[Any] = self._targets.classes
        return classes

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the most probable class of each row.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            Table with the columns of the training data.

        Returns
        -------
        ndarray of shape (n_samples,)
            Predicted classes.

        Examples
        --------
        >>> from localgrad.tabular import TabularClassifier
        >>> model = TabularClassifier(epochs=8, random_state=0).fit([[0.0], [1.0]] * 20, [False, True] * 20)
        >>> model.predict([[0.1], [0.9]])
        array([False,  True])
        """
        return self._predicted_labels(self.predict_proba(X))

    def _predicted_labels(self, probabilities: NDArray[np.float64]) -> NDArray[Any]:
        labels: NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return labels

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Predict the probability of each class.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            Table with the columns of the training data.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities, in the order of `classes_`: the mean of the networks.

        Notes
        -----
        With label smoothing, probabilities are less extreme than the frequencies of classes.
        ``calibrate=True`` corrects them.

        Examples
        --------
        >>> from localgrad.tabular import TabularClassifier
        >>> model = TabularClassifier(epochs=8, random_state=0).fit([[0.0], [1.0]] * 20, [False, True] * 20)
        >>> model.predict_proba([[0.1]]).shape
        (1, 2)
        """
        outputs = self._predicted(X, lambda inputs: self.ensemble_.predict(inputs, self.n_threads))
        return softened(outputs, self.temperature_)

    # Training

    def _recipe(self, targets: Labels) -> Recipe:
        smoothing = real(self.label_smoothing, "label_smoothing", at_least=0.0, below=1.0)
        boolean(self.calibrate, "calibrate")
        return self._recipe_of(
            output="softmax",
            cost=f"cross_entropy({smoothing!r})",
            outputs=len(targets.classes),
            monitor="val_accuracy",
        )

    def _checked_targets(self, y: Any) -> NDArray[Any]:
        labels: NDArray[Any] = column_or_1d(y, warn=True)
        strings = [isinstance(one, str) for one in labels.tolist()] if labels.dtype == object else []
        if any(strings) and not all(strings):
            row = strings.index(False)
            raise ValueError(f"y must hold strings in all rows or in none, got {labels[row]!r} at row {row}")
        check_classification_targets(labels)
        if labels.dtype.kind not in "iufbOUT":  # files could not store others
            raise ValueError(f"y must hold numbers, booleans or strings, got the dtype {labels.dtype}")
        return labels

    def _targets_for(self, data: Data) -> Labels:
        classes = np.unique(data.y)
        if len(classes) < 2:
            raise ValueError(f"y must contain at least 2 classes, got 1 class, {classes.tolist()[0]!r}")
        return Labels(classes)

    def _weights(self, y: NDArray[Any], weights: Weights, targets: Labels) -> Weights:
        if self.class_weight is None:
            return weights
        return weights_by_class(self.class_weight, targets.classes, start.Data(None, y, weights))

    def _needs_held_out(self) -> str | None:
        return "calibrate=True" if self.calibrate else None

    def _finish(
        self, recipe: Recipe, rows: Rows, held: Any, deadline: float | None, files: Files | None
    ) -> None:
        self.temperature_ = 1.0
        if not self.calibrate:
            return
        threads = self.n_threads
        if isinstance(held, Rows):
            self.temperature_ = temperature_of(self.ensemble_.predict(held.X, threads), held.y, held.weights)
            return
        found, some = self.ensemble_.predict_held_out(rows.X, held, threads)
        weights = None if rows.weights is None else rows.weights[some]
        self.temperature_ = temperature_of(found, rows.y[some], weights)

    # Files

    def _description(self) -> dict[str, Any]:
        return {**super()._description(), "temperature": self.temperature_}

    @staticmethod
    def _targets_of(description: Mapping[str, Any]) -> Labels:
        return Labels.of(description)

    def _restore(self, content: Content) -> None:
        if len(content.networks) != 1:
            raise ValueError(f"networks must be 1 list, got {len(content.networks)}")
        self.ensemble_ = self._adopt(content.networks[0], len(self.classes_))
        self.temperature_ = described.number(content.description, "temperature")
        if not self.temperature_ > 0:
            raise ValueError(f"temperature must be above 0, got {self.temperature_}")
