"""The class `Network`: prediction, evaluation, backpropagation and training."""

import math
import os
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from .activations import ACTIVATIONS
from .adam import Adam
from .costs import CustomCost, cost
from .curvature import second
from .data import are_labels
from .diagnostics import Diagnosis, is_sampled
from .dropout import Disturbance
from .functions import COSTS, Activation, Cost, UnitActivation, find
from .hessians import Hessians
from .layout import flatten, unflatten
from .levenberg_marquardt import LeastSquares, LevenbergMarquardt, Linearized, linearized
from .matrix import Vector, hadamard
from .optimizers import Descent
from .privacy import PrivateEpoch, PrivateSteps, poisson_sample
from .random_numbers import drawn_by_chance, shuffled
from .ranges import must_be
from .rates import Factors, Schedules
from .regularization import Regularization, limit, lr_factors, per_layer, spread
from .slopes import SlopeCost
from .standardization import SHIFTED, Standardization, learn
from .steps import Example, backprop, batch_means, feed_forward
from .trace import ForwardTrace, Trace, forward_trace, trace
from .weights import class_weights, relative, sample_weights

Callback = Callable[[int, dict[str, float]], object]


class Network(Hessians):
    """A feedforward network in pure Python, with the same arguments and methods as `localgrad.Network`.

    It uses lists instead of arrays and computes in float64. Initial parameters, the order of examples and
    dropout are the same as those of `localgrad.Network` with the same seed.

    Parameters
    ----------
    sizes : sequence of int
        Widths of the layers, from the input to the output; at least two.
    activation : str or sequence of str, default "relu"
        Activation function φ of the hidden layers, one for all or one per layer. A name in `ACTIVATIONS`,
        which may include parameters, as in "leaky_relu(0.2)".
    output : str, default "identity"
        Activation function φ of the output layer: one of the same names, or "softmax".
    cost : str or callable, optional
        The cost c: a name in `COSTS` such as "mse", the quadratic cost of (C), or "huber(0.5)"; or a function
        f(a, y) that returns the costs of several examples and ∇_a c of each. By default cross_entropy for
        softmax outputs and mse for others.
    init : str or (weights, biases), default "auto"
        Initialization: "auto", "he", "xavier", "lecun", "normal", "zeros", or the initial parameters.
    init_gain : float or sequence of float, default 1.0
        Factor of the weights that `init` draws, finite and at least 0; one for all layers of weights or one
        per layer. Must be 1 if `init` is the initial parameters.
    dtype : object
        Ignored; present so that both networks have the same arguments.
    seed : int, optional
        Seed of all random numbers, in [0, 2⁶⁴). By default chosen at random.
    dropout : float or sequence of float, default 0.0
        Probability with which hidden units are dropped during training, in [0, 1); one for all layers or one
        per layer.
    input_dropout : float, default 0.0
        Probability with which inputs are dropped during training, in [0, 1).
    input_noise : float, default 0.0
        Standard deviation of the Gaussian noise added to each input during training.
    input_scale : float, default 1.0
        Factor by which every input is multiplied first; finite and not 0.
    learn_input_scale : bool, default False
        Whether to learn a scale of each input, by which it is multiplied after noise and dropout.
    standardize : bool, default False
        Whether to standardize inputs and, for a regression with output "identity", targets, by the means and
        standard deviations of the first `fit`.

    Attributes
    ----------
    standardization : Standardization or None
        The means and standard deviations, None before the first `fit`. The cost in `history` is that of
        standardized targets; `predict`, `evaluate` and `backprop` use the units of the targets.
    weights : list of matrices
        weights[i][j][k] is w_jk of layer i + 2. Can be modified.
    biases : list of vectors
        biases[i][j] is b_j of layer i + 2. Can be modified.
    input_scales : vector or None
        input_scales[k] is s_k, the factor of input k, initially 1. Can be modified. None without
        `learn_input_scale`.
    epochs : int
        Number of epochs trained so far. Together with the seed, it determines the order of the next epoch.
    history : dict of lists
        Costs and metrics of the last `fit`.

    Raises
    ------
    ValueError
        If a width is below 1, a name is unknown, the output does not support the cost, or `init` does not
        match the sizes.

    Examples
    --------
    >>> net = Network([2, 1], init=([[[0.5, -1.0]]], [[0.25]]))
    >>> net.predict([1.0, 2.0])
    [-1.25]
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: str | Sequence[str] = "relu",
        output: str = "identity",
        cost: str | CustomCost | None = None,
        init: str | tuple[Sequence[Any], Sequence[Any]] = "auto",
        dtype: object = "float64",
        seed: int | None = None,
        dropout: float | Sequence[float] = 0.0,
        input_dropout: float = 0.0,
        input_noise: float = 0.0,
        input_scale: float = 1.0,
        standardize: bool = False,
        learn_input_scale: bool = False,
        init_gain: float | Sequence[float] = 1.0,
    ) -> None:
        self.sizes = tuple(sizes)
        if len(self.sizes) < 2:
            raise ValueError(f"sizes must have at least 2 widths, got {len(self.sizes)}")
        if min(self.sizes) < 1:
            raise ValueError(f"sizes must be at least 1, got {min(self.sizes)}")
        count = len(self.sizes) - 2
        if not isinstance(activation, str) and len(activation) != count:
            raise ValueError(f"activation must have {count} names, got {len(activation)}")
        self.seed = int.from_bytes(os.urandom(8), "little") if seed is None else seed
        self.init = init if isinstance(init, str) else "zeros"
        self._look_up_functions(activation, output, cost)
        rates = list(dropout) if isinstance(dropout, Sequence) else [dropout] * count
        if len(rates) != count:
            raise ValueError(
                f"dropout must be a rate or {count} rates, one for each hidden layer, got {len(rates)}"
            )
        self.dropout = tuple(must_be("in [0, 1)", rate, "dropout") for rate in rates)
        self.input_dropout = must_be("in [0, 1)", input_dropout, "input_dropout")
        self.input_noise = must_be("finite and at least 0", input_noise, "input_noise")
        if not math.isfinite(input_scale) or input_scale == 0:
            raise ValueError(f"input_scale must be finite and not 0, got {input_scale}")
        self.input_scale = float(input_scale)
        self.standardize = standardize
        regression = self._cost.labels is None
        if standardize and regression and self.cost.partition("(")[0] not in SHIFTED:
            raise ValueError(
                f"the cost {self.cost!r} does not support standardize, because it has no meaning for shifted "
                "targets; standardize x before training, or use another cost"
            )
        self._standardizes_targets = standardize and regression and self.output == "identity"
        self.init_gain = tuple(per_layer(init_gain, "init_gain", count + 1))
        if not isinstance(init, str) and any(gain != 1 for gain in self.init_gain):
            raise ValueError(
                f"init_gain must be 1 if init is a pair (weights, biases), got {list(self.init_gain)}"
            )
        self.learn_input_scale = learn_input_scale
        if learn_input_scale:
            self.input_scales = [1.0] * self.sizes[0]
        self._given: Vector | None = None  # the parameters passed as `init`, for `reset`
        if not isinstance(init, str):
            self._take(*init)
            self._given = self.parameters
        self.reset(self.seed)

    def reset(self, seed: int | None = None) -> "Network":
        """Reset the network to its untrained state, as after construction.

        Parameters
        ----------
        seed : int, optional
            New seed of all random numbers, in [0, 2⁶⁴). By default the seed is unchanged.

        Returns
        -------
        Network
            The network itself.

        Examples
        --------
        >>> net = Network([1, 1], init="zeros")
        >>> from localgrad.reference import SGD
        >>> net.fit([[0.0]], [1.0], epochs=1, optimizer=SGD(0.1))["cost"], net.biases
        ([0.5], [[0.1]])
        >>> net.reset().biases, net.epochs
        ([[0.0]], 0)
        """
        key = self.seed if seed is None else seed
        if not 0 <= key < 2**64:
            raise ValueError(f"seed must be at least 0 and below 2**64, got {key}")
        self.seed = key
        self._disturbance = Disturbance(self.dropout, self.input_dropout, self.input_noise, key)
        if self._given is None:  # otherwise the parameters passed as `init` replace random ones
            self._draw(self.init, self.init_gain, self._phis, key)
            if self.learn_input_scale:
                self.input_scales = [1.0] * self.sizes[0]
        else:
            self.parameters = self._given
        self.epochs = 0
        self.standardization: Standardization | None = None
        self.history: dict[str, list[Any]] = {}
        return self

    def _look_up_functions(
        self, activation: str | Sequence[str], output: str, cost_or_name: str | CustomCost | None
    ) -> None:
        # (D2) needs an elementwise φ, so softmax is for the output layer only.
        units = {name: family for name, family in ACTIVATIONS.items() if name != "softmax"}
        names = [activation] if isinstance(activation, str) else activation
        found = [find(name, "activation", units) for name in names]
        if isinstance(activation, str):
            found *= len(self.sizes) - 2
        self.output, family, parameters = find(output, "output", ACTIVATIONS)
        self._output = family.make(*parameters)
        if self.output == "softmax" and self.sizes[-1] == 1:
            raise ValueError("sizes must end in at least 2 for the output 'softmax', got 1")
        hidden = [family.make(*parameters) for _, family, parameters in found]
        self._hidden = [phi for phi in hidden if isinstance(phi, UnitActivation)]
        self.activation = tuple(name for name, *_ in found)
        self._phis = [*self._hidden, self._output]

        if cost_or_name is None:
            cost_or_name = "cross_entropy" if self.output == "softmax" else "mse"
        self._cost = cost(cost_or_name, output.partition("(")[0])
        self.cost = "custom" if callable(cost_or_name) else find(cost_or_name, "cost", COSTS)[0]
        heads = self._cost.heads
        if self.sizes[-1] % heads:
            raise ValueError(
                f"sizes must end in a multiple of {heads} for the cost {self.cost!r}, got {self.sizes[-1]}"
            )
        self._target_width = self.sizes[-1] // heads

    def predict(self, X: Any, *, n_threads: int | None = None) -> list[Any]:
        """Compute the outputs for some examples with the forward pass, (F).

        Parameters
        ----------
        X : list of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single one. n may be 0.
        n_threads : int, optional
            Ignored.

        Returns
        -------
        list of shape (n, sizes[-1]) or (sizes[-1],)
            The outputs a^L.

        Examples
        --------
        >>> Network([2, 1], init=([[[0.5, -1.0]]], [[0.25]])).predict([[1.0, 2.0], [2.0, 1.0]])
        [[-1.25], [0.25]]
        """
        rows, single = self._inputs(X, "X")
        layers, phis = self._layers(), [*self._hidden, self._original_output()]
        outputs = [feed_forward(layers, phis, self._scaled(x))[1][-1] for x in self._standard(rows)]
        return outputs[0] if single else outputs

    def evaluate(
        self, X: Any, y: Any, *, sample_weight: Any = None, n_threads: int | None = None
    ) -> dict[str, float]:
        """Compute the cost and the accuracy on some examples.

        Parameters
        ----------
        X : list of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single one.
        y : list
            Targets, as in `fit`.
        sample_weight : list of n numbers, optional
            Sample weights. By default, all are 1.
        n_threads : int, optional
            Ignored.

        Returns
        -------
        dict
            "cost" is the mean cost (C), with weights Σ w_i c_i / Σ w_i. For classifiers, that is for softmax
            and sigmoid outputs and the cost hinge, "accuracy" is the (weighted) fraction of examples whose
            largest output is that of the correct class. A single output predicts class 1 if it is at least ½,
            or at least 0 with hinge. With binary_cross_entropy, it is the fraction of outputs that are
            correct.

        Examples
        --------
        >>> Network([1, 1], init=([[[2.0]]], [[0.0]])).evaluate([[1.0], [2.0]], [1.0, 4.0])
        {'cost': 0.25}
        """
        rows, wanted, _ = self._data(X, y, "X", "y")
        weights = relative(sample_weights(sample_weight, len(rows)))
        return self._evaluate(self._standard(rows), wanted, weights, self._original_output())

    def _evaluate(
        self, rows: list[Vector], wanted: list[Vector], weights: Vector, output: Activation
    ) -> dict[str, float]:
        layers, phis = self._layers(), [*self._hidden, output]
        cost, correct, weight = 0.0, 0.0, 0.0
        for x, y, w_i in zip(rows, wanted, weights, strict=True):
            z, a = feed_forward(layers, phis, self._scaled(x))
            cost += w_i * self._cost.value(z[-1], a[-1], y)
            weight += w_i
            if self._cost.labels is not None:
                correct += w_i * self._cost.correct(a[-1], y)
        measured = {"cost": cost / len(rows)}
        if self._cost.labels is not None:
            measured["accuracy"] = correct / weight
        return measured

    def forward(self, x: Any, *, n_threads: int | None = None) -> ForwardTrace:
        """Run the forward pass, (F), on one example or a batch and keep the quantities of every layer.

        Parameters
        ----------
        x : list of shape (sizes[0],) or (n, sizes[0])
            A single example, or several, one per row.
        n_threads : int, optional
            Ignored.

        Returns
        -------
        ForwardTrace
            Weighted inputs, activations and φ' of every layer.

        Examples
        --------
        >>> t = Network([2, 1], output="relu", init=([[[0.5, -1.0]]], [[0.25]])).forward([1.0, 2.0])
        >>> t.weighted_inputs, t.activations
        ([[-1.25]], [[1.0, 2.0], [0.0]])
        """
        rows, single = self._inputs(x, "x")
        layers, phis = self._layers(), [*self._hidden, self._original_output()]
        done = []
        for row in self._standard(rows):
            z, (_, *a) = feed_forward(layers, phis, self._scaled(row))
            done.append((z, [row, *a]))  # a^1 is not multiplied by the input scales
        return forward_trace(done, phis, single)

    def backprop(
        self,
        x: Any,
        y: Any,
        *,
        wrt_input: bool = False,
        per_example: bool = False,
        sample_weight: Any = None,
        n_threads: int | None = None,
    ) -> Trace:
        """Run backpropagation on one example or a batch, without changing the network.

        Parameters
        ----------
        x : list of shape (sizes[0],) or (n, sizes[0])
            A single example, or several, one per row.
        y : list or int
            Targets, as in `fit`; for a single example, one row or a label.
        wrt_input, per_example : bool, default False
            Whether to compute the gradient with respect to `x`, (X), and the gradient of each example.
        sample_weight : list of n numbers, optional
            Sample weights. By default, all are 1.
        n_threads : int, optional
            Ignored.

        Returns
        -------
        Trace
            All quantities of (F), (D1), (D2), (G1), (G2) and (C). The cost and the gradients of a batch are
            means over its examples, weighted by `sample_weight`. The local gradients belong to the cost of
            each example.

        Examples
        --------
        >>> t = Network([2, 1], init=([[[0.5, -1.0]]], [[0.25]])).backprop([1.0, 2.0], [0.25])
        >>> t.weighted_inputs, t.local_gradients, t.weight_gradients
        ([[-1.25]], [[-1.5]], [[[-1.5, -3.0]]])
        """
        done, wanted, single = self._examples(x, y, ("x", "y"))
        weights = relative(sample_weights(sample_weight, len(done)))
        of_inputs = [self._input_gradient(e) for e in done] if wrt_input else None
        phis = [*self._hidden, self._original_output()]
        return trace(done, phis, self._cost, wanted, weights, single, of_inputs, per_example)

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        epochs: int | None = None,
        batch_size: int | None = 32,
        optimizer: Any = None,
        schedule: Any = None,
        l1: float | Sequence[float] = 0.0,
        l2: float | Sequence[float] = 0.0,
        weight_decay: float | Sequence[float] | None = None,
        penalize_biases: bool = False,
        max_norm: float | None = None,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        weight_lr_factor: float | Sequence[float] = 1.0,
        bias_lr_factor: float | Sequence[float] = 1.0,
        input_scale_lr_factor: float = 1.0,
        y_slope: Any = None,
        slope_weight: float = 1.0,
        sample_weight: Any = None,
        class_weight: Any = None,
        shuffle: bool = True,
        validation: tuple[Any, ...] | None = None,
        callbacks: Sequence[Callback] = (),
        restore_best: bool = False,
        sampler: str = "shuffled",
        clip_per_example: float | None = None,
        noise_multiplier: float = 0.0,
        unsafe_noise_seed: int | None = None,
        diagnostics: bool = False,
        n_threads: int | None = None,
        verbose: int = 0,
    ) -> dict[str, list[Any]]:
        """Train the network with mini-batches, (M), starting from its current parameters.

        Parameters
        ----------
        X : list of shape (n, sizes[0])
            Examples, one per row.
        y : list
            Targets, one row of real numbers per example, or a number per example if there is a single target.
            The width is sizes[-1], or less for costs with several outputs per target. For classifiers, also
            labels: ints in 0 .. sizes[-1] - 1, or 0 and 1 or bools for a single output.
        epochs : int, optional
            Number of epochs. By default as many as have 40,000 mini-batches, but at least 20 and at most 200.
        batch_size : int, optional
            Mini-batch size b, by default 32. None and values above n mean n. The last mini-batch of an epoch
            may be smaller; its cost and gradients are averaged over its own size.
        optimizer : SGD or another update rule, optional
            The update rule, by default ``Adam()``. Its state starts from scratch in each fit.
        schedule : callable, schedule object or dict, optional
            Learning rate schedule, a function of the time in epochs; or a dict of schedules for some of
            "learning_rate", "dropout", "weight_decay" and "label_smoothing"; see `rates`.
        l1, l2 : float or sequence of float, default 0.0
            Strengths of the penalties Σ abs(w) and ½ Σ w², one for all layers or one per layer.
        weight_decay : float or sequence of float, optional
            Decoupled weight decay, one for all layers or one per layer. By default that of the optimizer.
        penalize_biases : bool, default False
            Whether `l1`, `l2` and `weight_decay` also apply to biases.
        max_norm : float, optional
            Maximum norm of the incoming weights of a unit after a step.
        clip_value, clip_norm : float, optional
            Maximum absolute value of a component of the gradient, and maximum norm of the gradient.
            Components are clipped first.
        weight_lr_factor, bias_lr_factor : float or sequence of float, default 1.0
            Factors of the learning rate for weights and biases, one for all layers or one per layer. 0
            freezes parameters, which then keep their values.
        input_scale_lr_factor : float, default 1.0
            The same for the input scales, if the network learns them.
        y_slope : list of shape (n, sizes[-1], sizes[0]), optional
            Desired derivatives of the outputs with respect to the inputs; see `slopes`.
        slope_weight : float, default 1.0
            Weight of the slopes in the cost.
        sample_weight : list of n numbers, optional
            Sample weights w_i, which are divided by their mean. The cost of a mini-batch is (1/b) Σ w_i c_i.
        class_weight : dict, sequence or "balanced", optional
            Class weights, if `y` contains labels; see `weights`. They are multiplied by the sample weights.
        shuffle : bool, default True
            Whether to shuffle the examples before each epoch. The order depends on the seed and the number of
            epochs. If a single mini-batch contains all examples, they are not shuffled.
        validation : (X, y) or (X, y, sample_weight), optional
            Validation data, evaluated after each epoch.
        callbacks : sequence of callable
            Functions called after each epoch with the total number of epochs and a dict of costs and metrics.
            If one returns a truthy value, training stops after all callbacks have been called.
        restore_best : bool, default False
            Whether to restore the parameters of the best epoch when training ends. With `validation`, these
            are the parameters at the end of the epoch with the lowest validation cost. Otherwise, they are
            those before the last update of the epoch with the lowest cost.
        sampler : {"shuffled", "poisson", "importance"}, default "shuffled"
            Whether an epoch visits each example once, each mini-batch has each example with probability b/n,
            for private training, or the examples are drawn in proportion to the norms of their gradients.
        clip_per_example : float, optional
            Largest norm of the gradient of an example, for private training; see `privacy`.
        noise_multiplier : float, default 0.0
            Standard deviation of the noise added to the sum of the gradients, relative to `clip_per_example`.
        unsafe_noise_seed : int, optional
            Key of the noise. By default chosen at random.
        diagnostics : bool, default False
            Whether to measure some mini-batches of each epoch; see `diagnostics`.
        n_threads : int, optional
            Ignored.
        verbose : int, default 0
            If 1, print a line per epoch.

        Returns
        -------
        dict of lists
            One number per finished epoch: "cost", the mean cost of the examples, each before its update; with
            `validation`, "val_cost" and, for classifiers, "val_accuracy"; with `schedule`, "learning_rate" of
            the last mini-batch. With `diagnostics`, also lists with one number per layer. Also available as
            `history`, even after an error.

        Raises
        ------
        ValueError
            If an argument is invalid. The network is unchanged.
        FloatingPointError
            If a cost or a parameter becomes infinite or NaN. The network keeps its last finite parameters.

        Examples
        --------
        >>> net = Network([1, 1], init="zeros")
        >>> from localgrad.reference import SGD
        >>> net.fit([[0.0], [0.0]], [1.0, 1.0], epochs=2, optimizer=SGD(0.5))
        {'cost': [0.5, 0.125]}
        """
        rows, wanted, _ = self._data(X, y, "X", "y")
        weights = own_weights = sample_weights(sample_weight, len(rows))
        if class_weight is not None:
            of_classes = sample_weights(self._class_weights(class_weight, y), len(rows), "class_weight")
            # Both are divided by their means first, so that their product does not overflow.
            weights = sample_weights(hadamard(relative(weights), relative(of_classes)), len(rows))
        weights = relative(weights)
        held_out = None if validation is None else self._held_out(*validation)
        if batch_size is not None and batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        b = len(rows) if batch_size is None else min(batch_size, len(rows))
        if epochs is None:
            epochs = min(max(-(-40_000 // -(-len(rows) // b)), 20), 200)
        must_be("at least 0", epochs, "epochs")
        rule = Adam() if optimizer is None else optimizer
        # Only AdamW and Lion have a weight decay, which the argument overrides.
        decay = getattr(rule, "weight_decay", 0.0) if weight_decay is None else weight_decay
        scales = self.sizes[0] if self.learn_input_scale else 0
        regularization = Regularization(
            l1=spread(l1, "l1", self.sizes, penalize_biases, scales),
            l2=spread(l2, "l2", self.sizes, penalize_biases, scales),
            weight_decay=spread(decay, "weight_decay", self.sizes, penalize_biases, scales),
            max_norm=limit(max_norm, "max_norm"),
            clip_value=limit(clip_value, "clip_value"),
            clip_norm=limit(clip_norm, "clip_norm"),
        )
        of_scales = [must_be("finite and at least 0", input_scale_lr_factor, "input_scale_lr_factor")]
        lr_factor = lr_factors(weight_lr_factor, bias_lr_factor, self.sizes) + of_scales * scales
        method: Descent | LeastSquares
        if isinstance(rule, LevenbergMarquardt):
            if self.cost != "mse":
                raise ValueError(f"cost must be 'mse' for LevenbergMarquardt, got {self.cost!r}")
            method = LeastSquares(rule, regularization.l2, [factor > 0 for factor in lr_factor])
        else:
            method = Descent(rule, regularization, self.sizes, lr_factor)
        private = None
        if clip_per_example is not None:
            if sample_weight is not None or class_weight is not None:
                raise ValueError("clip_per_example does not support weights")
            key = secrets.randbits(256) if unsafe_noise_seed is None else unsafe_noise_seed
            trained = [f > 0 for f in lr_factor]
            clip, sigma = limit(clip_per_example, "clip_per_example"), noise_multiplier
            must_be("finite and at least 0", sigma, "noise_multiplier")
            private = PrivateSteps(clip, sigma, key, self.sizes, trained)
        elif noise_multiplier or sampler == "poisson":
            raise ValueError("clip_per_example must be a number for private training, got None")
        if diagnostics and (private is not None or isinstance(method, LeastSquares)):
            raise ValueError("diagnostics must be False for private training and LevenbergMarquardt")
        self._diagnosis: Diagnosis | None = None
        schedules = Schedules(
            schedule,
            {
                "learning_rate": getattr(rule, "learning_rate", math.nan),
                "dropout": max(*self.dropout, self.input_dropout, 0.0),
                "weight_decay": max(decay) if isinstance(decay, Sequence) else decay,
                "label_smoothing": self._smoothing(),
            },
            epochs,
        )
        in_new_order = shuffle and b < len(rows)  # one sum over all examples does not depend on their order

        # All arguments have been checked; from here on the network changes.
        if self.standardize and self.standardization is None and epochs > 0:
            of_targets = wanted if self._standardizes_targets else None
            self.standardization = learn(rows, of_targets, relative(own_weights))
        rows, wanted = self._standard(rows), self._standard_targets(wanted)
        if held_out is not None:
            held_out = self._standard(held_out[0]), self._standard_targets(held_out[1]), held_out[2]
        slopes = None if y_slope is None else (self._slope_cost(slope_weight), y_slope)
        self.history = {"cost": []}
        lowest, best = math.inf, self.parameters if epochs == 0 else []
        for done in range(epochs):
            order = shuffled(len(rows), self.seed, self.epochs) if in_new_order else list(range(len(rows)))
            batches = [order[start : start + b] for start in range(0, len(rows), b)]
            steps = done * len(batches)
            of_epoch = weights
            if sampler == "importance":
                order, of_epoch = self._by_importance(X, y, weights)
                batches = [order[start : start + b] for start in range(0, len(rows), b)]
            if private is not None and sampler == "poisson":
                batches = [poisson_sample(private.key, steps + s, len(rows), b) for s in range(len(batches))]
            factors = schedules.of_epoch(done, len(batches))
            expected = b if sampler == "poisson" else None
            of_steps = None if private is None else PrivateEpoch(private, steps, expected)
            if isinstance(method, LeastSquares):
                if not self._iteration(rows, wanted, weights, method):
                    break
                logs = {"cost": self._evaluate(rows, wanted, weights, self._output)["cost"]}
            else:
                data = rows, wanted, of_epoch, batches
                if diagnostics:
                    self._diagnosis = self._new_diagnosis(lr_factor, y_slope is None)
                logs = {"cost": self._epoch(*data, method, factors, of_steps, slopes)}
            self.epochs += 1
            if held_out is not None:
                measured = self._evaluate(*held_out, self._output)
                logs |= {f"val_{name}": value for name, value in measured.items()}
            logs |= schedules.used(factors[-1])
            schedules.observe(logs)
            of_layers = {} if self._diagnosis is None else self._diagnosis.means()
            for name, value in {**logs, **of_layers}.items():
                self.history.setdefault(name, []).append(value)
            number = logs["cost" if held_out is None else "val_cost"]
            if restore_best and (number < lowest or not best):  # the first epoch even if its cost is NaN
                lowest, best = number, self._measured if held_out is None else self.parameters
            if verbose:
                numbers = "  ".join(f"{name} {value:.6g}" for name, value in logs.items())
                print(f"epoch {self.epochs}  {numbers}")
            answers = [callback(self.epochs, logs) for callback in callbacks]  # call all before stopping
            if any(answers):
                break
        if restore_best:
            self.parameters = best
        return self.history

    def _by_importance(self, X: Any, y: Any, weights: Vector) -> tuple[list[int], Vector]:
        """Draw the examples of an epoch in proportion to the norms of their gradients, and weigh them.

        The probability p is half of that, and half of 1/n. The weights 1/(n p) keep the mean of the gradient.
        """
        norms = hadamard(self.gradient_norms(X, y).total, weights)
        n, total = len(norms), sum(norms)
        chances = [0.5 * (norm / total) + 0.5 / n if total > 0 else 1 / n for norm in norms]
        drawn = drawn_by_chance(chances, self.seed, self.epochs)
        return drawn, [weight / (n * p) for weight, p in zip(weights, chances, strict=True)]

    def _iteration(
        self, rows: list[Vector], wanted: list[Vector], weights: Vector, method: LeastSquares
    ) -> bool:
        """Make one step over all examples; return False if there is none."""

        def linearize(parameters: Vector) -> Linearized:
            self.parameters = parameters
            layers, scales = self._layers(), self.input_scales
            parts = [
                linearized(layers, self._hidden, self._output, x, y, weight, scales)
                for x, y, weight in zip(rows, wanted, weights, strict=True)
            ]
            return [row for jacobian, _ in parts for row in jacobian], [e for _, some in parts for e in some]

        def cost(parameters: Vector) -> float:
            self.parameters = parameters
            return self._evaluate(rows, wanted, weights, self._output)["cost"]

        before = self.parameters
        after = method.step(before, len(rows), linearize, cost)
        self.parameters = before if after is None else after
        self._measured = self.parameters
        return after is not None

    def _epoch(
        self,
        rows: list[Vector],
        wanted: list[Vector],
        weights: Vector,
        batches: list[list[int]],
        descent: Descent,
        factors: list[Factors],
        private: PrivateEpoch | None = None,
        slopes: tuple[SlopeCost, Any] | None = None,
    ) -> float:
        """Train one epoch on the mini-batches and return the mean cost of the examples."""
        total, position = 0.0, 0
        for number, (batch, of_batch) in enumerate(zip(batches, factors, strict=True), start=1):
            disturbance, smoothed = self._disturbance, self._cost
            if of_batch.dropout != 1:
                disturbance = disturbance.scaled(of_batch.dropout)
            if of_batch.label_smoothing != 1:
                smoothed = self._smoothed_cost(of_batch.label_smoothing)
            disturbed = [
                self._disturbed(rows[r], wanted[r], weights[r], position + i, disturbance, smoothed)
                for i, r in enumerate(batch)
            ]
            if slopes is not None:
                disturbed = self._with_slopes(disturbed, *slopes, batch, weights)
            cost, gradients = batch_means(disturbed) if private is None else private.means(disturbed, number)
            if number == len(batches):
                self._measured = self.parameters  # the last parameters whose cost has been computed
            # Check before the parameters are replaced, so that the network keeps the last finite ones.
            step = self._all_layers(), gradients, of_batch.learning_rate, of_batch.weight_decay
            layers = descent.step(*step) if math.isfinite(cost) else []
            if not layers or not all(map(math.isfinite, flatten(layers))) or not descent.finite:
                raise FloatingPointError(
                    f"the cost, a parameter or the optimizer's state is not finite (cost {cost}) in epoch "
                    f"{self.epochs + 1}, mini-batch {number}; the learning_rate is probably too large, "
                    f"got {descent.learning_rate}"
                )
            if self._diagnosis is not None and is_sampled(number - 1, len(batches[0])):
                self._diagnosis.add(disturbed, gradients, self._layers(), layers)
            self._set_layers(layers)
            # The last mini-batch may be smaller.
            total += cost * (
                len(batch) if private is None else private.counted(number, len(batch), len(rows))
            )
            position += len(batch) if private is None else private.room(len(batch))
        return total / len(rows)

    def _new_diagnosis(self, lr_factor: Vector, with_noise: bool) -> Diagnosis:
        names = [name.partition("(")[0] for name in (*self.activation, self.output)]
        phis = zip(names, (*self._hidden, self._output), strict=True)
        return Diagnosis(self.sizes, list(phis), unflatten(lr_factor, self.sizes), with_noise)

    def _slope_cost(self, weight: float) -> SlopeCost:
        """Return the cost of slopes in the units in which the network is trained."""
        must_be("finite and above 0", weight, "slope_weight")
        if self._target_width != self.sizes[-1] or not isinstance(self._output, UnitActivation):
            raise ValueError("y_slope requires one target for each output, each of a unit of its own")
        if any(self.dropout) or self.input_dropout or self.input_noise:
            raise ValueError("y_slope does not support dropout and noise")
        inputs, outputs = self.sizes[0], self.sizes[-1]
        known = self.standardization
        if known is None:
            return SlopeCost(weight, [self.input_scale] * inputs, [[1.0] * inputs] * outputs)
        of_targets = known.target_std or [1.0] * outputs
        units = [[std / self.input_scale / t for std in known.input_std] for t in of_targets]
        return SlopeCost(weight, [1.0] * inputs, units)

    def _with_slopes(
        self, examples: list[Example], cost: SlopeCost, wanted: Any, batch: list[int], weights: Vector
    ) -> list[Example]:
        """Add the cost of the slopes to the examples of a mini-batch."""
        assert isinstance(self._output, UnitActivation)
        phis = [*zip(self._hidden, map(second, self.activation), strict=True)]
        phis.append((self._output, second(self.output)))
        layers, scales = self._layers(), self.input_scales
        rows = [row if isinstance(row[0], Sequence) else [row] for row in wanted]  # (n, m_1) for one output
        return [
            cost.add_to(e, layers, phis, rows[r], weights[r], scales)
            for e, r in zip(examples, batch, strict=True)
        ]

    def _disturbed(
        self, x: Vector, y: Vector, weight: float, position: int, disturbance: Disturbance, smoothed: Cost
    ) -> Example:
        """Run backpropagation on one example with input noise and dropout, as training does."""
        hidden = disturbance.of_hidden(self._hidden, self.sizes[1:-1], self.epochs, position)
        x = disturbance.of_input(x, self.epochs, position)
        layers, scales = self._layers(), self.input_scales
        return backprop(layers, hidden, self._output, smoothed, x, y, weight, scales)

    def _smoothing(self) -> float:
        """Return the label smoothing of the cost."""
        return find(self.cost, "cost", COSTS)[2][0] if "cross_entropy" in self.cost else 0.0

    def _smoothed_cost(self, factor: float) -> Cost:
        """Return the cost with a label smoothing of `factor` times that of the network."""
        _, family, (smoothing,) = find(self.cost, "cost", COSTS)
        return family.make(self.output.partition("(")[0], factor * smoothing)

    def _class_weights(self, class_weight: Any, y: Any) -> Vector:
        labels, width = list(y), self._target_width
        if not are_labels(labels, width, self._cost):
            raise ValueError("class_weight requires integer labels and a classifier")
        return class_weights(class_weight, labels, max(width, 2))

    def _held_out(
        self, x: Any, y: Any, sample_weight: Any = None
    ) -> tuple[list[Vector], list[Vector], Vector]:
        rows, wanted, _ = self._data(x, y, "validation X", "validation y")
        return rows, wanted, relative(sample_weights(sample_weight, len(rows)))

    def __repr__(self) -> str:
        layers = ", ".join((*self.activation, self.output))
        return f"reference.Network({list(self.sizes)}, {layers}, {self.cost}, seed {self.seed})"
