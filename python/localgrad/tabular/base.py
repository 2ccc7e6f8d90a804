"""What both estimators share: reading tables, training, saving."""

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_array, check_consistent_length, check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from localgrad._arguments.check import boolean, integer, real, shown, threads, verbosity
from localgrad._arrays.frames import is_frame
from localgrad.errors import BadExample
from localgrad.network import Network
from localgrad.sklearn.checks import hidden_layers
from localgrad.sklearn.compat import validate_data
from localgrad.sklearn.training import threads as threads_in_joblib
from localgrad.tabular import described, files
from localgrad.tabular.checkpoints import Checkpoints
from localgrad.tabular.columns import IGNORED, VALUES, Columns, detect, requested
from localgrad.tabular.ensemble import Ensemble
from localgrad.tabular.folds import group_numbers, held_out
from localgrad.tabular.preprocessing import Preprocessing
from localgrad.tabular.recipe import Files, Recipe
from localgrad.tabular.rows import Rows
from localgrad.tabular.suspicions import warn_of_text
from localgrad.tabular.table import Data, Table, Weights
from localgrad.tabular.targets import Labels, Quantities
from localgrad.tabular.trials import Prepared, Trials, bins_for

T = TypeVar("T", bound=Labels | Quantities)


class BaseTabular(BaseEstimator, ABC, Generic[T]):  # type: ignore[misc]
    """Base class of the estimators."""

    columns_: Columns
    ensemble_: Ensemble
    target_name_: str | None
    validation_rows_: int | None
    _preprocessing: Preprocessing
    _targets: T

    # Set by the constructors of the estimators
    columns: Mapping[Any, str] | None
    hidden_layer_sizes: Sequence[int]
    activation: str
    learning_rate: float
    epochs: int
    batch_size: int
    bins: int | None
    dropout: float
    weight_decay: float
    n_ensemble: int
    validation_fraction: float
    time_ordered: bool
    time_limit: float | None
    n_threads: int | None
    verbose: int
    random_state: Any

    # What differs between the estimators

    @abstractmethod
    def _checked_targets(self, y: Any) -> NDArray[Any]:
        """Return the targets as an array, (n,)."""

    @abstractmethod
    def _targets_for(self, data: Data) -> T:
        """Return the encoder of the targets of the training data."""

    @abstractmethod
    def _weights(self, y: NDArray[Any], weights: Weights, targets: T) -> Weights:
        """Return the weights of rows with these encoded targets."""

    @abstractmethod
    def _recipe(self, targets: T) -> Recipe:
        """Return how to train."""

    @abstractmethod
    def _needs_held_out(self) -> str | None:
        """Return the argument that requires held-out rows, None if there is none."""

    def _others(self) -> int:
        """Return how many networks `_finish` trains."""
        return 0

    @abstractmethod
    def _finish(
        self, recipe: Recipe, rows: Rows, held: Any, deadline: float | None, files: Files | None
    ) -> None:
        """Compute what follows from the trained networks and the rows that they held out.

        `files` are the checkpoints of another network, None to train none after Ctrl-C. If Ctrl-C interrupts
        this call, the state must be that without it.
        """

    @staticmethod
    @abstractmethod
    def _targets_of(description: Mapping[str, Any]) -> T:
        """Return the encoder of targets from its description in a file."""

    @abstractmethod
    def _restore(self, content: files.Content) -> None:
        """Restore what follows from a fit from a file."""

    # Training

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        groups: Any = None,
        eval_set: Any = None,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_every: int = 1,
        resume: str | os.PathLike[str] | None = None,
    ) -> Self:
        """Train the networks.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            Table with columns of any kind: a pandas or polars data frame, a pyarrow table, or an array.
        y : array-like of shape (n_samples,)
            Targets: labels of any type for a classifier, numbers for a regressor.
        sample_weight : array-like of shape (n_samples,), optional
            Weight of each row, at least 0; by default 1.
        groups : array-like of shape (n_samples,), optional
            Group of each row. Rows of a group are held out for validation together, but no group of more than
            half of all rows, and not all rows of a class.
        eval_set : tuple (X, y) or (X, y, sample_weight), optional
            Validation data. No rows are then held out.
        checkpoint : str or os.PathLike, optional
            Folder to write checkpoints of the networks to, atomically, every `checkpoint_every` epochs and at
            the end. It is created if needed. Checkpoints of another run in it are removed.
        checkpoint_every : int, default 1
            Number of epochs between checkpoints.
        resume : str or os.PathLike, optional
            Folder with checkpoints to resume from. With the same data and arguments, the result is
            bit-identical to that of an uninterrupted run. With ``random_state=None``, the seed is in the
            folder. Training starts from the beginning if the folder is empty.

        Returns
        -------
        TabularClassifier or TabularRegressor
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            If an argument is invalid, or `resume` is the folder of a fit with other data, columns, `bins`,
            `n_ensemble` or `random_state`, or of another estimator. The estimator is then as it was before.
        OSError
            If a checkpoint cannot be read or written; FileNotFoundError if there is no folder `resume`.
        KeyboardInterrupt
            After Ctrl-C. The estimator is then fitted with the networks so far.

        Examples
        --------
        >>> from localgrad.tabular import TabularClassifier
        >>> rows = [["red", 1.0], ["blue", 2.0], ["red", 3.0], ["blue", 4.0]] * 20
        >>> labels = ["warm", "cold", "warm", "cold"] * 20
        >>> model = TabularClassifier(epochs=8, random_state=0).fit(rows, labels)
        >>> model.predict([["red", 2.5]])
        array(['warm'], dtype='<U4')
        """
        before = dict(vars(self))
        try:
            checkpoints = Checkpoints(type(self).__name__, checkpoint, checkpoint_every, resume)
            interrupt = self._fit(X, y, sample_weight, groups, eval_set, checkpoints)
        except BaseException:
            self.__dict__ = before
            raise
        if interrupt is not None:
            raise interrupt
        return self

    def _fit(
        self, X: Any, y: Any, weights: Any, groups: Any, eval_set: Any, checkpoints: Checkpoints
    ) -> KeyboardInterrupt | None:
        """Train the networks; return the KeyboardInterrupt that ended training, if there are networks."""
        start = time.monotonic()
        limit = None if self.time_limit is None else real(self.time_limit, "time_limit", above=0.0)
        deadline = None if limit is None else start + limit
        networks = integer(self.n_ensemble, "n_ensemble", at_least=1)
        data = self._data(X, y, weights, groups, reset=True)
        given = requested(self.columns, data.table.labels)
        # Before rows are left out and merged: errors name the right row, and the texts 1.1 and 1.10 differ.
        values = {i: VALUES[kind] for i, kind in given.items() if kind not in IGNORED}
        data = data._replace(table=data.table.converted(values))
        table, data = data.table, data.with_weight()
        ordered = boolean(self.time_ordered, "time_ordered")
        if not ordered and data.table.rows <= integer(self.batch_size, "batch_size", at_least=1):
            # The gradient of a single mini-batch remains the same, and no row is held out while an equal one
            # is trained on. This changes the order of rows.
            data = data.merged()
        columns = detect(data.table.names, data.table.columns, given)
        warn_of_text(table, columns, given)
        targets = self._targets_for(data)
        recipe = self._recipe(targets)
        random_state = checkpoints.random_state(self.random_state)
        random = check_random_state(random_state)
        seeds = random.randint(2**31 - 1, size=networks).tolist()
        bins = self.bins if checkpoints.saved is None or self.bins is not None else checkpoints.saved.bins
        trials = Trials(*self._candidates(data, columns, targets, eval_set, random, bins))
        ensemble, interrupt = trials.ensemble, None
        try:
            trials.run(recipe, seeds[0], limit)
            checkpoints.begin(random_state, seeds, columns, trials.prepared)
            ensemble = Ensemble()
            _, rows, held, _ = trials.prepared
            left = self._before_others(deadline, networks)
            ensemble.train(recipe, rows, held, seeds, left, checkpoints.files)
        except KeyboardInterrupt as error:
            interrupt = error
            if not ensemble.trained and trials.ensemble.networks:
                ensemble = trials.ensemble
            if not ensemble.networks:
                raise
        self._preprocessing, rows, held, _ = trials.prepared
        self._targets, self.columns_, self.ensemble_ = targets, self._preprocessing.columns, ensemble
        # Without weights, equal rows that are merged have their number as weight.
        counts = np.ones(data.table.rows) if data.weights is None or weights is not None else data.weights
        self.validation_rows_ = len(held.y) if isinstance(held, Rows) else int(counts[held[0]].sum())
        name = getattr(y, "name", None)  # of a column of a data frame
        self.target_name_ = name if isinstance(name, str) else None
        try:
            self._finish(recipe, rows, held, deadline, checkpoints.intervals if interrupt is None else None)
        except KeyboardInterrupt as error:
            interrupt = error
        return interrupt

    def _before_others(self, deadline: float | None, networks: int) -> float | None:
        """Return the deadline for the networks of the ensemble, which leaves time for others."""
        if deadline is None:
            return None
        others = self._others()
        return deadline - (deadline - time.monotonic()) * others / (networks + others)

    def _candidates(
        self, data: Data, columns: Columns, targets: T, eval_set: Any, random: Any, bins: int | None
    ) -> list[Callable[[], Prepared]]:
        """Return functions that prepare the table without and with bins, if both are to be tried."""
        masks: Any = None
        validation = None if eval_set is None else self._eval_data(eval_set)
        if validation is None:
            masks = held_out(
                targets.encode(data.y),
                self.n_ensemble,
                real(self.validation_fraction, "validation_fraction", at_least=0.0, below=1.0),
                random,
                groups=data.groups,
                last=self.time_ordered,
            )
            if (argument := self._needs_held_out()) and not masks[0].any():
                raise ValueError(f"{argument} requires held-out rows, got none")

        def prepared(bins: int) -> Prepared:
            preprocessing = Preprocessing.fit(data.table, columns, bins)
            rows = self._rows(data, preprocessing, targets)
            held = masks if validation is None else self._validation_rows(validation, preprocessing, targets)
            return Prepared(preprocessing, rows, held, bins)

        if bins is not None:
            choices = [integer(bins, "bins", at_least=0)]
        else:
            choices = [0]
            most = bins_for(data.table.rows, sum(column.kind == "numeric" for column in columns))
            if most and (masks is None or masks[0].any()):
                choices.append(most)
        return [partial(prepared, bins) for bins in choices]

    def _data(self, X: Any, y: Any, weights: Any, groups: Any, *, reset: bool) -> Data:
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        X = self._table(X, reset=reset)
        y = self._checked_targets(y)
        check_consistent_length(X, y)
        if weights is not None:
            weights = _check_sample_weight(weights, y, dtype=np.float64)
            if weights.min() < 0 or not weights.any():
                raise ValueError(f"sample_weight must be at least 0 and not all 0, got {weights.min()}")
        numbers = None if groups is None else group_numbers(groups, len(y))
        return Data(Table.read(X), y, weights, numbers)

    def _rows(self, data: Data, preprocessing: Preprocessing, targets: T) -> Rows:
        y = targets.encode(data.y)
        return Rows(preprocessing.encode(data.table), y, self._weights(y, data.weights, targets))

    def _validation_rows(self, data: Data, preprocessing: Preprocessing, targets: T) -> Rows:
        try:
            return self._rows(data, preprocessing, targets)
        except BadExample as error:
            raise BadExample(f"validation {error.argument}", error.row, error.reason) from None

    def _table(self, X: Any, *, reset: bool) -> Any:
        """Return X as a data frame or an array of 2 dimensions."""
        if not is_frame(X):
            if isinstance(X, list | tuple):  # a list of mixed types would become an array of strings
                array = np.asarray(X)
                X = np.asarray(X, object) if array.dtype.kind in "US" else array
            X = check_array(X, dtype=None, ensure_all_finite=False, estimator=self)
        elif hasattr(type(X), "collect"):
            raise TypeError(f"X must be in memory, got a {type(X).__name__}; call collect() first")
        elif not X.shape[0]:
            raise ValueError("X must have at least 1 row, got 0")
        validate_data(self, X, skip_check_array=True, reset=reset)
        return X

    def _eval_data(self, eval_set: Any) -> Data:
        if not isinstance(eval_set, tuple) or len(eval_set) not in (2, 3):
            raise ValueError(f"eval_set must be (X, y) or (X, y, sample_weight), got {shown(eval_set)}")
        X, y, *given = eval_set
        return self._data(X, y, given[0] if given else None, None, reset=False)

    def _recipe_of(self, **functions: Any) -> Recipe:
        """Return the recipe with these functions of the task."""
        threads(self.n_threads)
        return Recipe(
            hidden=tuple(hidden_layers(self.hidden_layer_sizes)),
            activation=self.activation,
            learning_rate=real(self.learning_rate, "learning_rate", above=0.0),
            epochs=integer(self.epochs, "epochs", at_least=1),
            batch_size=integer(self.batch_size, "batch_size", at_least=1),
            dropout=real(self.dropout, "dropout", at_least=0.0, below=1.0),
            weight_decay=real(self.weight_decay, "weight_decay", at_least=0.0),
            n_threads=threads_in_joblib(self.n_threads),
            verbose=verbosity(self.verbose),
            **functions,
        )

    # Prediction

    def _predicted(
        self, X: Any, predict: Callable[[NDArray[np.float32]], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Return what a function predicts from the inputs, which is called for blocks of rows."""
        check_is_fitted(self)
        table = self._preprocessing.read(self._table(X, reset=False))
        return np.concatenate([predict(inputs) for inputs in self._preprocessing.blocks(table)])

    # Files

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save the estimator, with its preprocessing and all networks, to one file.

        An existing file is replaced atomically. The file has the safetensors format and contains no code.

        Parameters
        ----------
        path : str or os.PathLike
            File to write, usually with the extension ``.safetensors``.

        Raises
        ------
        OSError
            If the file cannot be written.
        sklearn.exceptions.NotFittedError
            Before `fit`.

        See Also
        --------
        localgrad.tabular.load : Read the file.

        Examples
        --------
        >>> import os, tempfile
        >>> from localgrad.tabular import TabularRegressor, load
        >>> model = TabularRegressor(epochs=2, random_state=0).fit([[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "model.safetensors")
        ...     model.save(path)
        ...     again = load(path)
        >>> bool(again.predict([[2.0]]) == model.predict([[2.0]]))
        True
        """
        check_is_fitted(self)
        files.save(path, type(self).__name__, self._networks(), self._description())

    def _networks(self) -> list[list[Any]]:
        """Return the networks to save, those of the same shape in one list."""
        return [self.ensemble_.networks]

    def _description(self) -> dict[str, Any]:
        """Return the state besides the networks as JSON values."""
        names = getattr(self, "feature_names_in_", None)
        return {
            "arguments": files.plain(self.get_params(deep=False)),
            "n_features": self.n_features_in_,
            "feature_names": None if names is None else names.tolist(),
            "columns": self._preprocessing.description(),
            "targets": self._targets.description(),
            "target_name": self.target_name_,
            "validation_rows": self.validation_rows_,
        }

    @classmethod
    def _restored(cls, content: files.Content) -> Self:
        """Return the estimator in a file; raise a ValueError if it is invalid."""
        description = content.description
        arguments = described.field(description, "arguments", dict)
        unknown = set(arguments) - set(cls._get_param_names())
        if unknown:
            raise ValueError(f"arguments must be those of {cls.__name__}, got {sorted(unknown)}")
        model = cls(**{name: files.argument(value) for name, value in arguments.items()})
        model._preprocessing = Preprocessing.of(described.objects(description, "columns"))
        model.columns_ = model._preprocessing.columns
        model._targets = cls._targets_of(described.field(description, "targets", dict))
        model._recipe(model._targets)  # checks the arguments
        model.n_features_in_ = described.count(description, "n_features", at_least=1)
        if model.n_features_in_ != len(model.columns_):
            raise ValueError(f"n_features must be {len(model.columns_)}, got {model.n_features_in_}")
        if description.get("feature_names") is not None:
            names = described.texts(description, "feature_names")
            if len(names) != model.n_features_in_:
                raise ValueError(f"feature_names must have {model.n_features_in_} names, got {len(names)}")
            model.feature_names_in_ = np.array(names, object)
        named = description.get("target_name") is not None
        model.target_name_ = described.text(description, "target_name") if named else None
        counted = description.get("validation_rows") is not None
        model.validation_rows_ = described.count(description, "validation_rows") if counted else None
        model._restore(content)
        return model

    def _adopt(self, networks: Sequence[Network], outputs: int) -> Ensemble:
        """Return an ensemble from a file; raise a ValueError if a network does not fit the table."""
        for network in networks:
            ends = (network.sizes[0], network.sizes[-1])
            if ends != (self._preprocessing.width, outputs):
                raise ValueError(
                    f"networks must have {self._preprocessing.width} inputs and {outputs} outputs, got {ends}"
                )
        return Ensemble(networks)

    def __sklearn_is_fitted__(self) -> bool:
        return "ensemble_" in vars(self)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags
