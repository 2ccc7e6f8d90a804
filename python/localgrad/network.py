"""The network: what it computes, and how it is trained."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from localgrad import _core
from localgrad._arguments import (
    Callback,
    activations,
    callback_list,
    check_addressable,
    float_type,
    layer_sizes,
    random_seed,
    update_rule,
    verbosity,
)
from localgrad._arrays import FloatArray, as_rows, batch, check_some, examples, output_array, targets
from localgrad._check import boolean, choice, integer, shown, threads
from localgrad._state import NATIVE, State
from localgrad._training import Run
from localgrad.graph import Graph
from localgrad.history import History
from localgrad.optimizers import SGD
from localgrad.plan import Plan
from localgrad.trace import Trace

__all__ = ["Network"]

_TRAINERS: dict[str, type[_core.Trainer32 | _core.Trainer64]] = {
    "float32": _core.Trainer32,
    "float64": _core.Trainer64,
}
_CLASSIFIERS = ("softmax", "sigmoid")  # outputs for which labels and an accuracy have a meaning


class Network(State):
    """A feedforward network trained by backpropagation.

    Parameters
    ----------
    sizes : sequence of int
        The widths of the layers, from the input to the output; at least two.
    activation : str or sequence of str, default "sigmoid"
        Activation function of the hidden layers, one for all or one for each: ``"identity"``, ``"sigmoid"``,
        ``"tanh"`` or ``"relu"``.
    output : str, default "identity"
        Activation function of the output layer: one of those or ``"softmax"``.
    cost : str, optional
        ``"mse"``, the quadratic cost ½ Σ (y - a)² of (C), or ``"cross_entropy"``, for softmax and sigmoid
        outputs. By default cross_entropy for softmax outputs and mse for others.
    init : str or (weights, biases), default "auto"
        Initial parameters: ``"he"``, weights N(0, 2/fan_in); ``"xavier"``, N(0, 2/(fan_in + fan_out));
        ``"normal"``, N(0, 1) for weights and biases; ``"zeros"``; ``"auto"``, he for a layer of relu, else
        xavier. Biases are 0 unless said otherwise. Or the parameters themselves: two sequences of arrays,
        ``weights[i]`` of shape (sizes[i + 1], sizes[i]) and ``biases[i]`` of shape (sizes[i + 1],).
    dtype : {"float32", "float64"}, default "float32"
        Type of the parameters and of everything computed.
    seed : int, optional
        Key of all random numbers, the initial parameters and the order of the examples in each epoch, in
        [0, 2⁶⁴). By default drawn from the system; `seed` then tells which it was.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If a width is below 1, a name is unknown, functions do not fit together or arrays do not fit the
        sizes.
    MemoryError
        If the parameters do not fit into memory.

    Notes
    -----
    The equations behind the names stand in the README.

    Several threads may call `predict`, `evaluate` and `backprop` of one network at once. Of two calls that
    would change it at once, the second raises RuntimeError.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([784, 100, 10], output="softmax", seed=0)
    >>> net
    Network(784-100-10, 79510 parameters, float32, cross_entropy, seed 0)
      784 -> 100  sigmoid  78500
      100 -> 10   softmax   1010
    >>> net.weights[0].shape
    (100, 784)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: str | Sequence[str] = "sigmoid",
        output: str = "identity",
        cost: str | None = None,
        init: str | tuple[Sequence[ArrayLike], Sequence[ArrayLike]] = "auto",
        dtype: DTypeLike = "float32",
        seed: int | None = None,
    ) -> None:
        names = _core.names()
        widths = layer_sizes(sizes)
        kind = float_type(dtype)
        check_addressable(widths, kind)
        given = not isinstance(init, str)
        self._set_native(
            NATIVE[kind.name](
                widths,
                activations(activation, len(widths) - 2, names["activations"]),
                choice(output, "output", names["outputs"]),
                "" if cost is None else choice(cost, "cost", names["costs"]),
                "zeros" if given else choice(init, "init", names["inits"]),
                random_seed() if seed is None else integer(seed, "seed", at_least=0, below=2**64),
            )
        )
        self.history = History()
        if given:
            self._set_initial(init)

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
            Exactly so many threads; by default the core chooses.

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
        team = threads(n_threads)
        done = self._native.predict_array(X, out, team)
        if done is not None:
            return done
        rows, single = examples(X, "X", self._sizes[0], self._dtype)
        shape = (self._sizes[-1],) if single else (len(rows), self._sizes[-1])
        apart = (("X", rows), ("the parameters", self.parameters))
        a = np.empty(shape, self._dtype) if out is None else output_array(out, shape, self._dtype, apart)
        self._native.predict(rows, a, team, "X")
        return a

    def evaluate(self, X: ArrayLike, y: ArrayLike, *, n_threads: int | None = None) -> dict[str, float]:
        """Measure the cost and the accuracy on some examples.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            One example per row, or a single one, of a type and layout as in `fit`.
        y : array_like
            What the network should answer, as in `fit`.
        n_threads : int, optional
            Exactly so many threads; by default the core chooses.

        Returns
        -------
        dict
            ``"cost"``, the mean (C) over the examples, and for softmax and sigmoid outputs ``"accuracy"``,
            the share of examples whose largest output is that of the right class (a single output counts as 1
            from ½ on).

        Raises
        ------
        TypeError
            If `X` or `y` does not hold real numbers.
        ValueError
            If there are no rows, a shape does not fit, a number is not finite or a label is out of range.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 1], init=([[[2]]], [[0]]))
        >>> net.evaluate([[1], [2]], [1, 4])
        {'cost': 0.25}
        """
        rows, wanted, _ = self._data(X, y, "X", "y")
        return self._evaluate(rows, wanted, threads(n_threads), "X", "y")

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
            Exactly so many threads; by default the core chooses.

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
        rows, wanted, single = self._data(x, y, "x", "y")
        cost, z, a, delta, gradient = self._native.backprop(rows, wanted, threads(n_threads), "x", "y")
        return Trace(self, as_rows(wanted, self.sizes[-1], self.dtype), cost, z, a, delta, gradient, single)

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
        return Graph(self.sizes, (*self.activation, self.output), self.cost)

    # Training

    def plan(
        self, batch_size: int = 32, *, optimizer: SGD | None = None, n_threads: int | None = None
    ) -> Plan:
        """Tell how `fit` would compute a mini-batch on this machine.

        Parameters
        ----------
        batch_size : int, default 32
            Examples in the mini-batch.
        optimizer : SGD, optional
            The update rule, by default ``SGD(0.1)``; it has a part in the workspace.
        n_threads : int, optional
            Exactly so many threads; by default the core chooses.

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
        size = integer(batch_size, "batch_size", at_least=1, below=2**32)
        rule = update_rule(optimizer)._native()
        return Plan.of(size, self._native.plan(rule, size, threads(n_threads)))

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        epochs: int = 10,
        batch_size: int | None = 32,
        optimizer: SGD | None = None,
        shuffle: bool = True,
        validation: tuple[ArrayLike, ArrayLike] | None = None,
        callbacks: Sequence[Callback] = (),
        n_threads: int | None = None,
        verbose: int = 0,
    ) -> History:
        """Train the network by mini-batches, (M).

        Parameters
        ----------
        X : array_like of shape (n, sizes[0])
            One example per row: booleans, integers or floating numbers in any layout, read where they stand
            (see the notes).
        y : array_like
            What the network should answer: real targets of shape (n, sizes[-1]), for a single output also
            (n,); or labels, integers of shape (n,), for softmax and sigmoid outputs: 0 .. sizes[-1] - 1, or 0
            and 1 for a single sigmoid.
        epochs : int, default 10
            How many times to go through all examples; 0 changes nothing.
        batch_size : int, optional
            Examples in a mini-batch, 32 by default; None, and what is larger than n, means n. The last
            mini-batch of an epoch may be smaller.
        optimizer : SGD, optional
            The update rule, by default ``SGD(0.1)``. Its state starts afresh.
        shuffle : bool, default True
            Whether each epoch takes the examples in an order of its own, drawn from (seed, epochs). An epoch
            of one mini-batch, whose sum knows no order, takes them as they stand.
        validation : (X, y), optional
            Examples to evaluate after each epoch.
        callbacks : sequence of callable
            Each is called after an epoch with `epochs`, the number of epochs the network has been trained for
            in all (so 1 after the first), and a dict of the epoch's numbers, named as in the history. A
            truthy answer ends the training, after the other callbacks had their turn. A callback may change
            the parameters.
        n_threads : int, optional
            Exactly so many threads; by default the core chooses. The result is the same, bit for bit.
        verbose : int, default 0
            1 prints a line per epoch, numbered as for callbacks.

        Returns
        -------
        History
            A dict of lists, one number per finished epoch: ``"cost"``, and with `validation` ``"val_cost"``
            and, for softmax and sigmoid outputs, ``"val_accuracy"``. Kept as `history`, also when an error
            ends the training.

        Raises
        ------
        TypeError, ValueError
            If an argument is not what it should be. The network is as it was before the call.
        FloatingPointError
            If a cost or a parameter becomes infinite or not a number; the message names epoch and mini-batch.
            The network stays at its last finite state.
        MemoryError
            If the workspace does not fit into memory. The network is as it was before the call.
        RuntimeError
            If another call is changing the network.

        Notes
        -----
        Arrays of booleans, integers, float32 or float64 in native byte order are never copied as a whole,
        whatever their strides, `y` and the validation data included: rows are converted to the network's
        dtype as mini-batches take them, to what ``astype`` would give. Beside the model, its optimiser's
        state and a mini-batch, `fit` needs at most 8 bytes a row. Rows whose numbers stand side by side are
        read fastest. Shuffled rows of an array whose columns do (Fortran order) are slow to read: if memory
        allows, several epochs take less time on ``np.ascontiguousarray(X)``. Of float16, longdouble and
        swapped bytes, and of what is no array, a copy in the network's dtype is made. Do not change arrays
        while they are read.

        Ctrl-C stops at the end of a mini-batch with KeyboardInterrupt; the network keeps what it learnt.

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
        """
        rows = batch(X, "X", self.sizes[0], self.dtype)
        wanted = self._targets(y, rows, "y", x_name="X")
        count = integer(epochs, "epochs", at_least=0)
        size = len(rows) if batch_size is None else integer(batch_size, "batch_size", at_least=1)
        rule = update_rule(optimizer)._native()
        in_new_order = boolean(shuffle, "shuffle")
        held_out = None if validation is None else self._validation(validation)
        listeners = callback_list(callbacks)
        team = threads(n_threads)
        lines = verbosity(verbose)

        with self._guard.training():
            history = History(cost=[])
            evaluate = None
            if held_out is not None:

                def evaluate() -> dict[str, float]:
                    return self._evaluate(*held_out, team, "validation X", "validation y")

                # The core checks these numbers as it reads them: let it do so before anything changes.
                history.update((f"val_{name}", []) for name in evaluate())
            trainer = _TRAINERS[self.dtype.name](
                self._native, rows, wanted, rule, min(size, len(rows)), in_new_order, team, "X", "y"
            )
            before, self.history = self.history, history
            try:
                Run(self, trainer, evaluate, listeners, history).train(count, len(rows), lines)
            except ValueError:
                if not history["cost"]:  # refused at the first reading: nothing has happened
                    self.history = before
                raise
        return history

    # Helpers

    def _data(
        self, x: ArrayLike, y: ArrayLike, x_name: str, y_name: str
    ) -> tuple[NDArray[Any], NDArray[Any], bool]:
        rows, single = examples(x, x_name, self.sizes[0], self.dtype)
        check_some(rows, x_name)
        return rows, self._targets(y, rows, y_name, x_name=x_name, single=single), single

    def _targets(
        self, y: ArrayLike, rows: NDArray[Any], name: str, *, x_name: str, single: bool = False
    ) -> NDArray[Any]:
        classes = self.output in _CLASSIFIERS
        return targets(
            y, name, len(rows), self.sizes[-1], self.dtype, classes=classes, single=single, x_name=x_name
        )

    def _validation(self, validation: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        if not isinstance(validation, tuple | list):
            raise TypeError(f"validation must be a pair (X, y), given {shown(validation)}")
        if len(validation) != 2:
            raise ValueError(f"validation must be a pair (X, y) of length 2, given length {len(validation)}")
        rows = batch(validation[0], "validation X", self.sizes[0], self.dtype)
        return rows, self._targets(validation[1], rows, "validation y", x_name="validation X")

    def _evaluate(
        self, rows: NDArray[Any], wanted: NDArray[Any], team: int, x_name: str, y_name: str
    ) -> dict[str, float]:
        cost, correct = self._native.evaluate(rows, wanted, team, x_name, y_name)
        return {"cost": cost} if correct < 0 else {"cost": cost, "accuracy": correct / len(rows)}
