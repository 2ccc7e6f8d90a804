"""The network: what it computes."""

from __future__ import annotations  # help() then shows ArrayLike by its name

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from localgrad import _core
from localgrad._arguments import (
    activations,
    check_addressable,
    cost_function,
    dropout_rate,
    dropout_rates,
    float_type,
    layer_sizes,
    random_seed,
)
from localgrad._arrays import FloatArray, examples, output_array
from localgrad._check import integer, real, threads
from localgrad._examples import Examples
from localgrad._fitting import Fitting
from localgrad._functions import CustomCost
from localgrad._late import import_late
from localgrad._names.attributes import names_of_others
from localgrad._names.keywords import other_names
from localgrad._names.values import known_name
from localgrad._pickled import NATIVE
from localgrad.graph import Graph
from localgrad.history import History
from localgrad.trace import Trace

__all__ = ["Network"]


@names_of_others
class Network(Fitting):
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
        self._set_native(
            NATIVE[kind.name](
                widths,
                activations(activation, hidden, names["activations"]),
                outputs,
                cost_name,
                "zeros" if given else known_name(init, "init", names["inits"], "init"),
                random_seed() if seed is None else integer(seed, "seed", at_least=0, below=2**64),
                dropout_rates(dropout, hidden),
                dropout_rate(input_dropout, "input_dropout"),
                real(input_noise, "input_noise", at_least=0.0),
                real(input_scale, "input_scale"),
            ),
            function,
        )
        self.history = History()
        if given:
            self._set_initial(init)

    def __dir__(self) -> list[str]:
        # Without the attributes that only lead elsewhere.
        return [name for name in super().__dir__() if hasattr(self, name)]

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
            Exactly so many threads, or fewer where the system refuses some; by default the core chooses.

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
        done = self._native.predict_array(X, out, team)
        if done is not None:
            return done
        self._check_columns(X, "X")
        rows, single = examples(X, "X", self._sizes[0], self._dtype)
        shape = (self._sizes[-1],) if single else (len(rows), self._sizes[-1])
        apart = (("X", rows), ("the parameters", self.parameters))
        a = np.empty(shape, self._dtype) if out is None else output_array(out, shape, self._dtype, apart)
        self._native.predict(rows, a, team, "X")
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
            Exactly so many threads, or fewer where the system refuses some; by default the core chooses.

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
        self._check_columns(X, "X")
        data = Examples.of(self, X, y, sample_weight=sample_weight).weighed()
        team = threads(n_threads)
        if metrics is None:
            return data.evaluate(team)
        import_late("localgrad.metrics")
        from localgrad.metrics import resolve

        return data.measure(team, resolve(metrics, self))

    @other_names
    def backprop(self, x: ArrayLike, y: ArrayLike, *, n_threads: int | None = None) -> Trace:
        """Run backpropagation on one example or a batch; the network is not changed.

        Parameters
        ----------
        x : array_like of shape (sizes[0],) or (n, sizes[0])
            A single example, or one per row, of a type and layout as in `fit`.
        y : array_like
            What the network should answer, as in `fit`; for a single example without the batch axis, of shape
            (sizes[-1],) or a label.
        n_threads : int, optional
            Exactly so many threads, or fewer where the system refuses some; by default the core chooses.

        Returns
        -------
        Trace
            Cost, weighted inputs, activations, local gradients and gradients: (F), (D1), (D2), (G1), (G2) and
            (C). The gradients of a batch are means over its examples.

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
        self._check_columns(x, "x")
        data = Examples.of(self, x, y, names=("x", "y"))
        team = threads(n_threads)
        with self._guard.computing():
            cost, z, a, delta, gradient = self._native.backprop(data.rows, data.targets, team, *data.names)
        return Trace(self, data.target_rows(), cost, z, a, delta, gradient, data.single)

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
        functions = (*self.activation, self.output)
        return Graph(self.sizes, functions, self.cost, self._native.target_width)
