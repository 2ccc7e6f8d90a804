"""What the estimators share: the steps of fit and partial_fit."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import _check_sample_weight

from localgrad._arguments.check import shown
from localgrad._arguments.names.similar import near, plain
from localgrad._support.warn import warn
from localgrad._training.callback_list import callback_list
from localgrad._training.trainer import scale_velocity
from localgrad.network import Network
from localgrad.optimizers import LBFGS
from localgrad.optimizers.base import FullBatchRule
from localgrad.sklearn.arguments import OF_FIT, OF_TRAINING, given
from localgrad.sklearn.bridge import Bridge
from localgrad.sklearn.checks import Checked, check, random_numbers
from localgrad.sklearn.compat import CallbackSupportMixin, with_callbacks
from localgrad.sklearn.fitted import Fitted, checked_arrays, restored_after_errors
from localgrad.sklearn.start import (
    Arrays,
    Data,
    check_same_options,
    initial_parameters,
    new_network,
    split,
)
from localgrad.sklearn.training import run_fit, run_partial_fit, threads
from localgrad.sklearn.watch import Loss, Pace, Record, Watch

_NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and need to be "
    "preprocessed."
)


def is_stochastic(estimator: "BaseMLP") -> bool:
    """Return True, or raise an AttributeError if the estimator has no partial_fit."""
    rule = estimator.optimizer
    solver = estimator.solver if rule is None else rule
    full_batch = isinstance(rule, FullBatchRule)
    full_batch |= isinstance(rule, str) and plain(rule) in ("lbfgs", "levenbergmarquardt")
    if full_batch or (rule is None and solver not in ("sgd", "adam")):
        raise AttributeError(
            f"partial_fit is only available for stochastic optimizers. {solver} is not stochastic."
        )
    return True


class BaseMLP(Fitted, CallbackSupportMixin, BaseEstimator, ABC):  # type: ignore[misc]
    """Base class of the estimators."""

    _defaults: dict[str, Any]  # of the keyword-only arguments

    def _store(self, own: dict[str, Any], settings: Mapping[str, Any]) -> None:
        """Store the arguments of the constructor, unchanged, as scikit-learn requires."""
        known = (*own, *self._defaults)
        for name in settings:
            if name not in self._defaults:
                raise TypeError(
                    f"{type(self).__name__}() got an unexpected keyword argument {name!r}{near(name, known)}"
                )
        self.__dict__.update({**own, **self._defaults, **settings})

    # What differs between the estimators

    @abstractmethod
    def _check_targets(self, X: Any, y: Any, *, reset: bool, classes: str) -> tuple[Any, NDArray[Any]]:
        """Check X and y; return X, and y as the network expects it.

        The classes may be "new", must be the "same" as before, or must be "known".
        """

    @abstractmethod
    def _outputs(self, y: NDArray[Any]) -> tuple[int, dict[str, Any]]:
        """Return the number of outputs of the network for these targets, and its functions."""

    @abstractmethod
    def _loss_of(self, data: Data, network: Network) -> tuple[float, float]:
        """Return the factor and the constant with which the loss follows from the cost."""

    @abstractmethod
    def _score_of(self, data: Data) -> Callable[[Network], float]:
        """Return the function that computes the validation score."""

    def _strata(self, y: NDArray[Any]) -> NDArray[Any] | None:
        """Return by what to stratify the validation split."""
        return None

    def _weighed(self, data: Data) -> Data:
        """Return the training examples with the weights of their classes."""
        return data

    # Training

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, eval_set: Any = None) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Examples. The network has the type float32 if X has it, and float64 otherwise, unless `dtype` is
            set.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets: labels of any type for a classifier, or an indicator matrix for several labels per
            example; numbers for a regressor.
        sample_weight : array-like of shape (n_samples,), optional
            Weight of each example, at least 0; by default 1.
        eval_set : tuple (X, y) or (X, y, sample_weight), optional
            Validation data, evaluated after each epoch for `history_`. With ``early_stopping=True``, its
            score decides when to stop, and no examples are set aside.

        Returns
        -------
        MLPClassifier or MLPRegressor
            The estimator itself.

        Raises
        ------
        TypeError, ValueError
            If an argument is invalid, or the parameters become infinite or NaN.
        KeyboardInterrupt
            After Ctrl-C. The estimator is then fitted with the parameters so far.

        Examples
        --------
        >>> from localgrad.sklearn import MLPRegressor
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0]
        >>> MLPRegressor(hidden_layer_sizes=(), solver="lbfgs", alpha=0, random_state=0).fit(
        ...     X, y
        ... ).predict([[4.0]]).round(3)
        array([9.])
        """
        with restored_after_errors(self):
            return self._fit(X, y, sample_weight, eval_set)

    def _fit(self, X: Any, y: Any, sample_weight: Any, eval_set: Any) -> Self:
        checked = check(vars(self))
        if not checked.warm_start:
            self.__dict__.pop("_assigned", None)
        first = "network_" not in vars(self) or not checked.warm_start
        data = self._data(X, y, sample_weight, reset=first, classes="new" if first else "same")
        held_out = None if eval_set is None else self._eval_data(eval_set)
        random = random_numbers(self.random_state)
        start = self._start(checked, data, random) if first else None
        stops_by = held_out if checked.stops_early else None
        if checked.stops_early and held_out is None:
            data, stops_by = split(data, checked.validation_fraction, self._strata(data.y), random)
        network = self._network(checked, data, start, random) if first else self._same_network(checked, data)
        data = self._weighed(data)
        size = len(data.y) if checked.full_batch else _batch_size(checked, len(data.y))
        watch = self._watch(checked, Record() if first else self._record, network, data, size)
        if stops_by is not None:
            watch.score_with(self._score_of(stops_by))
        pace = watch.pace
        callbacks = [*callback_list(self.callbacks), watch]
        bridge = None
        if hasattr(self, "_init_callback_context"):  # since scikit-learn 1.9
            bridge = Bridge(self, X, y, sample_weight, checked.max_iter, lambda: watch.stops)
            if vars(self).get("_skl_callbacks"):
                callbacks.append(bridge)
        arguments = {
            **self._training_arguments(checked, data, size),
            "epochs": checked.max_iter,
            "optimizer": checked.rule,
            "schedule": self.schedule if pace is None or pace.kind == "constant" else pace,
            "validation": None if held_out is None else tuple(one for one in held_out if one is not None),
            "callbacks": callbacks,
            "verbose": int(checked.progress),
            **given(vars(self), OF_FIT),
        }
        diverged = False
        try:
            run_fit(network, arguments)
        except FloatingPointError as error:
            if not checked.stops_early:
                raise ValueError(_NOT_FINITE) from error
            watch.diverge()
            diverged = True
        except KeyboardInterrupt:
            self._adopt(checked, network, watch)
            raise
        self._adopt(checked, network, watch)
        if bridge is not None:
            bridge.end(network)
        if diverged:
            warn(
                f"the loss became infinite or NaN in iteration {watch.iterations}; the parameters with the "
                "best validation score are kept",
                ConvergenceWarning,
            )
        else:
            self._warn_of_limit(checked)
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Self:
        """Train one epoch, keeping the state of the optimizer."""
        checked = check(vars(self))
        if checked.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        first = "network_" not in vars(self)
        data = self._data(X, y, sample_weight, reset=reset, classes="known")
        random = random_numbers(self.random_state)
        start = self._start(checked, data, random) if first else None
        network = self._network(checked, data, start, random) if first else self._same_network(checked, data)
        data = self._weighed(data)
        size = _batch_size(checked, len(data.y))
        watch = self._watch(checked, Record() if first else self._record, network, data, size)
        pace = watch.pace = vars(self).get("_optimizer", watch.pace)
        if (state := network._partial_state) is not None:
            scale_velocity(state.trainer, pace.velocity)
        pace.velocity = 1.0
        watch.begin(network)
        arguments = self._training_arguments(checked, data, size)
        rule = replace(checked.rule, learning_rate=checked.rule.learning_rate * pace.factor)
        try:
            cost = run_partial_fit(network, {**arguments, "optimizer": rule})
        except FloatingPointError as error:
            raise ValueError(_NOT_FINITE) from error
        watch.end_epoch(cost, network)
        self._adopt(checked, network, watch)
        return self

    def _training_arguments(self, checked: Checked, data: Data, size: int) -> dict[str, Any]:
        """Return the arguments of fit and of partial_fit."""
        mean = data.mean_weight
        arguments = {
            "X": data.X,
            "y": data.y,
            "batch_size": size,
            "shuffle": checked.shuffle,
            "sample_weight": None if data.weights is None else data.weights / mean,
            "n_threads": threads(self.n_threads),
            **given(vars(self), OF_TRAINING),
        }
        # scikit-learn divides alpha by the sum of the weights of a mini-batch.
        if checked.full_batch:
            arguments["l2"] = (np.asarray(self.l2, np.float64) + checked.alpha / (mean * size)).tolist()
        elif checked.alpha:
            arguments["l2_by_rows"] = checked.alpha / mean
        return arguments

    def _data(self, X: Any, y: Any, sample_weight: Any, *, reset: bool, classes: str) -> Data:
        X, y = self._check_targets(X, y, reset=reset, classes=classes)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
            if sample_weight.min() < 0:
                raise ValueError(f"sample_weight must be at least 0, got {sample_weight.min()}")
        return Data(X, y, sample_weight)

    def _eval_data(self, eval_set: Any) -> Data:
        if isinstance(eval_set, list) and len(eval_set) == 1:
            eval_set = eval_set[0]
        if not isinstance(eval_set, tuple | list) or len(eval_set) not in (2, 3):
            raise ValueError(f"eval_set must be (X, y) or (X, y, sample_weight), got {shown(eval_set)}")
        if isinstance(eval_set, list) and all(isinstance(one, tuple) for one in eval_set):
            raise ValueError(f"eval_set must be a single (X, y), got {len(eval_set)} of them")
        X, y, *weights = eval_set
        return self._data(X, y, weights[0] if weights else None, reset=False, classes="known")

    def _start(self, checked: Checked, data: Data, random: Any) -> Arrays | None:
        """Return the initial parameters, or None if they are those of `init`."""
        if self._given:  # assigned before fit
            sizes = self._sizes(checked, data)
            coefs, intercepts = (
                checked_arrays(name, self._given.get(name, ()), sizes) for name in ("coefs_", "intercepts_")
            )
            return coefs, intercepts
        if self.init is not None:
            return None
        return initial_parameters(self._sizes(checked, data), checked.activation, self.init_gain, random)

    def _sizes(self, checked: Checked, data: Data) -> list[int]:
        return [data.X.shape[1], *checked.hidden, self._outputs(data.y)[0]]

    def _network(self, checked: Checked, data: Data, start: Arrays | None, random: Any) -> Network:
        sizes, functions = self._sizes(checked, data), self._outputs(data.y)[1]
        seed = int(random.randint(2**31 - 1))
        return new_network(checked, vars(self), sizes, functions, data.X.dtype, start, seed)

    def _same_network(self, checked: Checked, data: Data) -> Network:
        """Return the network of the last fit, unless the arguments require another one."""
        check_same_options(self.network_, checked, vars(self), self._outputs(data.y)[1])
        return self.network_

    def _watch(self, checked: Checked, record: Record, network: Network, data: Data, size: int) -> Watch:
        # On average over the examples of an epoch, mini-batches of b of n rows have the penalty alpha/b.
        steps, rows = -(-len(data.y) // size), len(data.y)
        alpha = checked.alpha * steps / (rows * data.mean_weight)
        l2 = np.broadcast_to(np.asarray(self.l2, np.float64), len(network.weights))
        pace = None
        if not checked.full_batch:
            pace = Pace(checked.rate, getattr(checked.rule, "learning_rate", math.nan), checked.power_t)
        return Watch(
            record,
            Loss(*self._loss_of(data, network), (l2 + alpha).tolist()),
            rows=rows,
            steps=steps,
            pace=pace,
            tol=checked.tol,
            patience=checked.n_iter_no_change,
            verbose=checked.verbose,
        )

    def _adopt(self, checked: Checked, network: Network, watch: Watch) -> None:
        """Set the attributes of the fitted estimator."""
        self.__dict__.pop("_assigned", None)
        record = self._record = watch.record
        names = vars(self).get("feature_names_in_")
        network._core_model.native.feature_names = [] if names is None else names.tolist()
        self.network_ = network
        self.history_ = network.history
        self.n_layers_ = len(network.sizes)
        self.n_outputs_ = network.sizes[-1]
        self.out_activation_ = self._out_activation(network)
        self.n_iter_ = watch.iterations
        self.t_ = record.t
        self.loss_curve_ = record.losses
        if record.losses:
            self.loss_ = record.losses[-1]
        self._no_improvement_count = record.no_improvement
        if watch.pace is not None:
            stops = checked.stops_early
            self._optimizer = watch.pace
            self.validation_scores_ = record.scores if stops else None
            self.best_validation_score_ = record.best_score if stops else None
            self.best_loss_ = None if stops else record.best_loss

    def _out_activation(self, network: Network) -> str:
        return "logistic" if network.output == "sigmoid" else network.output

    def _warn_of_limit(self, checked: Checked) -> None:
        stopped = self.history_.stopped or ""
        if not checked.full_batch:
            if stopped == "epochs":
                warn(
                    f"Stochastic Optimizer: Maximum iterations ({checked.max_iter}) reached and the "
                    "optimization hasn't converged yet.",
                    ConvergenceWarning,
                )
            return
        limit = {
            "epochs": f"max_iter={checked.max_iter} was reached",
            "evaluations": "max_fun was reached",
            "line_search": "the line search found no better point",
            "damping": "no step decreased the loss",
        }.get(stopped)
        if limit:
            by_scipy = isinstance(checked.rule, LBFGS)
            warn(
                f"{'lbfgs' if by_scipy else type(checked.rule).__name__} failed to converge after "
                f"{self.n_iter_} iterations: {limit}. Increase max_iter{' or max_fun' * by_scipy}, or scale "
                "the data",
                ConvergenceWarning,
            )

    # Tags

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _batch_size(checked: Checked, rows: int) -> int:
    if checked.batch_size is None:
        return min(200, rows)
    if checked.batch_size > rows:
        warn(
            "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped", UserWarning
        )
    return min(checked.batch_size, rows)
