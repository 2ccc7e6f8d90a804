"""Containers without numbers raise errors with the argument, the column, the position and the remedy."""

import datetime

import localgrad as lg
import numpy as np
import pytest
from container_stand_ins import (
    Batches,
    CountingColumn,
    LazyFrame,
    NullableColumn,
    PandasFrame,
    PolarsFrame,
    Sparse,
    Table,
    Tensor,
)
from localgrad._arrays import sparse

X = np.array([[0.5, 1.0], [2.0, 3.0], [4.0, 5.5]])
Y = np.array([0, 1, 1])
A = X[:, 0]


class Examples:
    """A PyTorch Dataset."""

    def __len__(self):
        return 3

    def __getitem__(self, k):
        return X[k], Y[k]


class Broken(PandasFrame):
    """A data frame whose own code raises an error."""

    def __getitem__(self, key):
        raise KeyError("no such thing")


def frame(values, dtype, kind=PandasFrame):
    column = NullableColumn if kind is PandasFrame else CountingColumn
    return kind({"size": column(A, "Float64"), "color": column(values, dtype)})


DATES = np.array(["2020-01-01"] * 3, "datetime64[D]")
# (id, value, error, parts of the message after the name of the argument)
INPUTS = [
    (
        "lists",
        PandasFrame({"a": A, "l": NullableColumn(np.ones((3, 2)), "l")}),
        ValueError,
        ["column 'l'", "(2,)"],
    ),
    (
        "broken frame",
        Broken({"a": NullableColumn(A)}),
        TypeError,
        ["Broken", "NumPy cannot read: 'no such thing'"],
    ),
    ("strings", frame(["r", "g", "b"], "string"), TypeError, ["column 'color' must", "'r'", "get_dummies"]),
    (
        "categories",
        frame(["r", "g", "b"], "category"),
        TypeError,
        ["column 'color' must", "categories", "'r'"],
    ),
    ("enum", frame(["r", "g", "b"], "Enum(['r'])", PolarsFrame), TypeError, ["column 'color' must", "'r'"]),
    ("dictionary", frame(["r", "g", "b"], "dictionary<>", Table), TypeError, ["column 'color' must", "'r'"]),
    ("numbers as strings", frame(["1", "2", "3"], "string"), TypeError, ["column 'color'", ".astype(float)"]),
    (
        "missing",
        frame([1, None, 3], "Int64"),
        ValueError,
        ["column 'color'", "no missing values, got one at row 1", "dropna"],
    ),
    (
        "null",
        frame([1, 2, None], "Int64", PolarsFrame),
        ValueError,
        ["column 'color'", "no missing values, got one at row 2"],
    ),
    ("null of a table", frame([None, 2, 3], "int64", Table), ValueError, ["column 'color'", "at row 0"]),
    (
        "dates",
        PandasFrame({"a": A, "when": DATES}),
        TypeError,
        ["column 'when'", "datetime64", "timedelta64"],
    ),
    ("date objects", frame([datetime.date(2020, 1, 1)] * 3, "object"), TypeError, ["column 'color'", "date"]),
    ("complex", PandasFrame({"a": A, "z": A + 1j}), TypeError, ["column 'z'", "complex128", "imaginary"]),
    ("lazy", LazyFrame({"a": CountingColumn(A)}), TypeError, ["LazyFrame", "collect()"]),
    (
        "string among numbers",
        np.array([[1, 2], [3, "b"], [5, 6]], object),
        TypeError,
        ["row 1, column 1", "'b'"],
    ),
    (
        "None among numbers",
        np.array([[1, 2], [3, 4], [None, 6]], object),
        TypeError,
        ["row 2, column 0", "fill"],
    ),
    ("strings of numbers", X.astype(str), TypeError, ["<U32", "'0.5'", ".astype(float)"]),
    ("records", np.zeros(3, [("a", "f4"), ("b", "f4")]), TypeError, ["('a'", "structured_to_unstructured"]),
    ("file", "data.csv", TypeError, ["'data.csv'", "loadtxt"]),
    ("bunch", {"data": X, "target": Y}, TypeError, ["dict", "X.data"]),
    ("dict", {"a": A, "b": A}, TypeError, ["dict", "column_stack"]),
    ("iterator", iter(X), TypeError, ["iterator", "only once", "Blocks"]),
    ("dataset", Examples(), ValueError, ["rectangular", "DataLoader"]),
    (
        "rows of two lengths",
        [Tensor([1.0, 2.0], graph=True), Tensor([1.0], graph=True)],
        ValueError,
        ["(1,)"],
    ),
    ("complex tensor", Tensor(X, "torch.complex64"), TypeError, ["Tensor", "complex64"]),
    ("tensor without data", Tensor(X, "torch.odd"), TypeError, ["Tensor", "Can't call numpy()"]),
    ("complex sparse", Sparse(X + 0j), TypeError, ["sparse", "complex128"]),
    ("masked", np.ma.masked_array(X, X > 5), ValueError, ["no masked entries, got 1"]),
]


