"""Containers of numbers other than arrays give the same results, bit for bit, in every method."""

import array
import ctypes
import sys
from decimal import Decimal
from fractions import Fraction

import localgrad as lg
import numpy as np
import pytest
from container_stand_ins import (
    Array,
    Batches,
    CountingColumn,
    Exchanged,
    NullableColumn,
    PandasFrame,
    PolarsFrame,
    Sparse,
    Table,
    Tensor,
)
from localgrad._arrays import as_numbers

X = np.array([[0.5, 1.0], [2.0, 3.0], [4.0, 5.5], [-1.0, 0.25]])
Y = np.array([0, 1, 1, 0])
A, B = X.T


def objects(values):
    result = np.empty(len(values), object)
    result[:] = list(values)
    return result


INPUTS = {
    "array interface": Array(X),
    "dlpack": Exchanged(X),
    "nullable columns": PandasFrame({"a": NullableColumn(A, "Float64"), "b": NullableColumn(B, "Float64")}),
    "plain and nullable columns": PandasFrame({"a": A, "b": NullableColumn(B, "Float64")}),
    "plain columns": PandasFrame({"a": A, "b": B}),
    "columns by name": PolarsFrame({"a": CountingColumn(A), "b": CountingColumn(B)}),
    "columns by number": Table({"a": CountingColumn(A, method=False), "b": CountingColumn(B, method=False)}),
    "tensor": Tensor(X),
    "tensor with a graph": Tensor(X, graph=True),
    "tensor on a device": Tensor(X, device="cuda:0"),
    "tensor of bfloat16": Tensor(X, "torch.bfloat16", graph=True),
    "tensor of 8 bits": Tensor(X, "torch.float8_e5m2"),
    "sparse tensor": Tensor(X, layout="torch.sparse_coo"),
    "list of tensors": [Tensor(row, graph=True) for row in X],
    "sparse matrix": Sparse(X),
    "list of arrays": [array.array("d", row) for row in X],
    "array of rows": objects(list(X)),
    "array of lists": objects(X.tolist()),
    "memoryview": memoryview(X),
    "ctypes": (ctypes.c_double * 2 * 4)(*map(tuple, X)),
    "native order by name": X.view(X.dtype.newbyteorder("<" if sys.byteorder == "little" else ">")),
    "masked array without masked entries": np.ma.masked_array(X, False),
    "decimals": [[Decimal(value) for value in row] for row in X.tolist()],
    "fractions": [[Fraction(value) for value in row] for row in X.tolist()],
    "mixed objects": np.array(
        [[0.5, True], [2, Decimal(3)], [np.int8(4), Fraction(11, 2)], [-1, 0.25]], object
    ),
}
LABELS = {
    "nullable column": NullableColumn(Y),
    "nullable booleans": NullableColumn([False, True, True, False], "boolean"),
    "counting column": CountingColumn(Y),
    "numeric categories": NullableColumn(Y, "category"),
    "tensor": Tensor(Y, "torch.int64", device="cuda:0"),
    "objects": objects(Y.tolist()),
    "booleans": Y == 1,
    "array": array.array("i", Y),
    "range of classes": [np.int8(value) for value in Y],
    "large integers": np.array([0, 1, 1, 0], object).astype(np.uint64).astype(object),
}


def network():
    return lg.Network([2, 3, 2], output="softmax", seed=3)


def trained(method, *args, **kwargs):
    net = network()
    getattr(net, method)(*args, **kwargs)
    return net.parameters.tobytes()


PATHS = {
    "predict": lambda X, y: network().predict(X).tobytes(),
    "evaluate": lambda X, y: network().evaluate(X, y),
    "backprop": lambda X, y: network().backprop(X, y).gradient.tobytes(),
    "fit": lambda X, y: trained("fit", X, y, epochs=2),
    "partial_fit": lambda X, y: trained("partial_fit", X, y),
    "blocks": lambda X, y: trained("fit", lambda: [(X, y)], epochs=2),
    "batches": lambda X, y: trained("fit", Batches((X, y), [X, y]), epochs=2),
    "validation": lambda X, y: network().fit([[1.0, 2.0]], [0], epochs=1, validation=(X, y))["val_cost"],
    "lr_finder": lambda X, y: network().lr_finder(X, y, steps=5).costs.tobytes(),
    "metrics": lambda X, y: lg.metrics.accuracy(y, X),
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("value", INPUTS.values(), ids=INPUTS)
def test_inputs_give_the_same_results_as_arrays(value, path):
    assert path(value, Y) == path(X, Y)


@pytest.mark.parametrize("path", [PATHS[name] for name in PATHS if name != "predict"])
@pytest.mark.parametrize("value", LABELS.values(), ids=LABELS)
def test_labels_give_the_same_results_as_arrays(value, path):
    assert path(X, value) == path(X, Y)


@pytest.mark.parametrize("value", INPUTS.values(), ids=INPUTS)
def test_targets_and_parameters_are_accepted(value):
    net = lg.Network([2, 2], seed=0)
    assert net.evaluate(X, value) == net.evaluate(X, X)
    twin = lg.Network([2, 4], init=([value], [NullableColumn([1, 2, 3, 4])]))
    np.testing.assert_array_equal(twin.weights[0], X.astype(np.float32))
    assert twin.biases[0].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("weights", [NullableColumn([1, 2, 3, 4]), Tensor([1.0, 2, 3, 4], graph=True)])
def test_sample_weights_are_accepted(weights):
    plain = [1, 2, 3, 4]
    assert network().evaluate(X, Y, sample_weight=weights) == network().evaluate(X, Y, sample_weight=plain)
    assert trained("fit", X, Y, sample_weight=weights) == trained("fit", X, Y, sample_weight=plain)


def test_arrays_of_objects_are_converted_to_the_smallest_common_type():
    for values, dtype in (
        ([True, False], bool),
        ([True, 2], np.int64),
        ([2**63, 1], np.uint64),
        ([2**64, 1], np.float64),
        ([1, 0.5], np.float64),
        ([Fraction(1, 2), True], np.float64),
    ):
        read = as_numbers(np.array(values, object), "X")
        assert read.dtype == dtype
        assert read.tolist() == values
