"""The network: what a user makes, trains, asks, saves and copies."""

from __future__ import annotations  # help() then shows ArrayLike by its name

import copy
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Self, Unpack

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

import localgrad._core as _core
from localgrad._arguments.check import file_path, integer, real, shown, threads
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
    layer_sizes,
    random_seed,
)
from localgrad._arguments.regularization import Regularization, penalties_of, regularized
from localgrad._arrays.rows import FloatArray, examples, output_array
from localgrad._arrays.weights import ClassWeight
from localgrad._data.examples import Examples
from localgrad._model.model import Model
from localgrad._model.native import NATIVE
from localgrad._model.pickled import restored
from localgrad._model.views import Views
from localgrad._support.late import import_late
from localgrad.blocks import Blocks
from localgrad.costs import CustomCost
from localgrad.graph import Graph
from localgrad.history import History
from localgrad.lr_finder import Sweep
from localgrad.optimizers import Optimizer
from localgrad.optimizers.argument import mini_batch_rule
from localgrad.plan import Plan
from localgrad.schedules.argument import AnySchedule
from localgrad.trace import Trace

if TYPE_CHECKING:
    from localgrad._training.partial_state import PartialState
    from localgrad.callbacks.base import CallbackLike

__all__ = ["Network", "load"]

_OWN = {"_core_model", "history", "_partial_state"}  # what every network has; the rest subclasses have added
# Of the model in pickles, also in older ones.
_PICKLED = {"_network", "_cost_function", "_initial", "_native", "_guard", "_sizes", "_dtype"}