def network():
    return lg.Network([2, 2], output="softmax", seed=0)


PATHS = {
    "predict": ("X", lambda X: network().predict(X)),
    "evaluate": ("X", lambda X: network().evaluate(X, Y)),
    "fit": ("X", lambda X: network().fit(X, Y, epochs=1)),
    "partial_fit": ("X", lambda X: network().partial_fit(X, Y)),
    "lr_finder": ("X", lambda X: network().lr_finder(X, Y, steps=2)),
    "backprop": ("x", lambda X: network().backprop(X, Y)),
    "validation": ("validation X", lambda V: network().fit(X, Y, epochs=1, validation=(V, Y))),
    "blocks": ("block 1 of the source: X", lambda X: network().fit(lambda: [(X, Y)], epochs=1)),
    "metrics": ("a", lambda a: lg.metrics.log_loss(Y, a)),
    "targets": ("y", lambda y: lg.Network([2, 2]).evaluate(X, y)),
    "weights": ("sample_weight", lambda w: network().evaluate(X, Y, sample_weight=w)),
    "parameters": ("weights[0]", lambda w: network().weights.__setitem__(0, w)),
}


@pytest.mark.parametrize(("name", "path"), PATHS.values(), ids=PATHS)
@pytest.mark.parametrize(
    ("value", "error", "parts"), [case[1:] for case in INPUTS], ids=[c[0] for c in INPUTS]
)
def test_inputs_without_numbers_raise_with_a_remedy(name, path, value, error, parts):
    with pytest.raises(error) as caught:
        path(iter(X) if hasattr(value, "__next__") else value)
    message = str(caught.value)
    assert message.startswith(name)
    for part in parts:
        assert part in message


@pytest.mark.parametrize("path", ["predict", "evaluate", "fit", "backprop", "validation"])
def test_too_large_arrays_and_numbers_raise(path):
    name, call = PATHS[path]
    with pytest.raises(
        MemoryError, match=rf"^{name} must fit .* \(1000000, 1000000000\), which takes 8e\+06 GB"
    ):
        call(Sparse(X, shape=(10**6, 10**9)))
    with pytest.raises(ValueError, match=f"^{name} must be finite .* got inf at row 0, column 0"):
        call([[10**400, 1.0]] * 3)


