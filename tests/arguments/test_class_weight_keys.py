"""The keys of class_weight."""

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
def test_booleans_and_integers_name_classes(sizes, weights):
    def trained(y, weights):
        net = lg.Network(sizes, output="sigmoid", cost="cross_entropy", seed=1)
        net.fit(X, y, epochs=2, class_weight=weights)
        found = net.lr_finder(X, y, class_weight=weights, steps=3)
        return net.parameters.tobytes(), found.costs.tobytes()

    assert trained(Y, weights) == trained(Y.astype(int), {0: 1.0, 1: 3.0})
    assert trained(Y, weights) != trained(Y, None)


def test_a_weight_for_a_class_without_rows_has_no_effect():
    net = lg.Network([2, 3], output="softmax", seed=0)
    twin = net.copy()
    net.fit(X, Y.astype(int), epochs=1, class_weight={2: 5.0})
    twin.fit(X, Y.astype(int), epochs=1, class_weight={0: 1.0})
    assert net.parameters.tobytes() == twin.parameters.tobytes()


@pytest.mark.parametrize(
    ("key", "error", "parts"),
    [
        (7, ValueError, ["labels in 0..1", "got 7"]),
        (-1, ValueError, ["labels in 0..1", "got -1"]),
        ("1", TypeError, ["an int", "'1'", "the labels in y"]),
        ("cat", TypeError, ["an int", "'cat'", "the labels in y"]),
        (1.0, TypeError, ["an int", "1.0"]),
        (None, TypeError, ["an int", "None"]),
        ((1,), TypeError, ["an int", "(1,)"]),
    ],
)
def test_invalid_keys_raise(key, error, parts):
    with pytest.raises(error) as caught:
        lg.Network([2, 1], output="sigmoid").fit(X, Y, epochs=1, class_weight={key: 2.0})
    message = str(caught.value)
    assert message.startswith("class_weight")
    for part in parts:
        assert part in message


def test_the_index_of_a_series_names_the_classes():
    pandas = pytest.importorskip("pandas")
    series = pandas.Series([3.0, 1.0], index=[1, 0])
    nets = [lg.Network([2, 2], output="softmax", seed=1) for _ in range(2)]
    nets[0].fit(X, Y, epochs=1, class_weight=series)
    nets[1].fit(X, Y, epochs=1, class_weight={0: 1.0, 1: 3.0})
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()


@pytest.mark.parametrize("library", ["torch", "polars"])
def test_tensors_and_polars_series_hold_one_weight_per_class(library):
    module = pytest.importorskip(library)
    weights = module.tensor([1.0, 3.0]) if library == "torch" else module.Series([1.0, 3.0])
    nets = [lg.Network([2, 2], output="softmax", seed=1) for _ in range(2)]
    nets[0].fit(X, Y, epochs=1, class_weight=weights)
    nets[1].fit(X, Y, epochs=1, class_weight=[1.0, 3.0])
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()


def test_the_message_is_a_single_line():
    class Table:
        def __repr__(self):
            return "a  b\n1  2"

    with pytest.raises(TypeError, match=r"got a b 1 2 \(Table\)"):
        lg.Network([2, 2], output="softmax").fit(X, Y, class_weight=Table())


@pytest.mark.parametrize("shape", [(30,), (30, 1)])
def test_float_labels_raise_an_error_with_a_remedy(shape):
    net, y = lg.Network([2, 1], output="sigmoid", cost="cross_entropy"), Y.astype(float).reshape(shape)
    with pytest.raises(ValueError, match=r"y must be integer labels .* for class_weight") as caught:
        net.fit(X, y, class_weight="balanced")
    text = str(caught.value)
    assert "(30, 1)" not in text
    assert text.endswith("dtype float64; np.ravel(y.astype(int)) converts it to labels")
    net.fit(X, np.ravel(y.astype(int)), class_weight="balanced", epochs=1)


def test_one_hot_targets_raise_an_error_with_a_remedy():
    net, y = lg.Network([2, 2], output="softmax"), np.eye(2)[Y.astype(int)]
    with pytest.raises(ValueError, match=r"shape \(30, 2\) .*; y.argmax\(axis=1\) converts it to labels"):
        net.fit(X, y, class_weight="balanced")
    with pytest.raises(ValueError, match=r"dtype float64$"):
        net.fit(X, y * 0.5, class_weight="balanced")
