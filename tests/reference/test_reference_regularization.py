"""Penalties, decay, limits and weights of the reference, worked out by hand."""

import math
from typing import Any

import pytest
from localgrad.reference import SGD, Adam, AdamW, Lion, Network

# a = w x + b with w = (2, -1) and b = 1; for x = (1, 1) it is 2, and for y = 2 the gradient of the cost is 0.
STILL: dict[str, Any] = {"init": ([[[2.0, -1.0]]], [[1.0]])}


def step(rule: Any = None, y: float = 2.0, **arguments: Any) -> tuple[list[list[float]], list[float]]:
    """Return weights and biases after one step."""
    net = Network([2, 1], **STILL)
    net.fit([[1.0, 1.0]], [[y]], epochs=1, optimizer=rule or SGD(0.5), **arguments)
    return net.weights[0], net.biases[0]


def test_penalties_worked_out_by_hand() -> None:
    assert step() == ([[2.0, -1.0]], [1.0])
    assert step(l2=0.5) == ([[1.5, -0.75]], [1.0])  # w - 0.5 * 0.5 w
    assert step(l1=0.5) == ([[1.75, -0.75]], [1.0])  # w - 0.5 * 0.5 sign w
    assert step(l1=0.5, l2=0.5) == ([[1.25, -0.5]], [1.0])
    assert step(weight_decay=0.5) == ([[1.5, -0.75]], [1.0])  # w (1 - 0.5 * 0.5)
    assert step(l2=0.5, penalize_biases=True) == ([[1.5, -0.75]], [0.75])
    assert step(l1=0.5, penalize_biases=True) == ([[1.75, -0.75]], [0.75])
    assert step(weight_decay=0.5, penalize_biases=True) == ([[1.5, -0.75]], [0.75])


def test_clipping_and_max_norm_worked_out_by_hand() -> None:
    # y = 0: delta = 2, g = (2, 2, 2), ‖g‖ = √12
    assert step(y=0.0) == ([[1.0, -2.0]], [0.0])
    assert step(y=0.0, clip_value=0.5) == ([[1.75, -1.25]], [0.75])
    (w,), b = step(y=0.0, clip_norm=math.sqrt(3))
    assert [*w, *b] == pytest.approx([1.5, -1.5, 0.5], rel=1e-6)  # half of the step without clipping
    factor = math.sqrt(3) / (math.sqrt(12) + 1e-6)
    assert [*w, *b] == pytest.approx([2 - factor, -1 - factor, 1 - factor], rel=1e-15)
    assert step(y=0.0, clip_norm=4.0) == step(y=0.0)
    # values before the norm: g = (1/2, 1/2, 1/2), ‖g‖ = √3/2
    (w,), b = step(y=0.0, clip_value=0.5, clip_norm=math.sqrt(3) / 4)
    assert [*w, *b] == pytest.approx([1.875, -1.125, 0.875], rel=1e-5)
    # penalties before limits: g = 2 w = (4, -2, 0)
    assert step(l2=2.0, clip_value=1.0) == ([[1.5, -0.5]], [1.0])
    # the norm of (1, -2) is √5 and becomes 1; the bias is unchanged
    (w,), b = step(y=0.0, max_norm=1.0)
    assert w == pytest.approx([1 / math.sqrt(5), -2 / math.sqrt(5)], rel=1e-15)
    assert b == [0.0]
    assert step(y=0.0, max_norm=3.0) == step(y=0.0)


def test_weight_decay_of_fit_replaces_that_of_the_optimizer() -> None:
    still = {"beta1": 0.0, "beta2": 0.0}  # no step for g = 0
    assert step(AdamW(0.5, **still, weight_decay=0.5)) == ([[1.5, -0.75]], [1.0])
    assert step(AdamW(0.5, **still, weight_decay=0.5), weight_decay=0.0) == ([[2.0, -1.0]], [1.0])
    assert step(AdamW(0.5, **still), weight_decay=0.5) == ([[1.5, -0.75]], [1.0])
    assert step(Lion(0.5, **still, weight_decay=0.5)) == ([[1.5, -0.75]], [1.0])
    assert step(Adam(0.5, **still), weight_decay=0.5) == ([[1.5, -0.75]], [1.0])
    assert step(AdamW(0.5, weight_decay=0.5), schedule=lambda epoch: 0.5) == ([[1.75, -0.875]], [1.0])


