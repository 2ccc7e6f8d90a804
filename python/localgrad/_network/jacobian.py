"""Derivatives of the outputs of a network with respect to its inputs."""

from __future__ import annotations  # keeps aliases such as ArrayLike short in help()

from typing import Any

from numpy.typing import ArrayLike

from localgrad._arguments.check import integer, shown, threads
from localgrad._arguments.names.keywords import other_names
from localgrad._arrays.rows import FloatArray, examples
from localgrad._arrays.sparse_rows import Rows
from localgrad._model.model import Model
from localgrad._network.base import Base


class Jacobians(Base):
    """Methods of `Network` that differentiate its outputs."""

    @other_names
    def jacobian(self, X: ArrayLike, *, n_threads: int | None = None) -> FloatArray:
        """Compute the Jacobian of the outputs with respect to the inputs, (J).

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single example. Accepts the same types as `fit`; n may be 0.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        ndarray of shape (n, sizes[-1], sizes[0]) or (sizes[-1], sizes[0])
            Element ``[r, j, k]`` is the derivative of output j with respect to input k for row r of `X`. Each
            row depends only on the same row of `X`.

        Raises
        ------
        TypeError
            If `X` does not contain real numbers.
        ValueError
            If a shape does not match or a number is not finite.
        MemoryError
            If the result does not fit into memory. This is found before anything is computed.

        See Also
        --------
        jvp : Products of the Jacobian and a vector, without the Jacobian.
        vjp : Products of a vector and the Jacobian, without the Jacobian.
        input_gradient : A single row of the Jacobian.

        Notes
        -----
        The outputs are those of `predict`, and the inputs are the numbers that are passed: derivatives
        include `input_scale`, `learn_input_scale` and `standardize`, and no dropout or noise. At a kink of an
        activation such as relu, its derivative is that used in training.

        If there are no more outputs than inputs, the derivatives are computed from the outputs to the inputs,
        by (D2) for each output; otherwise from the inputs to the outputs.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 2], output="relu", init=([[[1, 2], [3, -4]]], [[0, 0]]))
        >>> net.jacobian([1, 1])
        array([[1., 2.],
               [0., 0.]], dtype=float32)
        >>> net.jacobian([[1, 1], [2, 1]]).shape
        (2, 2, 2)
        """
        team = 0 if n_threads is None else threads(n_threads)
        model = self._core_model
        # Fast path: the core checks arrays that it can read in place, and returns None for all other types.
        found = model.native.jacobian_array(X, team)
        if found is not None:
            return found
        rows, single = _inputs(model, X)
        found = model.native.jacobian(rows, team)
        return found[0] if single else found

    @other_names
    def jvp(self, X: ArrayLike, U: ArrayLike, *, n_threads: int | None = None) -> FloatArray:
        """Compute products J u of the Jacobian and a vector: derivatives along directions of the input.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single example. Accepts the same types as `fit`; n may be 0.
        U : array_like, of the shape of `X`
            One vector for each example: the direction in which its input changes.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        ndarray of shape (n, sizes[-1]) or (sizes[-1],)
            Row r is ``jacobian(X)[r] @ U[r]``, without computing the Jacobian: it takes about the time of two
            forward passes.

        Raises
        ------
        TypeError
            If an array does not contain real numbers.
        ValueError
            If a shape does not match or a number is not finite.

        See Also
        --------
        vjp : Products of a vector and the Jacobian.
        jacobian : The Jacobian, with notes that also apply here.

        Notes
        -----
        (F) is differentiated from layer to layer: if the activations of a layer change at the rate ȧ, those
        of the next layer change at the rate φ'(z) ⊙ (w ȧ).

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 2], output="relu", init=([[[1, 2], [3, -4]]], [[0, 0]]))
        >>> net.jvp([1, 1], [1, 0])
        array([1., 0.], dtype=float32)
        """
        model = self._core_model
        rows, single = _inputs(model, X)
        model.check_columns(U, "U")
        vectors = _vectors(model, U, "U", model.sizes[0], rows, single)
        found = model.native.jvp(rows, vectors, threads(n_threads))
        return found[0] if single else found

    @other_names
    def vjp(self, X: ArrayLike, V: ArrayLike, *, n_threads: int | None = None) -> FloatArray:
        """Compute products vᵀ J of a vector and the Jacobian: the gradient of a combination of the outputs.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single example. Accepts the same types as `fit`; n may be 0.
        V : array_like of shape (n, sizes[-1]) or (sizes[-1],)
            One vector for each example: the factors of the outputs, or the derivatives of a number that is
            computed from them.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        ndarray of shape (n, sizes[0]) or (sizes[0],)
            Row r is ``V[r] @ jacobian(X)[r]``, without computing the Jacobian: it takes about the time of two
            forward passes.

        Raises
        ------
        TypeError
            If an array does not contain real numbers.
        ValueError
            If a shape does not match or a number is not finite.

        See Also
        --------
        jvp : Products of the Jacobian and a vector.
        jacobian : The Jacobian, with notes that also apply here.

        Notes
        -----
        This is (D1) with v in place of ∇_a c, followed by (D2) and (X).

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 2], output="relu", init=([[[1, 2], [3, -4]]], [[0, 0]]))
        >>> net.vjp([1, 1], [10, 1])
        array([10., 20.], dtype=float32)
        """
        model = self._core_model
        rows, single = _inputs(model, X)
        vectors = _vectors(model, V, "V", model.sizes[-1], rows, single)
        found = model.native.vjp(rows, vectors, threads(n_threads))
        return found[0] if single else found

    @other_names
    def input_gradient(
        self, X: ArrayLike, output: int | None = None, *, n_threads: int | None = None
    ) -> FloatArray:
        """Compute the gradient of one output with respect to the inputs, a row of the Jacobian.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single example. Accepts the same types as `fit`; n may be 0.
        output : int, optional
            The output: an integer between 0 and ``sizes[-1] - 1``. Required if there are several.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        ndarray of shape (n, sizes[0]) or (sizes[0],)
            Row r is ``jacobian(X)[r, output]``.

        Raises
        ------
        TypeError
            If `X` does not contain real numbers, or `output` is not an integer.
        ValueError
            If there is no such output, a shape does not match or a number is not finite.

        See Also
        --------
        jacobian : The gradients of all outputs.
        backprop : With ``wrt_input=True``, the gradient of the cost with respect to the inputs.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 1], output="tanh", init=([[[1, -2]]], [[0]]), dtype="float64")
        >>> net.input_gradient([0, 0])
        array([ 1., -2.])
        """
        model = self._core_model
        rows, single = _inputs(model, X)
        number = _output(output, model.sizes[-1])
        found = model.native.input_gradient(rows, number, threads(n_threads))
        return found[0] if single else found


def _inputs(model: Model, X: ArrayLike) -> tuple[Rows, bool]:
    """Check the inputs, and return whether they are a single example."""
    model.check_columns(X, "X")
    return examples(X, "X", model.sizes[0], model.dtype)


def _vectors(model: Model, value: ArrayLike, name: str, width: int, rows: Rows, single: bool) -> Rows:
    """Check the vectors that belong to some examples."""
    vectors, alone = examples(value, name, width, model.dtype)
    if single != alone or len(vectors) != len(rows):
        expected = f"({width},) for a single X" if single else f"({len(rows)}, {width}) for the rows of X"
        got = vectors.shape[1:] if alone else vectors.shape
        raise ValueError(f"{name} must have shape {expected}, got {got}")
    return vectors


def _output(value: Any, outputs: int) -> int:
    """Check the number of an output; None is the only one."""
    if value is None and outputs == 1:
        return 0
    expected = f"output must be an integer between 0 and {outputs - 1}"
    try:
        number = integer(value, "output", at_least=0, below=outputs)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{expected}, got {shown(value)}") from None
    return number
