"""A fitted estimator: its parameters, and the outputs of its network."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from localgrad._arguments.check import threads
from localgrad._arrays.rows import FloatArray
from localgrad.network import Network
from localgrad.sklearn.compat import validate_data


class Parameters(list[Any]):
    """The list `coefs_` or `intercepts_`: its arrays are views of the network's parameters."""

    def __setitem__(self, index: Any, value: Any) -> None:
        """Copy an array into the network."""
        self[index][...] = value

    def __reduce__(self) -> tuple[Any, ...]:
        return list, ([*self],)


_OF_DATA = ("classes_", "_multilabel", "n_features_in_", "feature_names_in_")


@contextmanager
def restored_after_errors(estimator: "Fitted") -> Iterator[None]:
    """Restore what checks of new data have set, if an error occurs before a network is trained on them."""
    values = vars(estimator)
    before = {name: values[name] for name in _OF_DATA if name in values}
    network = values.get("network_")
    try:
        yield
    except BaseException:
        if values.get("network_") is network:
            for name in _OF_DATA:
                values.pop(name, None)
            values.update(before)
        raise


def checked_arrays(name: str, arrays: Sequence[Any], sizes: Sequence[int]) -> list[Any]:
    """Check the number and the shapes of weights (`coefs_`) or biases (`intercepts_`)."""
    shapes: list[tuple[int, ...]] = [*pairwise(sizes)] if name == "coefs_" else [(n,) for n in sizes[1:]]
    if len(arrays) != len(shapes):
        raise ValueError(
            f"{name} must have length {len(shapes)}, one array for each layer, got {len(arrays)}"
        )
    for i, (array, shape) in enumerate(zip(arrays, shapes, strict=True)):
        if np.shape(array) != shape:
            raise ValueError(f"{name}[{i}] must have shape {shape}, got {np.shape(array)}")
    return list(arrays)


class Fitted:
    """Prediction and parameters of an estimator whose network is `network_`."""

    n_threads: int | None
    network_: Network

    def _predict(self, X: Any) -> FloatArray:
        """Return the outputs of the network."""
        network: Network | None = vars(self).get("network_")
        # Fast path for one example: the core checks arrays that it can read in place, and returns None for
        # all others. For these, and for invalid ones, scikit-learn's own checks follow.
        plain = type(X) is np.ndarray and X.ndim == 2 and len(X) and "feature_names_in_" not in vars(self)
        if plain and network is not None:
            try:
                done = network._core_model.native.predict_array(X, None, threads(self.n_threads))
            except (TypeError, ValueError):
                done = None
            if done is not None:
                return done
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype="numeric", reset=False)
        return self._fitted("network_").predict(X, n_threads=self.n_threads)

    def __sklearn_is_fitted__(self) -> bool:
        return "network_" in vars(self)

    @property
    def coefs_(self) -> list[Any]:
        """Weights of each layer, of shape (fan_in, fan_out), as writable views of the network's."""
        return self._given.get("coefs_") or Parameters([w.T for w in self._fitted("coefs_").weights])

    @coefs_.setter
    def coefs_(self, values: Any) -> None:
        self._assign("coefs_", values)

    @property
    def intercepts_(self) -> list[Any]:
        """Biases of each layer, as writable views of the network's."""
        return self._given.get("intercepts_") or Parameters(self._fitted("intercepts_").biases)

    @intercepts_.setter
    def intercepts_(self, values: Any) -> None:
        self._assign("intercepts_", values)

    @property
    def _given(self) -> dict[str, list[Any]]:
        """Parameters that were assigned before fit, with which partial_fit then starts."""
        return vars(self).get("_assigned", {})  # type: ignore[no-any-return]

    def _assign(self, name: str, values: Any) -> None:
        if "network_" not in vars(self):
            self.__dict__.setdefault("_assigned", {})[name] = list(values)
            return
        parameters = getattr(self, name)
        for i, value in enumerate(checked_arrays(name, values, self.network_.sizes)):
            parameters[i] = value

    def _fitted(self, name: str) -> Network:
        network: Network | None = vars(self).get("network_")
        if network is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r} before fit")
        return network
