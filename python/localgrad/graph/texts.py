"""A graph as text for other programs: Mermaid and Graphviz."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

Nodes: TypeAlias = dict[str, dict[str, Any]]
Edges: TypeAlias = list[tuple[str, str]]
Derivatives: TypeAlias = dict[tuple[str, str], Any] | None

_PARAMETER, _COMPUTED = ("[/", "/]"), ("[", "]")
_SHAPES = {  # Mermaid brackets: rounded for inputs, slanted for parameters, boxes for computed variables
    "input": ("([", "])"),
    "target": ("([", "])"),
    "weights": _PARAMETER,
    "biases": _PARAMETER,
    "input_scales": _PARAMETER,
    "weighted_input": _COMPUTED,
    "activation": _COMPUTED,
    "more": _COMPUTED,
    "cost": ("((", "))"),
}
_STYLES = {  # of Graphviz, for the same kinds
    "([": "shape=box, style=rounded",
    "[/": "shape=box, color=gray60",
    "[": "shape=box",
    "((": "shape=ellipse",
}
_SHORT = 40  # longest formula of a unit that is written
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def raised(text: str) -> str:
    """Write ^2 as a superscript and _01 as subscripts."""
    text = re.sub(r"\^(\d+)", lambda match: match[1].translate(_RAISED), text)
    return re.sub(r"(?<=[^a-z])_([\d,]+)|(?<=\b[a-z])_([\d,]+)", _lowered, text)


def _lowered(match: re.Match[str]) -> str:
    return (match[1] or match[2]).translate(_LOWERED)


def number(value: float) -> str:
    """Return a number with four digits."""
    return f"{value + 0.0:.4g}"


def lines_of(name: str, node: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a node's text: the variable, and the value and the derivative if it has them."""
    formula, shape = node["formula"], " × ".join(str(width) for width in node["shape"])
    if node["kind"] == "more":
        yield str(formula)
    elif isinstance(node.get("value"), float):
        if formula and len(formula) <= _SHORT:
            yield f"{name} = {formula}"
            yield f"= {number(node['value'])}"
        else:
            yield f"{name} = {number(node['value'])}"
    else:
        yield f"{name} = {formula}" if formula else f"{name}: {shape}" if shape else name
        if node.get("value") is not None:
            yield f"norm {number(_norm(node['value']))}"
    derivative = node.get("derivative")
    if derivative is not None and node["kind"] != "cost":
        size = number(derivative) if isinstance(derivative, float) else f"norm {number(_norm(derivative))}"
        yield f"∂c/∂{name}: {size}" if "norm" in size else f"∂c/∂{name} = {size}"


def _norm(array: Any) -> float:
    return float(np.linalg.norm(np.asarray(array, np.float64)))


def edge_text(u: str, v: str, nodes: Nodes, derivatives: Derivatives) -> str:
    """Return the local derivative along an edge, in a graph of layers by its symbol; "" if there is none."""
    local = None if derivatives is None else derivatives.get((u, v))
    if local is None:
        return ""
    if not nodes[v]["shape"] and nodes[u]["shape"]:
        return "∇c"
    if isinstance(local, float):
        return number(local)
    kind, layer = nodes[u]["kind"], nodes[v]["layer"]
    if kind == "weighted_input":
        return f"φ′({u})"
    below = f"a^{layer - 1}" if layer > 2 else "x"
    scaled = layer == 2 and "s" in nodes
    if kind == "weights":
        return f"s ⊙ {below}" if scaled else below
    return {"input_scales": "w^2, x", "input": "w^2, s" if scaled else "w^2"}.get(kind, f"w^{layer}")


def identifier(name: str) -> str:
    """Return a name without characters that the programs do not accept."""
    return re.sub(r"\W", "_", name.replace("^", ""))


def mermaid(nodes: Nodes, edges: Edges, derivatives: Derivatives) -> str:
    """Return a flowchart for Mermaid."""
    lines = ["flowchart LR"]
    for name, node in nodes.items():
        left, right = _SHAPES[node["kind"]]
        lines.append(f'    {identifier(name)}{left}"{raised("<br>".join(lines_of(name, node)))}"{right}')
    for u, v in edges:
        text = edge_text(u, v, nodes, derivatives)
        label = f'|"{raised(text)}"|' if text else ""
        lines.append(f"    {identifier(u)} -->{label} {identifier(v)}")
    return "\n".join(lines)


def graphviz(nodes: Nodes, edges: Edges, derivatives: Derivatives) -> str:
    """Return a digraph in the language DOT."""
    font = 'fontname="sans-serif", fontsize='
    lines = [
        "digraph {",
        "    rankdir=LR",
        f"    node [{font}10, margin=0.08, height=0.3]",
        f"    edge [{font}9]",
    ]
    for name, node in nodes.items():
        style = _STYLES[_SHAPES[node["kind"]][0]]
        text = raised(r"\n".join(lines_of(name, node)))
        lines.append(f'    {identifier(name)} [{style}, label="{text}"]')
    for u, v in edges:
        text = edge_text(u, v, nodes, derivatives)
        label = f' [label="{raised(text)}"]' if text else ""
        lines.append(f"    {identifier(u)} -> {identifier(v)}{label}")
    return "\n".join([*lines, "}"])
