"""The classifier."""

from __future__ import annotations  # help() then shows types by their names

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, Unpack

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels

from localgrad._arguments.check import real, shown
from localgrad._arrays.rows import FloatArray
from localgrad.costs import CustomCost
from localgrad.network import Network
from localgrad.sklearn.arguments import DEFAULTS, OF_CLASSIFIER, ClassifierSettings, with_keywords
from localgrad.sklearn.base import BaseMLP, is_stochastic
from localgrad.sklearn.compat import available_if, validate_data
from localgrad.sklearn.documented import documented
from localgrad.sklearn.fitted import restored_after_errors
from localgrad.sklearn.start import Data

_KEYWORDS = {**DEFAULTS, **OF_CLASSIFIER}


def _has_probabilities(estimator: MLPClassifier) -> bool:
    if _has_margins(estimator):
        raise AttributeError("probabilities are not available for cost='hinge'")
    return True


def _has_margins(estimator: MLPClassifier) -> bool:
    network: Network | None = vars(estimator).get("network_")
    return _is_hinge(estimator.cost if network is None else network.cost)


@documented
class MLPClassifier(ClassifierMixin, BaseMLP):  # type: ignore[misc]
    """Multi-layer perceptron classifier, a drop-in replacement for scikit-learn's.

    Labels may be of any type. With several labels per example, `y` is an indicator matrix.

    Parameters
    ----------
    {parameters}
    {of_localgrad}
    cost : str or callable, default "cross_entropy"
        Cost of one example, as in `localgrad.Network`. With ``"hinge"`` there is a `decision_function`, but
        no probabilities.
    class_weight : dict or "balanced", optional
        Weight of each label (1 if missing), by which the weights of the training examples are multiplied;
        ``"balanced"`` weights the classes inversely to their numbers of examples.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.
    {attributes}

    See Also
    --------
    MLPRegressor : The regressor.
    localgrad.Network : The network that is trained.

    Notes
    -----
    The network has softmax outputs for more than two classes, otherwise sigmoid outputs. It can be saved with
    ``network_.save(path)``.

    Ctrl-C stops training and raises KeyboardInterrupt; the estimator is then fitted with the parameters so
    far.

    Examples
    --------
    >>> import localgrad as lg
    >>> from localgrad.sklearn import MLPClassifier
    >>> from sklearn.datasets import make_classification
    >>> from sklearn.model_selection import train_test_split
    >>> X, y = make_classification(n_samples=100, random_state=1)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=1)
    >>> clf = MLPClassifier(random_state=1, max_iter=300).fit(X_train, y_train)
    >>> clf.score(X_test, y_test) > 0.75
    True
    >>> clf.predict_proba(X_test[:1]).shape
    (1, 2)

    Arguments of localgrad:

    >>> clf = MLPClassifier((64, 64), activation=["gelu", "tanh"], optimizer=lg.AdamW(0.01), dropout=0.2)
    >>> clf.fit(X_train, y_train, eval_set=(X_test, y_test)).history_.stopped
    'no_improvement'
    """

    _defaults = _KEYWORDS

    @with_keywords(_KEYWORDS, ClassifierSettings)
    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str | Sequence[str] = "relu",
        **settings: Unpack[ClassifierSettings],
    ) -> None:
        self._store({"hidden_layer_sizes": hidden_layer_sizes, "activation": activation}, settings)

    @available_if(is_stochastic)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Train one epoch, keeping the state of the optimizer between calls.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        classes : array-like of shape (n_classes,), optional
            All labels, of which `y` need not contain each. Required in the first call.

        Returns
        -------
        MLPClassifier
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            If an argument is invalid, or the parameters become infinite or NaN.

        Notes
        -----
        Not available for L-BFGS. Pickles do not contain the state of the optimizer, and `fit` discards it.
        `max_iter`, `schedule`, `metrics`, `callbacks`, `restore_best`, `time_limit`, `checkpoint`, `resume`
        and `progress` have no effect.

        Examples
        --------
        >>> from localgrad.sklearn import MLPClassifier
        >>> clf = MLPClassifier(random_state=0)
        >>> clf = clf.partial_fit([[0.0], [1.0]], ["no", "yes"], classes=["no", "yes", "never"])
        >>> clf.n_iter_, clf.t_
        (1, 2)
        """
        first = "classes_" not in vars(self)
        with restored_after_errors(self):
            if first:
                if classes is None:
                    raise ValueError("classes must be passed on the first call to partial_fit.")
                self._multilabel = type_of_target(y).startswith("multilabel")
                self.classes_ = unique_labels(classes)
            elif classes is not None and not np.array_equal(self.classes_, unique_labels(classes)):
                raise ValueError(
                    f"`classes={classes!r}` is not the same as on last call to partial_fit, was: "
                    f"{self.classes_!r}"
                )
            return self._partial_fit(X, y, sample_weight, reset=first)

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each example.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Examples.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            Labels, or an indicator matrix for several labels per example.

        Examples
        --------
        >>> from localgrad.sklearn import MLPClassifier
        >>> clf = MLPClassifier(solver="lbfgs", random_state=0).fit([[0.0], [1.0]], ["no", "yes"])
        >>> clf.predict([[0.9]])
        array(['yes'], dtype='<U3')
        """
        outputs = self._predict(X)
        found = self._decide(outputs, self.network_)
        if self._multilabel:
            return found.astype(np.intp)
        # A single class has one output, which decides between it and nothing.
        labels: NDArray[Any] = self.classes_.take(found, mode="clip")
        return labels

    @available_if(_has_probabilities)
    def predict_proba(self, X: Any) -> FloatArray:
        """Predict the probability of each class.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Examples.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities, in the order of `classes_`. Their sum is not 1 for several labels per example.

        Examples
        --------
        >>> from localgrad.sklearn import MLPClassifier
        >>> clf = MLPClassifier(solver="lbfgs", random_state=0).fit([[0.0], [1.0]], ["no", "yes"])
        >>> clf.predict_proba([[0.9]]).argmax(axis=1)
        array([1])
        """
        outputs = self._predict(X)
        if outputs.shape[1] > 1 or self._multilabel:
            return outputs
        if len(self.classes_) == 1:
            return np.ones_like(outputs)
        both = np.empty((len(outputs), 2), outputs.dtype)
        both[:, 1] = outputs[:, 0]
        np.subtract(1, both[:, 1], out=both[:, 0])
        return both

    @available_if(_has_probabilities)
    def predict_log_proba(self, X: Any) -> FloatArray:
        """Predict the logarithm of the probability of each class.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Examples.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            The logarithms of `predict_proba`.

        Examples
        --------
        >>> from localgrad.sklearn import MLPClassifier
        >>> clf = MLPClassifier(solver="lbfgs", random_state=0).fit([[0.0], [1.0]], ["no", "yes"])
        >>> clf.predict_log_proba([[0.9]]).shape
        (1, 2)
        """
        found = self.predict_proba(X)
        return np.log(found, out=found)

    @available_if(_has_margins)
    def decision_function(self, X: Any) -> FloatArray:
        """Predict the outputs of a network with the hinge cost.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Examples.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            Outputs: for two classes, positive for the second one; otherwise in the order of `classes_`.

        Examples
        --------
        >>> from localgrad.sklearn import MLPClassifier
        >>> clf = MLPClassifier(cost="hinge", solver="lbfgs", random_state=0)
        >>> clf.fit([[0.0], [1.0]], ["no", "yes"]).decision_function([[0.9]]) > 0
        array([ True])
        """
        outputs = self._predict(X)
        return outputs[:, 0] if outputs.shape[1] == 1 and not self._multilabel else outputs

    def _decide(self, outputs: FloatArray, network: Network) -> NDArray[Any]:
        """Return the index of the class of each row of outputs, or which labels it has."""
        threshold = 0.0 if _is_hinge(network.cost) else 0.5
        if self._multilabel:
            return np.greater(outputs, threshold)
        if outputs.shape[1] == 1:
            return np.greater(outputs[:, 0], threshold).view(np.int8)
        best: NDArray[np.intp] = outputs.argmax(axis=1)
        return best

    # Targets

    def _check_targets(self, X: Any, y: Any, *, reset: bool, classes: str) -> tuple[Any, NDArray[Any]]:
        X, y = validate_data(self, X, y, accept_sparse="csr", multi_output=True, dtype="numeric", reset=reset)
        if hasattr(y, "toarray"):
            y = y.toarray()
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        kind = type_of_target(y, input_name="y")
        if kind not in ("binary", "multiclass", "multilabel-indicator"):
            check_classification_targets(y)
            raise ValueError(f"y must be labels or an indicator matrix, got {kind} targets")
        several = kind == "multilabel-indicator"
        if classes == "new":
            self._multilabel = several
            if several:
                self.classes_ = np.arange(y.shape[1])
            else:
                self.classes_, y = np.unique(y, return_inverse=True)
                return X, y
        elif several != self._multilabel:
            raise ValueError(
                f"y must be {'an indicator matrix' if self._multilabel else 'labels'} as before, got {kind} "
                "targets"
            )
        return X, self._indicators(y) if several else self._codes(y, classes)

    def _indicators(self, y: NDArray[Any]) -> NDArray[Any]:
        if y.shape[1] != len(self.classes_):
            raise ValueError(
                f"y must have {len(self.classes_)} columns, one for each label, got {y.shape[1]}"
            )
        return 2.0 * y - 1.0 if _is_hinge(self.cost) else y.astype(bool)

    def _codes(self, y: NDArray[Any], classes: str) -> NDArray[Any]:
        """Return the indices of labels in `classes_`."""
        found = np.unique(y)
        if classes == "same":
            if set(found) != set(self.classes_):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the previous call to "
                    f"fit. Previously got {self.classes_}, `y` has {found}"
                )
        elif len(np.setdiff1d(found, self.classes_, assume_unique=True)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has "
                f"{found}."
            )
        return np.searchsorted(self.classes_, y)

    def _outputs(self, y: NDArray[Any]) -> tuple[int, dict[str, Any]]:
        count, cost = len(self.classes_), self.cost
        if _is_hinge(cost):
            return (1 if count <= 2 and not self._multilabel else count), {"output": "identity", "cost": cost}
        if self._multilabel:
            if isinstance(cost, str) and cost.strip().startswith("cross_entropy"):
                cost = f"binary_{cost.strip()}"
            return count, {"output": "sigmoid", "cost": cost}
        if count <= 2:
            return 1, {"output": "sigmoid", "cost": cost}
        return count, {"output": "softmax", "cost": cost}

    def _loss_of(self, data: Data, network: Network) -> tuple[float, float]:
        return 1.0, 0.0

    def _strata(self, y: NDArray[Any]) -> NDArray[Any] | None:
        # As scikit-learn does it, with the names of its classes in messages.
        if self._multilabel or len(self.classes_) > 2:
            return None
        return np.where(y, "True", "False")

    def _weighed(self, data: Data) -> Data:
        if self.class_weight is None:
            return data
        if self._multilabel:
            raise ValueError("class_weight does not support several labels per example; use sample_weight")
        return data._replace(weights=weights_by_class(self.class_weight, self.classes_, data))

    def _score_of(self, data: Data) -> Callable[[Network], float]:
        wanted = data.y > 0 if self._multilabel else data.y

        def accuracy(network: Network) -> float:
            outputs = network.predict(data.X, n_threads=self.n_threads)
            if not np.isfinite(outputs).all():
                return float("nan")
            right = self._decide(outputs, network) == wanted
            return float(np.average(right.all(axis=1) if self._multilabel else right, weights=data.weights))

        return accuracy

    # Tags

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def _more_tags(self) -> dict[str, bool]:  # before scikit-learn 1.6
        return {"multilabel": True}


def _is_hinge(cost: str | CustomCost) -> bool:
    return isinstance(cost, str) and cost.partition("(")[0].strip() == "hinge"


def weights_by_class(class_weight: Any, classes: NDArray[Any], data: Data) -> NDArray[np.float64]:
    """Return the weights of examples, times those of their classes."""
    factors = np.ones(len(classes))
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise ValueError(f"class_weight must be 'balanced' or a dict, got {class_weight!r}")
        counts = np.bincount(data.y, data.weights, minlength=len(classes))
        np.divide(counts.sum(), np.count_nonzero(counts) * counts, out=factors, where=counts > 0)
    elif isinstance(class_weight, Mapping):
        places = {label: i for i, label in enumerate(classes.tolist())}
        for label, weight in class_weight.items():
            if label not in places:
                raise ValueError(
                    f"class_weight keys must be labels in {shown(classes.tolist())}, got {label!r}"
                )
            factors[places[label]] = real(weight, f"class_weight[{label!r}]", at_least=0.0)
    else:
        raise TypeError(f"class_weight must be 'balanced' or a dict, got {shown(class_weight)}")
    weights: NDArray[np.float64] = factors[data.y]
    return weights if data.weights is None else weights * data.weights
