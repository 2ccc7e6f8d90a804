"""Sparse matrices give the same results, bit for bit, as dense ones, and are checked where they are read."""

import threading
from itertools import pairwise

import localgrad as lg
import numpy as np
import pytest
from localgrad._arrays.sparse_rows import SparseRows
from localgrad._data.shuffle_buffer import ShuffleBuffer

sparse = pytest.importorskip("scipy.sparse")

RNG = np.random.default_rng(0)
X = np.where(RNG.uniform(size=(203, 40)) < 0.2, RNG.normal(size=(203, 40)), 0.0)
X[5] = 0.0
LABELS = RNG.integers(0, 3, 203)
REAL = X[:, :1] + X[:, 1:2]


def unordered(dtype=np.float64):
    """Return a matrix whose rows have columns in any order, some of them several times, and -0."""
    starts = np.sort(np.r_[0, 0, RNG.integers(0, 2000, 201), 2000])
    matrix = sparse.csr_array(
        ((9 * RNG.normal(size=2000)).astype(dtype), RNG.integers(0, 40, 2000), starts), shape=(203, 40)
    )
    assert not matrix.has_sorted_indices
    matrix.data[::7] = -0.0
    return matrix


def wide_indices(matrix):
    matrix.indices, matrix.indptr = matrix.indices.astype(np.int64), matrix.indptr.astype(np.int64)
    return matrix


MATRICES = {
    "csr_matrix": sparse.csr_matrix(X),
    "float32": sparse.csr_array(X.astype(np.float32)),
    "float64 values beyond float32's precision": sparse.csr_array(X * (1 + 1e-12)),
    "int8": sparse.csr_array((9 * X).astype(np.int8)),
    "uint64": sparse.csr_array(np.abs(9 * X).astype(np.uint64)),
    "bool": sparse.csr_matrix(X != 0),
    "longdouble": sparse.csr_array(X.astype(np.longdouble)),
    "csc": sparse.csc_array(X),
    "coo": sparse.coo_matrix(X),
    "lil": sparse.lil_array(X),
    "bsr": sparse.bsr_array(X),
    "rows of a larger one": sparse.csr_array(np.vstack([X, X]))[203:],
    "int64 indices": wide_indices(sparse.csr_array(X)),
    "no numbers": sparse.csr_array((203, 40)),
    "unordered": unordered(),
    "unordered float32": unordered(np.float32),
    "unordered int8 that overflows": unordered(np.int8),
    "unordered bool": unordered(np.bool_),
}


def network(**options):
    return lg.Network([40, 16, 3], output="softmax", seed=1, **options)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES)
def test_results_are_those_of_the_dense_matrix(matrix, dtype):
    dense = matrix.toarray()
    results = []
    rows = sparse.csr_array(matrix)
    for given, few, threads in ((dense, dense[:2], 2), (matrix, rows[:2], 1), (matrix, rows[:2], 3)):
        net = network(dtype=dtype, input_scale=-0.3)  # a negative scale makes -0 of 0
        history = net.fit(
            given, LABELS, epochs=2, batch_size=16, validation=0.3, optimizer=lg.Adam(), n_threads=threads
        )
        results.append(
            (
                net.parameters.tobytes(),
                history["val_cost"],
                net.predict(given, n_threads=threads).tobytes(),
                net.predict(few).tobytes(),
                net.evaluate(given, LABELS, n_threads=threads),
            )
        )
    assert results[0] == results[1] == results[2]


