"""The computation graph, as data, as text for Mermaid and Graphviz, and as a picture."""

import json
import re
import shutil
import subprocess

import localgrad as lg
import matplotlib
import numpy as np
import pytest

matplotlib.use("agg")
from matplotlib import pyplot


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


def check_chain_rule(graph):
    """Check that the derivative of every node follows from the nodes that it leads to."""
    for name, node in graph.nodes.items():
        out = [(v, graph.local_derivatives[u, v]) for u, v in graph.edges if u == name and name[0] != "y"]
        if out and node["kind"] != "more":
            total = sum(local * graph.nodes[v]["derivative"] for v, local in out)
            assert node["derivative"] == pytest.approx(total, rel=1e-12, abs=1e-15), name


@pytest.mark.parametrize("output", ["identity", "sigmoid", "softmax"])
def test_derivatives_follow_from_the_local_derivatives_by_the_chain_rule(output):
    net = lg.Network([2, 3, 2], activation="tanh", output=output, cost="mse", seed=2, dtype="float64")
    graph = net.graph([0.5, -1.0], [1.0, 0.0])
    assert graph.nodes["c"]["derivative"] == 1
    assert len(graph.nodes) == 2 + (6 + 3 + 3 + 3) + (6 + 2 + 2 + 2) + 2 + 1
    check_chain_rule(graph)


def test_the_chain_rule_holds_with_input_scales():
    net = lg.Network([2, 1], activation=(), learn_input_scale=True, input_scale=0.5, seed=2, dtype="float64")
    net.input_scales = [2.0, 3.0]
    graph = net.graph([0.5, -1.0], [1.0])
    assert graph.nodes["z^2_0"]["formula"] == "w^2_00 s_0 x_0 + w^2_01 s_1 x_1 + b^2_0"
    assert graph.nodes["x_0"]["value"] == 0.25
    check_chain_rule(graph)


def test_values_and_derivatives_of_units_are_those_of_the_trace():
    net = lg.Network([2, 3, 1], activation="tanh", seed=0, dtype="float64")
    graph, t = net.graph([0.5, -1.0], [1.0]), net.backprop([0.5, -1.0], [1.0], wrt_input=True)
    assert graph.nodes["z^2_1"]["value"] == t.weighted_inputs[0][1]
    assert graph.nodes["z^2_1"]["derivative"] == t.local_gradients[0][1]
    assert graph.nodes["w^3_02"]["derivative"] == t.weight_gradients[1][0, 2]
    assert graph.nodes["x_1"]["derivative"] == pytest.approx(t.input_gradient[1])
    assert graph.nodes["c"]["value"] == t.cost


def test_a_graph_of_layers_has_the_arrays_of_the_trace():
    net = lg.Network([4, 5, 2], activation="tanh", output="softmax", learn_input_scale=True, dtype="float64")
    t = net.backprop([1.0, 2.0, 3.0, 4.0], 1, wrt_input=True)
    graph = net.graph([1.0, 2.0, 3.0, 4.0], 1)
    assert list(graph.nodes) == list(net.graph().nodes)
    for name, derivative in (
        ("x", t.input_gradient),
        ("s", t.input_scale_gradient),
        ("w^2", t.weight_gradients[0]),
        ("b^3", t.bias_gradients[1]),
        ("z^2", t.local_gradients[0]),
        ("a^3", t.cost_gradient),
    ):
        assert graph.nodes[name]["derivative"] == pytest.approx(derivative), name
        assert np.shape(graph.nodes[name]["value"]) == graph.nodes[name]["shape"], name
    delta = graph.nodes["a^2"]["derivative"] * graph.local_derivatives["z^2", "a^2"]
    assert delta == pytest.approx(graph.nodes["z^2"]["derivative"])
    below = graph.nodes["z^3"]["derivative"] @ graph.local_derivatives["a^2", "z^3"]
    assert below == pytest.approx(graph.nodes["a^2"]["derivative"])


def test_wide_layers_of_a_graph_of_units_are_shortened():
    net = lg.Network([784, 30, 10], output="softmax", seed=0)
    x = np.linspace(0, 1, 784)
    assert "x" in net.graph(x, 3).nodes
    graph = net.graph(x, 3, by="unit", max_units=2)
    more = {name: node["formula"] for name, node in graph.nodes.items() if node["kind"] == "more"}
    assert list(more.values()) == ["782 more units", "28 more units", "8 more units", "8 more targets"]
    assert {v for u, v in graph.edges if u == "more^2"} == {"z^3_0", "z^3_1", "more^3"}
    assert graph.nodes["z^2_0"]["formula"] == "w^2_00 x_0 + w^2_01 x_1 + … + b^2_0"


@pytest.fixture
def graphs():
    net = lg.Network([2, 3, 2], activation="tanh", output="softmax", seed=0)
    wide = lg.Network([12, 20, 11], activation="leaky_relu(0.2)", learn_input_scale=True, seed=0)
    x, y = np.linspace(0, 1, 12), np.zeros(11)
    example = ([1.0, 2.0], 1)
    return [
        *(net.graph(), net.graph(by="unit"), net.graph(*example), net.graph(*example, by="layer")),
        *(
            wide.graph(),
            wide.graph(x, y),
            wide.graph(x, y, by="unit"),
            wide.graph(x, y, by="unit", max_units=12),
        ),
    ]


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_draws_all_nodes_and_edges(graphs):
    for graph in graphs:
        run = subprocess.run(
            ["dot", "-Tjson0"], input=graph.graphviz(), capture_output=True, text=True, check=True
        )
        assert not run.stderr
        drawn = json.loads(run.stdout)
        assert len(drawn["objects"]) == len(graph.nodes)
        assert len(drawn["edges"]) == len(graph.edges)
        labels = [edge["label"] for edge in drawn["edges"] if edge.get("label")]
        assert len(labels) == len(graph.local_derivatives or ())


def test_mermaid_text_has_values_and_local_derivatives():
    net = lg.Network([1, 1], init=([[[0.5]]], [[0.25]]), dtype="float64")
    lines = net.graph([3.0], [0.25]).mermaid().splitlines()
    assert '    w2_00[/"w²₀₀ = 0.5<br>∂c/∂w²₀₀ = 4.5"/]' in lines
    assert '    z2_0["z²₀ = w²₀₀ x₀ + b²₀<br>= 1.75<br>∂c/∂z²₀ = 1.5"]' in lines
    assert '    w2_00 -->|"3"| z2_0' in lines
    assert "    y_0 --> c" in lines


def test_pictures_have_a_box_for_each_node(graphs):
    for graph in graphs:
        ax = graph.plot()
        boxes = [patch for patch in ax.patches if type(patch).__name__ == "FancyBboxPatch"]
        assert len(boxes) == len(graph.nodes)
        (low, high), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        for box in boxes:
            (left, lower), (right, upper) = (
                box.get_extents().transformed(ax.transData.inverted()).get_points()
            )
            assert low <= left < right <= high
            assert top <= min(lower, upper) < max(lower, upper) <= bottom
        pyplot.close(ax.figure)


def test_arguments_of_a_graph_are_checked():
    net = lg.Network([2, 2, 1], seed=0)
    with pytest.raises(TypeError, match="y must be passed together with x, got None"):
        net.graph([1.0, 2.0])
    with pytest.raises(ValueError, match="by must be one of 'layer', 'unit', got 'row'"):
        net.graph(by="row")
    with pytest.raises(ValueError, match="x must be a single example"):
        net.graph([[1.0, 2.0]], [[1.0]])
    with pytest.raises(TypeError, match="ax must be"):
        net.graph().plot(ax=1)
