"""`Network.explain`: its numbers are those of a worked example, and its formulas those of the network."""

import itertools
import math
import re

import localgrad as lg
import localgrad._core as core
import numpy as np
import pytest
from localgrad.explain.sections import Equation

# Matt Mazur, "A Step by Step Backpropagation Example", 2015.
MAZUR = [
    *("0.3775", "0.593269992", "0.596884378", "1.105905967", "0.75136507", "0.772928465"),  # (F)
    *("0.274811083", "0.023560026", "0.298371109"),  # (C)
    *("0.74136507", "0.186815602", "0.138498562"),  # (D1)
    *("0.055399425", "0.036350306", "0.241300709"),  # (D2)
    *("0.082167041", "0.000438568"),  # (G1)
    *("0.35891648", "0.408666186", "0.511301270", "0.561370121"),  # the update, with the biases held fixed
    *("0.149780716", "0.19956143", "0.24975114", "0.29950229"),
]


@pytest.fixture
def mazur():
    net = lg.Network(
        [2, 2, 2],
        activation="sigmoid",
        output="sigmoid",
        cost="mse",
        init=([[[0.15, 0.2], [0.25, 0.3]], [[0.4, 0.45], [0.5, 0.55]]], [[0.35, 0.35], [0.6, 0.6]]),
        dtype="float64",
    )
    return net, net.explain([0.05, 0.1], [0.01, 0.99], learning_rate=0.5)


@pytest.mark.parametrize("printed", MAZUR)
def test_the_numbers_of_a_published_example_are_shown(mazur, printed):
    _, explanation = mazur
    places = len(printed.partition(".")[2])
    for text in (str(explanation), explanation.latex()):
        shown = re.findall(r"-?\d+\.\d+", text)
        assert f"{float(printed):.{places}f}" in {f"{float(one):.{places}f}" for one in shown}


def test_the_update_is_that_of_gradient_descent(mazur):
    net, explanation = mazur
    t = net.backprop([0.05, 0.1], [0.01, 0.99])
    before = net.parameters.copy()
    net.parameters -= 0.5 * t.gradient
    assert (explanation.update.parameters == net.parameters).all()
    assert explanation.update.cost == net.evaluate([0.05, 0.1], [0.01, 0.99])["cost"]
    net.parameters = before
    for weights, gradient in zip(net.weights, t.weight_gradients, strict=True):
        weights -= 0.5 * gradient
    assert explanation.update.cost_of_weights == net.evaluate([0.05, 0.1], [0.01, 0.99])["cost"]
    assert f"c = {explanation.update.cost_of_weights:.9f}" in str(explanation)


def test_the_network_is_not_changed(mazur):
    net, _ = mazur
    assert net.weights[0].tolist() == [[0.15, 0.2], [0.25, 0.3]]
    assert net.epochs == 0


def equations(explanation):
    return [one for part in explanation._sections for one in part.lines if isinstance(one, Equation)]


def check(explanation, tolerance=1e-12):
    """Check that every form of the right-hand side of every equation has the value of the left-hand side."""
    compared = 0
    for equation in equations(explanation):
        if equation.value is not None:
            for form in equation.right:
                assert form.value == pytest.approx(equation.value, rel=tolerance, abs=tolerance), (
                    equation.parts(lg.explain.writers.Text(9, 15))
                )
                compared += 1
    return compared


NAMES = core.names()
ACTIVATIONS = [*NAMES["activations"], "leaky_relu(0.2)", "elu(0.5)"]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_formulas_of_activations_give_the_values_of_the_network(activation):
    net = lg.Network([3, 5, 4, 2], activation=activation, seed=3, dtype="float64")
    for scale in (0.5, 3.0, 20.0):
        explanation = net.explain([scale, -scale, 0.1], [0.5, -1.0])
        assert check(explanation, 1e-11) > 80
        assert "φ(z) = " in str(explanation)


COSTS = {
    "identity": ["mse", "mae", "huber", "huber(0.3)", "log_cosh", "hinge", "poisson", "quantile(0.2, 0.9)"],
    "sigmoid": ["mse", "cross_entropy", "cross_entropy(0.1)", "binary_cross_entropy"],
    "softmax": ["mse", "huber", "cross_entropy", "cross_entropy(0.2)"],
    "softplus": ["poisson"],
    "tanh": ["mse", "quantile"],
}


@pytest.mark.parametrize(
    ("output", "cost"),
    [(output, cost) for output, costs in COSTS.items() for cost in costs] + [("identity", "gaussian_nll")],
)
def test_formulas_of_costs_give_the_values_of_the_network(output, cost):
    net = lg.Network([2, 3, 4], activation="tanh", output=output, cost=cost, seed=1, dtype="float64")
    y = [0.5, 1.0] if cost in ("quantile(0.2, 0.9)", "gaussian_nll") else [0.0, 1.0, 0.25, 0.5]
    assert check(net.explain([1.0, 2.0], y)) > 40


