"""Forward pass and backpropagation, with all quantities."""

from __future__ import annotations  # keeps aliases such as ArrayLike short in help()

from numpy.typing import ArrayLike

from localgrad._arguments.check import boolean, threads
from localgrad._arguments.names.keywords import other_names
from localgrad._arrays.rows import examples
from localgrad._data.examples import Examples
from localgrad._network.base import Base
from localgrad.trace import ForwardTrace, Trace


class Derivatives(Base):
    """Methods of `Network` that return what backpropagation computes."""

    @other_names
    def forward(self, x: ArrayLike, *, n_threads: int | None = None) -> ForwardTrace:
        """Run the forward pass, (F), on one example or a batch and keep the quantities of every layer.

        Parameters
        ----------
        x : array_like of shape (sizes[0],) or (n, sizes[0])
            A single example, or n examples, one per row; n may be 0. Accepts the same types as `fit`.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        ForwardTrace
            Weighted inputs and activations of every layer. The last activations are those that `predict`
            returns.

        Raises
        ------
        TypeError
            If `x` does not contain real numbers.
        ValueError
            If a shape does not match or a number is not finite.
        MemoryError
            If the quantities do not fit into memory.

        See Also
        --------
        predict : Compute only the outputs.
        backprop : Also compute the cost, the local gradients and the gradients.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 1], output="tanh", init=([[[1, -1]]], [[0.5]]))
        >>> net.forward([[3, 1], [1, 3]]).weighted_inputs[0]
        array([[ 2.5],
               [-1.5]], dtype=float32)
        """
        model = self._core_model
        model.check_columns(x, "x")
        rows, single = examples(x, "x", model.sizes[0], model.dtype)
        return ForwardTrace(model, *model.native.forward(rows, threads(n_threads), "x"), single)

    @other_names
    def backprop(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        wrt_input: bool = False,
        per_example: bool = False,
        sample_weight: ArrayLike | None = None,
        n_threads: int | None = None,
    ) -> Trace:
        """Run backpropagation on one example or a batch, without changing the network.

        Parameters
        ----------
        x : array_like of shape (sizes[0],) or (n, sizes[0])
            A single example, or n examples, one per row. Accepts the same types as `fit`.
        y : array_like
            Targets, as in `fit`. For a single example, a label or an array of shape (sizes[-1],).
        wrt_input : bool, default False
            Whether to compute the gradient with respect to `x`, (X), as `Trace.input_gradient`.
        per_example : bool, default False
            Whether to compute the gradient of each example, as `Trace.per_example_gradients`: n times the
            memory of the parameters. `gradient_norms` and `gradient_dots` do not need it.
        sample_weight : array_like of shape (n,), optional
            Weight of each example: finite, at least 0 and not all 0. By default 1.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        Trace
            Cost, weighted inputs, activations, local gradients and gradients: (F), (D1), (D2), (G1), (G2) and
            (C). The cost and the gradients of a batch are means over the examples, weighted by
            `sample_weight`. Local gradients, and the gradients that `wrt_input` and `per_example` add, refer
            to the unweighted cost of each example.

        Raises
        ------
        TypeError
            If `x` or `y` does not contain real numbers.
        ValueError
            If there are no examples, a shape does not match, a number is not finite or a label is out of
            range.
        MemoryError
            If the quantities do not fit into memory. For the gradients of all examples, this is found before
            anything is computed.

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
        also = boolean(wrt_input, "wrt_input"), boolean(per_example, "per_example")
        with model.guard.computing():  # a custom cost must not change the parameters while they are read
            found = model.native.backprop(
                data.rows, data.targets, data.weights, team, *data.names, False, *also
            )
        return Trace(model, data.target_rows(), *found, data.single)