def test_penalties_can_differ_by_layer() -> None:
    weights: list[Any] = [[[2.0]], [[4.0]]]
    net = Network([1, 1, 1], activation="identity", init=(weights, [[0.0], [0.0]]))
    net.fit([[0.0]], [[0.0]], epochs=1, optimizer=SGD(0.5), l2=[0.0, 0.5], l1=[0.5, 0.0])
    assert net.weights == [[[1.75]], [[3.0]]]


def test_learning_rates_can_differ_by_layer_and_between_weights_and_biases() -> None:
    # z = 2, a = 8; every slope of the first layer is 8 * 4 = 32, those of the second 16 and 8.
    weights: list[Any] = [[[2.0]], [[4.0]]]
    net = Network([1, 1, 1], activation="identity", init=(weights, [[0.0], [0.0]]))
    factors = {"weight_lr_factor": [0.5, 0.0], "bias_lr_factor": [0.25, 2.0]}
    net.fit([[1.0]], [[0.0]], epochs=1, optimizer=SGD(0.5), **factors)
    assert (net.weights, net.biases) == ([[[-6.0]], [[4.0]]], [[-4.0], [-8.0]])
    # Weight decay 1 - 0.5 * 0.5 * 0.5; frozen weights neither decay nor count in the norm of the gradient.
    net = Network([1, 1, 1], activation="identity", init=(weights, [[0.0], [0.0]]))
    net.fit([[1.0]], [[0.0]], epochs=1, optimizer=SGD(0.0), weight_decay=0.5, max_norm=3.0, **factors)
    assert net.weights == [[[2.0]], [[4.0]]]
    net.fit([[0.0]], [[0.0]], epochs=1, optimizer=SGD(0.5), weight_decay=0.5, max_norm=3.0, **factors)
    assert net.weights == [[[1.75]], [[4.0]]]


