"""The `Network` class and `load`, which reads a saved network."""

from __future__ import annotations  # keeps aliases such as ArrayLike short in help()

import copy
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

import localgrad._core as _core
from localgrad._arguments.check import boolean, file_path, integer, real, shown, threads
from localgrad._arguments.names.attributes import Missing, names_of_others
from localgrad._arguments.names.keywords import other_names
from localgrad._arguments.names.values import known_name
from localgrad._arguments.network import (
    activations,
    check_addressable,
    cost_function,
    dropout_rate,
    dropout_rates,
    float_type,
    init_gains,
    layer_sizes,
    random_seed,
)
from localgrad._arguments.regularization import Regularization, penalties_of, regularized
from localgrad._arrays.rows import FloatArray, examples, output_array
from localgrad._arrays.sparse_rows import SparseRows
from localgrad._arrays.weights import ClassWeight
from localgrad._data.examples import Examples
from localgrad._model.model import Model
from localgrad._model.native import NATIVE
from localgrad._model.pickled import restored
from localgrad._network.curvature import Curvature
from localgrad._network.jacobian import Jacobians
from localgrad._network.per_example import PerExample
from localgrad._network.properties import Properties
from localgrad._network.reading import Reading
from localgrad._support.html import table
from localgrad._support.late import import_late
from localgrad.blocks import Blocks
from localgrad.costs import CustomCost
from localgrad.history import History
from localgrad.lr_finder import Sweep
from localgrad.optimizers import Optimizer
from localgrad.optimizers.argument import mini_batch_rule
from localgrad.plan import Plan
from localgrad.schedules.argument import AnySchedule

if TYPE_CHECKING:
    from localgrad._training.partial_state import PartialState
    from localgrad.callbacks.base import CallbackLike

__all__ = ["Network", "load"]

# Instance attributes of every network. All others were added by a subclass or the user; copies keep them.
_OWN = {"_core_model", "history", "_partial_state"}
# Keys of the pickled model, including those of older versions.
_PICKLED = {"_network", "_cost_function", "_initial", "_native", "_guard", "_sizes", "_dtype"}


