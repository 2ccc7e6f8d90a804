"""The computation graph of a network, as data and as Mermaid text."""

from typing import Any

from localgrad._support.functions import in_terms_of

__all__ = ["Graph"]

_SHAPES = {  # Mermaid brackets: rounded for inputs, slanted for parameters, boxes for computed variables
    "input": ("([", "])"),
    "target": ("([", "])"),
    "weights": ("[/", "/]"),
    "biases": ("[/", "/]"),
    "input_scales": ("[/", "/]"),
    "weighted_input": ("[", "]"),
    "activation": ("[", "]"),
    "cost": ("((", "))"),
}


class Graph:
    """The computation graph of a network.

    Nodes are variables. An edge from u to v means that v is computed from u. Backpropagation applies the
    chain rule along these edges, from the cost backward. Layers are numbered from 1, the input, to L, the
    output.

    Attributes
    ----------
    nodes : dict of str to dict
        Properties of each variable (``"x"``, ``"w^2"``, ``"b^2"``, ``"z^2"``, ``"a^2"``, ..., ``"y"``,
        ``"c"``): ``kind`` (input, weights, biases, weighted_input, activation, target or cost), ``layer``
        (None for y and c), ``shape`` for one example, and ``formula``, which is None for inputs, targets and
        parameters. Networks with `learn_input_scale` also have ``"s"``, of kind input_scales.
    edges : list of tuple (str, str)
        Edges (u, v) as pairs of names.

    Examples
    --------
    >>> import localgrad as lg
    >>> graph = lg.Network([2, 1], output="sigmoid").graph()
    >>> list(graph.nodes)
    ['x', 'w^2', 'b^2', 'z^2', 'a^2', 'y', 'c']
    >>> graph.nodes["w^2"]
    {'kind': 'weights', 'layer': 2, 'shape': (1, 2), 'formula': None}
    >>> graph.edges
    [('x', 'z^2'), ('w^2', 'z^2'), ('b^2', 'z^2'), ('z^2', 'a^2'), ('a^2', 'c'), ('y', 'c')]
    """

    def __init__(
        self,
        sizes: tuple[int, ...],
        activations: tuple[str, ...],
        cost: str,
        targets: int,
        input_scales: bool,
    ) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}
        self.edges: list[tuple[str, str]] = []
        self._add("x", "input", 1, (sizes[0],))
        below = "x"
        variables: tuple[str, ...] = ("x",)
        if input_scales:
            self._add("s", "input_scales", 1, (sizes[0],))
            below, variables = "(s ⊙ x)", ("x", "s")
        for layer, (fan_in, fan_out, phi) in enumerate(
            zip(sizes, sizes[1:], activations, strict=False), start=2
        ):
            w, b, z, a = (f"{letter}^{layer}" for letter in "wbza")
            self._add(w, "weights", layer, (fan_out, fan_in))
            self._add(b, "biases", layer, (fan_out,))
            self._add(z, "weighted_input", layer, (fan_out,), f"{w} {below} + {b}", (*variables, w, b))
            self._add(a, "activation", layer, (fan_out,), in_terms_of(phi, z), (z,))
            below, variables = a, (a,)
        self._add("y", "target", None, (targets,))
        self._add("c", "cost", None, (), in_terms_of(cost, f"{below}, y"), (below, "y"))

    def _add(
        self,
        name: str,
        kind: str,
        layer: int | None,
        shape: tuple[int, ...],
        formula: str | None = None,
        inputs: tuple[str, ...] = (),
    ) -> None:
        self.nodes[name] = {"kind": kind, "layer": layer, "shape": shape, "formula": formula}
        self.edges.extend((one, name) for one in inputs)

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
            w2[/"w^2: 1 × 2"/]
            b2[/"b^2: 1"/]
            z2["z^2 = w^2 x + b^2"]
            a2["a^2 = sigmoid(z^2)"]
            y(["y: 1"])
            c(("c = mse(a^2, y)"))
            x --> z2
            w2 --> z2
            b2 --> z2
            z2 --> a2
            a2 --> c
            y --> c
        """
        lines = ["flowchart LR"]
        for name, node in self.nodes.items():
            left, right = _SHAPES[node["kind"]]
            shape = " × ".join(str(width) for width in node["shape"])
            text = f"{name} = {node['formula']}" if node["formula"] else f"{name}: {shape}"
            lines.append(f'    {_identifier(name)}{left}"{text}"{right}')
        lines.extend(f"    {_identifier(u)} --> {_identifier(v)}" for u, v in self.edges)
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Graph of {len(self.nodes)} nodes and {len(self.edges)} edges>"


def _identifier(name: str) -> str:
    return name.replace("^", "")