def test_labels_are_explained_as_targets():
    net = lg.Network([2, 3], output="softmax", seed=0)
    text = str(net.explain([1.0, 2.0], 1))
    assert "y = (0, 1, 0)" in text
    assert "= a²₁ - y₁\n" in text


def test_a_custom_cost_is_explained_by_its_values():
    def cost(a, y):
        return ((a - y) ** 4).sum(axis=1), 4 * (a - y) ** 3

    net = lg.Network([1, 2, 1], activation="tanh", cost=cost, seed=0, dtype="float64")
    explanation = net.explain([1.0], [3.0])
    assert check(explanation) > 20
    assert f"c = {explanation.trace.cost:.9f}".rstrip("0") in str(explanation)


@pytest.mark.parametrize("cost", ["mse", "gaussian_nll", "quantile(0.1, 0.9)"])
def test_scaled_and_standardized_numbers_are_explained(cost):
    options = {"standardize": True, "input_scale": 0.5, "learn_input_scale": True, "dtype": "float64"}
    outputs = 1 if cost == "mse" else 2
    net = lg.Network([2, 3, outputs], activation="tanh", cost=cost, seed=0, **options)
    net.fit([[1.0, 2.0], [3.0, 5.0], [4.0, 1.0]], [10.0, 30.0, 50.0], epochs=2)
    explanation = net.explain([1.0, 2.0], [10.0])
    assert check(explanation) > 30
    text = str(explanation)
    assert "a¹₀ = (0.5 x₀ - μ₀)/σ₀ = " in text
    assert "s₁ ← s₁ - η ∂c/∂s₁ = " in text


def test_wide_layers_are_shortened_and_say_so():
    net = lg.Network([784, 30, 10], activation="sigmoid", output="softmax", seed=0)
    explanation = net.explain(np.linspace(0, 1, 784), 3)
    text = str(explanation)
    assert "... 25 more units" in text
    assert "... 779 more weights of this unit" in text
    assert "… (779 more)" in text
    assert len(text) < 30_000
    assert check(explanation, 1e-5) > 100


def test_numbers_have_the_digits_of_their_type_or_as_many_as_wanted():
    init = ([[[1 / 3]]], [[0.0]])
    single, double = (lg.Network([1, 1], init=init, dtype=dtype) for dtype in ("float32", "float64"))
    assert "z²₀ = w²₀₀ a¹₀ + b²₀ = 0.333333 · 1 + 0 = 0.333333\n" in str(single.explain([1.0], [1.0]))
    assert "= 0.333333333 · 1 + 0 = 0.333333333\n" in str(double.explain([1.0], [1.0]))
    assert "= 0.33 · 1 + 0 = 0.33\n" in str(double.explain([1.0], [1.0], digits=2))
    assert "= 333.3333 · 1e+09 + 0 = 3.33333e+11\n" in str(
        lg.Network([1, 1], init=([[[1000 / 3]]], [[0.0]])).explain([1e9], [1.0])
    )


def test_saturated_outputs_have_finite_local_gradients():
    net = lg.Network([1, 2], output="softmax", init=([[[2000.0], [0.0]]], [[0.0, 0.0]]), dtype="float64")
    text = str(net.explain([1.0], [0.0, 1.0]))
    assert "c = 2000\n" in text
    assert "nan" not in text


def test_latex_has_balanced_braces_and_environments(mazur):
    _, explanation = mazur
    for text in (explanation.latex(), explanation._repr_html_()):
        assert text.count("{") == text.count("}")
        assert text.count(r"\left") - text.count(r"\leftarrow") == text.count(r"\right)")
        assert text.count(r"\begin") == text.count(r"\end")


def test_arguments_are_checked():
    net = lg.Network([2, 2, 1], seed=0)
    with pytest.raises(ValueError, match=r"x must be a single example of shape \(2,\), got 1 rows"):
        net.explain([[1.0, 2.0]], [[1.0]])
    for name, value in itertools.product(("digits", "max_units"), (0, 1.5)):
        with pytest.raises((TypeError, ValueError), match=name):
            net.explain([1.0, 2.0], [1.0], **{name: value})
    with pytest.raises(ValueError, match="learning_rate"):
        net.explain([1.0, 2.0], [1.0], learning_rate=math.inf)
    assert "←" not in str(net.explain([1.0, 2.0], [1.0], learning_rate=None))
