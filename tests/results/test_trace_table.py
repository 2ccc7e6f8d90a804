"""`print` shows a trace as a table with every quantity of each layer."""

import copy
import threading

import localgrad as lg
import numpy as np
import pytest


def table(trace):
    title, head, *rows = str(trace).splitlines()
    assert head.split() == ["layer", "quantity", "shape", "norm", "values"]
    starts = [head.index(word) for word in ("quantity", "shape")]
    return title, [
        (row[: starts[0]].strip(), row[starts[0] : starts[1]].strip(), row[starts[1] :]) for row in rows
    ]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [None, 1, 9])
def test_each_quantity_has_its_shape_and_norm(n, dtype):
    net = lg.Network([4, 5, 3], activation="leaky_relu(0.1)", output="softmax", dtype=dtype, seed=0)
    x = np.linspace(-1, 1, 4 * (n or 1)).reshape(-1, 4)
    trace = net.backprop(x[0], 1) if n is None else net.backprop(x, np.arange(n) % 3)
    title, rows = table(trace)
    assert title == repr(trace).strip("<>")
    expected = [("1", "a = x", trace.activations[0])]
    for i, phi in enumerate(("leaky_relu(z; 0.1)", "softmax(z)")):
        expected += [
            (str(i + 2), "z", trace.weighted_inputs[i]),
            ("", f"a = {phi}", trace.activations[i + 1]),
            ("", "δ", trace.local_gradients[i]),
            ("", "∂C/∂w", trace.weight_gradients[i]),
            ("", "∂C/∂b", trace.bias_gradients[i]),
        ]
    assert [row[:2] for row in rows] == [row[:2] for row in expected]
    for (*_, text), (*_, array) in zip(rows, expected, strict=True):
        assert text.startswith(str(array.shape))
        norm, values = text[len(str(array.shape)) :].split(maxsplit=1)
        assert float(norm) == pytest.approx(float(np.linalg.norm(array)), rel=1e-3)
        if array.size <= 6:
            np.testing.assert_allclose(np.array(eval(values)), array, rtol=1e-3)
        else:
            low, high = map(float, values.split(" .. "))
            assert (low, high) == pytest.approx((float(array.min()), float(array.max())), rel=1e-3)


def test_columns_are_aligned_without_trailing_spaces():
    lines = str(lg.Network([2, 3, 1], seed=0).backprop([1.0, 2.0], [0.5])).splitlines()
    assert all(line == line.rstrip() for line in lines)
    start = lines[1].index("shape")
    assert all(line[start] == "(" and line[start - 1] == " " for line in lines[2:])


def test_a_deep_copy_shares_the_cost():
    class Cost:
        lock = threading.Lock()  # a lock cannot be copied

        def __init__(self):
            self.own = threading.Lock()

        def __call__(self, a, y):
            return 0.5 * ((a - y) ** 2).sum(axis=1), a - y

    trace = lg.Network([2, 1], cost=Cost(), seed=0).backprop([1.0, 2.0], [0.5])
    assert copy.deepcopy(trace).cost_gradient == trace.cost_gradient