@names_of_others
class Network:
    """A feedforward network trained by backpropagation.

    Parameters
    ----------
    sizes : sequence of int
        The widths of the layers, from the input to the output; at least two.
    activation : str or sequence of str, default "sigmoid"
        Activation function φ of the hidden layers, one for all or one for each; see the notes.
    output : str, default "identity"
        Activation function of the output layer: one of those or ``"softmax"``.
    cost : str or callable, optional
        The cost c of one example, see the notes. By default cross_entropy for softmax outputs and mse for
        others. A function ``f(a, y)`` of your own is called with the outputs and the targets of a mini-batch,
        (n, sizes[-1]) each (labels as rows of 0 and 1, those of a single output as one column), and returns a
        tuple: the costs of the examples, (n,), and their gradients ∇_a c, (n, sizes[-1]). `check_cost` tells
        whether the gradients are those of the costs; `fit` compares them at a few rows, with one more call.
    init : str or (weights, biases), default "auto"
        Initial parameters: ``"he"``, weights N(0, 2/fan_in); ``"xavier"``, N(0, 2/(fan_in + fan_out));
        ``"lecun"``, N(0, 1/fan_in); ``"normal"``, N(0, 1) for weights and biases; ``"zeros"``; ``"auto"``, he
        for a layer of relu, leaky_relu, elu, gelu, gelu_tanh, silu or mish, lecun for one of selu, else
        xavier. Biases are 0 unless said otherwise. Or the parameters themselves: two sequences of arrays,
        ``weights[i]`` of shape (sizes[i + 1], sizes[i]) and ``biases[i]`` of shape (sizes[i + 1],).
    dropout : float or sequence of float, default 0.0
        The share of its units that a hidden layer loses at random for each example in training, while the
        others count 1/(1 - dropout) times; one for all layers or one for each, in [0, 1).
    input_dropout : float, default 0.0
        The same of the inputs.
    input_noise : float, default 0.0
        Standard deviation of Gaussian noise that is added to the inputs in training, before their dropout.
    input_scale : float, default 1.0
        What every number of `X` is multiplied by as it is read, in training and prediction alike: with 1/255
        the bytes of an image, read where they stand, count from 0 to 1. Finite and not 0, also in `dtype`.
    dtype : {"float32", "float64"}, default "float32"
        Type of the parameters and of everything computed.
    seed : int, optional
        Key of all random numbers, the initial parameters, the order of the examples in each epoch, dropout
        and noise, in [0, 2⁶⁴). By default drawn from the system; `seed` then tells which it was.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If a width is below 1, a name is unknown, functions do not fit together, a number is out of its range
        or arrays do not fit the sizes.
    MemoryError
        If the parameters do not fit into memory.

    Notes
    -----
    The equations behind the names stand in the README. Names may have parameters in parentheses, as in
    ``"leaky_relu(0.2)"``; those given here are the defaults. What means the same in Keras, PyTorch or
    scikit-learn is accepted by its name there, as ``"ReLU"``, ``"swish"``, ``"logistic"``, ``"linear"``,
    ``"categorical_crossentropy"`` for softmax outputs or ``"he_normal"``; the network then has ours.

    Activations φ(z):

    - ``identity``, ``sigmoid``, ``tanh``, ``softsign`` z/(1 + abs(z)), ``softplus`` log(1 + eᶻ);
    - ``relu`` max(z, 0), ``leaky_relu(0.01)`` with that slope for z < 0, ``elu(1)`` α(eᶻ - 1) for z < 0,
      ``selu`` λ elu(α) with the α and λ of Klambauer et al. 2017;
    - ``gelu`` zΦ(z), Φ being the normal distribution function, and its approximation ``gelu_tanh`` (Hendrycks
      & Gimpel 2016), ``silu`` z sigmoid(z), ``mish`` z tanh(softplus(z));
    - ``hard_sigmoid`` min(max(z + 3, 0), 6)/6, ``hard_tanh`` min(max(z, -1), 1).

    Costs c of one example with r = y - a, sums over the outputs:

    - ``mse`` ½ Σ r² of (C), ``mae`` Σ abs(r), ``log_cosh`` Σ log cosh r, ``huber(1)`` with the number d in
      parentheses: the sum of ½r² where abs(r) ≤ d, and of d(abs(r) - ½d) elsewhere;
    - ``cross_entropy(0)`` -Σ y log a for softmax outputs, -Σ (y log a + (1 - y) log(1 - a)) for sigmoid ones,
      y from 0 to 1. With label smoothing s, (1 - s)y + s/K stands in the place of y (K classes; for sigmoid
      outputs + s/2). ``binary_cross_entropy(0)`` is the same for sigmoid outputs that each answer a question
      of their own (multi-label);
    - ``hinge`` Σ max(0, 1 - ya) with labels, one against all, or targets y of -1 and 1 (0 asks for nothing;
      targets that are all 0 or 1, and both, are a ValueError: they were meant as classes);
    - ``poisson`` for the number of events y ≥ 0: Σ (eᵃ - ya) with identity outputs, the logarithms of rates,
      or Σ (a - y log a) with softplus outputs, the rates;
    - ``quantile(0.5)`` Σ max(qr, (q - 1)r), for several quantiles as in ``"quantile(0.1, 0.5, 0.9)"``: the
      outputs are then all targets' first quantile, all targets' second one, and so on;
    - ``gaussian_nll`` ½ Σ (s + (y - μ)²e⁻ˢ) for identity outputs, the first half of them means μ, the other
      half logarithms of variances s (Nix & Weigend 1994).

    For several quantiles and for gaussian_nll the targets have fewer columns than the network has outputs.
    Targets where their cost has no meaning are a ValueError: beyond 0 and 1 for the cross-entropies, beyond
    -1 and 1 for hinge, below 0 for poisson.

    Dropout and noise happen in `fit` alone. A network that predicts without them needs no rescaling (inverted
    dropout; Srivastava et al. 2014).

    Several threads may call `predict`, `evaluate` and `backprop` of one network at once. Of two calls that
    would change it at once, the second raises RuntimeError; so does an assignment to `parameters` by a
    signal handler or by a cost of your own while the network is computing (see there).

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

    A cost of one's own, ¼ Σ (a - y)⁴:

    >>> def quartic(a, y):
    ...     e = a - y
    ...     return (e**4).sum(axis=1) / 4, e**3
    >>> lg.Network([1, 1], init="zeros", cost=quartic).evaluate([[1.0]], [2.0])
    {'cost': 4.0}
    """

    history: History
    """The history of the last fit."""

    _core_model: Model
    _partial_state: PartialState | None  # what partial_fit goes on from

    if not TYPE_CHECKING:
        _core_model, history = Missing(), Missing()

    @other_names
    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: str | Sequence[str] = "sigmoid",
        output: str = "identity",
        cost: str | CustomCost | None = None,
        init: str | tuple[Sequence[ArrayLike], Sequence[ArrayLike]] = "auto",
        dropout: float | Sequence[float] = 0.0,
        input_dropout: float = 0.0,
        input_noise: float = 0.0,
        input_scale: float = 1.0,
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
                    "seed": random_seed() if seed is None else integer(seed, "seed", at_least=0, below=2**64),
                    "dropout": dropout_rates(dropout, hidden),
                    "input_dropout": dropout_rate(input_dropout, "input_dropout"),
                    "input_noise": real(input_noise, "input_noise", at_least=0.0),
                    "input_scale": real(input_scale, "input_scale"),
                },
            ),
            function,
        )
        if given:
            model.set_initial(init)
        self._adopt(model, History())

    def _adopt(self, model: Model, history: History) -> None:
        """Become the network of this model, unless a fit is under way: that goes on with the old one."""
        before: Model | None = self.__dict__.get("_core_model")
        with nullcontext() if before is None else before.guard.training():
            self._core_model, self.history, self._partial_state = model, history, None

    # What the network is

    @property
    def sizes(self) -> tuple[int, ...]:
        """The widths of the layers, from the input to the output."""
        return self._core_model.sizes

    @property
    def activation(self) -> tuple[str, ...]:
        """The activation functions of the hidden layers, with those parameters that are not the default."""
        return self._core_model.activation

    @property
    def output(self) -> str:
        """The activation function of the output layer, written alike."""
        return self._core_model.output

    @property
    def cost(self) -> str:
        """The cost function, written alike; ``"custom"`` if it is a function of the user's."""
        return self._core_model.cost

    @property
    def dropout(self) -> tuple[float, ...]:
        """The share of its units that each hidden layer loses in training."""
        return self._core_model.dropout

    @property
    def input_dropout(self) -> float:
        """The share of the inputs that are lost in training."""
        return self._core_model.options["input_dropout"]

    @property
    def input_noise(self) -> float:
        """The standard deviation of the noise that is added to the inputs in training."""
        return self._core_model.options["input_noise"]

    @property
    def input_scale(self) -> float:
        """What every number of `X` is multiplied by."""
        return self._core_model.options["input_scale"]

    @property
    def init(self) -> str:
        """The name of the initialisation; ``"zeros"`` if arrays were given, for they replaced zeros."""
        return self._core_model.options["init"]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the parameters, float32 or float64."""
        return self._core_model.dtype

    @property
    def seed(self) -> int:
        """The key of every random number that the network draws."""
        return self._core_model.seed

    @property
    def epochs(self) -> int:
        """The number of epochs trained so far; (seed, epochs) is the key of the next epoch's order."""
        return self._core_model.epochs

    @property
    def feature_names(self) -> tuple[str, ...] | None:
        """The names of the columns that the network was trained on; None where they had none.

        They are those of the data frame that the last `fit` was given, or else the first `partial_fit`. A
        frame that is given to `predict`, `evaluate`, `backprop`, `partial_fit` or as `validation` must have
        the same columns in the same order. Arrays, which have no names, are taken as they are. Files, copies
        and pickles keep the names.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.Network([2, 1]).feature_names is None
        True
        """
        return self._core_model.feature_names

    @property
    def num_parameters(self) -> int:
        """The number of weights and biases."""
        return self._core_model.num_parameters

    # Parameters

    @property
    def parameters(self) -> FloatArray:
        """All parameters as one writable 1-D view.

        For each i in turn, the weights with the index of the input running slowest
        (``weights[i].T.ravel()``), then the biases. The view stays valid as long as it exists, with or
        without the network. Assigning to the property copies an array of the same shape, all of it finite,
        into the buffer.

        Callbacks of `fit` may assign and write to views: training goes on from there (not that of `LBFGS`,
        except in `on_train_begin` and `on_train_end`). While the network is computing, a signal handler and a
        cost of your own may not, nor may another thread during a whole `fit`: an assignment, to `weights` and
        `biases` too, is a RuntimeError, and a view that is taken then is read-only (NumPy's ValueError). What
        is written meanwhile to a view that was taken before may be kept or lost, and what is read or saved
        may be of an earlier mini-batch: a signal handler that wants to save should raise an exception, which
        ends `fit` at a mini-batch, and leave that to its handler.

        Raises
        ------
        RuntimeError
            By an assignment, at a moment when it would be lost.

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
        """The weights of each layer: ``weights[i][j, k]`` is w_jk, of shape (sizes[i + 1], sizes[i]).

        A sequence of writable views of `parameters`; ``net.weights[i] = W`` copies W into the buffer.

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
        """The biases of each layer: ``biases[i][j]`` is b_j, of shape (sizes[i + 1],).

        A sequence of writable views of `parameters`; ``net.biases[i] = b`` copies b into the buffer.

        Examples
        --------
        >>> import localgrad as lg
        >>> [b.shape for b in lg.Network([2, 3, 1]).biases]
        [(3,), (1,)]
        """
        return self._core_model.biases

    # What it computes

    def predict(
        self, X: ArrayLike, *, out: FloatArray | None = None, n_threads: int | None = None
    ) -> FloatArray:
        """Feed examples forward, (F).

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            One example per row, or a single one, of a type and layout as in `fit`. There may be no rows.
        out : ndarray of shape (n, sizes[-1]) or (sizes[-1],), optional
            An array of the network's dtype, C-contiguous, apart from `X` and from the parameters, that takes
            the result. After an error, what it holds means nothing.
        n_threads : int, optional
            Exactly this many threads, or fewer where the system refuses some; by default the core chooses.

        Returns
        -------
        ndarray of shape (n, sizes[-1]) or (sizes[-1],)
            The output layer's activations, `out` itself if it was given. A row does not depend on the other
            rows.

        Raises
        ------
        TypeError
            If `X` does not hold real numbers, or `out` is not an array of the network's dtype.
        ValueError
            If a shape does not fit, a number is not finite, or `out` is not contiguous, read-only or shares
            memory with `X` or with the parameters.

        Notes
        -----
        A C-contiguous array of the network's dtype takes the shortest way. For up to three rows nothing is
        allocated but the result, and the weights are read where they stand.

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
        done = model.native.predict_array(X, out, team)
        if done is not None:
            return done
        model.check_columns(X, "X")
        rows, single = examples(X, "X", model.sizes[0], model.dtype)
        shape = (model.sizes[-1],) if single else (len(rows), model.sizes[-1])
        apart = (("X", rows), ("the parameters", model.parameters))
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
        """Measure the cost and metrics on some examples.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            One example per row, or a single one, of a type and layout as in `fit`.
        y : array_like
            What the network should answer, as in `fit`.
        sample_weight : array_like of shape (n,), optional
            What each example weighs, finite, at least 0 and not 0 for all; by default 1.
        metrics : str, callable or sequence of these, optional
            What to measure beside the cost, as in `fit`: names of `localgrad.metrics` and functions f(y, a).
            By default the accuracy of networks that classify.
        n_threads : int, optional
            Exactly this many threads, or fewer where the system refuses some; by default the core chooses.

        Returns
        -------
        dict
            ``"cost"``, the mean (C) over the examples, with weights Σ w_i c_i / Σ w_i, and each of `metrics`
            by its name. By default that is ``"accuracy"`` for softmax and sigmoid outputs and for hinge: the
            share (of weights) of the examples whose largest output is that of the right class (a single
            sigmoid counts as 1 from ½ on, a single output of hinge from 0 on). For binary_cross_entropy it is
            the share of all outputs that are on the right side of ½.

        Raises
        ------
        TypeError
            If an array does not hold real numbers, or a metric is neither a name nor a function that returns
            a number.
        ValueError
            If there are no rows, a shape does not fit, a number is not finite, a label is out of range, or a
            weight is negative or all are 0; if a metric is unknown or has no meaning for the network.

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
    def backprop(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        n_threads: int | None = None,
    ) -> Trace:
        """Run backpropagation on one example or a batch; the network is not changed.

        Parameters
        ----------
        x : array_like of shape (sizes[0],) or (n, sizes[0])
            A single example, or one per row, of a type and layout as in `fit`.
        y : array_like
            What the network should answer, as in `fit`; for a single example without the batch axis, of shape
            (sizes[-1],) or a label.
        sample_weight : array_like of shape (n,), optional
            How much each example counts, as in `evaluate`: finite, at least 0, not all 0.
        n_threads : int, optional
            Exactly this many threads, or fewer where the system refuses some; by default the core chooses.

        Returns
        -------
        Trace
            Cost, weighted inputs, activations, local gradients and gradients: (F), (D1), (D2), (G1), (G2) and
            (C). The cost and the gradients of a batch are means over its examples, Σ w_i c_i / Σ w_i; the
            local gradients are of each example's own cost, without its weight.

        Raises
        ------
        TypeError
            If `x` or `y` does not hold real numbers.
        ValueError
            If there are no rows, a shape does not fit, a number is not finite or a label is out of range.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 1], init=([[[1, -1]]], [[0.5]]))
        >>> t = net.backprop([3, 1], [2])
        >>> t.cost
        0.125
        >>> t.gradient
        array([1.5, 0.5, 0.5], dtype=float32)
        >>> net.parameters -= 0.1 * t.gradient
        """
        model = self._core_model
        model.check_columns(x, "x")
        data = Examples.of(model, x, y, names=("x", "y"), sample_weight=sample_weight).weighed()
        team = threads(n_threads)
        with model.guard.computing():
            found = model.native.backprop(data.rows, data.targets, data.weights, team, *data.names)
        return Trace(model, data.target_rows(), *found, data.single)

    def graph(self) -> Graph:
        """Return the computation graph: variables, and which is a function of which.

        Returns
        -------
        Graph
            Nodes and edges as plain data, and as Mermaid text.

        Examples
        --------
        >>> import localgrad as lg
        >>> lg.Network([2, 3, 1]).graph()
        <Graph of 11 nodes and 10 edges>
        """
        model = self._core_model
        return Graph(model.sizes, (*model.activation, model.output), model.cost, model.target_width)

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
        """Tell how `fit` would compute a mini-batch on this machine.

        Parameters
        ----------
        batch_size : int, default 32
            Examples in the mini-batch.
        optimizer : Optimizer or str, optional
            The update rule, by default ``SGD(0.1)``; it has a part in the workspace. Not `LBFGS`.
        l1, l2, weight_decay, penalize_biases, max_norm, clip_value, clip_norm
            As for `fit`; some of them need the whole gradient in memory.
        n_threads : int, optional
            Exactly this many threads, or fewer where the system refuses some; by default the core chooses.

        Returns
        -------
        Plan
            Threads, tiles, bytes of workspace, operations, predicted time and what bounds it; printed, a
            page for a human.

        Raises
        ------
        TypeError, ValueError
            If an argument is not what it should be.
        MemoryError
            If the workspace would not fit into memory.

        Notes
        -----
        The first call in a process measures the machine, on an idle one in less than 5 ms. To count the
        workspace, a copy of the network and that workspace are made. No choice that the plan makes for
        threads or instruction sets changes a bit of the result.

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

    # How it is trained

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
        """Try learning rates from a low to a high one on a copy of the network, a mini-batch each.

        Parameters
        ----------
        X, y, batch_size, shuffle, sample_weight, class_weight, n_threads
            As for `fit`.
        optimizer : Optimizer or str, optional
            The update rule whose learning rate is sought, by default ``SGD()``; its own `learning_rate` does
            not matter. Not `Rprop` or `LBFGS`, which choose their steps themselves.
        lowest, highest : float, default 1e-6 and 10
            The first and the last learning rate, finite and above 0, in this order; those between are evenly
            spaced on a logarithmic axis.
        steps : int, default 100
            How many rates, at least 2.
        l1, l2, weight_decay, penalize_biases, max_norm, clip_value, clip_norm
            As for `fit`.

        Returns
        -------
        Sweep
            The learning rates, the cost of the mini-batch that each took (before its update), and a
            suggestion.

        Raises
        ------
        TypeError, ValueError
            If an argument is not what it should be.
        FloatingPointError
            If the very first cost is infinite or not a number.
        MemoryError
            If the workspace does not fit into memory.

        Notes
        -----
        All rates are tried in one training, on as many epochs as it takes. It ends where the cost, averaged
        over the last few mini-batches, is more than 4 times its lowest, or infinite. (Where costs may be
        negative: where it lies above its lowest by more than 3 times their mean size.)

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
        >>> net.epochs  # the network itself is as it was
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
        epochs: int = 10,
        batch_size: int | None = 32,
        optimizer: Optimizer | str | None = None,
        schedule: AnySchedule | None = None,
        shuffle: bool = True,
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
        n_threads: int | None = None,
        verbose: int = 0,
        **regularization: Unpack[Regularization],
    ) -> History:
        """Train the network by mini-batches, (M), from its parameters as they are.

        A second call continues where the first one ended, and adds to `epochs`; the optimizer's state, the
        schedule and the history start afresh. `reset` makes the network untrained again.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0])
            One example per row: booleans, integers or floating numbers in any layout, read where they stand
            (see the notes), memory maps included. Or another container of such numbers, as a data frame,
            whose column names are kept in `feature_names`. Or `Blocks`, or a function of no arguments that
            stands for ``Blocks(function)``, or an iterable of batches such as a ``DataLoader`` of PyTorch:
            examples that come in blocks, read anew for each epoch.
        y : array_like
            What the network should answer: real targets of shape (n, sizes[-1]) (for quantile and
            gaussian_nll fewer columns), for a single column also (n,); or labels, integers of shape (n,), for
            softmax and sigmoid outputs and for hinge: 0 .. sizes[-1] - 1, or for a single output 0 and 1; for
            one or two outputs also booleans. (binary_cross_entropy takes labels for a single output alone.)
            Blocks bring their own.
        epochs : int, default 10
            How many times to go through all examples; 0 changes nothing. With `resume`, those before are
            among them. A network counts up to 2⁵³ epochs in all.
        batch_size : int, optional
            Examples in a mini-batch, 32 by default; None, and what is larger than n, means n. The last
            mini-batch of an epoch may be smaller.
        optimizer : Optimizer or str, optional
            The update rule, by default ``SGD(0.1)``. Its state starts afresh. The name of one, such as
            ``"adam"``, stands for it with its defaults, here ``Adam()``.
        schedule : callable, optional
            What multiplies the learning rate, one of `localgrad.schedules` or a function of the time since
            the start of this fit in epochs, a float, that returns a finite factor of at least 0. Each epoch
            begins with asking it for the factors of all its mini-batches.
        shuffle : bool, default True
            Whether each epoch takes the examples in a new order, drawn from (seed, epochs). An epoch
            of one mini-batch, whose sum knows no order, takes them as they stand. See also `validation`.
        sample_weight : array_like of shape (n,), optional
            What each example weighs, finite, at least 0 and not 0 for all; by default 1. Weights are divided
            by their mean over the rows to train on: a factor that all have in common changes nothing, and a
            weight of 2 counts as the row twice. A mini-batch of b rows has the cost (1/b) Σ w_i c_i. (Weights
            of blocks are used as they are, since their mean is not known beforehand: let it be about 1.)
        class_weight : dict, sequence or "balanced", optional
            What each class weighs: a dict from labels to weights (1 where there is none) or a Series of
            pandas with labels as its index, one number for each class, or ``"balanced"``, n/(K n_k) for a
            class that n_k of the n labels to train on name, K classes being named at all. Multiplies
            `sample_weight`, in training alone: validation data have no class weights. Needs labels.
        l1, l2 : float or sequence of float, default 0.0
            Penalties on the weights, l1 Σ abs(w) + ½ l2 Σ w², one strength for all or one for each layer of
            weights, at least 0. They are added to C and do not depend on the batch size.
        weight_decay : float or sequence of float, optional
            Decay apart from the gradient, w ← (1 - η weight_decay)w at each mini-batch, one for all or one
            for each layer, at least 0; by default the optimiser's own.
        penalize_biases : bool, default False
            Whether `l1`, `l2` and the decay are for biases as well.
        max_norm : float, optional
            The longest that the vector of weights into a unit may be; what is longer after an update is
            scaled down to it (Srivastava et al. 2014). Above 0.
        clip_value : float, optional
            The largest that a component of the gradient may be, penalties included; above 0.
        clip_norm : float, optional
            The largest that the norm of the whole gradient may be, after `clip_value`; it is multiplied by
            min(1, clip_norm/(norm + 10⁻⁶)) (Pascanu et al. 2013), where the 10⁻⁶ are never more than a
            thousandth of clip_norm. The norm may exceed what a float32 or float64 holds. Above 0.
        validation : (X, y), (X, y, sample_weight), float or HoldOut, optional
            Examples to measure after each epoch; or the share of the rows, above 0 and below 1, that is kept
            for that: drawn by the seed, from each class alike if `y` are labels or rows of 0 and 1, such that
            at least one row of each class is left to train on; with ``shuffle=False`` the last rows in their
            order, as for time series, with a `localgrad.warnings.HoldOutWarning` if that takes all rows of a
            class. `HoldOut` keeps whole groups of rows.
        metrics : str, callable or sequence of these, optional
            What to measure of each epoch beside the cost: names of `localgrad.metrics`, as ``"f1"`` or
            ``"top_k(5)"``, or functions ``f(y, a)`` of targets and outputs, read-only
            arrays, that return a number (and take `sample_weight`, if they have such a parameter and there
            are weights). By default, with `validation`, accuracy for networks that classify.
        callbacks : sequence of callable or object
            Each function is called after an epoch with `epochs`, the number of epochs the network has been
            trained for in all (so 1 after the first), and a dict of the epoch's numbers, named as in the
            history. A truthy answer ends the training, after the other callbacks had their turn. A callback
            may change the parameters. Objects hear of more: see `localgrad.callbacks`, where early stopping
            and loggers stand as well.
        restore_best : bool, default False
            Whether the network gets back, at the end, the parameters of the epoch with the lowest validation
            cost or, without `validation`, cost (the notes of `callbacks.EarlyStopping` say which these are),
            but not after an error or Ctrl-C. ``history.best_epoch`` is that epoch. Where an `EarlyStopping`
            among the callbacks restores the best epoch by its own number, that one counts.
        time_limit : float, optional
            Seconds after which the training ends, at the end of a mini-batch.
        checkpoint : str or os.PathLike, optional
            A file to write, and to replace atomically, after every `checkpoint_every`-th epoch and at the
            end (also by Ctrl-C, if that comes while mini-batches are trained): all that `resume` needs.
            `localgrad.load` reads it as a network, that of the last epoch, not of the best one that early
            stopping puts back.
        checkpoint_every : int, default 1
            In epochs.
        resume : str or os.PathLike, optional
            Go on from this checkpoint, of a network like this one in its layers, functions, dropout and
            dtype, with an optimiser of the same class: the network takes over parameters, seed and count of
            epochs. With the same examples and settings the result is, bit for bit, that of a fit that was
            never interrupted. May be the file of `checkpoint`.
        n_threads : int, optional
            Exactly this many threads, or fewer where the system refuses some; by default the core chooses.
            The result is the same, bit for bit.
        verbose : int, default 0
            0 is silent. 1 shows a bar in a terminal or notebook if tqdm is installed, and else some lines; 2
            prints a line for each epoch, numbered as for callbacks.

        Returns
        -------
        History
            A dict of lists, one number per finished epoch: ``"cost"``, the mean over the examples as they
            were trained on, with their weights, dropout and noise and without penalties, and the metrics of
            what the network answered to them then; with `validation` ``"val_cost"`` and the same metrics,
            ``"val_accuracy"`` for one, after the epoch; with `schedule` ``"learning_rate"``, that of the last
            mini-batch. Its attribute `stopped` says why the training ended: ``"epochs"``, ``"time_limit"``,
            ``"callback"`` or what that answered (``"early_stopping"``), ``"interrupted"`` by Ctrl-C, or
            ``"error"``; for `LBFGS` also ``"converged"`` and ``"line_search"``, if that found nothing better.
            Kept as `history`, also when an error ends the training.

        Raises
        ------
        TypeError, ValueError
            If an argument is not what it should be. The network is as it was before the call; if it is a
            factor of `schedule` or what a cost of your own returns, as it was before that was found.
        FloatingPointError
            If a cost, a parameter or what the optimizer keeps (such as a mean of squares, for gradients above
            10¹⁹ in float32) becomes infinite or not a number; the message names epoch and mini-batch. The
            network stays at its last finite state.
        MemoryError
            If the workspace does not fit into memory. The network is as it was before the call.
        RuntimeError
            If another call is changing the network; by an assignment to its parameters that would be lost, in
            a signal handler or a cost of your own (callbacks may assign); or if another reads the same source
            of blocks and cannot end first: a fit that called this one, or a reader that is still in the
            source 10 s after its fit.
        OSError
            If a checkpoint cannot be read (FileNotFoundError if there is none) or written.
        ImportError
            If the optimiser is `LBFGS` and SciPy is missing.

        Notes
        -----
        Arrays of booleans, integers, float32 or float64 in native byte order are never copied as a whole,
        whatever their strides, `y` and the validation data included: rows are converted to the network's
        dtype as mini-batches take them, to what ``astype`` would give. Beside the model, its optimiser's
        state and a mini-batch, `fit` needs at most 8 bytes a row, 16 more for weights of examples, and for
        each mini-batch of an epoch 8 bytes, or up to 136 if its rule or a schedule changes from one to the
        next; for metrics of the training m_L numbers a row; and for a share that is kept apart 4 bytes a row.
        Rows whose numbers stand side by side are read fastest. Shuffled rows of an array
        whose columns do (Fortran order) are slow to read: if memory allows, several epochs take less time on
        ``np.ascontiguousarray(X)``. Of float16, longdouble and swapped bytes, and of what is no array, a copy
        in the network's dtype is made. Do not change arrays while they are read.

        Numbers may stand in other containers: frames and columns of pandas, polars or pyarrow, nullable ones
        too; tensors of PyTorch, whatever their device, graph and floating type; arrays of Python's numbers;
        sparse matrices, as dense copies that must fit into half of the free memory. Missing values, strings,
        categories of strings, dates and complex numbers are refused, with the argument and the column.

        Keywords that mean the same in Keras, PyTorch or scikit-learn are accepted by those names as well,
        such as ``validation_data``; so are the names of functions and metrics.

        In this order: the gradient of the costs, `l2` and `l1`, `clip_value`, `clip_norm`, `weight_decay`,
        the optimiser's step, `max_norm`.

        Before it begins, a few rows are looked at, and what would mislead silently is warned of: inputs or
        targets of a size that networks do not learn from (`localgrad.warnings.ScaleWarning`), and a cost of
        your own whose gradient contradicts its values (`localgrad.warnings.CostGradientWarning`; it is called
        once more for that, after the training if it may keep a state).

        Threads that the system refuses (``ulimit -u`` or ``-v``, a container's limit of processes) are done
        without. Since OpenMP would end the process, as many are tried before its team grows, and calls from
        several Python threads wait for each other meanwhile. What it can still meet is a limit that is
        reached in the moment between, by another process or by something else in this one that starts
        threads or takes memory; and another library that uses the same OpenMP in the same thread.

        The core computes in the default floating-point mode, whatever the calling thread has set:
        ``torch.set_flush_denormal(True)`` or another rounding changes no result. Callbacks, a cost, metrics
        and a schedule of your own run in the mode that was set.

        Ctrl-C stops at the end of a mini-batch with KeyboardInterrupt; the network keeps what it learnt. An
        exception in a cost of your own does likewise. Epochs that end within are not in the history.

        A schedule that spans the whole fit depends on `epochs`: resumed with another number of them, it takes
        another course (`localgrad.warnings.ResumeWarning`). A checkpoint that was written at the end goes on
        when `epochs` are more, or when a callback or
        `time_limit` ended the training; not when the patience of the same early stopping is used up.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 8, 1], activation="tanh", seed=0)
        >>> x = [[k / 10] for k in range(-30, 31)]
        >>> y = [abs(k / 10) for k in range(-30, 31)]
        >>> history = net.fit(x, y, epochs=200, batch_size=10, optimizer=lg.SGD(0.1, momentum=0.9))
        >>> history["cost"][-1] < 0.01
        True

        A callback that stops when the cost is low enough:

        >>> history = net.fit(x, y, callbacks=[lambda epoch, logs: logs["cost"] < 0.01])
        >>> len(history["cost"]), net.epochs
        (1, 201)

        A tenth kept apart, and at the end the parameters of the epoch where its cost was lowest:

        >>> history = net.fit(x, y, validation=0.1, restore_best=True)
        >>> history["val_cost"][history.best_epoch - 1] == min(history["val_cost"])
        True

        The same, ended as soon as there has been no better epoch for 5:

        >>> stop = lg.callbacks.EarlyStopping(patience=5)
        >>> history = net.fit(x, y, epochs=1000, validation=0.1, callbacks=[stop])
        >>> history["val_cost"][history.best_epoch - 1] == min(history["val_cost"])
        True

        Adam, whose learning rate follows half a wave of the cosine:

        >>> cosine = lg.schedules.Cosine(by_epoch=True)
        >>> history = net.fit(x, y, epochs=4, optimizer=lg.Adam(0.01), schedule=cosine)
        >>> [round(rate, 4) for rate in history["learning_rate"]]
        [0.01, 0.0085, 0.005, 0.0015]
        """
        arguments = _given(locals())
        # Here, so that code that only predicts does not load them.
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
        """Train the network on some more examples, once, as one epoch.

        Parameters
        ----------
        X, y, batch_size, shuffle, sample_weight, n_threads
            As for `fit`. Those of one call may be few, or one, also without the axis of the batch. Weights
            are used as they are, not divided by their mean: the mean of all calls is not known, let it be
            about 1.
        optimizer : Optimizer or str, optional
            The update rule, by default that of the call before, at first ``SGD(0.1)``. What it remembers goes
            on from call to call, also with other settings, until the optimiser is of another class, momentum,
            centring or AMSGrad is switched on or off, or `fit` is called. Not `LBFGS`.
        l1, l2, weight_decay, penalize_biases, max_norm, clip_value, clip_norm
            As for `fit`.

        Returns
        -------
        float
            The mean cost of the examples, each before its update. The history does not change.

        Raises
        ------
        TypeError, ValueError, FloatingPointError, MemoryError, RuntimeError
            As `fit` does.

        Notes
        -----
        k calls on the same examples do what `fit` does in k epochs, bit for bit. Copies, pickles and files of
        the network do not hold what the optimiser remembers.

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

    # Files and copies

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the network to a file, in place of any file of that name, atomically.

        Parameters
        ----------
        path : str or os.PathLike
            Where to; by custom the name ends in ``.safetensors``. Any reader of that format finds the tensors
            ``weights.i`` and ``biases.i``, and the architecture as JSON in the metadata. Of a cost that is a
            Python function the file says no more than that. Parameters that are not finite are written as
            they are, but `load` refuses them.

        Raises
        ------
        OSError
            If the file cannot be written; what stood there before is still there.

        See Also
        --------
        load : Read the network back.

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
        """Return an independent network with the same parameters, seed, epochs and history.

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
        """Start anew: untrained, as a network just made from the same arguments.

        The initial parameters are drawn again, or are the arrays again that `init` gave; `epochs` is 0,
        `history` is empty, `feature_names` is None, and `partial_fit` has forgotten what its optimizer
        remembered. Views of the parameters stay valid.

        Parameters
        ----------
        seed : int, optional
            Another key of all random numbers, in [0, 2⁶⁴); by default the network keeps its `seed`.

        Returns
        -------
        Network
            The network itself.

        Raises
        ------
        TypeError, ValueError
            If `seed` is not such a number.
        RuntimeError
            If the network is being trained, also by the fit whose callback calls this; or if its initial
            parameters were given as arrays and it comes from a file, which does not hold them.

        See Also
        --------
        copy : A copy, trained as far as this network.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 8, 1], seed=0)
        >>> first = net.fit([[0.0], [1.0]], [1.0, 2.0])
        >>> second = net.reset().fit([[0.0], [1.0]], [1.0, 2.0])
        >>> second == first, net.epochs
        (True, 10)

        Without `reset` a second fit continues where the first one ended. ``sklearn.base.clone(net)`` returns
        a copy that has been reset, for a loop over the folds of a ``KFold``; ``cross_val_score`` and
        ``Pipeline`` of scikit-learn 1.6 and later take its own ``BaseEstimator`` alone, not a bare network.
        """
        model = self._core_model
        key = model.seed if seed is None else integer(seed, "seed", at_least=0, below=2**64)
        model.check_resettable()
        with model.guard.training():
            model.reset(key)
            self.history = History()
            self._partial_state = None
        return self

    def __sklearn_clone__(self) -> Self:
        # Each fold of a cross-validation must begin with a network that has seen nothing.
        return self.copy().reset()

    def __copy__(self) -> Self:
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self._attributes())
        twin._adopt(self._core_model.copy(), copy.deepcopy(self.history))
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = copy.copy(self)
        memo[id(self)] = twin
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
        """Return what others, as a subclass, have added to the network."""
        return {name: value for name, value in self.__dict__.items() if name not in _OWN}

    def __repr__(self) -> str:
        return self._core_model.page(type(self).__name__)

    def __dir__(self) -> list[str]:
        # Without the attributes that only lead elsewhere.
        return [name for name in super().__dir__() if hasattr(self, name)]


