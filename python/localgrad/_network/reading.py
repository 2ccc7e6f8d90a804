"""What shows a network and its backpropagation to a reader: equations, graphs and drawings."""

from __future__ import annotations  # keeps aliases such as ArrayLike short in help()

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from localgrad._arguments.check import boolean, choice, integer, real, shown
from localgrad._arguments.names.keywords import other_names
from localgrad._data.examples import Examples
from localgrad._network.derivatives import Derivatives
from localgrad._support.late import import_late
from localgrad.graph import Graph
from localgrad.graph.by_layer import by_layer
from localgrad.graph.by_unit import by_unit
from localgrad.trace import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from localgrad.explain import Explanation


class Reading(Derivatives):
    """Methods of `Network` that show what backpropagation computes."""

    @other_names
    def explain(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        learning_rate: float | None = 0.1,
        digits: int | None = None,
        max_units: int = 5,
    ) -> Explanation:
        """Write the backpropagation of one example, equation by equation with the numbers put in.

        Parameters
        ----------
        x : array_like of shape (sizes[0],)
            The example.
        y : array_like
            Its target, as in `backprop`: a label or an array of shape (sizes[-1],).
        learning_rate : float or None, default 0.1
            Learning rate η of the update that is shown last, w ← w - η ∂c/∂w, with the cost after it. The
            network is not changed. None leaves the update out.
        digits : int, optional
            Largest number of decimal places, by default 9 for float64 and 6 for float32.
        max_units : int, default 5
            Number of units of a layer, and of terms of a sum, that are written out. Of wider layers the first
            ones are shown, and how many are left out.

        Returns
        -------
        Explanation
            The equations in the order of the computation, (F), (C), (D1), (D2), (G1), (G2), as plain text
            with ``print`` and as formulas in a notebook.

        Raises
        ------
        TypeError
            If `x` or `y` does not contain real numbers, or an argument has the wrong type.
        ValueError
            If a shape does not match, `x` is more than one example, a number is not finite or out of range.

        See Also
        --------
        backprop : The same quantities as arrays, also of a batch.
        diagram : Draw them.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 1], init=([[[0.5, -1.0]]], [[0.25]]), dtype="float64")
        >>> text = str(net.explain([1.0, 2.0], [0.25], learning_rate=0.5))
        >>> print(text[text.index("(D1)") : text.index("Update of")])  # doctest: +NORMALIZE_WHITESPACE
        (D1) Local gradients of the output layer, layer 2
            δᴸⱼ = ∂c/∂aᴸⱼ φ′(zᴸⱼ)
            φ′(z) = 1
        <BLANKLINE>
          ∂c/∂a²₀ = a²₀ - y₀ = -1.25 - 0.25 = -1.5
          φ′(z²₀) = 1
          δ²₀ = ∂c/∂a²₀ φ′(z²₀) = -1.5 · 1 = -1.5
        <BLANKLINE>
        (G1), (G2) Gradients of layer 2
            ∂c/∂wˡⱼₖ = δˡⱼ aˡ⁻¹ₖ
            ∂c/∂bˡⱼ = δˡⱼ
        <BLANKLINE>
          ∂c/∂w²₀₀ = δ²₀ a¹₀ = -1.5 · 1 = -1.5
          ∂c/∂w²₀₁ = δ²₀ a¹₁ = -1.5 · 2 = -3
          ∂c/∂b²₀ = δ²₀ = -1.5
        <BLANKLINE>
        """
        import_late("localgrad.explain")
        from localgrad.explain import Explanation

        data, trace = self._one(x, y)
        rate = None if learning_rate is None else real(learning_rate, "learning_rate", at_least=0.0)
        places = None if digits is None else integer(digits, "digits", at_least=1, below=16)
        units = integer(max_units, "max_units", at_least=1)
        return Explanation(data, trace, rate, places, units)

    @other_names
    def diagram(
        self,
        x: ArrayLike | None = None,
        y: ArrayLike | None = None,
        *,
        unit: tuple[int, int] | None = None,
        surfaces: bool = False,
        limits: tuple[float, float] = (-1.0, 1.0),
        max_units: int = 8,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw the layers of the network, or one unit, with matplotlib.

        Weights are lines, blue if positive and orange if negative, and wider the larger they are compared
        with the other weights of their layer.

        Parameters
        ----------
        x, y : array_like, optional
            A single example and its target, as in `explain`. Each unit then shows a and δ of the example.
        unit : (int, int), optional
            Layer l, from 2, and number j, from 0, of a unit. Only this unit is drawn: its inputs, weights and
            bias, their sum z, the activation function, a and δ.
        surfaces : bool, default False
            For networks with two inputs: whether to show in each unit what it answers over the plane, blue
            above 0 and orange below.
        limits : (float, float), default (-1, 1)
            Smallest and largest value of both inputs for `surfaces`.
        max_units : int, default 8
            Number of units that are drawn of a layer, at least 3. Of wider layers the first and the last are
            drawn, and the number of the others is written between them.
        ax : matplotlib.axes.Axes, optional
            Axes to draw on. By default a new figure is created.

        Returns
        -------
        matplotlib.axes.Axes
            The axes.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If an argument has the wrong type, or only one of `x` and `y` is passed.
        ValueError
            If `x` or `y` is invalid as in `explain`, there is no such unit, or the network does not have two
            inputs for `surfaces`.

        See Also
        --------
        graph : The computation graph, also as text for other programs.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 3, 1], activation="tanh", seed=0)
        >>> axes = net.diagram([0.5, -1.0], [1.0])  # doctest: +SKIP
        >>> axes = net.diagram([0.5, -1.0], [1.0], unit=(2, 0))  # doctest: +SKIP
        >>> axes = net.diagram(surfaces=True)  # doctest: +SKIP
        """
        model = self._core_model
        shown_units = integer(max_units, "max_units", at_least=3)
        trace = self._trace_of(x, y)
        import_late("localgrad._diagram")
        if unit is not None:
            from localgrad._diagram import neuron

            return neuron.draw(model, trace, self._unit(unit), shown_units, ax)
        from localgrad._diagram import layers

        plane = None
        if boolean(surfaces, "surfaces"):
            if model.sizes[0] != 2:
                raise ValueError(f"surfaces must be False unless there are 2 inputs, got {model.sizes[0]}")
            low, high = limits
            plane = real(low, "limits[0]"), real(high, "limits[1]", above=low)
        return layers.draw(model, trace, plane, shown_units, ax)

    def _unit(self, unit: tuple[int, int]) -> tuple[int, int]:
        """Check the numbers of a layer and of a unit in it."""
        if not isinstance(unit, tuple) or len(unit) != 2:
            raise TypeError(f"unit must be a pair (layer, number), got {shown(unit)}")
        sizes = self._core_model.sizes
        layer = integer(unit[0], "layer of unit", at_least=2, below=len(sizes) + 1)
        return layer, integer(unit[1], "number of unit", at_least=0, below=sizes[layer - 1])

    def _one(self, x: ArrayLike, y: ArrayLike) -> tuple[Examples, Trace]:
        """Check a single example, and run backpropagation on it."""
        model = self._core_model
        data = Examples.of(model, x, y, names=("x", "y"))
        if not data.single:
            raise ValueError(
                f"x must be a single example of shape ({model.sizes[0]},), got {len(data.rows)} rows"
            )
        return data, self.backprop(x, y, wrt_input=True)

    @other_names
    def graph(
        self,
        x: ArrayLike | None = None,
        y: ArrayLike | None = None,
        *,
        by: str | None = None,
        max_units: int = 3,
    ) -> Graph:
        """Return the computation graph of the network, or of one example with all values and derivatives.

        Parameters
        ----------
        x, y : array_like, optional
            A single example and its target, as in `explain`. Each node then has its value and the derivative
            of the cost with respect to it, and each edge its local derivative.
        by : {"layer", "unit"}, optional
            Whether the variables are vectors and matrices, one per layer, or numbers, one per unit and
            weight. By default layers without an example, and with one if a layer has more than `max_units`
            units.
        max_units : int, default 3
            Number of units of a layer in a graph of units. Of wider layers the first ones are included, and
            a node stands for the others.

        Returns
        -------
        Graph
            The graph as data, with variables as nodes. Its methods draw it and return it as text for Mermaid
            and Graphviz. The value of an input is what the network reads, after `input_scale` and
            standardization.

        Raises
        ------
        TypeError
            If an argument has the wrong type, or only one of `x` and `y` is passed.
        ValueError
            If `x` or `y` is invalid as in `explain`, or `by` is unknown.

        See Also
        --------
        diagram : Draw the layers of the network.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 3, 1], activation="tanh", seed=0)
        >>> net.graph()
        <Graph of 11 nodes and 10 edges>
        >>> graph = net.graph([0.5, -1.0], [1.0])
        >>> graph
        <Graph of 25 nodes and 28 edges>
        >>> z = graph.nodes["z^3_0"]
        >>> z["formula"]
        'w^3_00 a^2_0 + w^3_01 a^2_1 + w^3_02 a^2_2 + b^3_0'
        >>> z["derivative"] == graph.nodes["b^3_0"]["derivative"]
        True
        """
        model = self._core_model
        trace = self._trace_of(x, y)
        units = integer(max_units, "max_units", at_least=1)
        small = trace is not None and max(model.sizes) <= units
        kind = ("unit" if small else "layer") if by is None else choice(by, "by", ("layer", "unit"))
        return by_layer(model, trace) if kind == "layer" else by_unit(model, trace, units)

    def _trace_of(self, x: ArrayLike | None, y: ArrayLike | None) -> Trace | None:
        """Return the trace of an example, None if there is none."""
        if x is None and y is None:
            return None
        if x is None or y is None:
            missing, given = ("x", "y") if x is None else ("y", "x")
            raise TypeError(f"{missing} must be passed together with {given}, got None")
        return self._one(x, y)[1]
