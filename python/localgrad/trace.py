"""All quantities that the forward pass and backpropagation compute."""

from itertools import pairwise

import numpy as np

from localgrad._arrays.rows import FloatArray
from localgrad._model.model import Model
from localgrad._support.functions import in_terms_of
from localgrad._support.html import table

__all__ = ["ForwardTrace", "Trace"]

_SHOWN = 6  # largest array whose values are printed in full


class ForwardTrace:
    """Result of `Network.forward`: the weighted inputs and activations of every layer.

    Layers are numbered from 1, the input, as in the notation of the documentation. List index i therefore
    belongs to layer i + 2, except in `activations`, whose first item is the input. Arrays have one example
    per row; for a single example there is no batch axis. ``print(trace)`` shows a table of all quantities
    with their shapes, norms and values, or the range of values in large arrays.

    Attributes
    ----------
    weighted_inputs : list of ndarray of shape (n, sizes[i + 1])
        Weighted inputs z of layer i + 2, (F).
    activations : list of ndarray of shape (n, sizes[i])
        Activations a of layer i + 1. The first is the input x, not multiplied by `Network.input_scales`; the
        last is the output.
    activation_derivatives
        The derivatives φ'(z), computed on first access.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([2, 2, 1], init=([[[1, -1], [2, 1]], [[1, 3]]], [[0, 0], [1]]), dtype="float64")
    >>> t = net.forward([1.0, 2.0])
    >>> t.weighted_inputs[0], t.activations[1]
    (array([-1.,  4.]), array([0., 4.]))
    >>> print(t)
    ForwardTrace of 1 example through 2-2-1
    layer  quantity         shape   norm  values
        1  a = x            (2,)   2.236  [1.0, 2.0]
        2  z                (2,)   4.123  [-1.0, 4.0]
           a = relu(z)      (2,)       4  [0.0, 4.0]
        3  z                (1,)      13  [13.0]
           a = identity(z)  (1,)      13  [13.0]
    """

    def __init__(
        self, model: Model, weighted_inputs: list[FloatArray], activations: list[FloatArray], single: bool
    ) -> None:
        # The core expects a batch axis, so private arrays keep it; public ones of a single example do not.
        self._model = model
        self._z = weighted_inputs
        self._a = activations
        self._single = single
        self._activation_derivatives: list[FloatArray] | None = None
        # With standardized targets it depends on the standardization, which may change before it is accessed.
        self._of_output = self._derivative(len(self._z) - 1) if model.standardizes_targets else None
        self.weighted_inputs = [self._public(z) for z in weighted_inputs]
        self.activations = [self._public(a) for a in activations]

    @property
    def activation_derivatives(self) -> list[FloatArray]:
        """Derivatives φ'(z) of each layer, of shape (n, sizes[i + 1]), the second factor of (D1).

        For a softmax output, which does not act unit by unit, the last array contains the Jacobian of each
        example. It has shape (n, sizes[-1], sizes[-1]), and [r, j, k] is the derivative of a_j with respect
        to z_k.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 2], output="softmax", init="zeros", dtype="float64")
        >>> net.forward([3.0]).activation_derivatives[0]
        array([[ 0.25, -0.25],
               [-0.25,  0.25]])
        """
        if self._activation_derivatives is None:
            last = len(self._z) - 1
            hidden = [self._derivative(i) for i in range(last)]
            output = self._derivative(last) if self._of_output is None else self._of_output
            self._activation_derivatives = [self._public(one) for one in (*hidden, output)]
        return self._activation_derivatives

    def _derivative(self, i: int) -> FloatArray:
        return self._model.native.activation_derivative(i, self._z[i], self._a[i + 1])

    def _public(self, rows: FloatArray) -> FloatArray:
        return rows[0] if self._single else rows

    def __repr__(self) -> str:
        count = "1 example" if self._single else f"{len(self._a[0])} examples"
        widths = "-".join(str(np.shape(a)[-1]) for a in self._a)
        return f"<{type(self).__name__} of {count} through {widths}>"

    def _rows(self) -> list[tuple[str, str, str, str, str]]:
        """Return the header and the rows of a table of all quantities."""
        rows = [("layer", "quantity", "shape", "norm", "values")]
        for i in range(len(self.activations)):
            for k, (name, array) in enumerate(self._of_layer(i)):
                # In float64, because squares can overflow in float32.
                size = f"{np.linalg.norm(array.astype(np.float64)):.4g}"
                rows.append((f"{i + 1}" if k == 0 else "", name, str(array.shape), size, _values(array)))
        return rows

    def _repr_html_(self) -> str:
        header, *rows = self._rows()
        return table(repr(self).strip("<>"), header, rows, numbers="norm")

    def __str__(self) -> str:
        rows = self._rows()
        first, q, s, n, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
        title = repr(self).strip("<>")
        return "\n".join(
            [title, *(f"{a:>{first}}  {b:<{q}}  {c:<{s}}  {d:>{n}}  {e}".rstrip() for a, b, c, d, e in rows)]
        )

    def _of_layer(self, i: int) -> list[tuple[str, FloatArray]]:
        """Return names and arrays of the quantities of layer i + 1."""
        if i == 0:
            return [("a = x", self.activations[0])]
        phi = (*self._model.activation, self._model.output)[i - 1]
        return [("z", self.weighted_inputs[i - 1]), (f"a = {in_terms_of(phi, 'z')}", self.activations[i])]