@other_names
def load(path: str | os.PathLike[str], *, cost: CustomCost | None = None) -> Network:
    """Read a network that `Network.save` wrote, or the network of a checkpoint.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    cost : callable, optional
        The function again that the network had as `cost`, which the file does not hold. Without it such a
        network only predicts.

    Returns
    -------
    Network
        With the parameters, the functions, the dtype, the seed and the count of epochs that it was saved
        with, and an empty history.

    Raises
    ------
    OSError
        If the file cannot be read; FileNotFoundError if it is not there.
    ValueError
        If it is not a network of localgrad's, if it holds numbers that training could not go on with
        (parameters that are not finite, more than 2⁵³ epochs, options out of their range), or if `cost` is
        given for a network whose cost has a name.
    TypeError
        If `path` or `cost` is of the wrong kind.

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
        raise ValueError(f"path must be a file that Network.save wrote, got {path!r}: {error}") from None
    if cost is not None and native.options["cost"] != "custom":
        raise ValueError(
            f"cost must be None for a network of cost {native.options['cost']!r}, got {shown(cost)}"
        )
    network = Network.__new__(Network)
    network._adopt(Model(native, cost), History())
    return network


def _given(variables: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a method, which are its local variables at first, without the network."""
    return {name: value for name, value in variables.items() if name != "self"}