def test_penalties_do_not_depend_on_the_batch_size_and_are_not_in_the_cost() -> None:
    x, y = [[0.0, 0.0]] * 6, [[1.0]] * 6  # a = b = 1
    for b in (1, 2, 3):
        net = Network([2, 1], **STILL)
        history = net.fit(x, y, epochs=1, batch_size=b, optimizer=SGD(0.5), l2=0.25)
        steps = 6 // b
        assert net.weights[0][0] == pytest.approx([2 * 0.875**steps, -(0.875**steps)], rel=1e-15)
        assert history == {"cost": [0.0]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"l1": -1.0}, "l1 must be finite and at least 0, got -1.0"),
        ({"l2": math.inf}, "l2 must be finite and at least 0, got inf"),
        ({"l2": [0.1, 0.1]}, "l2 must be a number or 1 numbers, one for each layer, got 2"),
        ({"weight_decay": math.nan}, "weight_decay must be finite and at least 0, got nan"),
        ({"weight_lr_factor": -1.0}, "weight_lr_factor must be finite and at least 0, got -1.0"),
        (
            {"bias_lr_factor": [1, 1]},
            "bias_lr_factor must be a number or 1 numbers, one for each layer, got 2",
        ),
        ({"max_norm": 0.0}, "max_norm must be finite and above 0, or None, got 0.0"),
        ({"clip_value": -1.0}, "clip_value must be finite and above 0, or None, got -1.0"),
        ({"clip_norm": math.inf}, "clip_norm must be finite and above 0, or None, got inf"),
        ({"sample_weight": [1.0, 1.0]}, "sample_weight must have 1 entries, one for each example, got 2"),
        ({"sample_weight": [-1.0]}, "sample_weight must be finite and at least 0, got -1.0"),
        ({"sample_weight": [0.0]}, "sample_weight must not be all 0, got 1 zeros"),
        ({"class_weight": "balanced"}, "class_weight requires integer labels and a classifier"),
    ],
)
def test_invalid_arguments_raise(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        step(**arguments)


def test_sample_weights_worked_out_by_hand() -> None:
    # a = x; errors 1, 2, 3, costs 1/2, 2, 9/2
    net = Network([1, 1], init=([[[1.0]]], [[0.0]]))
    x, y = [[1.0], [2.0], [3.0]], [[0.0], [0.0], [0.0]]
    assert net.evaluate(x, y, sample_weight=[2.0, 0.0, 1.0]) == {"cost": (1 + 4.5) / 3}
    # g_b = (2 * 1 + 3)/3, g_w = (2 * 1 + 9)/3
    history = net.fit(x, y, epochs=1, optimizer=SGD(0.5), sample_weight=[2.0, 0.0, 1.0])
    assert history == {"cost": [(1 + 4.5) / 3]}
    assert net.parameters == pytest.approx([1 - 0.5 * 11 / 3, -0.5 * 5 / 3], rel=1e-15)


def test_a_weight_of_1_5_multiplies_the_step_by_1_5() -> None:
    one, other = (Network([1, 1], init=([[[1.0]]], [[0.0]])) for _ in range(2))
    # Divided by their mean, the weights are 1.5 and 0.5; after one step the second example has no error.
    weights, y = [6.0, 2.0], [[0.0], [0.25]]
    one.fit(
        [[1.0], [1.0]], y, epochs=1, batch_size=1, shuffle=False, optimizer=SGD(0.25), sample_weight=weights
    )
    other.fit([[1.0]], [[0.0]], epochs=1, optimizer=SGD(0.375))
    assert one.parameters == other.parameters


def test_weighted_accuracy() -> None:
    net = Network([2, 2], output="softmax", init=([[[1.0, 0.0], [0.0, 1.0]]], [[0.0, 0.0]]))
    x = [[2.0, 1.0], [1.0, 2.0], [3.0, 1.0]]
    assert net.evaluate(x, [0, 0, 0], sample_weight=[1.0, 2.0, 5.0])["accuracy"] == 6 / 8


def test_class_weights_multiply_sample_weights() -> None:
    x, y = [[float(k)] for k in range(5)], [0, 2, 2, 0, 2]
    cases: list[tuple[dict[str, Any], list[float]]] = [
        ({"class_weight": {2: 3.0}}, [1.0, 3.0, 3.0, 1.0, 3.0]),
        ({"class_weight": [2.0, 9.0, 0.5]}, [2.0, 0.5, 0.5, 2.0, 0.5]),
        # two classes occur: 5/(2 * 2) and 5/(2 * 3)
        ({"class_weight": "balanced"}, [1.25, 5 / 6, 5 / 6, 1.25, 5 / 6]),
        ({"class_weight": {0: 2.0}, "sample_weight": [1, 2, 3, 4, 5]}, [2.0, 2.0, 3.0, 8.0, 5.0]),
    ]
    for arguments, weights in cases:
        one, other = (Network([1, 3], output="softmax", seed=1) for _ in range(2))
        history = other.fit(x, y, batch_size=2, sample_weight=weights)
        assert one.fit(x, y, batch_size=2, **arguments)["cost"] == pytest.approx(history["cost"], rel=1e-13)
        assert one.parameters == pytest.approx(other.parameters, rel=1e-13)


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ("even", "class_weight must be 'balanced', a dict or a sequence, got 'even'"),
        ({3: 1.0}, "class_weight must have labels 0..2, got 3"),
        ([1.0, 1.0], "class_weight must have 3 weights, got 2"),
        ([1.0, -1.0, 1.0], "class_weight must be finite and at least 0, got -1.0"),
        ({0: 0.0, 1: 0.0}, "class_weight must not be all 0, got 2 zeros"),
    ],
)
def test_invalid_class_weights_raise(class_weight: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        Network([1, 3], output="softmax").fit([[0.0], [1.0]], [0, 1], class_weight=class_weight)


def quartic(a: Any, y: Any) -> Any:
    errors = [[a_k - y_k for a_k, y_k in zip(*row, strict=True)] for row in zip(a, y, strict=True)]
    return [sum(e**4 for e in row) / 4 for row in errors], [[e**3 for e in row] for row in errors]


def test_a_custom_cost() -> None:
    net = Network([1, 1], cost=quartic, init=([[[1.0]]], [[0.0]]))
    assert net.cost == "custom"
    assert net.evaluate([[2.0], [3.0]], [0.0, 1.0]) == {"cost": (4 + 4) / 2}
    t = net.backprop([[2.0]], [[0.0]])
    assert (t.cost, t.cost_gradient, t.local_gradients) == (4.0, [[8.0]], [[[8.0]]])
    net.fit([[2.0]], [[0.0]], epochs=1, optimizer=SGD(0.125))
    assert net.parameters == [-1.0, -1.0]

    labeled = Network([1, 2], cost=quartic, output="softmax", seed=1)
    assert labeled.evaluate([[1.0]], [1]) == labeled.evaluate([[1.0]], [[0.0, 1.0]])
    assert "accuracy" in labeled.evaluate([[1.0]], [1])

    with pytest.raises(ValueError, match=r"^cost must return gradients of width 1, got 2$"):
        Network([1, 1], cost=lambda a, y: ([0.0], [[0.0, 0.0]])).backprop([[1.0]], [[0.0]])
