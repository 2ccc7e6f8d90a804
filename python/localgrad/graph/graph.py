"""The class `Graph`."""

from __future__ import annotations  # help() then shows types by their names

import io
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from localgrad.graph import texts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Graph"]


class Graph:
    """The computation graph of a network.

    Nodes are variables. An edge from u to v means that v is computed from u. Backpropagation applies the
    chain rule along these edges, from the cost backward. Layers are numbered from 1, the input, to L, the
    output, and units from 0. A notebook shows the graph as a picture.

    Attributes
    ----------
    nodes : dict of str to dict
        Properties of each variable (``"x"``, ``"w^2"``, ``"b^2"``, ``"z^2"``, ``"a^2"``, ..., ``"y"``,
        ``"c"``): ``kind`` (input, weights, biases, weighted_input, activation, target or cost), ``layer``
        (None for y and c), ``shape`` for one example, and ``formula``, which is None for inputs, targets and
        parameters. Networks with `learn_input_scale` also have ``"s"``, of kind input_scales. In a graph of
        units, a name has the numbers of the units, as in ``"w^2_01"``, and nodes of kind more, such as
        ``"more^2"``, stand for units that are left out. In a graph of an example, a node also has its
        ``value`` and its ``derivative`` ∂c/∂, numbers or arrays, which are None where they are not known.
    edges : list of tuple (str, str)
        Edges (u, v) as pairs of names.
    local_derivatives : dict of (str, str) to float or ndarray, or None
        The derivative ∂v/∂u along each edge of a graph of units, with that of the cost by its target left
        out; None if the graph has no example. In a graph of layers: w for the edge from a to z, a for that
        from w to z, 1 for that from b to z, φ′(z), or the Jacobian of softmax, for that from z to a, and
        ∇_a c for that to c.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([2, 1], init=([[[0.5, -1.0]]], [[0.25]]), dtype="float64")
    >>> graph = net.graph()
    >>> list(graph.nodes)
    ['x', 'w^2', 'b^2', 'z^2', 'a^2', 'y', 'c']
    >>> graph.nodes["w^2"]
    {'kind': 'weights', 'layer': 2, 'shape': (1, 2), 'formula': None}
    >>> graph.edges
    [('x', 'z^2'), ('w^2', 'z^2'), ('b^2', 'z^2'), ('z^2', 'a^2'), ('a^2', 'c'), ('y', 'c')]

    The derivative of a variable is the sum, over the edges that leave it, of the derivative of the variable
    they lead to times the local derivative:

    >>> graph = net.graph([1.0, 2.0], [0.25])
    >>> graph.nodes["z^2_0"]["value"], graph.nodes["z^2_0"]["derivative"]
    (-1.25, -1.5)
    >>> graph.local_derivatives["w^2_01", "z^2_0"], graph.nodes["w^2_01"]["derivative"]
    (2.0, -3.0)
    """

    def __init__(
        self,
        nodes: dict[str, dict[str, Any]],
        edges: list[tuple[str, str]],
        local_derivatives: dict[tuple[str, str], Any] | None = None,
    ) -> None:
        self.nodes, self.edges, self.local_derivatives = nodes, edges, local_derivatives

    def mermaid(self) -> str:
        """Return the graph as a Mermaid flowchart, a text format that GitHub and many editors can draw.

        Returns
        -------
        str
            Mermaid source, without the enclosing Markdown code fence.

        Examples
        --------
        >>> import localgrad as lg
        >>> print(lg.Network([2, 1], output="sigmoid").graph().mermaid())
        flowchart LR
            x(["x: 2"])
            w2[/"w²: 1 × 2"/]
            b2[/"b²: 1"/]
            z2["z² = w² x + b²"]
            a2["a² = sigmoid(z²)"]
            y(["y: 1"])
            c(("c = mse(a², y)"))
            x --> z2
            w2 --> z2
            b2 --> z2
            z2 --> a2
            a2 --> c
            y --> c
        """
        return texts.mermaid(self.nodes, self.edges, self.local_derivatives)

    def graphviz(self) -> str:
        """Return the graph in the language DOT, which the programs of Graphviz can draw.

        Returns
        -------
        str
            DOT source, for ``dot -Tsvg``.

        Examples
        --------
        >>> import localgrad as lg
        >>> print(lg.Network([2, 1]).graph().graphviz())  # doctest: +ELLIPSIS
        digraph {
            rankdir=LR
            node [fontname="sans-serif", fontsize=10, ...]
            ...
            x [shape=box, style=rounded, label="x: 2"]
            ...
            x -> z2
            ...
        }
        """
        return texts.graphviz(self.nodes, self.edges, self.local_derivatives)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the graph with matplotlib.

        Parameters
        ----------
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
            If `ax` is not an Axes.

        Examples
        --------
        >>> import localgrad as lg
        >>> axes = lg.Network([2, 1], seed=0).graph([1.0, 2.0], [0.5]).plot()  # doctest: +SKIP
        """
        from localgrad.graph import picture

        return picture.draw(self.nodes, self.edges, self.local_derivatives, ax)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        found = {"text/plain": repr(self), "text/vnd.mermaid": self.mermaid()}
        if find_spec("matplotlib"):
            from localgrad.graph import picture

            stream = io.StringIO()
            size = picture.size(self.nodes)
            from matplotlib.figure import Figure

            figure = Figure(figsize=size)
            self.plot(figure.add_axes((0, 0, 1, 1)))
            figure.savefig(stream, format="svg")
            found["image/svg+xml"] = stream.getvalue()
        return found

    def __repr__(self) -> str:
        return f"<Graph of {len(self.nodes)} nodes and {len(self.edges)} edges>"
