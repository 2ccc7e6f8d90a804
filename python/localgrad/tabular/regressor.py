"""The regressor of tables."""

from __future__ import annotations  # help() then shows types by their names

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.validation import check_is_fitted

from localgrad._arguments.check import real
from localgrad.network import Network
from localgrad.tabular import described
from localgrad.tabular.base import BaseTabular
from localgrad.tabular.documented import documented
from localgrad.tabular.files import Content
from localgrad.tabular.intervals import Intervals
from localgrad.tabular.recipe import Files, Recipe
from localgrad.tabular.rows import Rows
from localgrad.tabular.table import Data, Weights
from localgrad.tabular.targets import Quantities
from localgrad.tabular.texts import number_in


@documented
class TabularRegressor(RegressorMixin, BaseTabular[Quantities]):  # type: ignore[misc]
    """Regressor for tables with columns of any kind.

    Parameters
    ----------
    {parameters}
    coverage : float, optional
        Share of the targets that `predict_interval` covers, in (0, 1). Another network is then trained for
        the quantiles (1 - coverage)/2 and (1 + coverage)/2.
    {ensemble}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    TabularClassifier : The same for classes.
    load : Load a saved estimator.

    Notes
    -----
    Targets are standardized for training. The cost is the mean squared error.

    {notes}

    Examples
    --------
    >>> import numpy as np
    >>> from localgrad.tabular import TabularRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(size=(300, 2))
    >>> y = np.sin(6 * X[:, 0]) + X[:, 1]
    >>> model = TabularRegressor(random_state=0).fit(X[:200], y[:200])
    >>> model.score(X[200:], y[200:]) > 0.98
    True
    """

    def __init__(
        self,
        *,
        columns: Mapping[Any, str] | None = None,
        hidden_layer_sizes: Sequence[int] = (256, 256, 256),
        activation: str = "mish",
        learning_rate: float = 0.07,
        epochs: int = 64,
        batch_size: int = 256,
        bins: int | None = None,
        dropout: float = 0.0,
        weight_decay: float = 0.0,
        coverage: float | None = None,
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
        self.coverage = coverage
        self.n_ensemble = n_ensemble
        self.validation_fraction = validation_fraction
        self.time_ordered = time_ordered
        self.time_limit = time_limit
        self.n_threads = n_threads
        self.verbose = verbose
        self.random_state = random_state

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predict the target of each row.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            Table with the columns of the training data.

        Returns
        -------
        ndarray of shape (n_samples,)
            Predictions, the mean of the networks.

        Examples
        --------
        >>> from localgrad.tabular import TabularRegressor
        >>> model = TabularRegressor(epochs=8, random_state=0).fit([[0.0], [1.0]] * 20, [5.0, 5.0] * 20)
        >>> model.predict([[0.5]])
        array([5.])
        """
        outputs = self._predicted(X, lambda inputs: self.ensemble_.predict(inputs, self.n_threads))
        return self._targets.decode(outputs[:, 0])

    def predict_interval(self, X: Any) -> NDArray[np.float64]:
        """Predict an interval for the target of each row.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            Table with the columns of the training data.

        Returns
        -------
        ndarray of shape (n_samples, 2)
            Lower and upper limits.

        Raises
        ------
        ValueError
            If `coverage` was None in `fit`.

        Notes
        -----
        The limits are quantiles, predicted by a separate network, widened or narrowed by the same amount for
        all rows such that they cover the share `coverage` of the validation rows (conformalized quantile
        regression, Romano et al. 2019). The coverage of new rows is about that on average, if they are drawn
        like the validation rows; a little less because these also choose the epoch, and at most m/(m + 1)
        with m of them.

        Examples
        --------
        >>> import numpy as np
        >>> from localgrad.tabular import TabularRegressor
        >>> rng = np.random.default_rng(0)
        >>> X = rng.uniform(size=(1000, 1))
        >>> y = X[:, 0] + X[:, 0] * rng.normal(size=1000)
        >>> model = TabularRegressor(coverage=0.8, epochs=16, random_state=0).fit(X, y)
        >>> low, high = model.predict_interval([[0.1], [0.9]]).T
        >>> bool(high[0] - low[0] < high[1] - low[1])
        True
        """
        check_is_fitted(self)
        intervals = self._intervals
        if intervals is None:
            raise ValueError("predict_interval requires a regressor fitted with coverage= and without Ctrl-C")
        outputs = self._predicted(X, lambda inputs: intervals.predict(inputs, self.n_threads))
        return self._targets.decode(outputs)

    @property
    def has_intervals(self) -> bool:
        """Whether `predict_interval` can be called: after a fit with `coverage`, without Ctrl-C."""
        return getattr(self, "_intervals", None) is not None

    # Training

    def _recipe(self, targets: Quantities) -> Recipe:
        if self.coverage is not None:
            real(self.coverage, "coverage", above=0.0, below=1.0)
        return self._recipe_of(output="identity", cost="mse", outputs=1)

    def _checked_targets(self, y: Any) -> NDArray[Any]:
        y = column_or_1d(y, warn=True)
        for row, one in enumerate(y.tolist() if y.dtype.kind in "OUT" else []):
            if isinstance(one, str) and number_in(one) is None:
                raise ValueError(
                    f"y must hold numbers, got {one!r} at row {row}; TabularClassifier predicts labels"
                )
        numbers: NDArray[Any] = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y")
        return numbers

    def _targets_for(self, data: Data) -> Quantities:
        return Quantities.fit(data.y, data.weights)

    def _weights(self, y: NDArray[Any], weights: Weights, targets: Quantities) -> Weights:
        return weights

    def _needs_held_out(self) -> str | None:
        return None if self.coverage is None else "coverage"

    def _others(self) -> int:
        return int(self.coverage is not None)

    def _finish(
        self, recipe: Recipe, rows: Rows, held: Any, deadline: float | None, files: Files | None
    ) -> None:
        self._intervals = None
        if self.coverage is not None and files is not None:
            seed = self.ensemble_.networks[0].seed
            self._intervals = Intervals.train(recipe, rows, held, self.coverage, seed, deadline, files)

    # Files

    def _networks(self) -> list[list[Network]]:
        return [*super()._networks(), *([] if self._intervals is None else [[self._intervals.network]])]

    def _description(self) -> dict[str, Any]:
        margin = {} if self._intervals is None else {"margin": self._intervals.margin}
        return {**super()._description(), **margin}

    @staticmethod
    def _targets_of(description: Mapping[str, Any]) -> Quantities:
        return Quantities.of(description)

    def _restore(self, content: Content) -> None:
        first, *others = content.networks
        self.ensemble_, self._intervals = self._adopt(first, 1), None
        if len(others) > 1 or len(others) != ("margin" in content.description):
            raise ValueError(f"networks must be 1 list, or 2 with margin, got {len(content.networks)}")
        for networks in others:
            self._adopt(networks, 2)
            self._intervals = Intervals(networks[0], described.number(content.description, "margin"))
