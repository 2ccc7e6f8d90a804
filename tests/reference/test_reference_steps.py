"""The steps of the algorithm: worked out by hand, in matrix form and as sums, and by central differences."""

import contextlib
import itertools
import random
from itertools import pairwise
from typing import Any

import pytest
from localgrad.reference import ACTIVATIONS, COSTS, SGD, Network, per_unit, steps
from localgrad.reference.activations import activation
from localgrad.reference.costs import cost as named_cost
from localgrad.reference.functions import UnitActivation
from localgrad.reference.matrix import Vector
from localgrad.reference.steps import Example, Layer

VARIANTS = ["leaky_relu(0.2)", "elu(0.5)"]
COST_VARIANTS = ["cross_entropy(0.1)", "huber(0.3)", "quantile(0.1, 0.9)"]
OUTPUTS = [*ACTIVATIONS, *VARIANTS]
HIDDEN = [name for name in OUTPUTS if isinstance(activation(name), UnitActivation)]


def every_output_and_cost() -> list[tuple[str, str]]:
    pairs = []
    for cost in [*COSTS, *COST_VARIANTS]:
        for output in OUTPUTS:
            with contextlib.suppress(ValueError):
                named_cost(cost, output.partition("(")[0])
                pairs.append((output, cost))
    return pairs


OUTPUT_AND_COST = every_output_and_cost()
# Every hidden activation with every cost, and every output with every cost.
EVERY_COMBINATION = [
    *(
        (hidden, *next(pair for pair in OUTPUT_AND_COST if pair[1] == cost))
        for hidden in HIDDEN
        for cost in COSTS
    ),
    *((HIDDEN[k % len(HIDDEN)], *pair) for k, pair in enumerate(OUTPUT_AND_COST)),
]


def test_the_number_of_combinations() -> None:
    # mse, mae, huber and log_cosh with every output, hinge and quantile with all but softmax, cross-entropy
    # with softmax and sigmoid, binary_cross_entropy with sigmoid, poisson with identity and softplus.
    of_names = {(output, cost) for output, cost in OUTPUT_AND_COST if "(" not in output + cost}
    assert len(ACTIVATIONS) == 16
    assert len(of_names) == 4 * 16 + 2 * 15 + 2 + 1 + 2 + 1


def test_one_step_worked_out_by_hand() -> None:
    """A 2-2-1 network of sigmoids with quadratic cost; the numbers were computed elsewhere with 40 digits."""
    net = Network(
        [2, 2, 1],
        activation="sigmoid",
        output="sigmoid",
        cost="mse",
        init=([[[0.5, -1.0], [1.0, 0.5]], [[1.5, -2.0]]], [[0.25, -0.5], [0.75]]),
    )
    t = net.backprop([1.0, 2.0], [0.9])

    def close(value: Any) -> Any:
        return pytest.approx(value, rel=1e-15)

    # (F), layer 2: z_1 = 0.5*1 - 1*2 + 0.25, z_2 = 1*1 + 0.5*2 - 0.5; a = 1 / (1 + e^-z)
    assert t.activations[0] == [1.0, 2.0]
    assert t.weighted_inputs[0] == [-1.25, 1.5]
    assert t.activations[1] == close([0.2227001388253088530, 0.8175744761936436597])
    # (F), layer 3: z = 1.5 a_1 - 2 a_2 + 0.75
    assert t.weighted_inputs[1] == close([-0.5510987441493240397])
    assert t.activations[2] == close([0.3656095295385607713])
    # (C): c = (0.9 - a)^2 / 2
    assert t.cost == close(0.1427865874599991764)
    # (D1): delta = (a - 0.9) a (1 - a)
    assert t.cost_gradient == close([-0.5343904704614392287])
    assert t.activation_derivatives[1] == close([0.2319392014491530302])
    assert t.local_gradients[1] == close([-0.1239460989808634151])
    # (D2): delta_1 = a_1 (1 - a_1) 1.5 delta, delta_2 = a_2 (1 - a_2) (-2) delta
    assert t.activation_derivatives[0] == close([0.1731047869924970174, 0.1491464520703328565])
    assert t.local_gradients[0] == close([-0.0321834945939499697, 0.0369722418219081549])
    # (G1): layer 3, delta a_1 and delta a_2; layer 2, delta_j * 1 and delta_j * 2
    assert t.weight_gradients[1][0] == close([-0.0276028134498937547, -0.1013351669505249168])
    assert t.weight_gradients[0][0] == close([-0.0321834945939499697, -0.0643669891878999394])
    assert t.weight_gradients[0][1] == close([0.0369722418219081549, 0.0739444836438163098])
    # (G2): delta itself
    assert t.bias_gradients[1] == close([-0.1239460989808634151])
    assert t.bias_gradients[0] == close([-0.0321834945939499697, 0.0369722418219081549])
    # the same in the order of the parameters, input by input
    assert t.gradient == [
        *(t.weight_gradients[0][0][0], t.weight_gradients[0][1][0]),
        *(t.weight_gradients[0][0][1], t.weight_gradients[0][1][1]),
        *t.bias_gradients[0],
        *t.weight_gradients[1][0],
        *t.bias_gradients[1],
    ]

    # The update w - 0.5 g of each of the initial parameters above.
    history = net.fit([[1.0, 2.0]], [[0.9]], epochs=1, batch_size=1, optimizer=SGD(0.5))
    assert history["cost"] == [t.cost]
    assert net.weights[0][0] == close([0.5160917472969749848, -0.9678165054060500303])
    assert net.weights[0][1] == close([0.9815138790890459226, 0.4630277581780918451])
    assert net.biases[0] == close([0.2660917472969749848, -0.5184861209109540775])
    assert net.weights[1][0] == close([1.5138014067249468773, -1.9493324165247375416])
    assert net.biases[1] == close([0.8119730494904317076])