@names_of_others
class Network(Properties, Reading, Jacobians, PerExample, Curvature):
    """A feedforward neural network trained by backpropagation.

    Parameters
    ----------
    sizes : sequence of int
        Number of units in each layer, from the input to the output. At least two layers.
    activation : str or sequence of str, default "relu"
        Activation function φ of the hidden layers: one name for all of them, or one name per layer. See
        Notes.
    output : str, default "identity"
        Activation function of the output layer: one of the names in Notes, or ``"softmax"``.
    cost : str or callable, optional
        Cost c of one example; see Notes. By default ``"cross_entropy"`` for softmax outputs and ``"mse"``
        otherwise. A custom cost is a function ``f(a, y)`` of the outputs and the targets of n examples, both
        of shape (n, sizes[-1]). It returns a tuple: the cost of each example, of shape (n,), and its gradient
        ∇_a c, of shape (n, sizes[-1]). Labels are passed to it as one-hot rows, or as a column of 0 and 1 for
        a single output. Test it with `check_cost`.
    init : {"auto", "he", "xavier", "lecun", "normal", "zeros"} or tuple, default "auto"
        Initial weights, drawn from a normal distribution with mean 0 and variance 2/fan_in (he),
        2/(fan_in + fan_out) (xavier), 1/fan_in (lecun) or 1 (normal). ``"auto"`` selects he for relu,
        leaky_relu, elu, gelu, gelu_tanh, silu and mish layers, lecun for selu layers, and xavier for all
        others and for a first layer of relu or leaky_relu units. Biases are 0; ``"normal"`` also draws
        biases. A tuple ``(weights, biases)`` of two sequences of arrays sets the parameters, with
        ``weights[i]`` of shape (sizes[i + 1], sizes[i]) and ``biases[i]`` of shape (sizes[i + 1],).
    init_gain : float or sequence of float, default 1.0
        Factor of the weights that `init` draws, finite and at least 0: one for all layers of weights, or one
        per layer, so that ``[1, 1, 0]`` starts the output layer at 0. Biases are not multiplied. Must be 1 if
        `init` is arrays.
    dropout : float or sequence of float, default 0.0
        Dropout rate of the hidden layers, in [0, 1): one for all of them, or one per layer. Dropout and noise
        act in training only; the units that are kept are scaled by 1/(1 - dropout).
    input_dropout : float, default 0.0
        Dropout rate of the inputs, in [0, 1).
    input_noise : float, default 0.0
        Standard deviation of the Gaussian noise that is added to the inputs before dropout.
    input_scale : float, default 1.0
        Factor that multiplies all inputs as they are read, in training and in prediction. For example, 1/255
        maps uint8 pixels to [0, 1] without copying the array. Finite and nonzero.
    standardize : bool, default False
        Whether to standardize the inputs and, for a regression, the targets: the network computes with
        (x - mean) / std of each column. The means and standard deviations are learned by the first `fit` and
        kept until `reset`; see `standardization`. Not supported by the cost ``"poisson"``.
    learn_input_scale : bool, default False
        Whether to learn a scale of each input, the parameters `input_scales`. They multiply the inputs after
        noise and dropout, before the first layer of weights. The optimizer treats them like biases without
        penalties: `l1`, `l2`, `weight_decay` and `max_norm` do not act on them, clipping does.
    dtype : {"float32", "float64"}, default "float32"
        Data type of the parameters and of all computations.
    seed : int, optional
        Seed of all random numbers (initial parameters, shuffling, dropout, noise), in [0, 2⁶⁴). By default it
        is drawn from the operating system and can be read from the attribute `seed`.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If a size is below 1, a name is unknown, the functions cannot be combined, a number is out of range,
        or arrays do not match `sizes`.
    MemoryError
        If the parameters do not fit into memory.

    Notes
    -----
    Names can have parameters in parentheses, such as ``"leaky_relu(0.2)"``; the values below are the
    defaults. Equivalent names from Keras, PyTorch and scikit-learn are accepted, such as ``"swish"`` or
    ``"logistic"``. Labels such as (F) refer to the equations on the notation page of the documentation.

    Activation functions φ(z):

    - ``identity``, ``sigmoid``, ``tanh``
    - ``relu``: max(z, 0); ``leaky_relu(0.01)``: z, or 0.01z for z < 0; ``elu(1)``: z, or α(eᶻ - 1) for z < 0;
      ``selu``: λ elu(α) with α and λ of Klambauer et al. 2017
    - ``gelu``: zΦ(z) with the normal distribution function Φ; ``gelu_tanh``: its approximation (Hendrycks &
      Gimpel 2016); ``silu``: z sigmoid(z); ``mish``: z tanh(softplus(z))
    - ``softplus``: log(1 + eᶻ); ``softsign``: z/(1 + abs(z)); ``hard_sigmoid``: min(max(z + 3, 0), 6)/6;
      ``hard_tanh``: min(max(z, -1), 1)

    Costs c of one example, with r = y - a and sums over the outputs:

    - ``mse``: ½ Σ r²; ``mae``: Σ abs(r); ``log_cosh``: Σ log cosh r
    - ``huber(1)``: with threshold d, the sum of ½r² where abs(r) ≤ d and of d(abs(r) - ½d) elsewhere
    - ``cross_entropy(0)``: -Σ y log a for softmax outputs, -Σ (y log a + (1 - y) log(1 - a)) for sigmoid
      outputs, with 0 ≤ y ≤ 1. The parameter s is the label smoothing: y is replaced with (1 - s)y + s/K for K
      softmax outputs, and with (1 - s)y + s/2 for sigmoid outputs
    - ``binary_cross_entropy(0)``: the same for independent sigmoid outputs (multi-label classification)
    - ``hinge``: Σ max(0, 1 - ya) with targets -1 ≤ y ≤ 1, or with labels (one-vs-rest)
    - ``poisson``: Σ (eᵃ - ya) for identity outputs (log rates), Σ (a - y log a) for softplus outputs (rates),
      with counts y ≥ 0
    - ``quantile(0.5)``: Σ max(qr, (q - 1)r) with level q. With several levels, as in ``quantile(0.1, 0.9)``,
      the outputs are the first quantile of all targets, then the second quantile of all targets, and so on
    - ``gaussian_nll``: ½ Σ (s + (y - μ)²e⁻ˢ) for identity outputs. The first half of the outputs are the
      means μ, the second half the log variances s (Nix & Weigend 1994), so there are half as many targets as
      outputs

    Targets outside the stated ranges raise ValueError.

    Several threads can call `predict`, `evaluate` and `backprop` of the same network at once. Only
    one call at a time can change the network; a second one raises RuntimeError.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([784, 100, 10], activation="leaky_relu(0.1)", output="softmax", dropout=0.5, seed=0)
    >>> net
    Network(784-100-10, 79510 parameters, float32, cross_entropy, seed 0)
      784 -> 100  leaky_relu(0.1)  78500  dropout 0.5
      100 -> 10   softmax           1010
    >>> net.weights[0].shape
    (100, 784)
    """

    history: History
    """History of the last call of `fit`."""

    _core_model: Model
    _partial_state: PartialState | None  # trainer and optimizer state of the last partial_fit

    if not TYPE_CHECKING:
        # Raise a helpful error in a subclass whose __init__ does not call super().__init__.
        _core_model, history = Missing(), Missing()

    @other_names
    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: str | Sequence[str] = "relu",
        output: str = "identity",
        cost: str | CustomCost | None = None,
        init: str | tuple[Sequence[ArrayLike], Sequence[ArrayLike]] = "auto",
        init_gain: float | Sequence[float] = 1.0,
        dropout: float | Sequence[float] = 0.0,
        input_dropout: float = 0.0,
        input_noise: float = 0.0,
        input_scale: float = 1.0,
        standardize: bool = False,
        learn_input_scale: bool = False,
        dtype: DTypeLike = "float32",
        seed: int | None = None,
    ) -> None:
        names = _core.names()
        widths = layer_sizes(sizes)
        hidden = len(widths) - 2
        kind = float_type(dtype)
        check_addressable(widths, kind)
        given = not isinstance(init, str)
        outputs = known_name(output, "output", names["outputs"], "activation")
        cost_name, function = cost_function(
            cost, names["costs"], outputs.partition("(")[0].strip(), widths[-1]
        )
        model = Model(
            NATIVE[kind.name](
                widths,
                {
                    "activation": activations(activation, hidden, names["activations"]),
                    "output": outputs,
                    "cost": cost_name,
                    "init": "zeros" if given else known_name(init, "init", names["inits"], "init"),
                    "init_gain": init_gains(init_gain, hidden + 1, given),
                    "seed": random_seed() if seed is None else integer(seed, "seed", at_least=0, below=2**64),
                    "dropout": dropout_rates(dropout, hidden),
                    "input_dropout": dropout_rate(input_dropout, "input_dropout"),
                    "input_noise": real(input_noise, "input_noise", at_least=0.0),
                    "input_scale": real(input_scale, "input_scale"),
                    "standardize": boolean(standardize, "standardize"),
                    "learn_input_scale": boolean(learn_input_scale, "learn_input_scale"),
                },
            ),
            function,
        )
        if given:
            model.set_initial(init)  # replaces the zeros
        self._adopt(model, History())

    def _adopt(self, model: Model, history: History) -> None:
        """Use this model and history; raise RuntimeError if the current model is being trained."""
        before: Model | None = self.__dict__.get("_core_model")
        with nullcontext() if before is None else before.guard.training():
            self._core_model, self.history, self._partial_state = model, history, None

    def predict(
        self, X: ArrayLike, *, out: FloatArray | None = None, n_threads: int | None = None
    ) -> FloatArray:
        """Compute the outputs of the network with a forward pass, (F).

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single example. Accepts the same types as `fit`; n may be 0.
        out : ndarray of shape (n, sizes[-1]) or (sizes[-1],), optional
            Array to write the result to. It must be C-contiguous, have the network's dtype and not share
            memory with `X` or the parameters. After an error its contents are undefined.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        ndarray of shape (n, sizes[-1]) or (sizes[-1],)
            Activations of the output layer; `out` if it was passed. Each row depends only on the same row of
            `X`.

        Raises
        ------
        TypeError
            If `X` does not contain real numbers, or `out` is not an array of the network's dtype.
        ValueError
            If a shape does not match, a number is not finite, or `out` is not contiguous, is read-only or
            shares memory with `X` or the parameters.

        Notes
        -----
        C-contiguous arrays of the network's dtype are fastest: they are read in place, without copying.

        Examples
        --------
        >>> import localgrad as lg
        >>> import numpy as np
        >>> net = lg.Network([2, 1], init=([[[1, -1]]], [[0.5]]))
        >>> net.predict([[1, 2], [3, 4]])
        array([[-0.5],
               [-0.5]], dtype=float32)
        >>> net.predict([3, 1])
        array([2.5], dtype=float32)
        >>> result = np.empty(1, np.float32)
        >>> net.predict(np.array([3, 1], np.float32), out=result) is result
        True
        """
        team = 0 if n_threads is None else threads(n_threads)
        model = self._core_model
        # Fast path: the core checks arrays that it can read in place, and returns None for all other types.
        done = model.native.predict_array(X, out, team)
        if done is not None:
            return done
        model.check_columns(X, "X")
        rows, single = examples(X, "X", model.sizes[0], model.dtype)
        shape = (model.sizes[-1],) if single else (len(rows), model.sizes[-1])
        arrays = rows.arrays[:-1] if isinstance(rows, SparseRows) else (rows,)
        apart = (*(("X", one) for one in arrays), ("the parameters", model.parameters))
        a = np.empty(shape, model.dtype) if out is None else output_array(out, shape, model.dtype, apart)
        model.native.predict(rows, a, team, "X")
        return a

    @other_names
    def evaluate(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        metrics: str | Callable[..., Any] | Sequence[str | Callable[..., Any]] | None = None,
        n_threads: int | None = None,
    ) -> dict[str, float]:
        """Compute the cost and metrics of the network on a data set.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single example. Accepts the same types as `fit`.
        y : array_like
            Targets, as in `fit`.
        sample_weight : array_like of shape (n,), optional
            Weight of each example: finite, at least 0 and not all 0. By default 1.
        metrics : str, callable or sequence of these, optional
            Metrics to compute in addition to the cost, as in `fit`. By default the accuracy, for softmax and
            sigmoid outputs and the hinge cost.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        dict
            ``"cost"``, the mean cost (C) of the examples, and the value of each metric under its name. With
            sample weights the cost is Σ w_i c_i / Σ w_i. Penalties such as `l2` are not included.

        Raises
        ------
        TypeError
            If an array does not contain real numbers, or a metric is neither a name nor a function that
            returns a number.
        ValueError
            If there are no examples, a shape does not match, a number is not finite, a label is out of range,
            the sample weights are negative or all 0, or a metric is unknown or does not fit the network.

        See Also
        --------
        localgrad.metrics : The available metrics.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 1], init=([[[2]]], [[0]]))
        >>> net.evaluate([[1], [2]], [1, 4])
        {'cost': 0.25}
        >>> net.evaluate([[1], [2]], [1, 4], metrics=["mae", "r2"])
        {'cost': 0.25, 'mae': 0.5, 'r2': 0.7777777777777778}
        """
        model = self._core_model
        model.check_columns(X, "X")
        data = Examples.of(model, X, y, sample_weight=sample_weight).weighed()
        team = threads(n_threads)
        if metrics is None:
            return data.evaluate(team)
        import_late("localgrad.metrics")
        from localgrad.metrics import metrics_of

        return data.measure(team, metrics_of(metrics, model))

    @other_names
    @regularized
    def plan(
        self,
        batch_size: int = 32,
        *,
        optimizer: Optimizer | str | None = None,
        n_threads: int | None = None,
        **regularization: Unpack[Regularization],
    ) -> Plan:
        """Return how `fit` would compute a mini-batch on this machine.

        Parameters
        ----------
        batch_size : int, default 32
            Number of examples in the mini-batch.
        optimizer : Optimizer or str, optional
            Optimizer, by default ``Adam()``. `LBFGS` and `LevenbergMarquardt` are not supported.
        l1, l2, weight_decay, penalize_biases, max_norm, clip_value, clip_norm, weight_lr_factor, \
bias_lr_factor, input_scale_lr_factor
            As in `fit`. Some of them need the whole gradient in memory.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically.

        Returns
        -------
        Plan
            Division of the mini-batch among threads and into tiles, workspace, number of operations, and
            predicted time. ``print(plan)`` shows a summary.

        Raises
        ------
        TypeError, ValueError
            If an argument is invalid.
        MemoryError
            If the workspace does not fit into memory.

        Notes
        -----
        The first call in a process measures the speed of the machine, which takes less than 5 ms if it is
        idle. Each call allocates a copy of the network and the workspace to measure their size. The choices
        in a plan affect the speed, not the result.

        Examples
        --------
        >>> import localgrad as lg
        >>> plan = lg.Network([784, 100, 10]).plan(20)
        >>> plan.operations
        6392000
        >>> print(plan)  # doctest: +ELLIPSIS
        mini-batch of 20 rows: 6,392,000 floating-point operations...
        """
        arguments = _given(locals())
        self._core_model.check_cost()
        size = integer(batch_size, "batch_size", at_least=1, below=2**32)
        rule = mini_batch_rule(optimizer, "for a plan")._native()
        penalties = penalties_of(len(self.sizes) - 1, arguments)
        return Plan.of(size, self._core_model.native.plan(rule, penalties, size, threads(n_threads)))

    # Training

    @other_names
    @regularized
    def lr_finder(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        optimizer: Optimizer | str | None = None,
        batch_size: int | None = 32,
        lowest: float = 1e-6,
        highest: float = 10.0,
        steps: int = 100,
        shuffle: bool = True,
        sample_weight: ArrayLike | None = None,
        class_weight: ClassWeight | None = None,
        n_threads: int | None = None,
        **regularization: Unpack[Regularization],
    ) -> Sweep:
        """Try increasing learning rates on a copy of the network, one mini-batch each.

        Parameters
        ----------
        X, y, batch_size, shuffle, sample_weight, class_weight, n_threads
            As in `fit`.
        optimizer : Optimizer or str, optional
            Optimizer to find a learning rate for, by default ``Adam()``. Its own `learning_rate` is ignored.
            `Rprop`, `LBFGS` and `LevenbergMarquardt`, which determine their own step sizes, are not
            supported.
        lowest, highest : float, default 1e-6 and 10
            First and last learning rate, with 0 < lowest < highest. The rates between them are evenly spaced
            on a logarithmic scale.
        steps : int, default 100
            Number of learning rates, at least 2.
        l1, l2, weight_decay, penalize_biases, max_norm, clip_value, clip_norm, weight_lr_factor, \
bias_lr_factor, input_scale_lr_factor
            As in `fit`.

        Returns
        -------
        Sweep
            Learning rates, the cost of each mini-batch before its update, and a suggested learning rate.

        Raises
        ------
        TypeError, ValueError
            If an argument is invalid.
        FloatingPointError
            If the first cost is infinite or NaN.
        MemoryError
            If the workspace does not fit into memory.

        Notes
        -----
        The rates are tried in a single training run of as many epochs as needed. It stops early if the cost,
        averaged over the last few mini-batches, exceeds 4 times its minimum or becomes infinite. If costs can
        be negative, it stops if the average exceeds its minimum by more than 3 times the mean absolute cost.

        References
        ----------
        L. N. Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, section 3.3.

        Examples
        --------
        >>> import localgrad as lg
        >>> x = [[k / 10] for k in range(-30, 31)]
        >>> y = [abs(k / 10) for k in range(-30, 31)]
        >>> net = lg.Network([1, 8, 1], activation="tanh", seed=0)
        >>> found = net.lr_finder(x, y, batch_size=None)
        >>> 0.001 < found.suggestion < 1
        True
        >>> net.epochs  # the network itself was not trained
        0
        """
        arguments = _given(locals())
        from localgrad._training.sweep import lr_finder

        return lr_finder(self._core_model, arguments)

    @other_names
    @regularized
    def fit(
        self,
        X: ArrayLike | Blocks | Callable[[], Iterable[Any]],
        y: ArrayLike | None = None,
        *,
        epochs: int | None = None,
        batch_size: int | None = 32,
        optimizer: Optimizer | str | None = None,
        schedule: AnySchedule | Mapping[str, AnySchedule] | None = None,
        shuffle: bool = True,
        y_slope: ArrayLike | None = None,
        slope_weight: float = 1.0,
        sample_weight: ArrayLike | None = None,
        class_weight: ClassWeight | None = None,
        validation: tuple[ArrayLike, ...] | float | None = None,
        metrics: str | Callable[..., Any] | Sequence[str | Callable[..., Any]] | None = None,
        callbacks: Sequence[CallbackLike] = (),
        restore_best: bool = False,
        time_limit: float | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_every: int = 1,
        resume: str | os.PathLike[str] | None = None,
        sampler: Literal["shuffled", "poisson", "importance"] = "shuffled",
        clip_per_example: float | None = None,
        noise_multiplier: float = 0.0,
        unsafe_noise_seed: int | None = None,
        diagnostics: bool = False,
        n_threads: int | None = None,
        verbose: int = 0,
        **regularization: Unpack[Regularization],
    ) -> History:
        """Train the network with mini-batch gradient descent, (M).

        Training starts from the current parameters, so a second call continues where the first one ended;
        call `reset` first to start over. The optimizer state, the schedule and the history start from scratch
        in each call.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]), Blocks, callable or iterable
            Examples, one per row. Arrays of bool, integers, float32 or float64, including memory maps, are
            read in place, as are sparse matrices in the CSR format, which are expanded one mini-batch at a
            time. Other arrays, other sparse matrices, data frames and tensors are converted. Data larger than
            memory can be passed as `Blocks`, a function that returns blocks, or a ``DataLoader``.
        y : array_like of shape (n, sizes[-1]) or (n,), optional
            Targets. For softmax and sigmoid outputs and the hinge cost, also class labels from 0 to
            sizes[-1] - 1 (0 and 1 for a single output). Not used with blocks, which contain the targets.
        epochs : int, optional
            Number of epochs; with `resume`, including those before the checkpoint. By default, as many as
            have 40,000 mini-batches, but at least 20 (also if n is unknown) and at most 200.
        batch_size : int or None, default 32
            Number of examples per mini-batch; None for all n. The last mini-batch of an epoch may be smaller.
        optimizer : Optimizer or str, optional
            Optimizer, such as ``Adam(0.01)``, or its name, such as ``"sgd"``. By default ``Adam()``.
        schedule : callable or dict, optional
            Learning rate schedule: one of `localgrad.schedules`, or a function that maps the time since the
            start of training, in epochs, to a finite factor of at least 0 that multiplies the learning rate.
            A dict has schedules for any of ``"learning_rate"``, ``"dropout"`` (all rates of the network),
            ``"weight_decay"`` and ``"label_smoothing"`` (of the cost, in training only). Rates times factors
            of dropout and label smoothing must be below 1.
        shuffle : bool, default True
            Whether to shuffle the examples in each epoch. The order depends on the network's `seed` and
            `epochs`.
        y_slope : array_like of shape (n, sizes[-1], sizes[0]), optional
            Desired derivatives ∂a/∂x of the outputs with respect to the inputs, in the units of `y` and `X`;
            for a single output also of shape (n, sizes[0]). The cost of an example is then
            c + ½ slope_weight Σ (∂a_j/∂x_k - S_jk)², as is the cost in the history; validation costs and
            metrics only compare values. See Notes.
        slope_weight : float, default 1.0
            Weight of the slopes in the cost, above 0.
        sample_weight : array_like of shape (n,), optional
            Weight of each example, at least 0; by default 1. Weights are divided by their mean.
        class_weight : dict, sequence or "balanced", optional
            Weight of each class, by which the sample weights of the training data are multiplied: a dict from
            labels to weights (1 if missing), a sequence, or ``"balanced"`` for n/(K n_k), where n_k of the n
            examples belong to class k of K.
        l1, l2 : float or sequence of float, default 0.0
            Strengths of the penalty l1 Σ abs(w) + ½ l2 Σ w² added to C: one for all layers or one per layer.
        weight_decay : float or sequence of float, optional
            Decoupled weight decay, w ← (1 - η weight_decay) w with learning rate η: one for all layers or one
            per layer. By default that of the optimizer.
        penalize_biases : bool, default False
            Whether `l1`, `l2` and `weight_decay` also apply to biases.
        max_norm : float, optional
            Maximum norm of the weights into each unit; longer vectors are scaled down after each update.
        clip_value, clip_norm : float, optional
            Maximum absolute value of each component of the gradient, and maximum norm of the whole gradient.
        weight_lr_factor, bias_lr_factor : float or sequence of float, default 1.0
            Factors of the learning rate for weights and for biases: one for all layers or one per layer. 0
            freezes parameters: they do not change, and what only their update needs is not computed.
        input_scale_lr_factor : float, default 1.0
            The same for the `input_scales` of a network with `learn_input_scale`; otherwise it has no effect.
            RealMLP (Holzmüller et al. 2024) uses 6.
        validation : (X, y), (X, y, sample_weight), float or HoldOut, optional
            Validation data, evaluated after each epoch, or the fraction of the examples to hold out: a random
            sample, stratified by class, or the last ones with ``shuffle=False``. See also `HoldOut`.
        metrics : str, callable or sequence of these, optional
            Metrics to compute in each epoch: names in `localgrad.metrics`, or functions ``f(y, a)`` of
            targets and outputs. By default the accuracy of classifiers, if there is validation data.
        callbacks : sequence of callable or Callback
            Functions ``f(epoch, logs)``, called after each epoch with the network's `epochs` and a dict of
            costs and metrics, or objects of `localgrad.callbacks`. A truthy return value stops training.
        restore_best : bool, default False
            Whether to restore the parameters of the best epoch after training: the one with the lowest
            validation cost or, without validation data, the lowest cost. Not done after an error or Ctrl-C.
        time_limit : float, optional
            Time in seconds after which training stops, at the end of a mini-batch; with `y_slope` also in the
            middle of one, which then has no effect.
        checkpoint : str or os.PathLike, optional
            File to write checkpoints to, atomically, every `checkpoint_every` epochs and at the end. `load`
            returns the network with the last parameters, not the best.
        checkpoint_every : int, default 1
            Number of epochs between checkpoints.
        resume : str or os.PathLike, optional
            Checkpoint to resume from, written for the same kind of network and optimizer. With the same data
            and arguments, the result is bit-identical to that of an uninterrupted run.
        sampler : {"shuffled", "poisson", "importance"}, default "shuffled"
            How the mini-batches of arrays are chosen: passes over the shuffled examples (see `shuffle`);
            Poisson sampling for `clip_per_example`, where every mini-batch has each example with probability
            batch_size/n; or examples drawn in proportion to the norms of their gradients, see Notes.
        clip_per_example : float, optional
            Largest norm C of the gradient of each example: longer ones are scaled down before they are added
            up, for differentially private training. Not supported with weights, blocks,
            `LBFGS` and `LevenbergMarquardt`.
        noise_multiplier : float, default 0.0
            Standard deviation of the normal noise, relative to C, that is added to each component of the sum
            of the clipped gradients. The noise is keyed by a secret from the system, not by `seed`; only
            checkpoints contain it. ``history.privacy`` computes ε.
        unsafe_noise_seed : int, optional
            Seed in [0, 2⁶⁴) that replaces the secret, for tests: with it, the noise can be subtracted.
        diagnostics : bool, default False
            Whether to measure some mini-batches of each epoch: for each layer, how large δ, z, a and the
            updates are, and how many units are saturated or dead. `History` lists the quantities, and
            `plot.layer_curves` draws them. The result of training is the same, bit for bit. Not supported
            with `clip_per_example`, `LBFGS` and `LevenbergMarquardt`.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.
        verbose : {0, 1, 2}, default 0
            0 prints nothing, 1 shows a progress bar (or a few lines without tqdm), 2 prints a line per epoch.

        Returns
        -------
        History
            Cost and metrics of each epoch. Also stored in the attribute `history`, even after an error.

        Raises
        ------
        TypeError, ValueError, MemoryError
            If an argument is invalid or the workspace does not fit into memory; the network is unchanged.
            Also if a schedule or custom cost returns an invalid value, or an example of `Blocks` is invalid;
            earlier updates are kept.
        FloatingPointError
            If the cost, a parameter or the optimizer state becomes infinite or NaN. The network keeps its
            last finite state.
        RuntimeError
            If another call is changing the network or is still reading the same `Blocks`.
        OSError, ImportError
            If a checkpoint cannot be read or written, or the optimizer is `LBFGS` and SciPy is not installed.

        Notes
        -----
        Each update applies, in this order: the gradient of the cost, `l2` and `l1`, `clip_value`,
        `clip_norm`, `weight_decay`, the optimizer's step, `max_norm`.

        With ``sampler="importance"``, an epoch draws n examples with replacement. At its start, the norms of
        the gradients are computed, times the sample weights; half of the probability p of an example is
        proportional to its norm, and half is 1/n. The weight of an example is multiplied by 1/(n p), at most
        2, which keeps the mean of the gradient. The metrics of the training data are not computed, other
        than the cost. (Needell et al. 2014; Katharopoulos and Fleuret 2018.)

        With `y_slope` (Sobolev training; Czarnecki et al. 2017), a sample weight multiplies both parts of the
        cost. A network that standardizes compares the slopes of standardized targets along standardized
        inputs. Where activations are straight lines, as those of relu, the slopes depend on the weights only,
        and not on the biases. A mini-batch takes up to about 1 + sizes[0] times as long, and its activations
        take 1 + sizes[0] times the memory; the more of the weights are those of the first layer, the less
        time it takes. Not supported with softmax outputs, costs with several outputs per target,
        dropout, noise, `clip_per_example`, importance sampling, blocks, `LBFGS` and `LevenbergMarquardt`.

        Ctrl-C stops training at the end of a mini-batch, or with `y_slope` in the middle of one, which then
        has no effect, and raises KeyboardInterrupt. The network keeps its current parameters.
        ``localgrad.warnings`` lists the warnings about unsuitable data and arguments.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 8, 1], activation="tanh", seed=0)
        >>> x = [[k / 10] for k in range(-30, 31)]
        >>> y = [abs(k / 10) for k in range(-30, 31)]
        >>> history = net.fit(x, y, epochs=200, batch_size=10, optimizer=lg.SGD(0.1, momentum=0.9))
        >>> history["cost"][-1] < 0.01
        True
        """
        arguments = _given(locals())
        # Imported here so that programs that only predict do not load the training code.
        import_late("localgrad.callbacks")
        import_late("localgrad.metrics")
        from localgrad._training.fit import fit

        return fit(self, arguments)

    @other_names
    @regularized
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        batch_size: int | None = 32,
        optimizer: Optimizer | str | None = None,
        shuffle: bool = True,
        sample_weight: ArrayLike | None = None,
        n_threads: int | None = None,
        **regularization: Unpack[Regularization],
    ) -> float:
        """Train the network for one epoch, keeping the optimizer state between calls.

        Parameters
        ----------
        X, y, batch_size, shuffle, sample_weight, n_threads
            As in `fit`. A single example may be passed without the batch axis. Sample weights are not divided
            by their mean, which is unknown across calls; their mean should be about 1.
        optimizer : Optimizer or str, optional
            Optimizer, by default that of the previous call, or ``Adam()`` in the first call. Its state is
            kept between calls; see Notes. `LBFGS` and `LevenbergMarquardt` are not supported.
        l1, l2, weight_decay, penalize_biases, max_norm, clip_value, clip_norm, weight_lr_factor, \
bias_lr_factor, input_scale_lr_factor
            As in `fit`.

        Returns
        -------
        float
            Mean cost of the examples, each computed before its update. The history does not change.

        Raises
        ------
        TypeError, ValueError, FloatingPointError, MemoryError, RuntimeError
            As in `fit`.

        Notes
        -----
        k calls with the same examples have the same result, bit for bit, as `fit` with k epochs.

        The optimizer state is kept if only settings such as the learning rate change. It is discarded if the
        optimizer is of another class, if momentum, centering or AMSGrad is switched on or off, and when `fit`
        is called. Copies, pickles and files do not contain it.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 1], init="zeros", dtype="float64")
        >>> momentum = lg.SGD(0.25, momentum=0.5)
        >>> [net.partial_fit([[1.0]], [1.0], optimizer=momentum) for _ in range(3)]
        [0.5, 0.125, 0.0]
        """
        arguments = _given(locals())
        from localgrad._training.partial_fit import partial_fit

        return partial_fit(self, arguments)

    # Saving and copying

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save the network to a file.

        An existing file is replaced atomically.

        Parameters
        ----------
        path : str or os.PathLike
            File to write, usually with the extension ``.safetensors``.

        Raises
        ------
        OSError
            If the file cannot be written. An existing file is left unchanged.

        See Also
        --------
        load : Load a network from a file.

        Notes
        -----
        The file has the safetensors format, with tensors ``weights.i`` and ``biases.i`` and the architecture
        as JSON in its metadata. It does not contain the history or a custom cost; pass the cost to `load`.
        Parameters that are not finite are saved, but `load` rejects them.

        Examples
        --------
        >>> import localgrad as lg, tempfile, pathlib
        >>> net = lg.Network([2, 3, 1], seed=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "net.safetensors"
        ...     net.save(path)
        ...     again = lg.load(path)
        >>> bool((again.parameters == net.parameters).all())
        True
        """
        self._core_model.native.save(file_path(path))

    def copy(self) -> Self:
        """Return an independent copy with the same parameters, seed, epochs and history.

        Returns
        -------
        Network
            The copy.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 1])
        >>> other = net.copy()
        >>> other.parameters[:] = 0
        >>> bool(net.parameters.any())
        True
        """
        return copy.copy(self)

    @other_names
    def reset(self, seed: int | None = None) -> Self:
        """Reset the network to its untrained state.

        The initial parameters are drawn again, or restored if they were passed as arrays. `epochs` becomes 0,
        `history` empty and `feature_names` None, and the optimizer state of `partial_fit` is discarded. Views
        of the parameters stay valid.

        Parameters
        ----------
        seed : int, optional
            New seed, in [0, 2⁶⁴). By default the seed does not change.

        Returns
        -------
        Network
            The network itself.

        Raises
        ------
        TypeError, ValueError
            If `seed` is invalid.
        RuntimeError
            If the network is being trained, or if it was loaded from a file and its initial parameters were
            passed as arrays, which files do not contain.

        See Also
        --------
        copy : Return an independent copy, with the trained parameters.

        Notes
        -----
        ``sklearn.base.clone(net)`` returns a copy that has been reset, for use in a loop over the folds of a
        ``KFold``. For ``cross_val_score``, ``GridSearchCV`` and ``Pipeline``, use the estimators of
        ``localgrad.sklearn``: scikit-learn 1.6 and later do not accept a network, because it is not a
        ``BaseEstimator``.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 8, 1], seed=0)
        >>> first = net.fit([[0.0], [1.0]], [1.0, 2.0])
        >>> second = net.reset().fit([[0.0], [1.0]], [1.0, 2.0])
        >>> second == first, net.epochs
        (True, 200)
        """
        model = self._core_model
        key = model.seed if seed is None else integer(seed, "seed", at_least=0, below=2**64)
        model.check_resettable()
        with model.guard.training():
            # In place, so that views of the parameters stay valid.
            model.reset(key)
            self.history = History()
            self._partial_state = None
        return self

    def __sklearn_clone__(self) -> Self:
        # scikit-learn expects an untrained estimator: each fold of a cross-validation starts from scratch.
        return self.copy().reset()

    def __sklearn_tags__(self) -> Any:
        # Called by scikit-learn when it checks an estimator; without it, the error would not name a remedy.
        raise TypeError(
            f"scikit-learn requires an estimator such as localgrad.sklearn.MLPClassifier or MLPRegressor, "
            f"got a {type(self).__name__}"
        )

    def __copy__(self) -> Self:
        twin = type(self).__new__(type(self))  # without __init__, which would draw new parameters
        twin.__dict__.update(self._attributes())
        twin._adopt(self._core_model.copy(), copy.deepcopy(self.history))
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = copy.copy(self)
        memo[id(self)] = twin  # before the attributes are copied: they may refer to the network
        twin.__dict__.update(copy.deepcopy(self._attributes(), memo))
        return twin

    def __getstate__(self) -> dict[str, Any]:
        return {**self._attributes(), "history": self.history, **self._core_model.__getstate__()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        model = Model(*restored(state))
        history = state.get("history")
        if not isinstance(history, History):
            raise TypeError(f"history in the state of a network must be a History, got {shown(history)}")
        self._adopt(model, history)
        self.__dict__.update((name, value) for name, value in state.items() if name not in _OWN | _PICKLED)

    def _attributes(self) -> dict[str, Any]:
        """Return the attributes that subclasses or users have added to the network."""
        return {name: value for name, value in self.__dict__.items() if name not in _OWN}

    def __repr__(self) -> str:
        return self._core_model.page(type(self).__name__)

    def _repr_html_(self) -> str:
        model = self._core_model
        rows = [
            (f"{k}", f"{fan_in} → {fan_out}", *others)
            for k, (fan_in, fan_out, *others) in enumerate(model.layers(), start=2)
        ]
        header = ("layer", "units", "activation", "parameters", "")
        return table(model.facts(type(self).__name__), header, rows, numbers="parameters")

    def __dir__(self) -> list[str]:
        # hasattr is False for names of other libraries, such as `score`, which only raise helpful errors.
        return [name for name in super().__dir__() if hasattr(self, name)]


@other_names
def load(path: str | os.PathLike[str], *, cost: CustomCost | None = None) -> Network:
    """Load a network from a file written by `Network.save` or from a checkpoint.

    Parameters
    ----------
    path : str or os.PathLike
        File to read.
    cost : callable, optional
        Custom cost of the network, which files do not contain. Without it, a network with a custom cost can
        only predict.

    Returns
    -------
    Network
        The network, with an empty history.

    Raises
    ------
    OSError
        If the file cannot be read; FileNotFoundError if it does not exist.
    ValueError
        If the file does not contain a network, if it contains invalid values such as parameters that are not
        finite, or if `cost` is passed for a network with a built-in cost.
    TypeError
        If `path` or `cost` has the wrong type.

    See Also
    --------
    Network.save : Save a network.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.load("nowhere.safetensors")
    Traceback (most recent call last):
        ...
    FileNotFoundError: [Errno 2] No such file or directory: 'nowhere.safetensors'
    """
    name = file_path(path)
    if cost is not None and not callable(cost):
        raise TypeError(f"cost must be a callable or None, got {shown(cost)}")
    try:
        native = _core.load(name)
    except ValueError as error:
        raise ValueError(f"path must be a file written by Network.save, got {path!r}: {error}") from None
    if cost is not None and native.options["cost"] != "custom":
        raise ValueError(
            f"cost must be None for a network with cost {native.options['cost']!r}, got {shown(cost)}"
        )
    network = Network.__new__(Network)  # without __init__, which would draw new parameters
    network._adopt(Model(native, cost), History())
    return network


def _given(variables: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a method, without `self`, given its `locals()` at the start."""
    return {name: value for name, value in variables.items() if name != "self"}
