"""The configuration and the parameters of a network."""

from __future__ import annotations  # keeps aliases such as ArrayLike short in help()

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from localgrad._arrays.rows import FloatArray
from localgrad._model.views import Views
from localgrad._network.base import Base
from localgrad.standardization import Standardization


class Properties(Base):
    """Properties of `Network`."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of units in each layer, from the input to the output."""
        return self._core_model.sizes

    @property
    def activation(self) -> tuple[str, ...]:
        """Activation function of each hidden layer, with its parameters unless they are the defaults."""
        return self._core_model.activation

    @property
    def output(self) -> str:
        """Activation function of the output layer, with its parameters unless they are the defaults."""
        return self._core_model.output

    @property
    def cost(self) -> str:
        """Cost function, with its parameters unless they are the defaults; ``"custom"`` for a custom cost."""
        return self._core_model.cost

    @property
    def dropout(self) -> tuple[float, ...]:
        """Dropout rate of each hidden layer."""
        return self._core_model.dropout

    @property
    def input_dropout(self) -> float:
        """Dropout rate of the inputs."""
        return self._core_model.options["input_dropout"]

    @property
    def input_noise(self) -> float:
        """Standard deviation of the Gaussian noise that is added to the inputs in training."""
        return self._core_model.options["input_noise"]

    @property
    def input_scale(self) -> float:
        """Factor that multiplies all inputs as they are read."""
        return self._core_model.options["input_scale"]

    @property
    def standardize(self) -> bool:
        """Whether the network standardizes its inputs and, for a regression, its targets."""
        return self._core_model.options["standardize"]

    @property
    def standardization(self) -> Standardization | None:
        """Means and standard deviations of the training data; None before they are learned.

        Only for ``standardize=True``. The first `fit` or `partial_fit` learns them from its training rows,
        weighted by the sample weights, and `fit` of blocks by reading them once more. Copies, pickles and
        files contain them; `reset` removes them. Until they are learned, the network computes with unchanged
        numbers.

        Targets are standardized if the output is ``"identity"`` and the cost is mse, mae, huber, log_cosh,
        quantile, gaussian_nll or custom. The network is then trained on the cost of standardized targets,
        which is the one in `history`, including ``"val_cost"``; a custom cost gets standardized outputs and
        targets in training. Everything else is in the units of `y`: outputs, metrics, and the results of
        `predict`, `evaluate` and `backprop`.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.Network([2, 1], standardize=True).standardization is None
        True
        """
        return self._core_model.standardization

    @property
    def learn_input_scale(self) -> bool:
        """Whether the network learns a scale of each input; see `input_scales`."""
        return self._core_model.options["learn_input_scale"]

    @property
    def init(self) -> str:
        """Name of the initialization; ``"zeros"`` if the initial parameters were passed as arrays."""
        return self._core_model.options["init"]

    @property
    def init_gain(self) -> tuple[float, ...]:
        """Factor of the initial weights of each layer of weights."""
        return tuple(self._core_model.options["init_gain"])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Data type of the parameters, float32 or float64."""
        return self._core_model.dtype

    @property
    def seed(self) -> int:
        """Seed of all random numbers of the network."""
        return self._core_model.seed

    @property
    def epochs(self) -> int:
        """Number of epochs trained so far."""
        return self._core_model.epochs

    @property
    def feature_names(self) -> tuple[str, ...] | None:
        """Column names of the data frame that the network was trained on; None if it had none.

        `fit` sets the names. `partial_fit` sets them if there are none yet. Data frames passed to `predict`,
        `evaluate`, `backprop` and `partial_fit`, or as validation data, must have the same columns in the
        same order. Arrays have no names and are not checked. Files, copies and pickles keep the names.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.Network([2, 1]).feature_names is None
        True
        """
        return self._core_model.feature_names

    @property
    def num_parameters(self) -> int:
        """Number of weights and biases, and of input scales if the network learns them."""
        return self._core_model.num_parameters

    # Parameters

    @property
    def parameters(self) -> FloatArray:
        """All parameters as one writable 1-D view.

        The view contains, layer by layer, the weights in the order ``weights[i].T.ravel()`` and then the
        biases, and at the end the `input_scales`, if there are any. It stays valid after the network is
        deleted. Assigning to the property copies an array of the same shape into the network; all values must
        be finite.

        Raises
        ------
        RuntimeError
            On assignment while the network is being trained or evaluated, except in a callback of `fit`.

        Notes
        -----
        Callbacks of `fit` may change the parameters, by assignment or in place; training continues with the
        new values. With `LBFGS`, only ``on_train_begin`` and ``on_train_end`` may do so.

        Other threads, signal handlers and custom costs must not change the parameters during a call of `fit`.
        Assignments, also to items of `weights` and `biases`, raise RuntimeError, and views obtained at that
        time are read-only. Changes made through views obtained earlier may be lost, and values read through
        them may belong to an earlier mini-batch.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 2], init=([[[1, 2], [3, 4]]], [[5, 6]]))
        >>> net.parameters
        array([1., 3., 2., 4., 5., 6.], dtype=float32)
        >>> net.parameters -= 1
        >>> net.weights[0]
        array([[0., 1.],
               [2., 3.]], dtype=float32)
        """
        return self._core_model.parameters

    @parameters.setter
    def parameters(self, value: ArrayLike) -> None:
        self._core_model.set_parameters(value)

    @property
    def weights(self) -> Views:
        """Weights of each layer, as a sequence of writable views of `parameters`.

        ``weights[i]`` has shape (sizes[i + 1], sizes[i]); ``weights[i][j, k]`` is the weight w_jk from unit k
        to unit j. ``net.weights[i] = W`` copies W into the network.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 1], init="zeros")
        >>> net.weights[0] = [[0.5, -1]]
        >>> net.weights[0] *= 2
        >>> net.parameters
        array([ 1., -2.,  0.], dtype=float32)
        """
        return self._core_model.weights

    @property
    def biases(self) -> Views:
        """Biases of each layer, as a sequence of writable views of `parameters`.

        ``biases[i]`` has shape (sizes[i + 1],); ``biases[i][j]`` is the bias b_j of unit j.
        ``net.biases[i] = b`` copies b into the network.

        Examples
        --------
        >>> import localgrad as lg
        >>> [b.shape for b in lg.Network([2, 3, 1]).biases]
        [(3,), (1,)]
        """
        return self._core_model.biases

    @property
    def input_scales(self) -> FloatArray | None:
        """Scales s of the inputs, as a writable view of the end of `parameters`; None if not learned.

        They exist with ``learn_input_scale=True``, have shape (sizes[0],) and are initially 1. The first
        layer of weights computes z = w(s ⊙ a¹) + b from the inputs a¹, which are x after `input_scale`, noise
        and dropout. The gradient of s is the mean over the examples of (wᵀ δ) ⊙ a¹, where wᵀ δ is (D2)
        without φ'. ``net.input_scales = s`` copies s into the network.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 1], init=([[[1, 1]]], [[0]]), learn_input_scale=True)
        >>> net.input_scales
        array([1., 1.], dtype=float32)
        >>> net.input_scales[1] = 10
        >>> net.predict([2.0, 3.0])
        array([32.], dtype=float32)
        >>> net.parameters
        array([ 1.,  1.,  0.,  1., 10.], dtype=float32)
        """
        return self._core_model.input_scales

    @input_scales.setter
    def input_scales(self, value: ArrayLike) -> None:
        self._core_model.set_input_scales(value)