ESTIMATOR = "localgrad.sklearn.MLPClassifier takes strings as labels; "
UNIQUE = f"{ESTIMATOR}Network takes integers: classes, y = np.unique(y, return_inverse=True)"
LABELS = [
    ("strings", ["cat", "dog", "cat"], TypeError, ["<U3", "'cat'", UNIQUE]),
    ("bytes", np.array([b"cat", b"dog", b"cat"]), TypeError, ["|S3", "cat", UNIQUE]),
    ("string objects", np.array(["a", "b", "c"], object), TypeError, ["'a'", UNIQUE]),
    ("strings and numbers", np.array(["a", 1, 2.0], object), TypeError, ["'a' (str) at row 0", UNIQUE]),
    ("a column of strings", [["a"], ["b"], ["c"]], TypeError, ["'a' at row 0, column 0", UNIQUE]),
    (
        "string column",
        NullableColumn(["a", "b", "c"], "string"),
        TypeError,
        ["'a' (str) at row 0", UNIQUE],
    ),
    (
        "categories",
        NullableColumn(["a", "b", "c"], "category"),
        TypeError,
        ["categories such as 'a'", UNIQUE],
    ),
    (
        "a frame with a column of strings",
        PandasFrame({"kind": NullableColumn(["a", "b", "c"], "string")}),
        TypeError,
        ["'a' (str) at row 0", ESTIMATOR, "get_dummies"],
    ),
    ("digits", ["0", "1", "1"], TypeError, ["'0'", ESTIMATOR, ".astype(int) for labels"]),
    ("missing", NullableColumn([0, None, 1]), ValueError, ["no missing values, got one at row 1"]),
    ("null", CountingColumn([0, 1, None]), ValueError, ["no missing values, got one at row 2"]),
    ("floats", [0.0, 1.0, 1.0], ValueError, ["integer labels", "y.astype(int)"]),
    ("column", [[0], [1], [1]], ValueError, ["integer labels", "np.ravel(y)"]),
    ("column of floats", [[0.0], [1.0], [1.0]], ValueError, ["integer labels", "np.ravel(y).astype(int)"]),
]
LABEL_PATHS = {
    "evaluate": ("y", lambda y: network().evaluate(X, y)),
    "fit": ("y", lambda y: network().fit(X, y, epochs=1)),
    "partial_fit": ("y", lambda y: network().partial_fit(X, y)),
    "lr_finder": ("y", lambda y: network().lr_finder(X, y, steps=2)),
    "backprop": ("y", lambda y: network().backprop(X, y)),
    "validation": ("validation y", lambda y: network().fit(X, Y, epochs=1, validation=(X, y))),
    "batches": ("block 1 of the source: y", lambda y: network().fit(Batches((X, y)), epochs=1)),
}


@pytest.mark.parametrize(("name", "path"), LABEL_PATHS.values(), ids=LABEL_PATHS)
@pytest.mark.parametrize(
    ("value", "error", "parts"), [case[1:] for case in LABELS], ids=[c[0] for c in LABELS]
)
def test_invalid_labels_raise_with_a_remedy(name, path, value, error, parts):
    with pytest.raises(error) as caught:
        path(value)
    message = str(caught.value)
    assert message.startswith((f"{name} must ", f"{name} column 'kind' must "))
    for part in parts:
        assert part in message


def test_labels_require_a_classifier():
    message = r"^y must have shape \(3, 3\), got \(3,\); class labels require output='softmax'$"
    with pytest.raises(ValueError, match=message):
        lg.Network([2, 3]).fit(X, Y)


def test_fractional_labels_raise_without_a_remedy():
    with pytest.raises(ValueError, match=r"dtype float64$"):
        network().evaluate(X, [0.5, 1.0, 1.0])


def test_an_iterable_of_batches_contains_its_labels():
    with pytest.raises(ValueError, match=r"^y must be None for blocks"):
        network().fit(Batches((X, Y)), Y)
    with pytest.raises(TypeError, match=r"^y must be an array unless .* an iterator can be read only once"):
        network().fit(iter([(X, Y)]))
    with pytest.raises(TypeError, match=r"^X must hold .* only fit accepts an iterable of batches"):
        network().predict(Batches((X, Y)))


def test_the_limit_of_free_memory_is_respected(tmp_path, monkeypatch):
    # The limit of a container counts if it is below the memory of the machine.
    limit = tmp_path / "memory.max"
    for text, expected in (("1000\n", 1000), ("max\n", None), ("", None)):
        limit.write_text(text)
        monkeypatch.setattr(sparse, "_LIMITS", (str(limit), str(tmp_path / "missing")))
        free = sparse.free_memory()
        assert free == expected if expected else free > 2**20
    monkeypatch.setattr(sparse, "free_memory", lambda: 47)
    with pytest.raises(MemoryError, match=r"^X must fit .* shape \(3, 2\), which takes"):
        network().predict(Sparse(X.astype(np.float32)))
    monkeypatch.setattr(sparse, "free_memory", lambda: 48)
    network().predict(Sparse(X.astype(np.float32)))
