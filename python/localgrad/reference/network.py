"""A network that predicts and learns: the steps of the algorithm, put to use."""

import math
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise
from typing import Any

from .data import CLASSIFIERS, examples, targets, vector
from .functions import ACTIVATIONS, COSTS, UnitActivation
from .layout import flatten, unflatten
from .matrix import Matrix, Vector
from .optimizers import SGD, Descent, descend_layer
from .random_numbers import INITS, initial_layer, shuffled
from .steps import Example, Layer, backprop, batch_means, feed_forward
from .trace import Trace, trace

Callback = Callable[[int, dict[str, float]], object]


class Network:
    """A feedforward network in pure Python, with the arguments and the names of `localgrad.Network`.

    Lists stand for arrays, and all is float64. The same seed gives the same first parameters and shuffles.

    Parameters
    ----------
    sizes : sequence of int
        The widths of the layers, from the input to the output; at least two.
    activation : str or sequence of str, default "sigmoid"
        φ of the hidden layers, one for all or one for each: "identity", "sigmoid", "tanh" or "relu".
    output : str, default "identity"
        φ of the output layer: one of those or "softmax".
    cost : str, optional
        "mse", the quadratic cost of (C), or "cross_entropy", for softmax and sigmoid outputs. By default
        cross_entropy for softmax outputs and mse for others.
    init : str or (weights, biases), default "auto"
        Initial parameters: "auto", "he", "xavier", "normal", "zeros", or the parameters themselves.
    dtype : object
        Not used; here so that both networks take the same arguments.
    seed : int, optional
        Key of all random numbers, in [0, 2⁶⁴). By default drawn from the system.

    Attributes
    ----------
    weights : list of matrices
        weights[i][j][k] is w_jk of layer i + 2. May be changed.
    biases : list of vectors
        biases[i][j] is b_j of layer i + 2. May be changed.
    epochs : int
        Epochs trained so far; (seed, epochs) is the key of the next epoch's order.
    history : dict of lists
        What the last `fit` reported.

    Raises
    ------
    ValueError
        If a width is below 1, a name is unknown, functions do not fit together or lists do not fit the sizes.

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
        activation: str | Sequence[str] = "sigmoid",
        output: str = "identity",
        cost: str | None = None,
        init: str | tuple[Sequence[Any], Sequence[Any]] = "auto",
        dtype: object = "float64",
        seed: int | None = None,
    ) -> None:
        self.sizes = tuple(sizes)
        if len(self.sizes) < 2:
            raise ValueError(f"sizes must have at least 2 widths, given {len(self.sizes)}")
        if min(self.sizes) < 1:
            raise ValueError(f"sizes must be at least 1, given {min(self.sizes)}")
        count = len(self.sizes) - 2
        self.activation = (activation,) * count if isinstance(activation, str) else tuple(activation)
        if len(self.activation) != count:
            raise ValueError(f"activation must name {count} functions, given {len(self.activation)}")
        self.output = output
        self.cost = cost if cost is not None else "cross_entropy" if output == "softmax" else "mse"
        self.seed = int.from_bytes(os.urandom(8), "little") if seed is None else seed
        if not 0 <= self.seed < 2**64:
            raise ValueError(f"seed must be at least 0 and below 2**64, given {self.seed}")
        self.init = init if isinstance(init, str) else "zeros"
        self.epochs = 0
        self.history: dict[str, list[float]] = {}
        self._look_up_functions(activation)
        if isinstance(init, str):
            self._set_layers(self._initial_layers(init))
        else:
            self._set_layers(self._given_layers(*init))

    def _look_up_functions(self, activation: str | Sequence[str]) -> None:
        units = {name: phi for name, phi in ACTIVATIONS.items() if isinstance(phi, UnitActivation)}
        for name in [activation] if isinstance(activation, str) else activation:
            _check_name(name, "activation", units)
        _check_name(self.output, "output", ACTIVATIONS)
        _check_name(self.cost, "cost", COSTS)
        costs = COSTS[self.cost]
        if self.output not in costs:
            raise ValueError(f"{self.cost} needs an output of {' or '.join(costs)}, given {self.output!r}")
        if self.output == "softmax" and self.sizes[-1] == 1:
            raise ValueError("softmax needs at least 2 outputs, given 1")
        self._hidden = [units[name] for name in self.activation]
        self._output = ACTIVATIONS[self.output]
        self._phis = [*self._hidden, self._output]
        self._cost = costs[self.output]

    def _initial_layers(self, init: str) -> list[Layer]:
        _check_name(init, "init", ["auto", *INITS])
        return [
            Layer(*initial_layer(fan_in, fan_out, phi, init, self.seed, i))
            for i, ((fan_in, fan_out), phi) in enumerate(zip(pairwise(self.sizes), self._phis, strict=True))
        ]

    def _given_layers(self, weights: Sequence[Any], biases: Sequence[Any]) -> list[Layer]:
        layers = []
        count = len(self.sizes) - 1
        for values, name in ((weights, "init weights"), (biases, "init biases")):
            if len(values) != count:
                raise ValueError(f"{name} must hold {count} layers, given {len(values)}")
        for i, (fan_in, fan_out) in enumerate(pairwise(self.sizes)):
            name = f"init weights[{i}]"
            if len(weights[i]) != fan_out:
                raise ValueError(f"{name} must have {fan_out} rows, given {len(weights[i])}")
            w = [vector(row, name, fan_in) for row in weights[i]]
            layers.append(Layer(w, vector(biases[i], f"init biases[{i}]", fan_out)))
        return layers

    def _set_layers(self, layers: Sequence[Layer]) -> None:
        self.weights: list[Matrix] = [w for w, b in layers]
        self.biases: list[Vector] = [b for w, b in layers]

    def _layers(self) -> list[Layer]:
        return [Layer(w, b) for w, b in zip(self.weights, self.biases, strict=True)]

    @property
    def num_parameters(self) -> int:
        """The number of weights and biases."""
        return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(self.sizes))

    @property
    def parameters(self) -> Vector:
        """All weights and biases as one list: for each i the weights, input by input, then the biases.

        The list is a copy; assign to the property to change the network.

        Examples
        --------
        >>> net = Network([2, 1], init=([[[0.5, -1.0]]], [[0.25]]))
        >>> net.parameters = [2.0 * p for p in net.parameters]
        >>> net.weights, net.biases
        ([[[1.0, -2.0]]], [[0.5]])
        """
        return flatten(self._layers())

    @parameters.setter
    def parameters(self, value: Sequence[float]) -> None:
        self._set_layers(unflatten(vector(value, "parameters", self.num_parameters), self.sizes))

    def predict(self, X: Any, *, n_threads: int | None = None) -> list[Any]:
        """Feed examples forward, (F).

        Parameters
        ----------
        X : of shape (n, sizes[0]) or (sizes[0],)
            One example per row, or a single one. There may be no rows.
        n_threads : int, optional
            Not used.

        Returns
        -------
        list of shape (n, sizes[-1]) or (sizes[-1],)
            a^L.

        Examples
        --------
        >>> Network([2, 1], init=([[[0.5, -1.0]]], [[0.25]])).predict([[1.0, 2.0], [2.0, 1.0]])
        [[-1.25], [0.25]]
        """
        rows, single = examples(X, "X", self.sizes[0])
        layers = self._layers()
        outputs = [feed_forward(layers, self._phis, x)[1][-1] for x in rows]
        return outputs[0] if single else outputs

    def evaluate(self, X: Any, y: Any, *, n_threads: int | None = None) -> dict[str, float]:
        """Measure the cost and the accuracy on some examples.

        Parameters
        ----------
        X : of shape (n, sizes[0]) or (sizes[0],)
            One example per row, or a single one.
        y : list
            What the network should answer, as in `fit`.
        n_threads : int, optional
            Not used.

        Returns
        -------
        dict
            "cost", the mean (C) over the examples, and for softmax and sigmoid outputs "accuracy", the share
            of examples whose largest output is that of the right class (a single output is 1 from ½ on).

        Examples
        --------
        >>> Network([1, 1], init=([[[2.0]]], [[0.0]])).evaluate([[1.0], [2.0]], [1.0, 4.0])
        {'cost': 0.25}
        """
        rows, wanted, _ = self._data(X, y, "X", "y")
        return self._evaluate(rows, wanted)

    def _evaluate(self, rows: list[Vector], wanted: list[Vector]) -> dict[str, float]:
        layers = self._layers()
        cost = 0.0
        correct = 0
        for x, target in zip(rows, wanted, strict=True):
            z, a = feed_forward(layers, self._phis, x)
            cost += self._cost.value(z[-1], a[-1], target)
            correct += _class(a[-1]) == _class(target)
        measured = {"cost": cost / len(rows)}
        if self.output in CLASSIFIERS:
            measured["accuracy"] = correct / len(rows)
        return measured

    def backprop(self, x: Any, y: Any, *, n_threads: int | None = None) -> Trace:
        """Run backpropagation on one example or a batch; the network is not changed.

        Parameters
        ----------
        x : of shape (sizes[0],) or (n, sizes[0])
            A single example, or one per row.
        y : list or int
            What the network should answer, as in `fit`; for a single example, one row of it or a label.
        n_threads : int, optional
            Not used.

        Returns
        -------
        Trace
            (F), (D1), (D2), (G1), (G2) and (C). The gradients of a batch are means over its examples.

        Examples
        --------
        >>> t = Network([2, 1], init=([[[0.5, -1.0]]], [[0.25]])).backprop([1.0, 2.0], [0.25])
        >>> t.weighted_inputs, t.local_gradients, t.weight_gradients
        ([[-1.25]], [[-1.5]], [[[-1.5, -3.0]]])
        """
        rows, wanted, single = self._data(x, y, "x", "y")
        return trace(list(self._backprop(rows, wanted)), self._phis, self._cost, wanted, single)

    def _backprop(self, rows: list[Vector], wanted: list[Vector]) -> Iterator[Example]:
        layers = self._layers()
        for x, y in zip(rows, wanted, strict=True):
            yield backprop(layers, self._hidden, self._output, self._cost, x, y)

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        epochs: int = 10,
        batch_size: int | None = 32,
        optimizer: Descent | None = None,
        shuffle: bool = True,
        validation: tuple[Any, Any] | None = None,
        callbacks: Sequence[Callback] = (),
        n_threads: int | None = None,
        verbose: int = 0,
    ) -> dict[str, list[float]]:
        """Train the network by mini-batches, (M).

        Parameters
        ----------
        X : of shape (n, sizes[0])
            One example per row.
        y : list
            What the network should answer: rows of sizes[-1] real numbers, for a single output also a list of
            numbers; or labels, for softmax and sigmoid outputs: ints in 0 .. sizes[-1] - 1, or 0 and 1 for a
            single sigmoid.
        epochs : int, default 10
            How many times to go through all examples.
        batch_size : int, optional
            b, 32 by default; None, and what is larger than n, means n. The last mini-batch of an epoch may be
            smaller and has its own 1/b.
        optimizer : SGD or the like, optional
            The update rule, by default ``SGD(0.1)``. Its velocity starts at 0.
        shuffle : bool, default True
            Whether each epoch takes the examples in an order of its own, drawn from (seed, epochs). An epoch
            of one mini-batch, whose sum knows no order, takes them as they stand.
        validation : (X, y), optional
            Examples to evaluate after each epoch.
        callbacks : sequence of callable
            Each is called after an epoch with `epochs`, as trained in all, and a dict of the epoch's numbers.
            A truthy answer ends the training, after the other callbacks had their turn.
        n_threads : int, optional
            Not used.
        verbose : int, default 0
            1 prints a line per epoch.

        Returns
        -------
        dict of lists
            One number per finished epoch: "cost", the mean over the examples, each before its update; with
            `validation` "val_cost" and, for softmax and sigmoid outputs, "val_accuracy". Kept as `history`,
            also after an error.

        Raises
        ------
        ValueError
            If an argument is not what it should be. The network is as it was before the call.
        FloatingPointError
            If a cost or a parameter becomes infinite or not a number. The network stays at its last finite
            state.

        Examples
        --------
        >>> net = Network([1, 1], init="zeros")
        >>> net.fit([[0.0], [0.0]], [1.0, 1.0], epochs=2, optimizer=SGD(0.5))
        {'cost': [0.5, 0.125]}
        """
        rows, wanted, _ = self._data(X, y, "X", "y")
        held_out = None if validation is None else self._data(*validation, "validation X", "validation y")[:2]
        if epochs < 0:
            raise ValueError(f"epochs must be at least 0, given {epochs}")
        if batch_size is not None and batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, given {batch_size}")
        b = len(rows) if batch_size is None else batch_size
        in_new_order = shuffle and b < len(rows)  # the sum over a single mini-batch knows no order
        rule = SGD() if optimizer is None else optimizer
        velocity = unflatten([0.0] * self.num_parameters, self.sizes)

        self.history = {"cost": []}
        for _ in range(epochs):
            order = shuffled(len(rows), self.seed, self.epochs) if in_new_order else list(range(len(rows)))
            x, t = [rows[r] for r in order], [wanted[r] for r in order]
            logs = {"cost": self._epoch(x, t, b, rule, velocity)}
            self.epochs += 1
            if held_out is not None:
                logs |= {f"val_{name}": value for name, value in self._evaluate(*held_out).items()}
            for name, value in logs.items():
                self.history.setdefault(name, []).append(value)
            if verbose:
                numbers = "  ".join(f"{name} {value:.6g}" for name, value in logs.items())
                print(f"epoch {self.epochs}  {numbers}")
            answers = [callback(self.epochs, logs) for callback in callbacks]
            if any(answers):
                break
        return self.history

    def _epoch(
        self, rows: list[Vector], wanted: list[Vector], b: int, rule: Descent, velocity: list[Layer]
    ) -> float:
        """Train once on all examples, in the order given; return their mean cost. Changes the velocity."""
        total = 0.0
        for batch, start in enumerate(range(0, len(rows), b), start=1):
            end = min(start + b, len(rows))
            cost, gradients = batch_means(self._backprop(rows[start:end], wanted[start:end]))
            if not (math.isfinite(cost) and self._update(gradients, rule, velocity)):
                raise FloatingPointError(
                    f"the cost or a parameter is not finite (cost {cost}) in epoch {self.epochs + 1}, "
                    f"mini-batch {batch}; likely the learning_rate is too large, given {rule.learning_rate}"
                )
            total += cost * (end - start)
        return total / len(rows)

    def _update(self, gradients: list[Layer], rule: Descent, velocity: list[Layer]) -> bool:
        """Take a step with all parameters, or with none if one of them would not be finite."""
        steps = [
            descend_layer(layer, g, v, rule)
            for layer, g, v in zip(self._layers(), gradients, velocity, strict=True)
        ]
        if not all(all(map(math.isfinite, row)) for layer, _ in steps for row in (*layer.w, layer.b)):
            return False
        for i, (layer, v) in enumerate(steps):
            self.weights[i], self.biases[i] = layer
            velocity[i] = v
        return True

    def _data(self, x: Any, y: Any, x_name: str, y_name: str) -> tuple[list[Vector], list[Vector], bool]:
        rows, single = examples(x, x_name, self.sizes[0])
        if not rows:
            raise ValueError(f"{x_name} must have at least 1 row, given 0")
        width = self.sizes[-1]
        wanted = targets(y, y_name, len(rows), width, output=self.output, single=single, x_name=x_name)
        return rows, wanted, single

    def __repr__(self) -> str:
        layers = ", ".join((*self.activation, self.output))
        return f"reference.Network({list(self.sizes)}, {layers}, {self.cost}, seed {self.seed})"


def _check_name(name: str, argument: str, known: Collection[str]) -> None:
    if name not in known:
        raise ValueError(f"{argument} must be one of {', '.join(known)}, given {name!r}")


def _class(a: Vector) -> int:
    """Class that an output or a target stands for: the largest; of a single unit, whether it reaches ½."""
    return int(a[0] >= 0.5) if len(a) == 1 else a.index(max(a))