WAYS = {
    "weights": lambda net, x: net.fit(x, LABELS, sample_weight=np.arange(203.0), class_weight="balanced"),
    "validation": lambda net, x: net.fit(X, LABELS, validation=(x, LABELS))["val_cost"],
    "groups": lambda net, x: net.fit(x, LABELS, validation=lg.HoldOut(0.2, groups=np.arange(203) // 9)),
    "not shuffled": lambda net, x: net.fit(x, LABELS, shuffle=False, metrics="accuracy"),
    "partial_fit": lambda net, x: [net.partial_fit(x[k : k + 50], LABELS[k : k + 50]) for k in (0, 50, 100)],
    "lr_finder": lambda net, x: net.lr_finder(x, LABELS).costs.tolist(),
    "backprop": lambda net, x: [one.tobytes() for one in net.backprop(x, LABELS).activations],
    "lbfgs": lambda net, x: net.fit(x, LABELS, epochs=3, optimizer=lg.LBFGS(), validation=0.3)["val_cost"],
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_every_method_reads_sparse_rows(way):
    nets = network(), network()
    results = [way(net, x) for net, x in zip(nets, (X, sparse.csr_matrix(X)), strict=True)]
    if not isinstance(results[0], lg.History):
        assert results[0] == results[1]
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()


def test_warnings_about_the_scale_are_those_of_the_dense_matrix():
    bad = sparse.csr_array(1e4 * X)
    for given in (bad, bad.toarray()):
        with pytest.warns(lg.warnings.ScaleWarning, match="columns with standard deviations from"):
            network().fit(given, LABELS, epochs=1, optimizer=lg.SGD(1e-9))


def test_the_matrix_is_not_changed():
    matrix = unordered()
    before = [one.copy() for one in (matrix.data, matrix.indices, matrix.indptr)]
    network().fit(matrix, LABELS, epochs=1)
    for kept, now in zip(before, (matrix.data, matrix.indices, matrix.indptr), strict=True):
        assert kept.tobytes() == now.tobytes()
    csc = sparse.csc_array(X)
    csc.data, csc.indices = np.append(csc.data, 1.0), np.append(csc.indices, 0)  # which SciPy cuts off
    network().predict(csc)
    assert len(csc.data) == csc.nnz + 1


def spoiled(change, kind=sparse.csr_array):
    matrix = kind(X)
    change(matrix)
    return matrix


def set_at(name, index, value):
    return lambda matrix: getattr(matrix, name).__setitem__(index, value)


def cut(name, length):
    return lambda matrix: setattr(matrix, name, getattr(matrix, name)[:length])


def csr_parts(matrix):
    return matrix.data, matrix.indices, matrix.indptr[:-1], matrix.indptr[1:], matrix.shape[1]


CUTS = (0, 10, 11, 90, 203)


def blocks(x, weights, size):
    def source():
        for begin, end in pairwise(CUTS):
            yield (x[begin:end], LABELS[begin:end], *(one[begin:end] for one in weights))

    return lg.Blocks(source, shuffle_buffer=size)


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("size", [32, 120, 65536])
@pytest.mark.parametrize("weights", [(), (np.arange(203.0),)], ids=["", "weights"])
def test_sparse_blocks_give_the_results_of_dense_blocks(weights, size, shuffle):
    nets = network(), network()
    for net, x in zip(nets, (X, sparse.csr_matrix(X)), strict=True):
        net.fit(blocks(x, weights, size), epochs=3, batch_size=16, shuffle=shuffle)
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()


def test_blocks_may_differ_in_the_types_of_numbers_and_indices():
    nets = network(dtype="float64"), network(dtype="float64")
    wide = wide_indices(sparse.csr_array(X[90:].astype(np.float32)))
    nets[0].fit(lambda: [(sparse.csr_array(X[:90]), LABELS[:90]), (wide, LABELS[90:])], epochs=2)
    nets[1].fit(lambda: [(X[:90], LABELS[:90]), (wide.toarray(), LABELS[90:])], epochs=2)
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()


def test_the_shuffle_buffer_needs_memory_only_for_the_rows_it_holds():
    buffer = ShuffleBuffer(60, 10, seed=0, shuffle=True)
    matrix = SparseRows(*csr_parts(sparse.csr_array(X)))
    for epoch in range(10):
        seen = []
        for rows, targets, _, order in buffer.parts([(matrix.compact(), np.arange(203), None)], epoch):
            assert rows[order].dense().tobytes() == X[targets[order]].tobytes()
            seen += targets[order].tolist()
            # At most 60 rows, with room for twice their numbers when they last moved, and for new rows.
            assert len(rows.arrays[0]) <= 4 * 60 * np.diff(matrix.arrays[2]).max()
        assert sorted(seen) == list(range(203))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda one: one.indices.__setitem__(3, 40),
            "X must have columns below 40, got 40 at row 0 of block 2$",
        ),
        (lambda one: one.indptr.__setitem__(7, 10**9), r"X must have stored .* at row 6 of block 2$"),
        (lambda one: one.data.__setitem__(-1, np.inf), r"X must be finite .* at row 112 of block 2, column "),
    ],
)
def test_an_invalid_block_is_refused_with_its_number(change, message):
    matrix = sparse.csr_array(X)
    bad = matrix[90:]
    change(bad)
    with pytest.raises(lg.BadExample, match="^" + message):
        network().fit(lambda: [(matrix[:90], LABELS[:90]), (bad, LABELS[90:])])


