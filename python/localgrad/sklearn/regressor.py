"""The regressor."""

from __future__ import annotations  # help() then shows types by their names

from collections.abc import Callable, Sequence
from typing import Any, Self, Unpack

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy
from sklearn.base import RegressorMixin
from sklearn.utils import column_or_1d

import localgrad._core as _core
from localgrad._arguments.names.values import known_name
from localgrad._arrays.rows import FloatArray
from localgrad.costs import CustomCost
from localgrad.network import Network
from localgrad.sklearn.arguments import DEFAULTS, Settings, with_keywords
from localgrad.sklearn.base import BaseMLP, is_stochastic
from localgrad.sklearn.compat import available_if, validate_data
from localgrad.sklearn.documented import documented
from localgrad.sklearn.fitted import restored_after_errors
from localgrad.sklearn.start import Data


@documented
class MLPRegressor(RegressorMixin, BaseMLP):  # type: ignore[misc]
    """Multi-layer perceptron regressor, a drop-in replacement for scikit-learn's.

    Parameters
    ----------
    loss : str or callable, default "squared_error"
        Loss of one example: ``"squared_error"`` (½ of it), ``"poisson"`` (½ of the deviance; predictions are
        the exponential of the outputs, and ``y >= 0``), or a cost of `localgrad.Network` for identity
        outputs, such as ``"mae"``, ``"huber(1)"``, ``"quantile(0.9)"`` or ``"gaussian_nll"``.
    {parameters}
    {of_localgrad}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    MLPClassifier : The classifier.
    localgrad.Network : The network that is trained.

    Notes
    -----
    With ``loss="poisson"``, the outputs of `network_` are the logarithms of the predictions. With
    ``"gaussian_nll"``, predictions are the means, and the second half of its outputs are the log variances.
    With several levels of ``"quantile"``, predictions are the first quantile of all targets, then the second,
    and so on.

    Ctrl-C stops training and raises KeyboardInterrupt; the estimator is then fitted with the parameters so
    far.

    Examples
    --------
    >>> from localgrad.sklearn import MLPRegressor
    >>> from sklearn.datasets import make_regression
    >>> from sklearn.model_selection import train_test_split
    >>> X, y = make_regression(n_samples=200, n_features=20, random_state=1)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
    >>> regr = MLPRegressor(random_state=1, max_iter=2000, tol=0.1, solver="lbfgs")
    >>> regr.fit(X_train, y_train).score(X_test, y_test) > 0.9
    True
    """

    _defaults = DEFAULTS

    @with_keywords(DEFAULTS, Settings)
    def __init__(
        self,
        loss: str | CustomCost = "squared_error",
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str | Sequence[str] = "relu",
        **settings: Unpack[Settings],
    ) -> None:
        own = {"loss": loss, "hidden_layer_sizes": hidden_layer_sizes, "activation": activation}
        self._store(own, settings)

    @available_if(is_stochastic)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train one epoch, keeping the state of the optimizer between calls.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.

        Returns
        -------
        MLPRegressor
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            If an argument is invalid, or the parameters become infinite or NaN.

        Notes
        -----
        Not available for L-BFGS and Levenberg-Marquardt. Pickles do not contain the state of the optimizer,
        and `fit` discards it.
        `max_iter`, `schedule`, `metrics`, `callbacks`, `restore_best`, `time_limit`, `checkpoint`, `resume`
        and `progress` have no effect.

        Examples
        --------
        >>> from localgrad.sklearn import MLPRegressor
        >>> regr = MLPRegressor(random_state=0).partial_fit([[0.0], [1.0]], [1.0, 2.0])
        >>> regr.n_iter_, regr.t_
        (1, 2)
        """
        with restored_after_errors(self):
            return self._partial_fit(X, y, sample_weight, reset="network_" not in vars(self))

    def predict(self, X: Any) -> FloatArray:
        """Predict the targets.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Examples.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Predictions.

        Examples
        --------
        >>> from localgrad.sklearn import MLPRegressor
        >>> regr = MLPRegressor(solver="lbfgs", random_state=0).fit([[0.0], [1.0]], [1.0, 2.0])
        >>> regr.predict([[1.0]]).round(2)
        array([2.])
        """
        outputs = self._predict(X)
        values = _predictions(outputs, self.network_)
        return values[:, 0] if values.shape[1] == 1 else values

    # Targets

    def _check_targets(self, X: Any, y: Any, *, reset: bool, classes: str) -> tuple[Any, NDArray[Any]]:
        X, y = validate_data(
            self, X, y, accept_sparse="csr", multi_output=True, y_numeric=True, dtype="numeric", reset=reset
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return X, y

    def _outputs(self, y: NDArray[Any]) -> tuple[int, dict[str, Any]]:
        count = 1 if y.ndim == 1 else y.shape[1]
        cost = _cost(self.loss, count)
        kind = _name(cost)
        if kind == "gaussian_nll":
            count *= 2
        if kind == "quantile":
            count *= str(cost).count(",") + 1
        return count, {"output": "identity", "cost": cost}

    def _out_activation(self, network: Network) -> str:
        return "exp" if _name(network.cost) == "poisson" else super()._out_activation(network)

    def _loss_of(self, data: Data, network: Network) -> tuple[float, float]:
        y = data.y if data.y.ndim == 2 else data.y[:, np.newaxis]
        kind = _name(network.cost)
        if kind == "mse":  # scikit-learn reports the mean over the outputs, and trains with the sum
            return 1.0 / y.shape[1], 0.0
        if kind == "poisson":  # scikit-learn reports half the deviance
            return 1.0, float(np.average((xlogy(y, y) - y).sum(axis=1), weights=data.weights))
        return 1.0, 0.0

    def _score_of(self, data: Data) -> Callable[[Network], float]:
        y, weights = (data.y if data.y.ndim == 2 else data.y[:, np.newaxis]), data.weights
        cost = _cost(self.loss, y.shape[1])
        # Each quantile of all targets, then the next one.
        targets = np.tile(y, str(cost).count(",") + 1) if _name(cost) == "quantile" else y
        mean = np.average(targets, axis=0, weights=weights)
        spread = np.average((targets - mean) ** 2, axis=0, weights=weights)

        def r2(network: Network) -> float:
            found = _predictions(network.predict(data.X, n_threads=self.n_threads), network)
            if not np.isfinite(found).all():
                return float("nan")
            with np.errstate(over="ignore"):
                errors = np.average((targets - found) ** 2, axis=0, weights=weights)
            # Of a constant target: 1 without errors, otherwise 0.
            shares = np.where(errors > 0, 1.0, 0.0)
            np.divide(errors, spread, out=shares, where=spread > 0)
            return float(1 - shares.mean())

        return r2

    # Tags

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _more_tags(self) -> dict[str, bool]:  # before scikit-learn 1.6
        return {"multioutput": True}


def _cost(loss: Any, targets: int) -> str | CustomCost:
    """Return localgrad's name of a loss for this number of targets."""
    if callable(loss) and not isinstance(loss, type):
        cost: CustomCost = loss
        return cost
    known = ["squared_error", *(name for name in _core.names()["costs"] if "cross_entropy" not in name)]
    place = ["identity", "a single output"] if targets == 1 else ["identity"]
    name = known_name(loss, "loss", known, "cost", place)
    return name.replace("squared_error", "mse", 1)


def _name(cost: str | CustomCost) -> str | None:
    """Return the name of a cost, without parameters."""
    return cost.partition("(")[0].strip() if isinstance(cost, str) else None


def _predictions(outputs: FloatArray, network: Network) -> FloatArray:
    """Return predictions from the outputs of the network."""
    kind = _name(network.cost)
    if kind == "poisson":
        return np.exp(outputs, out=outputs)
    if kind == "gaussian_nll":  # the means; the other half are the log variances
        return outputs[:, : outputs.shape[1] // 2]
    return outputs
