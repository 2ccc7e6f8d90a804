"""Containers of pandas, polars, PyTorch and SciPy, for the libraries that are installed."""

import localgrad as lg
import numpy as np
import pytest

X = np.array([[0.5, 1.0], [2.0, 3.0], [4.0, 5.0]])
Y = np.array([0, 1, 1])


def outputs(X, y=Y):
    """Return the predictions of a network trained on these data."""
    net = lg.Network([2, 3, 2], output="softmax", seed=0)
    net.fit(X, y, epochs=2, validation=(X, y))
    net.evaluate(X, y)
    net.backprop(X, y)
    return net.predict(X).tobytes()


def test_pandas_containers_are_read():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1].astype(int), "y": Y})
    nullable = frame.convert_dtypes()
    plain = outputs(X)
    for columns in (frame, nullable, frame.astype({"b": "category"}), frame.astype(object)):
        assert outputs(columns[["a", "b"]]) == plain
    for labels in (frame.y, nullable.y, nullable.y.astype("boolean"), frame.y.astype("category")):
        assert outputs(X, labels) == plain
    assert outputs(X, pd.Index(Y)) == outputs(X, pd.array(Y)) == plain
    twice = frame[["a", "b"]].set_axis(["a", "a"], axis=1).convert_dtypes()
    assert outputs(twice) == plain
    flags = pd.DataFrame({"a": X[:, 0], "b": X[:, 1] > 2})
    assert outputs(flags) == outputs(flags.to_numpy(float))
    nullable.loc[1, "b"] = pd.NA
    with pytest.raises(ValueError, match=r"^X column 'b' must have no missing values, got one at row 1"):
        outputs(nullable[["a", "b"]])
    frame["b"] = pd.Series(["r", "g", "b"], dtype="category")
    with pytest.raises(
        TypeError, match=r"^X column 'b' must hold .*categories such as 'r'.*pandas.get_dummies"
    ):
        outputs(frame[["a", "b"]])
    with pytest.raises(TypeError, match=r"^y must hold .*np.unique"):
        outputs(X, frame["b"].astype("string"))


def test_polars_containers_are_read():
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"a": X[:, 0], "b": X[:, 1].astype(int), "color": ["r", "g", "b"]})
    plain = outputs(X)
    assert outputs(frame[["a", "b"]], pl.Series(Y)) == plain
    assert outputs(X, pl.Series(Y == 1)) == plain
    with pytest.raises(TypeError, match=r"^X column 'color' must hold .*'r'"):
        outputs(frame[["a", "color"]])
    with pytest.raises(TypeError, match=r"^X column 'color' must hold .*categories such as 'r'"):
        outputs(frame[["a", "color"]].with_columns(pl.col("color").cast(pl.Categorical)))
    with pytest.raises(ValueError, match=r"^y must have no missing values, got one at row 1"):
        outputs(X, pl.Series([0, None, 1]))
    with pytest.raises(TypeError, match=r"^X must be in memory, got a LazyFrame"):
        outputs(frame.lazy())


def test_tensors_and_data_loaders_are_read():
    torch = pytest.importorskip("torch")
    plain = outputs(X)
    values, labels = torch.tensor(X), torch.tensor(Y)
    exact = (torch.bfloat16, torch.float16, torch.float8_e4m3fn)  # X is exact in these types
    tensors = [values, values.T.clone().T, values.clone().requires_grad_(), values.to_sparse()]
    for tensor in (*tensors, *(values.to(dtype) for dtype in exact)):
        assert outputs(tensor, labels) == plain
    assert outputs([row.requires_grad_() for row in values]) == plain
    with pytest.raises(TypeError, match=r"^X must hold .*complex128"):
        outputs(values + 0j)
    with pytest.raises(TypeError, match=r"^X must hold .*meta"):
        outputs(values.to("meta"))
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(values, labels), batch_size=2)
    net = lg.Network([2, 2], output="softmax", seed=0)
    twin = net.copy()
    net.fit(loader, epochs=2)
    twin.fit(lambda: [(X[:2], Y[:2]), (X[2:], Y[2:])], epochs=2)
    assert net.parameters.tobytes() == twin.parameters.tobytes()


@pytest.mark.parametrize(
    "kind", ["csr_matrix", "csc_array", "coo_array", "lil_matrix", "dok_array", "bsr_array"]
)
def test_sparse_matrices_are_read(kind):
    sparse = pytest.importorskip("scipy.sparse")
    assert outputs(getattr(sparse, kind)(X)) == outputs(X)
    net = lg.Network([2, 2], output="sigmoid", seed=0)
    rows = np.eye(2)[Y]
    assert net.evaluate(X, getattr(sparse, kind)(rows)) == net.evaluate(X, rows)
    with pytest.raises(MemoryError, match=r"^y must fit .*\(1000000, 1000000\)"):
        net.evaluate(X, sparse.csr_array((10**6, 10**6)))


def test_tensors_with_the_negative_bit_are_read():
    torch = pytest.importorskip("torch")
    values = torch.complex(torch.zeros(3, 2), torch.arange(6.0).reshape(3, 2)).conj().imag
    assert values.is_neg()
    net = lg.Network([2, 1], seed=0)
    assert (net.predict(values) == net.predict(-np.arange(6.0).reshape(3, 2))).all()