def test_blocks_are_all_sparse_or_all_dense():
    matrix = sparse.csr_array(X)
    message = "X must be sparse in every block, as in the first, got a dense block after it$"
    with pytest.raises(ValueError, match=message):
        network().fit(lambda: [(matrix[:90], LABELS[:90]), (X[90:], LABELS[90:])])


BAD = {
    "column too large": (spoiled(set_at("indices", 12, 40)), "must have columns below 40, got 40 at row 1$"),
    "column negative": (spoiled(set_at("indices", 12, -1)), "must have columns below 40, got -1 at row 1$"),
    "end too large": (
        spoiled(set_at("indptr", 203, 10**9)),
        r"must have stored numbers between 0 and \d+, got \d+ to 1000000000 at row 202$",
    ),
    "start negative": (spoiled(set_at("indptr", 0, -1)), "must have .* got -1 to .* at row 0$"),
    "end before start": (spoiled(set_at("indptr", 2, 0)), "must have stored .* got .* to 0 at row 1$"),
    "few values": (spoiled(cut("data", 100)), "must have stored numbers between 0 and 100, got .* at row"),
    "few columns": (spoiled(cut("indices", 100)), "must have stored numbers between 0 and 100, got"),
    "few starts": (spoiled(cut("indptr", 10)), "must be a valid sparse matrix, got .* csr: .* 204 entries"),
    "nan": (spoiled(set_at("data", 0, np.nan)), "must be finite as float32, got nan at row 0, column"),
    "overflow": (spoiled(set_at("data", 0, 1e39)), "must be finite as float32, got inf at row 0, column"),
    "csc": (
        spoiled(set_at("indptr", 3, 10**9), sparse.csc_array),
        "must be a valid sparse matrix, got one of format csc: ",
    ),
    "coo": (
        spoiled(lambda matrix: matrix.coords[0].__setitem__(0, 203), sparse.coo_array),
        "must be a valid sparse matrix, got one of format coo: ",
    ),
}


@pytest.mark.parametrize(("matrix", "message"), BAD.values(), ids=BAD)
def test_invalid_matrices_are_refused_with_the_row(matrix, message):
    net = network()
    before = net.parameters.tobytes()
    for call in (
        lambda: net.predict(matrix),
        lambda: net.evaluate(matrix, LABELS),
        lambda: net.fit(matrix, LABELS, n_threads=2),
        lambda: net.fit(matrix, LABELS, optimizer=lg.LBFGS()),
        lambda: net.partial_fit(matrix, LABELS),
    ):
        with pytest.raises(ValueError, match="^X " + message):
            call()
    assert net.parameters.tobytes() == before


def test_a_wrong_shape_is_refused():
    with pytest.raises(
        ValueError, match=r"^X must have 40 numbers per example, got 39 \(shape \(203, 39\)\)$"
    ):
        network().predict(sparse.csr_array(X[:, 1:]))
    with pytest.raises(ValueError, match=r"^X must have at least 1 row, got 0$"):
        network().fit(sparse.csr_array((0, 40)), LABELS[:0])
    assert network().predict(sparse.csr_array((0, 40))).shape == (0, 3)


def test_the_output_must_not_share_memory_with_a_sparse_matrix():
    first = sparse.csr_array(X.astype(np.float32))[:3]
    with pytest.raises(ValueError, match=r"^out must not share memory with X"):
        network().predict(first, out=first.data[:9].reshape(3, 3))


def test_positions_may_change_during_the_call():
    matrix = sparse.csr_array(X)
    columns, starts = matrix.indices.copy(), matrix.indptr.copy()
    over = threading.Event()

    def spoil():
        while not over.is_set():
            for value in (2**31 - 1, -1, 7):
                matrix.indices[::3], matrix.indptr[1:-1:5] = value, value
            matrix.indices[:], matrix.indptr[:] = columns, starts

    thread = threading.Thread(target=spoil)
    thread.start()
    try:
        for _ in range(30):
            try:
                network().fit(matrix, LABELS, epochs=1, n_threads=2)
                network().predict(matrix)
            except ValueError as error:
                assert str(error).startswith("X must ")  # noqa: PT017
    finally:
        over.set()
        thread.join()
