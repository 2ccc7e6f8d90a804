"""Activations and costs of the reference, for ordinary and for extreme arguments."""

import math
from typing import Any

import pytest
from localgrad.reference import ACTIVATIONS, COSTS, Network
from localgrad.reference.activations import activation
from localgrad.reference.costs import cost
from localgrad.reference.functions import UnitActivation, find
from localgrad.reference.matrix import Vector

HIDDEN = [*(name for name in ACTIVATIONS if name != "softmax"), "leaky_relu(0.2)", "elu(0.5)"]


def unit(name: str) -> UnitActivation:
    phi = activation(name)
    assert isinstance(phi, UnitActivation)
    return phi


def test_names_of_functions() -> None:
    assert list(ACTIVATIONS) == [
        *("identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "gelu_tanh", "silu"),
        *("softplus", "softsign", "mish", "hard_sigmoid", "hard_tanh", "softmax"),
    ]
    assert list(COSTS) == [
        *("mse", "mae", "huber", "log_cosh", "quantile", "gaussian_nll", "poisson"),
        *("cross_entropy", "binary_cross_entropy", "hinge"),
    ]


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("huber", "huber"),
        ("huber(1)", "huber"),
        ("huber(1.0)", "huber"),
        ("huber(.5)", "huber(0.5)"),
        ("huber( 5e-1 )", "huber(0.5)"),
        ("huber(2)", "huber(2)"),
        ("quantile(0.5)", "quantile"),
        ("quantile(0.1,0.50, 0.9)", "quantile(0.1, 0.5, 0.9)"),
        ("cross_entropy(0)", "cross_entropy"),
        ("cross_entropy(0.1)", "cross_entropy(0.1)"),
    ],
)
def test_names_are_normalized(given: str, canonical: str) -> None:
    assert find(given, "cost", COSTS)[0] == canonical


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("huber(", r"cost must be huber or huber\(p, ...\) with numbers p, got 'huber\('"),
        ("huber()", r"cost must be huber or huber\(p, ...\) .*"),
        ("huber(1", r"cost must be huber or huber\(p, ...\) .*"),
        ("huber(1)2", r"cost must be huber or huber\(p, ...\) .*"),
        ("huber(x)", r"cost must be huber or huber\(p, ...\) .*"),
        ("huber(nan)", r"cost must be huber or huber\(p, ...\) .*"),
        ("huber(inf)", r"cost must be huber or huber\(p, ...\) .*"),
        ("huber(1, 2)", r"number of parameters of huber must be at most 1, got 2 in .*"),
        ("mse(1)", r"number of parameters of mse must be at most 0, got 1 in .*"),
        ("huber(0)", "the delta of huber must be above 0, got 0.0"),
        ("huber(-1)", "the delta of huber must be above 0, got -1.0"),
        ("quantile(0)", r"the levels of quantile must be in \(0, 1\), got 0.0"),
        ("quantile(0.5, 1)", r"the levels of quantile must be in \(0, 1\), got 1.0"),
        ("cross_entropy(1)", r"the smoothing of cross_entropy must be in \[0, 1\), got 1.0"),
        ("binary_cross_entropy(-0.1)", r"the smoothing of binary_cross_entropy must be in .*, got -0.1"),
    ],
)
def test_invalid_parameters_of_costs_raise(name: str, message: str) -> None:
    output = "sigmoid" if "cross_entropy" in name else "identity"
    with pytest.raises(ValueError, match=f"^{message}$"):
        Network([1, 2], output=output, cost=name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("leaky_relu(-0.1)", "the slope of leaky_relu must be at least 0, got -0.1"),
        ("elu(0)", "the alpha of elu must be above 0, got 0.0"),
        ("selu(1)", "number of parameters of selu must be at most 0, got 1 in 'selu.1.'"),
    ],
)
def test_invalid_parameters_of_activations_raise(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        Network([1, 2, 1], activation=name)


@pytest.mark.parametrize(
    ("output", "name"),
    [
        *(
            ("softmax", name)
            for name in ("hinge", "quantile", "poisson", "gaussian_nll", "binary_cross_entropy")
        ),
        *(("identity", name) for name in ("cross_entropy", "binary_cross_entropy")),
        *(("softplus", name) for name in ("cross_entropy", "gaussian_nll")),
        *(("relu", name) for name in ("poisson", "gaussian_nll")),
    ],
)
def test_costs_that_do_not_support_an_output_raise(output: str, name: str) -> None:
    with pytest.raises(ValueError, match=f"^output must .* for the cost '{name}', got '{output}'$"):
        Network([1, 2], output=output, cost=name)


def test_the_outputs_must_be_divisible_by_the_number_of_heads() -> None:
    with pytest.raises(ValueError, match=r"sizes must end in a multiple of 3 for .*, got 4"):
        Network([1, 4], cost="quantile(0.1, 0.5, 0.9)")
    with pytest.raises(ValueError, match=r"multiple of 2 for the cost 'gaussian_nll.*', got 3"):
        Network([1, 3], cost="gaussian_nll")


# Computed independently from the definitions, with 20 digits.
@pytest.mark.parametrize(
    ("name", "z", "a"),
    [
        ("identity", [-2.5, 3.0], [-2.5, 3.0]),
        ("sigmoid", [0.0, math.log(3), -math.log(3)], [0.5, 0.75, 0.25]),
        ("tanh", [0.0, math.log(2), -math.log(2)], [0.0, 0.6, -0.6]),  # (4 - 1)/(4 + 1)
        ("relu", [-2.0, 0.0, 3.0], [0.0, 0.0, 3.0]),
        ("leaky_relu", [-2.0, 0.0, 3.0], [-0.02, 0.0, 3.0]),
        ("leaky_relu(0.25)", [-2.0, 0.0, 3.0], [-0.5, 0.0, 3.0]),
        ("elu", [-math.log(4), 0.0, 3.0], [-0.75, 0.0, 3.0]),
        ("elu(2)", [-math.log(4), 0.0, 3.0], [-1.5, 0.0, 3.0]),
        # 1.0507009873554805 times 1.6732632423543772 times -3/4, and times 3
        ("selu", [-math.log(4), 0.0, 3.0], [-1.3185745056355324, 0.0, 3.1521029620664415]),
        # Φ(1) = 0.84134474606854294859, Φ(-2) = 0.022750131948179207200
        ("gelu", [1.0, -2.0, 0.0], [0.84134474606854294859, -0.0455002638963584144, 0.0]),
        # u = √(2/π) 1.044715 = 0.83355793...; ½ (1 + tanh u)
        ("gelu_tanh", [1.0, 0.0], [0.84119199060827256, 0.0]),
        ("silu", [math.log(3), -math.log(3), 0.0], [0.75 * math.log(3), -0.25 * math.log(3), 0.0]),
        ("softplus", [0.0, math.log(3), -math.log(3)], [math.log(2), math.log(4), math.log(4 / 3)]),
        ("softsign", [-3.0, 0.0, 1.0], [-0.75, 0.0, 0.5]),
        # tanh(log(1 + e^z)) = ((1 + e^z)² - 1)/((1 + e^z)² + 1): for e^z = 2, 8/10
        ("mish", [math.log(2), 0.0], [0.8 * math.log(2), 0.0]),
        ("hard_sigmoid", [-4.0, -3.0, -1.5, 0.0, 3.0, 4.0], [0.0, 0.0, 0.25, 0.5, 1.0, 1.0]),
        ("hard_tanh", [-2.0, -1.0, 0.5, 1.0, 2.0], [-1.0, -1.0, 0.5, 1.0, 1.0]),
        ("softmax", [0.0, math.log(3)], [0.25, 0.75]),
        ("softmax", [5.0, 5.0 + math.log(2), 5.0], [0.25, 0.5, 0.25]),
    ],
)
def test_values_of_activations(name: str, z: Vector, a: Vector) -> None:
    assert activation(name).value(z) == pytest.approx(a, rel=1e-14)


@pytest.mark.parametrize("name", HIDDEN)
def test_derivatives_agree_with_central_differences(name: str) -> None:
    phi = unit(name)
    h = 1e-5
    for z in (-5.3, -3.2, -2.1, -0.7, 0.2, 0.9, 1.9, 4.4):
        difference = (phi.phi(z + h) - phi.phi(z - h)) / (2 * h)
        assert phi.derivative([z], phi.value([z])) == pytest.approx([difference], abs=1e-9)


@pytest.mark.parametrize(
    ("name", "z", "slopes"),
    [
        ("relu", [-1e-300, 0.0, 1e-300], [0.0, 0.0, 1.0]),
        ("leaky_relu", [-1e-300, 0.0, 1e-300], [0.01, 0.01, 1.0]),
        ("elu(2)", [0.0, 1e-300], [2.0, 1.0]),
        ("hard_tanh", [-1.0, math.nextafter(-1, 0), math.nextafter(1, 0), 1.0], [0.0, 1.0, 1.0, 0.0]),
        ("hard_sigmoid", [-3.0, math.nextafter(-3, 0), 2.9, 3.0], [0.0, 1 / 6, 1 / 6, 0.0]),
    ],
)
def test_derivatives_at_kinks(name: str, z: Vector, slopes: Vector) -> None:
    phi = unit(name)
    assert phi.derivative(z, phi.value(z)) == slopes


SELU_BOTTOM = -1.0507009873554805 * 1.6732632423543772


@pytest.mark.parametrize("z", [1e4, 1e200])
@pytest.mark.parametrize(
    ("name", "values", "slopes"),
    [
        ("identity", ["z", "-z"], [1.0, 1.0]),
        ("sigmoid", [1.0, 0.0], [0.0, 0.0]),
        ("tanh", [1.0, -1.0], [0.0, 0.0]),
        ("relu", ["z", 0.0], [1.0, 0.0]),
        ("leaky_relu(0.5)", ["z", "-z/2"], [1.0, 0.5]),
        ("elu(2)", ["z", -2.0], [1.0, 0.0]),
        ("selu", ["1.0507009873554805*z", SELU_BOTTOM], [1.0507009873554805, 0.0]),
        ("gelu", ["z", 0.0], [1.0, 0.0]),
        ("gelu_tanh", ["z", 0.0], [1.0, 0.0]),
        ("silu", ["z", 0.0], [1.0, 0.0]),
        ("softplus", ["z", 0.0], [1.0, 0.0]),
        ("mish", ["z", 0.0], [1.0, 0.0]),
        ("hard_sigmoid", [1.0, 0.0], [0.0, 0.0]),
        ("hard_tanh", [1.0, -1.0], [0.0, 0.0]),
    ],
)
def test_activations_of_large_arguments(name: str, values: list[Any], slopes: Vector, z: float) -> None:
    phi = unit(name)
    expected = [eval(v, {"z": z}) if isinstance(v, str) else v for v in values]
    assert phi.value([z, -z]) == pytest.approx(expected, rel=1e-15, abs=0)
    assert phi.derivative([z, -z], phi.value([z, -z])) == slopes


def test_softsign_of_large_arguments() -> None:
    phi = unit("softsign")
    assert phi.value([1e4, -1e4]) == pytest.approx([1e4 / 10001, -1e4 / 10001], rel=1e-15)
    assert phi.derivative([1e4, -1e4], [0.0, 0.0]) == pytest.approx([10001.0**-2] * 2, rel=1e-15)
    assert phi.derivative([1e300], [1.0]) == [0.0]


def test_softmax_of_large_logits() -> None:
    softmax = activation("softmax")
    assert softmax.value([1e4, -1e4]) == [1.0, 0.0]
    assert softmax.value([1e6, 1e6 + 1]) == softmax.value([0.0, 1.0])  # all logits may be shifted


def extreme(output: str, name: str) -> Network:
    """Return a network whose two logits are 1e4 and -1e4 for the input 1."""
    return Network([1, 2], output=output, cost=name, init=([[[1e4], [-1e4]]], [[0.0, 0.0]]))


@pytest.mark.parametrize(
    ("output", "name", "y", "expected_cost", "expected_delta"),
    [
        # confidently wrong: log(e^1e4 + e^-1e4) - (-1e4) = 2e4, and a - y
        ("softmax", "cross_entropy", [0.0, 1.0], 2e4, [1.0, -1.0]),
        ("softmax", "cross_entropy", [1.0, 0.0], 0.0, [0.0, 0.0]),
        ("softmax", "cross_entropy", [0.5, 0.5], 1e4, [0.5, -0.5]),
        # with smoothing, half of the target is spread: (1/4, 3/4)
        ("softmax", "cross_entropy(0.5)", [0.0, 1.0], 1.5e4, [0.75, -0.75]),
        # log(1 + e^1e4), twice
        ("sigmoid", "cross_entropy", [0.0, 1.0], 2e4, [1.0, -1.0]),
        ("sigmoid", "cross_entropy", [1.0, 0.0], 0.0, [0.0, 0.0]),
        ("sigmoid", "cross_entropy", [0.25, 0.5], 0.75e4 + 0.5e4, [0.75, -0.5]),
        ("sigmoid", "binary_cross_entropy(0.5)", [0.0, 1.0], 1.5e4, [0.75, -0.75]),
        ("softmax", "mse", [0.0, 1.0], 1.0, [0.0, 0.0]),
        ("sigmoid", "mse", [0.0, 1.0], 1.0, [0.0, 0.0]),
        ("tanh", "mse", [-1.0, -1.0], 2.0, [0.0, 0.0]),
        ("relu", "mse", [0.0, 2.0], 5e7 + 2, [1e4, 0.0]),
        ("identity", "mse", [0.0, 0.0], 1e8, [1e4, -1e4]),
        ("identity", "mae", [0.0, 0.0], 2e4, [1.0, -1.0]),
        ("identity", "huber(2)", [0.0, 0.0], 2 * 2 * (1e4 - 1), [2.0, -2.0]),
        ("identity", "log_cosh", [0.0, 0.0], 2 * (1e4 - math.log(2)), [1.0, -1.0]),
        ("identity", "hinge", [-1.0, -1.0], 10001.0, [1.0, 0.0]),
        ("identity", "quantile(0.25)", [0.0, 0.0], 0.75e4 + 0.25e4, [0.75, -0.25]),
        # a rate of e^-1e4 = 0 with one event: -log rate = 1e4
        ("softplus", "poisson", [0.0, 1.0], 2e4, [1.0, -1.0]),
        # mean 1e4 and variance e^-1e4 = 0: infinite
        ("identity", "gaussian_nll", [0.0], math.inf, [math.inf, -math.inf]),
        ("identity", "poisson", [0.0, 1.0], math.inf, [math.inf, -1.0]),
    ],
)
def test_costs_of_extreme_logits(
    output: str, name: str, y: Vector, expected_cost: float, expected_delta: Vector
) -> None:
    t = extreme(output, name).backprop([1.0], y)
    assert t.cost == pytest.approx(expected_cost, rel=1e-15, abs=0)
    assert t.local_gradients[0] == expected_delta
    assert [row[0] for row in t.weight_gradients[0]] == expected_delta


def test_cost_gradients_at_outputs_of_0_and_1() -> None:
    assert extreme("softmax", "cross_entropy").backprop([1.0], [0.0, 1.0]).cost_gradient == [0.0, -math.inf]
    assert extreme("softmax", "cross_entropy").backprop([1.0], [1.0, 0.0]).cost_gradient == [-1.0, 0.0]
    # (1 - 0)/(1 - 1) = inf and 0/1 = 0; (1 - 1)/(1 - 0) = 0 and -1/0 = -inf
    assert extreme("sigmoid", "cross_entropy").backprop([1.0], [0.0, 1.0]).cost_gradient == [
        math.inf,
        -math.inf,
    ]
    # (1 - 1)/(1 - 1) has no term, -1/1; (1 - 0)/(1 - 0), 0/0 has no term
    assert extreme("sigmoid", "cross_entropy").backprop([1.0], [1.0, 0.0]).cost_gradient == [-1.0, 1.0]
    # 1 - 1/1e4; 1 - 1/0
    assert extreme("softplus", "poisson").backprop([1.0], [1.0, 1.0]).cost_gradient == [0.9999, -math.inf]


def test_cross_entropy_equals_its_definition() -> None:
    softmax, sigmoid = cost("cross_entropy", "softmax"), cost("cross_entropy", "sigmoid")
    z, y = [0.0, math.log(3)], [0.2, 0.7]
    # softmax: a = (1/4, 3/4)
    expected = -0.2 * math.log(1 / 4) - 0.7 * math.log(3 / 4)
    assert softmax.value(z, [0.25, 0.75], y) == pytest.approx(expected, rel=1e-14)
    # sigmoid: a = (1/2, 3/4)
    expected = -math.log(1 / 2) - 0.7 * math.log(3 / 4) - 0.3 * math.log(1 / 4)
    assert sigmoid.value(z, [0.5, 0.75], y) == pytest.approx(expected, rel=1e-14)


def test_label_smoothing_changes_the_targets() -> None:
    z, a = [0.0, math.log(3), 0.0], [0.2, 0.6, 0.2]
    # three classes: 0.7 (0, 1, 0) + 0.3/3
    smooth, plain = cost("cross_entropy(0.3)", "softmax"), cost("cross_entropy", "softmax")
    assert smooth.value(z, a, [0.0, 1.0, 0.0]) == pytest.approx(plain.value(z, a, [0.1, 0.8, 0.1]), rel=1e-14)
    # sigmoids, each with two classes: 0.7 y + 0.3/2
    for name in ("cross_entropy", "binary_cross_entropy"):
        smooth, plain = cost(f"{name}(0.3)", "sigmoid"), cost(name, "sigmoid")
        assert smooth.value(z, a, [0.0, 1.0, 0.0]) == pytest.approx(
            plain.value(z, a, [0.15, 0.85, 0.15]), rel=1e-14
        )


@pytest.mark.parametrize(
    ("output", "name", "a", "y", "value", "slopes"),
    [
        ("identity", "mae", [3.0, 1.0, -1.0], [1.0, 1.0, 1.0], 4.0, [1.0, 0.0, -1.0]),
        # 1/8 for errors up to 1; above that, 1 (3 - 1/2)
        ("identity", "huber", [0.5, -3.0], [0.0, 0.0], 0.125 + 2.5, [0.5, -1.0]),
        ("identity", "huber(0.5)", [0.5, -3.0], [0.0, 0.0], 0.125 + 0.5 * 2.75, [0.5, -0.5]),
        # cosh(log 2) = 5/4, tanh(log 2) = 3/5
        ("identity", "log_cosh", [math.log(2), 0.0], [0.0, 0.0], math.log(1.25), [0.6, 0.0]),
        ("identity", "hinge", [2.0, 0.5, 0.25], [1.0, 1.0, -1.0], 0.5 + 1.25, [0.0, -1.0, 1.0]),
        ("identity", "hinge", [0.5, 2.0], [0.5, 0.5], 0.75, [-0.5, 0.0]),  # 1 - 2/2 = 0 is the kink
        ("identity", "poisson", [math.log(2)], [3.0], 2 - 3 * math.log(2), [-1.0]),
        ("softplus", "poisson", [math.log(2)], [0.0], math.log(2), [1.0]),
        # e = y - a: 2 and -1 for q = 1/4, 1 and 0 for q = 3/4
        (
            *("identity", "quantile(0.25, 0.75)", [0.0, 2.0, 1.0, 1.0], [2.0, 1.0]),
            *(0.5 + 0.75 + 0.75, [-0.25, 0.75, -0.75, 0.0]),
        ),
        # means 1, 0 and log variances 0, log 4: (0 + 4) / 2 + (log 4 + 4/4) / 2
        (
            *("identity", "gaussian_nll", [1.0, 0.0, 0.0, math.log(4)], [3.0, 2.0]),
            *(2 + (math.log(4) + 1) / 2, [-2.0, -0.5, -1.5, 0.0]),
        ),
    ],
)
def test_costs_by_hand(output: str, name: str, a: Vector, y: Vector, value: float, slopes: Vector) -> None:
    c = cost(name, output)
    z = [0.0] if output == "softplus" else a  # log(1 + e^0) = log 2
    assert c.value(z, a, y) == pytest.approx(value, rel=1e-14)
    assert c.gradient(a, y) == pytest.approx(slopes, rel=1e-14, abs=1e-15)


def test_local_gradient_of_poisson_for_tiny_rates() -> None:
    delta = cost("poisson", "softplus").local_gradient
    assert delta is not None
    for z in (-39.0, -41.0, -700.0, -1e4):  # the rate is e^z: delta = e^z - y
        a = activation("softplus").value([z])
        assert delta([z], a, [2.0]) == pytest.approx([math.exp(z) - 2.0], rel=1e-15)


def test_the_quantile_minimizes_the_cost() -> None:
    """For 0 .. 99 and the level 0.9, it is about 89.5: the cost falls up to there and then rises."""
    c = cost("quantile(0.9)", "identity")

    def total(a: float) -> float:
        return sum(c.value([], [a], [float(y)]) for y in range(100))

    assert total(88.5) > total(89.5) < total(90.5)


def test_labels_of_hinge_become_signs() -> None:
    x = [[1.0], [2.0]]
    one, other = (Network([1, 3], cost="hinge", seed=1) for _ in range(2))
    rows = [[-1.0, -1.0, 1.0], [1.0, -1.0, -1.0]]
    assert one.backprop(x, [2, 0]) == other.backprop(x, rows)
    single = Network([1, 1], cost="hinge", init=([[[1.0]]], [[0.0]]))
    assert single.evaluate([[-2.0], [0.0], [0.5]], [0, 1, 0]) == {
        "cost": (0 + 1 + 1.5) / 3,
        "accuracy": 2 / 3,
    }


def test_multi_label_accuracy() -> None:
    net = Network(
        [1, 4],
        output="sigmoid",
        cost="binary_cross_entropy",
        init=([[[1.0], [-1.0], [2.0], [0.0]]], [[0.0] * 4]),
    )
    measured = net.evaluate([[1.0], [-1.0]], [[1.0, 1.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]])
    # x = 1: yes, no, yes, yes (exactly 1/2): two of four correct. x = -1: no, yes, no, yes: three of four.
    assert measured["accuracy"] == 5 / 8
    with pytest.raises(ValueError, match=r"^y must contain rows of 4 numbers, got 1$"):
        net.evaluate([[1.0], [-1.0]], [1, 2])
    single = Network([1, 1], output="sigmoid", cost="binary_cross_entropy", init=([[[1.0]]], [[0.0]]))
    assert single.evaluate([[-1.0], [1.0]], [0, 0])["accuracy"] == 0.5


def test_targets_have_fewer_columns_than_outputs_with_several_heads() -> None:
    net = Network([1, 4], cost="quantile(0.1, 0.9)", seed=1)
    assert len(net.backprop([[1.0]], [[0.5, 0.25]]).local_gradients[0][0]) == 4
    with pytest.raises(ValueError, match=r"^y must have width 2, got 4$"):
        net.backprop([[1.0]], [[0.5] * 4])
    two = Network([1, 2], cost="gaussian_nll", seed=1)
    assert two.evaluate([[1.0], [2.0]], [0.5, 0.25]) == two.evaluate([[1.0], [2.0]], [[0.5], [0.25]])