def largest_error(values: Any, expected: Any) -> float:
    """Return the largest difference over the largest magnitude of two nested lists of the same shape."""
    u, v = list(flat(values)), list(flat(expected))
    assert len(u) == len(v) > 0
    scale = max(map(abs, v))
    assert scale > 0, "nothing to compare: all numbers are 0"
    return max(abs(u_k - v_k) for u_k, v_k in zip(u, v, strict=True)) / scale


def flat(values: Any) -> Vector:
    return [v for value in values for v in flat(value)] if isinstance(values, list | tuple) else [values]


def some_rows(n: int, width: int, seed: int) -> list[Vector]:
    draw = random.Random(seed)
    return [[draw.uniform(0.1, 0.9) for _ in range(width)] for _ in range(n)]


def some_normal_rows(draw: random.Random, n: int, width: int) -> list[Vector]:
    return [[draw.gauss(0, 1) for _ in range(width)] for _ in range(n)]


@pytest.mark.parametrize(("hidden", "output", "cost"), EVERY_COMBINATION)
def test_matrix_form_and_sums_over_units_agree(hidden: str, output: str, cost: str) -> None:
    sizes = [3, 5, 2, 4]  # all different, so that an exchange of j and k has an effect
    phi = activation(hidden)
    assert isinstance(phi, UnitActivation)
    c = named_cost(cost, output.partition("(")[0])
    x, y = some_rows(1, 3, seed=5)[0], some_rows(1, 4 // c.heads, seed=6)[0]

    def run(backprop: Any, seed: int) -> Example:
        draw = random.Random(seed)
        layers = [
            Layer(some_normal_rows(draw, m, n), some_normal_rows(draw, 1, m)[0]) for n, m in pairwise(sizes)
        ]
        example: Example = backprop(layers, [phi, phi], activation(output), c, x, y)
        return example

    for seed in itertools.count(4):  # until every layer has a gradient
        in_matrices, in_sums = run(steps.backprop, seed), run(per_unit.backprop, seed)
        if all(max(map(abs, delta)) > 1e-3 for delta in in_sums.local_gradients):
            break
    assert in_matrices.cost == in_sums.cost
    assert largest_error(in_matrices.weighted_inputs, in_sums.weighted_inputs) <= 1e-14
    assert largest_error(in_matrices.activations, in_sums.activations) <= 1e-14
    for i in range(3):
        assert largest_error(in_matrices.local_gradients[i], in_sums.local_gradients[i]) <= 1e-14
        assert largest_error(in_matrices.gradients[i].w, in_sums.gradients[i].w) <= 1e-14
        assert largest_error(in_matrices.gradients[i].b, in_sums.gradients[i].b) <= 1e-14


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize(("hidden", "output", "cost"), EVERY_COMBINATION)
def test_gradients_agree_with_central_differences(hidden: str, output: str, cost: str, n: int) -> None:
    h = 1e-5
    x, y = some_rows(n, 3, seed=2), some_rows(n, heads(cost, output), seed=3)
    for seed in itertools.count(25):  # until no kink is close and every layer has a gradient
        net = Network([3, 5, 2, 4], activation=hidden, output=output, cost=cost, init="normal", seed=seed)
        t = net.backprop(x, y)
        far = min(distance_to_a_kink(z) for z in flat(t.weighted_inputs)) > 100 * h
        far_errors = cost_is_smooth_near(cost, t.activations[-1], y, 100 * h)
        if far and far_errors and all(max(map(abs, flat(g))) > 1e-3 for g in t.weight_gradients):
            break

    point = net.parameters
    differences = []
    for p in range(len(point)):
        costs = []
        for step in (h, -h):
            net.parameters = [v + step * (q == p) for q, v in enumerate(point)]
            costs.append(net.evaluate(x, y)["cost"])
        differences.append((costs[0] - costs[1]) / (2 * h))
    assert largest_error(t.gradient, differences) <= 1e-6
    net.parameters = differences
    for i in range(3):  # layer by layer: errors in the first layer would be small compared with the last
        assert largest_error(t.weight_gradients[i], net.weights[i]) <= 1e-6
        assert largest_error(t.bias_gradients[i], net.biases[i]) <= 1e-6


def heads(cost: str, output: str, units: int = 4) -> int:
    """Return the number of target columns for a number of outputs."""
    return units // named_cost(cost, output.partition("(")[0]).heads


def distance_to_a_kink(z: float) -> float:
    """Return the distance of z to a kink of relu and similar functions, hard_tanh and hard_sigmoid."""
    return min(abs(abs(z) - kink) for kink in (0.0, 1.0, 3.0))


def cost_is_smooth_near(cost: str, a: Any, y: Any, reach: float) -> bool:
    """Return whether no output is near a kink of mae, quantile, hinge or the slope of huber."""
    for outputs, wanted in zip(a, y, strict=True):
        for j, a_j in enumerate(outputs):
            y_j = wanted[j % len(wanted)]
            kinks = {"hinge": [1 / y_j], "huber": [y_j - 1, y_j + 1], "huber(0.3)": [y_j - 0.3, y_j + 0.3]}
            if min(abs(a_j - kink) for kink in kinks.get(cost, [y_j])) < reach:
                return False
    return True


@pytest.mark.parametrize(("output", "cost"), OUTPUT_AND_COST)
def test_local_gradient_is_the_product_of_its_two_factors(output: str, cost: str) -> None:
    net = Network([3, 2, 4], output=output, cost=cost, init="normal", seed=3)
    t = net.backprop(some_rows(2, 3, seed=2), some_rows(2, heads(cost, output), seed=3))
    for row in range(2):
        dc_da, phi_prime = t.cost_gradient[row], t.activation_derivatives[1][row]
        if output == "softmax":
            product = [sum(dc_da[k] * phi_prime[k][j] for k in range(4)) for j in range(4)]
        else:
            product = [g * d for g, d in zip(dc_da, phi_prime, strict=True)]
        assert largest_error(t.local_gradients[1][row], product) <= 1e-14


@pytest.mark.parametrize("n", [1, 7, 20])
def test_gradients_of_a_batch_are_means_and_local_gradients_are_not(n: int) -> None:
    net = Network([3, 4, 2], activation="tanh", output="softmax", seed=1)
    x, y = some_rows(20, 3, seed=2)[:n], [k % 2 for k in range(n)]
    t = net.backprop(x, y)
    singles = [net.backprop(x_r, y_r) for x_r, y_r in zip(x, y, strict=True)]
    for r in range(n):
        for i in range(2):
            assert t.local_gradients[i][r] == singles[r].local_gradients[i]
            assert t.weighted_inputs[i][r] == singles[r].weighted_inputs[i]
            assert t.activation_derivatives[i][r] == singles[r].activation_derivatives[i]
        assert [a[r] for a in t.activations] == singles[r].activations
        assert t.cost_gradient[r] == singles[r].cost_gradient
    assert t.cost == pytest.approx(sum(e.cost for e in singles) / n, rel=1e-14)
    means = [sum(g) / n for g in zip(*(e.gradient for e in singles), strict=True)]
    assert largest_error(t.gradient, means) <= 1e-14
