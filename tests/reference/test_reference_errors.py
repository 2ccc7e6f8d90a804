"""Invalid input to the reference raises a clear error with the expected and the actual value."""

import copy
import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from localgrad.reference import SGD, Network

BAD_NETWORKS: list[tuple[dict[str, Any], str]] = [
    ({"sizes": [3]}, "sizes must have at least 2 widths, got 1"),
    ({"sizes": [3, 0, 2]}, "sizes must be at least 1, got 0"),
    (
        {"sizes": [3, 2], "activation": "softmax"},
        "activation must be one of identity, .*hard_tanh, got 'softmax'",
    ),
    ({"sizes": [3, 4, 2], "activation": ["relu", "relu"]}, "activation must have 1 names, got 2"),
    ({"sizes": [3, 4, 2], "activation": ["swish"]}, "activation must be one of .*, got 'swish'"),
    ({"sizes": [3, 2], "output": "swish"}, "output must be one of .*softmax, got 'swish'"),
    ({"sizes": [3, 2], "cost": "margin"}, "cost must be one of mse, .*, cross_entropy, .*, got 'margin'"),
    (
        {"sizes": [3, 2], "cost": "cross_entropy"},
        "output must be softmax or sigmoid for the cost 'cross_entropy', got 'identity'",
    ),
    ({"sizes": [3, 1], "output": "softmax"}, "sizes must end in at least 2 for the output 'softmax', got 1"),
    ({"sizes": [3, 2], "seed": -1}, "seed must be at least 0 .*, got -1"),
    ({"sizes": [3, 2], "seed": 2**64}, "seed must be .*below 2.*64, got 18446744073709551616"),
    ({"sizes": [3, 2], "init": "best"}, "init must be one of auto, he, .*, got 'best'"),
    ({"sizes": [2, 1], "init": ([], [[0]])}, "init weights must have 1 layers, got 0"),
    ({"sizes": [2, 1], "init": ([[[0, 0]]], [[0], [0]])}, "init biases must have 1 layers, got 2"),
    ({"sizes": [2, 1], "init": ([[[0, 0]] * 2], [[0]])}, r"init weights\[0\] must have 1 rows, got 2"),
    ({"sizes": [2, 1], "init": ([[[0]]], [[0]])}, r"init weights\[0\] must have width 2, got 1"),
    ({"sizes": [2, 1], "init": ([[[0, 0]]], [[0, 0]])}, r"init biases\[0\] must have width 1, got 2"),
    ({"sizes": [2, 1], "init": ([[[0, math.nan]]], [[0]])}, r"init weights\[0\] must be finite, got nan"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD_NETWORKS)
def test_invalid_networks_raise(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        Network(**arguments)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learning_rate": -0.5}, "learning_rate must be finite and at least 0, got -0.5"),
        ({"learning_rate": math.nan}, "learning_rate must be finite and at least 0, got nan"),
        ({"learning_rate": math.inf}, "learning_rate must be finite and at least 0, got inf"),
        ({"momentum": 1.0}, "momentum must be in [0, 1), got 1.0"),
        ({"momentum": -0.1}, "momentum must be in [0, 1), got -0.1"),
        ({"momentum": math.nan}, "momentum must be in [0, 1), got nan"),
        ({"nesterov": True}, "momentum must be above 0 for nesterov=True, got 0.0"),
    ],
)
def test_invalid_settings_raise(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        SGD(**settings)


X, Y = [[1.0, 2.0], [3.0, 4.0]], [0, 2]
Call = Callable[[Network], object]

BAD_CALLS: list[tuple[Call, type[Exception], str]] = [
    (lambda net: net.predict([[1, 2, 3]]), ValueError, "X must have width 2, got 3"),
    (lambda net: net.predict([1, 2, 3]), ValueError, "X must have width 2, got 3"),
    (lambda net: net.predict([[1, 2], [3]]), ValueError, "X must have width 2, got 1"),
    (lambda net: net.predict([[1, math.nan]]), ValueError, "X must be finite, got nan"),
    (lambda net: net.predict([[-math.inf, 1]]), ValueError, "X must be finite, got -inf"),
    (lambda net: net.predict([[1, 10**400]]), ValueError, "X must be finite, got an int beyond float64"),
    (lambda net: net.predict([["1", "2"]]), TypeError, r"X must be 2 real numbers .*, got \['1', '2'\]"),
    (lambda net: net.predict([[1, 2j]]), TypeError, "X must be 2 real numbers .*"),
    (lambda net: net.predict([[[1], [2]]]), TypeError, "X must be 2 real numbers .*"),
    (lambda net: net.predict(5), TypeError, "X must be rows of 2 numbers, got 5"),
    (lambda net: net.evaluate([], []), ValueError, "X must have at least 1 row, got 0"),
    (lambda net: net.backprop([], []), ValueError, "x must have at least 1 row, got 0"),
    (lambda net: net.fit([], []), ValueError, "X must have at least 1 row, got 0"),
    (lambda net: net.fit(X, [0]), ValueError, "y must have 2 entries, one for each row of X, got 1"),
    (lambda net: net.backprop(X, [0] * 3), ValueError, "y must have 2 .* row of x, got 3"),
    (lambda net: net.fit(X, [0, 3]), ValueError, r"y must contain labels in 0\.\.2, got 3"),
    (lambda net: net.fit(X, [0, -1]), ValueError, r"y must contain labels in 0\.\.2, got -1"),
    (
        lambda net: net.fit(X, [0.0, 1.0]),
        ValueError,
        "y must contain integer labels or rows of 3 .*, got 0.0",
    ),
    (lambda net: net.fit(X, [False, True]), ValueError, "y must contain integer labels .*, got False"),
    (lambda net: net.fit(X, [[0, 1]] * 2), ValueError, "y must have width 3, got 2"),
    (lambda net: net.fit(X, [[0, 1, math.inf]] * 2), ValueError, "y must be finite, got inf"),
    (lambda net: net.fit(X, [[0, 1, 0], 1]), TypeError, "y must be 3 real numbers per example, got 1"),
    (lambda net: net.fit(X, 1), TypeError, "y must be a target for each of 2 examples, got 1"),
    (lambda net: net.backprop([1, 2], 3), ValueError, r"y must contain labels in 0\.\.2, got 3"),
    (lambda net: net.backprop([1, 2], [1]), ValueError, "y must have width 3, got 1"),
    (lambda net: net.fit(X, Y, batch_size=0), ValueError, "batch_size must be at least 1, got 0"),
    (lambda net: net.fit(X, Y, epochs=-1), ValueError, "epochs must be at least 0, got -1"),
    (
        lambda net: net.fit(X, Y, validation=([[1]], [0])),
        ValueError,
        "validation X must have width 2, got 1",
    ),
    (lambda net: net.fit(X, Y, validation=(X, [0, 9])), ValueError, r"validation y .* 0\.\.2, got 9"),
    (lambda net: setattr(net, "parameters", [0.0]), ValueError, "parameters must have width 9, got 1"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD_CALLS)
def test_invalid_calls_raise_and_change_nothing(call: Call, error: type[Exception], message: str) -> None:
    net = Network([2, 3], output="softmax", seed=0)
    net.fit(X, Y, epochs=1)
    before = copy.deepcopy((net.parameters, net.epochs, net.history))
    with pytest.raises(error, match=f"^{message}$"):
        call(net)
    assert (net.parameters, net.epochs, net.history) == before


def test_unsupported_labels_raise() -> None:
    with pytest.raises(ValueError, match=r"^y must contain labels in 0\.\.1, got 2$"):
        Network([2, 1], output="sigmoid").fit(X, [0, 2])
    with pytest.raises(ValueError, match=r"^y must contain rows of 3 numbers, got 0$"):
        Network([2, 3], output="identity").fit(X, [0, 2])
