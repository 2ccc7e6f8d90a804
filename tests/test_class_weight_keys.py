"""The keys of class_weight: whatever names a class, and nothing else."""

import localgrad as lg
import numpy as np
import pytest

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 2))
Y = X[:, 0] > 0.5

WEIGHTS = {
    "booleans": {False: 1.0, True: 3.0},
    "booleans of NumPy": dict(zip(np.unique(Y), [1.0, 3.0], strict=True)),
    "integers of NumPy": {np.int64(0): 1.0, np.uint8(1): np.float32(3.0)},
    "some classes": {1: 3.0},
    "a sequence": [1.0, 3.0],
    "an array": np.array([1.0, 3.0]),
}


@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
@pytest.mark.parametrize("sizes", [[2, 1], [2, 2]])
def test_names_of_classes(sizes, weights):
    def trained(y, weights):
        net = lg.Network(sizes, output="sigmoid", cost="cross_entropy", seed=1)
        net.fit(X, y, epochs=2, class_weight=weights)
        found = net.lr_finder(X, y, class_weight=weights, steps=3)
        return net.parameters.tobytes(), found.costs.tobytes()

    assert trained(Y, weights) == trained(Y.astype(int), {0: 1.0, 1: 3.0})
    assert trained(Y, weights) != trained(Y, None)


def test_a_class_without_rows():
    net = lg.Network([2, 3], output="softmax", seed=0)
    twin = net.copy()
    net.fit(X, Y.astype(int), epochs=1, class_weight={2: 5.0})
    twin.fit(X, Y.astype(int), epochs=1, class_weight={0: 1.0})
    assert net.parameters.tobytes() == twin.parameters.tobytes()


@pytest.mark.parametrize(
    ("key", "error", "parts"),
    [
        (7, ValueError, ["labels in 0..1", "given 7"]),
        (-1, ValueError, ["labels in 0..1", "given -1"]),
        ("1", TypeError, ["an int", "'1'", "as y holds them"]),
        ("cat", TypeError, ["an int", "'cat'", "as y holds them"]),
        (1.0, TypeError, ["an int", "1.0"]),
        (None, TypeError, ["an int", "None"]),
        ((1,), TypeError, ["an int", "(1,)"]),
    ],
)
def test_other_keys(key, error, parts):
    with pytest.raises(error) as caught:
        lg.Network([2, 1], output="sigmoid").fit(X, Y, epochs=1, class_weight={key: 2.0})
    message = str(caught.value)
    assert message.startswith("class_weight")
    for part in parts:
        assert part in message