class Trace(ForwardTrace):
    """Result of `Network.backprop`: every quantity that backpropagation computes.

    Layers, arrays and ``print`` are as in `ForwardTrace`.

    Attributes
    ----------
    cost : float
        Mean cost of the examples, (C).
    weighted_inputs, activations, activation_derivatives
        The quantities of the forward pass, as in `ForwardTrace`. The derivatives of the output layer are the
        second factor of (D1).
    local_gradients : list of ndarray of shape (n, sizes[i + 1])
        Local gradients δ of layer i + 2, (D1) and (D2). Each row is the gradient of its example's own cost.
    gradient : ndarray of shape (num_parameters,)
        Gradient of the mean cost, in the order of `Network.parameters`.
    weight_gradients : list of ndarray of shape (sizes[i + 1], sizes[i])
        Gradients of the weights, (G1), as views of `gradient`.
    bias_gradients : list of ndarray of shape (sizes[i + 1],)
        Gradients of the biases, (G2), as views of `gradient`.
    input_scale_gradient : ndarray of shape (sizes[0],) or None
        Gradient of `Network.input_scales`, the mean of (wᵀ δ) ⊙ a¹ with w and δ of layer 2, as a view of
        `gradient`; None without `learn_input_scale`.
    input_gradient : ndarray of shape (n, sizes[0]) or None
        Gradient of each example's own cost with respect to its input x as it was passed, before `input_scale`
        and standardization, (X). None without ``wrt_input=True``.
    per_example_gradients : ndarray of shape (n, num_parameters) or None
        Gradient of each example's own cost, in the order of `Network.parameters`. Their mean, weighted by
        the sample weights, is `gradient`. None without ``per_example=True``.
    cost_gradient
        The first factor of (D1), computed on first access.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([2, 1], init=([[[0.5, -1.0]]], [[0.25]]), dtype="float64")
    >>> t = net.backprop([1.0, 2.0], [0.25])
    >>> t.weighted_inputs[0]
    array([-1.25])
    >>> t.cost
    1.125
    >>> t.local_gradients[0]
    array([-1.5])
    >>> t.weight_gradients[0]
    array([[-1.5, -3. ]])
    >>> print(t)
    Trace of 1 example through 2-1, cost 1.125
    layer  quantity         shape    norm  values
        1  a = x            (2,)    2.236  [1.0, 2.0]
        2  z                (1,)     1.25  [-1.25]
           a = identity(z)  (1,)     1.25  [-1.25]
           δ                (1,)      1.5  [-1.5]
           ∂C/∂w            (1, 2)  3.354  [[-1.5, -3.0]]
           ∂C/∂b            (1,)      1.5  [-1.5]
    """

    def __init__(
        self,
        model: Model,
        y: FloatArray,
        cost: float,
        weighted_inputs: list[FloatArray],
        activations: list[FloatArray],
        local_gradients: list[FloatArray],
        gradient: FloatArray,
        input_gradient: FloatArray | None,
        per_example_gradients: FloatArray | None,
        single: bool,
    ) -> None:
        super().__init__(model, weighted_inputs, activations, single)
        self._y = y
        self._cost_gradient: FloatArray | None = None
        self.cost = cost
        self.local_gradients = [self._public(delta) for delta in local_gradients]
        self.input_gradient = None if input_gradient is None else self._public(input_gradient)
        self.per_example_gradients = (
            None if per_example_gradients is None else self._public(per_example_gradients)
        )
        self.gradient = gradient
        self.weight_gradients: list[FloatArray] = []
        self.bias_gradients: list[FloatArray] = []
        sizes = model.sizes
        start = 0
        for fan_in, fan_out in pairwise(sizes):
            middle, end = start + fan_in * fan_out, start + (fan_in + 1) * fan_out
            # The core stores the transposed weights: one row per input unit.
            self.weight_gradients.append(gradient[start:middle].reshape(fan_in, fan_out).T)
            self.bias_gradients.append(gradient[middle:end])
            start = end
        self.input_scale_gradient = gradient[start:] if start < len(gradient) else None

    @property
    def cost_gradient(self) -> FloatArray:
        """Gradient ∇_a c of the cost with respect to the outputs, the first factor of (D1).

        It has shape (n, sizes[-1]). Components are infinite where the slope of the cost is infinite.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 2], init="zeros", dtype="float64")
        >>> net.backprop([3.0], [1.0, -1.0]).cost_gradient
        array([-1.,  1.])
        """
        if self._cost_gradient is None:
            self._cost_gradient = self._public(self._model.native.cost_gradient(self._a[-1], self._y))
        return self._cost_gradient

    def _of_layer(self, i: int) -> list[tuple[str, FloatArray]]:
        found = super()._of_layer(i)
        if i > 0:
            return [
                *found,
                ("δ", self.local_gradients[i - 1]),
                ("∂C/∂w", self.weight_gradients[i - 1]),
                ("∂C/∂b", self.bias_gradients[i - 1]),
            ]
        of_inputs = [("∂c/∂x", self.input_gradient), ("∂C/∂s", self.input_scale_gradient)]
        return [*found, *((name, array) for name, array in of_inputs if array is not None)]

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}, cost {self.cost:.6g}>"


def _values(array: FloatArray) -> str:
    """Return the values of a small array, or the range of a large one, as text."""
    if array.size <= _SHOWN:
        return str([float(f"{value:.4g}") for value in array.ravel()] if array.ndim < 2 else _nested(array))
    return f"{array.min():.4g} .. {array.max():.4g}"


def _nested(array: FloatArray) -> list[list[float]]:
    return [[float(f"{value:.4g}") for value in row] for row in array]
