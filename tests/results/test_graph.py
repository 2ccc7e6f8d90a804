"""The computation graph, as plain data and as Mermaid text."""

import json
import re

import localgrad as lg
import pytest


@pytest.fixture
def graph():
    net = lg.Network([4, 3, 2, 5], activation=["tanh", "relu"], output="softmax", seed=0)
    return net.graph()


def test_nodes_have_kind_layer_shape_and_formula(graph):
    kinds = {name: node["kind"] for name, node in graph.nodes.items()}
    assert kinds == {
        "x": "input",
        "w^2": "weights",
        "b^2": "biases",
        "z^2": "weighted_input",
        "a^2": "activation",
        "w^3": "weights",
        "b^3": "biases",
        "z^3": "weighted_input",
        "a^3": "activation",
        "w^4": "weights",
        "b^4": "biases",
        "z^4": "weighted_input",
        "a^4": "activation",
        "y": "target",
        "c": "cost",
    }
    assert graph.nodes["w^3"] == {"kind": "weights", "layer": 3, "shape": (2, 3), "formula": None}
    assert graph.nodes["z^3"]["formula"] == "w^3 a^2 + b^3"
    assert graph.nodes["a^3"]["formula"] == "relu(z^3)"
    assert graph.nodes["c"]["formula"] == "cross_entropy(a^4, y)"
    assert graph.nodes["c"]["shape"] == ()


def test_shapes_equal_those_of_the_network():
    net = lg.Network([4, 3, 2])
    nodes = net.graph().nodes
    for i in range(2):
        assert nodes[f"w^{i + 2}"]["shape"] == net.weights[i].shape
        assert nodes[f"b^{i + 2}"]["shape"] == net.biases[i].shape
    trace = net.backprop([1, 2, 3, 4], [1, 2])
    for i in range(2):
        assert nodes[f"z^{i + 2}"]["shape"] == trace.weighted_inputs[i].shape
        assert nodes[f"a^{i + 2}"]["shape"] == trace.activations[i + 1].shape


def test_edges_follow_from_the_formulas(graph):
    for name, node in graph.nodes.items():
        into = [u for u, v in graph.edges if v == name]
        used = re.findall(r"[wba]\^\d|z\^\d|\bx\b|\by\b", node["formula"] or "")
        assert sorted(into) == sorted(used), name


def test_nodes_are_in_topological_order_and_end_with_the_cost(graph):
    order = list(graph.nodes)
    assert all(order.index(u) < order.index(v) for u, v in graph.edges)
    assert {u for u, _ in graph.edges} == set(graph.nodes) - {"c"}


def test_the_graph_is_plain_data(graph):
    assert json.loads(json.dumps(graph.nodes))["w^2"]["shape"] == [3, 4]
    json.dumps(graph.edges)
    assert repr(graph) == "<Graph of 15 nodes and 14 edges>"


def test_mermaid_text_has_all_nodes_and_edges(graph):
    first, *lines = graph.mermaid().splitlines()
    assert first == "flowchart LR"
    node = re.compile(r'    (\w+)(\(\[|\[/|\[|\(\()"([^"<>]+)"(\]\)|/\]|\]|\)\))')
    edge = re.compile(r"    (\w+) --> (\w+)")
    drawn = [m.group(1) for m in map(node.fullmatch, lines) if m]
    joined = [m.groups() for m in map(edge.fullmatch, lines) if m]
    assert drawn == [name.replace("^", "") for name in graph.nodes]
    assert joined == [(u.replace("^", ""), v.replace("^", "")) for u, v in graph.edges]
    assert len(lines) == len(drawn) + len(joined)
