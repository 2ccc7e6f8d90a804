"""Activations and costs of the reference, at ordinary and at extreme arguments."""

import math

import pytest
from localgrad.reference import ACTIVATIONS, COSTS, Network
from localgrad.reference.functions import UnitActivation
from localgrad.reference.matrix import Vector

HIDDEN = [name for name, phi in ACTIVATIONS.items() if isinstance(phi, UnitActivation)]


def test_the_names() -> None:
    assert list(ACTIVATIONS) == ["identity", "sigmoid", "tanh", "relu", "softmax"]
    assert {cost: list(outputs) for cost, outputs in COSTS.items()} == {
        "mse": list(ACTIVATIONS),
        "cross_entropy": ["softmax", "sigmoid"],
    }


@pytest.mark.parametrize(
    ("name", "z", "a"),
    [
        ("identity", [-2.5, 3.0], [-2.5, 3.0]),
        ("sigmoid", [0.0, math.log(3), -math.log(3)], [0.5, 0.75, 0.25]),
        ("tanh", [0.0, math.log(2), -math.log(2)], [0.0, 0.6, -0.6]),  # (4 - 1)/(4 + 1)
        ("relu", [-2.0, 0.0, 3.0], [0.0, 0.0, 3.0]),
        ("softmax", [0.0, math.log(3)], [0.25, 0.75]),
        ("softmax", [5.0, 5.0 + math.log(2), 5.0], [0.25, 0.5, 0.25]),
    ],
)
def test_values(name: str, z: Vector, a: Vector) -> None:
    assert ACTIVATIONS[name].value(z) == pytest.approx(a, rel=1e-14)


@pytest.mark.parametrize("name", HIDDEN)
def test_derivatives_against_central_differences(name: str) -> None:
    phi = ACTIVATIONS[name]
    assert isinstance(phi, UnitActivation)
    h = 1e-5
    for z in (-3.0, -0.7, 0.2, 1.9):
        difference = (phi.phi(z + h) - phi.phi(z - h)) / (2 * h)
        assert phi.derivative([z], phi.value([z])) == pytest.approx([difference], abs=1e-9)


def test_relu_has_slope_0_at_its_kink() -> None:
    relu = ACTIVATIONS["relu"]
    assert isinstance(relu, UnitActivation)
    assert relu.derivative([-1e-300, 0.0, 1e-300], [0.0, 0.0, 1e-300]) == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("identity", [1e4, -1e4]),
        ("sigmoid", [1.0, 0.0]),
        ("tanh", [1.0, -1.0]),
        ("relu", [1e4, 0.0]),
        ("softmax", [1.0, 0.0]),
    ],
)
def test_values_at_extreme_arguments(name: str, expected: Vector) -> None:
    assert ACTIVATIONS[name].value([1e4, -1e4]) == expected


def extreme(output: str, cost: str) -> Network:
    """A network whose two logits are 1e4 and -1e4 for the input 1."""
    return Network([1, 2], output=output, cost=cost, init=([[[1e4], [-1e4]]], [[0.0, 0.0]]))


@pytest.mark.parametrize(
    ("output", "cost", "y", "expected_cost", "expected_delta"),
    [
        # wrong with full conviction: log(e^1e4 + e^-1e4) - (-1e4) = 2e4, and a - y
        ("softmax", "cross_entropy", [0.0, 1.0], 2e4, [1.0, -1.0]),
        ("softmax", "cross_entropy", [1.0, 0.0], 0.0, [0.0, 0.0]),
        ("softmax", "cross_entropy", [0.5, 0.5], 1e4, [0.5, -0.5]),
        # log(1 + e^1e4) twice
        ("sigmoid", "cross_entropy", [0.0, 1.0], 2e4, [1.0, -1.0]),
        ("sigmoid", "cross_entropy", [1.0, 0.0], 0.0, [0.0, 0.0]),
        ("sigmoid", "cross_entropy", [0.25, 0.5], 0.75e4 + 0.5e4, [0.75, -0.5]),
        ("softmax", "mse", [0.0, 1.0], 1.0, [0.0, 0.0]),
        ("sigmoid", "mse", [0.0, 1.0], 1.0, [0.0, 0.0]),
        ("tanh", "mse", [-1.0, -1.0], 2.0, [0.0, 0.0]),
        ("relu", "mse", [0.0, 2.0], 5e7 + 2, [1e4, 0.0]),
        ("identity", "mse", [0.0, 0.0], 1e8, [1e4, -1e4]),
    ],
)
def test_extreme_logits(
    output: str, cost: str, y: Vector, expected_cost: float, expected_delta: Vector
) -> None:
    t = extreme(output, cost).backprop([1.0], y)
    assert t.cost == pytest.approx(expected_cost, rel=1e-15, abs=0)
    assert t.local_gradients[0] == expected_delta
    assert [row[0] for row in t.weight_gradients[0]] == expected_delta


def test_cost_gradient_where_the_slope_is_infinite_and_where_a_term_is_absent() -> None:
    assert extreme("softmax", "cross_entropy").backprop([1.0], [0.0, 1.0]).cost_gradient == [0.0, -math.inf]
    assert extreme("softmax", "cross_entropy").backprop([1.0], [1.0, 0.0]).cost_gradient == [-1.0, 0.0]
    # (1 - 0)/(1 - 1) = inf and 0/1 = 0; (1 - 1)/(1 - 0) = 0 and -1/0 = -inf
    assert extreme("sigmoid", "cross_entropy").backprop([1.0], [0.0, 1.0]).cost_gradient == [
        math.inf,
        -math.inf,
    ]
    # (1 - 1)/(1 - 1) is absent, -1/1; (1 - 0)/(1 - 0), 0/0 is absent
    assert extreme("sigmoid", "cross_entropy").backprop([1.0], [1.0, 0.0]).cost_gradient == [-1.0, 1.0]


def test_softmax_does_not_change_when_all_logits_move() -> None:
    softmax = ACTIVATIONS["softmax"]
    assert softmax.value([1e6, 1e6 + 1]) == softmax.value([0.0, 1.0])


def test_cross_entropy_of_ordinary_outputs_is_its_definition() -> None:
    softmax, sigmoid = COSTS["cross_entropy"]["softmax"], COSTS["cross_entropy"]["sigmoid"]
    z, y = [0.0, math.log(3)], [0.2, 0.7]
    # softmax: a = (1/4, 3/4)
    expected = -0.2 * math.log(1 / 4) - 0.7 * math.log(3 / 4)
    assert softmax.value(z, [0.25, 0.75], y) == pytest.approx(expected, rel=1e-14)
    # sigmoid: a = (1/2, 3/4)
    expected = -math.log(1 / 2) - 0.7 * math.log(3 / 4) - 0.3 * math.log(1 / 4)
    assert sigmoid.value(z, [0.5, 0.75], y) == pytest.approx(expected, rel=1e-14)
