"""`fit` with blocks of rows: results, errors, and the rows that errors name."""

import localgrad as lg
import numpy as np
import pytest

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4)).astype(np.float32)
Y = RNG.normal(size=(60, 2)).astype(np.float32)
LABELS = RNG.integers(0, 3, 60)


def network(**options):
    return lg.Network([4, 6, 2], **{"activation": "tanh", "seed": 1, **options})


def classifier(**options):
    return lg.Network([4, 6, 3], **{"activation": "tanh", "output": "softmax", "seed": 1, **options})


def cut(size, *arrays):
    """Return a source of blocks with `size` rows each."""

    def source():
        for start in range(0, len(arrays[0]), size):
            yield tuple(array[start : start + size] for array in arrays)

    return source


def test_without_shuffling_blocks_give_the_same_result_as_arrays():
    def blocks():
        yield X[:10], Y[:10]
        yield X[10:11], Y[10:11]
        yield X[11:], Y[11:]

    one, other = network(dropout=0.2), network(dropout=0.2)
    options = {
        "epochs": 3,
        "batch_size": 8,
        "shuffle": False,
        "optimizer": lg.Adam(0.01),
        "validation": (X, Y),
    }
    one.fit(X, Y, **options)
    other.fit(blocks, **options)
    assert one.parameters.tobytes() == other.parameters.tobytes()
    assert one.history == other.history


def test_blocks_can_have_weights_which_metrics_receive():
    w = RNG.uniform(0.5, 2, 60)
    blocks = cut(25, X, LABELS, w / w.mean())  # blocks use weights as they are
    one, other = classifier(), classifier()
    options = {"epochs": 2, "batch_size": 8, "shuffle": False, "metrics": ["accuracy", "auc"]}
    one.fit(X, LABELS, sample_weight=w, **options)
    other.fit(lg.Blocks(blocks, rows=60), **options)
    assert one.parameters.tobytes() == other.parameters.tobytes()
    np.testing.assert_allclose(one.history["auc"], other.history["auc"], rtol=1e-12)
    np.testing.assert_allclose(one.history["accuracy"], other.history["accuracy"], rtol=1e-12)


def test_shuffled_blocks_only_depend_on_the_seed():
    def trained(source, seed=1):
        net = network(seed=seed)
        history = net.fit(
            lg.Blocks(source, shuffle_buffer=24), epochs=30, batch_size=5, optimizer=lg.Adam(0.02)
        )
        return net.parameters.tobytes(), history["cost"]

    bits, costs = trained(cut(7, X, Y))
    assert trained(cut(30, X, Y))[0] == bits
    assert trained(cut(7, X, Y), seed=2)[0] != bits
    assert costs[-1] < costs[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"y": Y}, "y must be None for blocks"),
        ({"sample_weight": [1.0]}, "sample_weight must be None for blocks"),
        ({"batch_size": None}, "batch_size must be an int for blocks"),
        ({"validation": 0.5}, "validation must be"),
        ({"optimizer": lg.LBFGS()}, "LBFGS does not support blocks"),
    ],
)
def test_unsupported_arguments_raise(options, words):
    if "optimizer" in options:
        pytest.importorskip("scipy")
    with pytest.raises(ValueError, match=words):
        network().fit(lambda: iter([(X, Y)]), **options)


def test_an_invalid_block_raises_with_its_number():
    def blocks():
        yield X, Y
        yield X[:, :3], Y

    with pytest.raises(ValueError, match="block 2 of the source: X must have 4 numbers"):
        network().fit(blocks, epochs=1)


def test_arrays_require_targets():
    with pytest.raises(TypeError, match="y must be an array unless"):
        network().fit(X)


def test_all_weights_of_a_block_can_be_0():
    w = np.r_[np.ones(20), np.zeros(20), np.ones(20)]
    one, other = network(), network()
    one.fit(cut(60, X, Y, w), epochs=2, shuffle=False)
    other.fit(cut(20, X, Y, w), epochs=2, shuffle=False)
    assert one.parameters.tobytes() == other.parameters.tobytes()


@pytest.mark.parametrize(("row", "value"), [(0, np.nan), (47, np.inf), (57, np.nan)])
def test_an_invalid_row_raises_with_its_number_in_the_block(row, value):
    bad = X.copy()
    bad[row, 1] = value
    net = network()
    before = net.parameters.tobytes()
    with pytest.raises(ValueError, match=f"row {row % 7} of block {row // 7 + 1}"):
        net.fit(lg.Blocks(cut(7, bad, Y), shuffle_buffer=16), batch_size=4)
    assert (net.parameters.tobytes(), net.epochs, net.history) == (before, 0, {})


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize(
    ("rows", "batch_size"), [(60, 61), (60, 10**8), (700, 10**3), (700, 2**70), (700, 400)]
)
def test_the_batch_size_can_exceed_the_number_of_rows(rows, batch_size, shuffle):
    x, y = np.resize(X, (rows, 4)), np.resize(Y, (rows, 2))
    blocks = cut(23, x, y)
    nets = [network() for _ in range(3)]
    options = {"epochs": 3, "batch_size": batch_size, "optimizer": lg.Adam(0.01), "shuffle": shuffle}
    nets[0].fit(blocks, **options)
    nets[1].fit(lg.Blocks(blocks, rows=rows), **options)
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()
    if not shuffle:
        nets[2].fit(x, y, **options)
        assert nets[0].parameters.tobytes() == nets[2].parameters.tobytes()


def test_a_huge_number_of_rows_raises_only_at_the_end_of_the_epoch():
    blocks = lg.Blocks(lambda: [(X, Y)], rows=2**70)
    with pytest.raises(ValueError, match=f"source must yield {2**70} rows per epoch, got 60"):
        network().fit(blocks, epochs=1)


def test_epochs_can_have_different_numbers_of_rows():
    """One mini-batch of all rows each: fewer rows, more than before, and as many as in the first."""
    lengths = [60, 5, 60, 7, 500, 60]

    def of(lengths):
        left = iter(lengths)

        def blocks():
            rows = next(left)
            yield np.resize(X, (rows, 4)), np.resize(Y, (rows, 2))

        return blocks

    one, other = network(), network()
    one.fit(of(lengths), epochs=6, batch_size=10**6, shuffle=False, optimizer=lg.Adam(0.01))
    for rows in lengths:
        x, y = np.resize(X, (rows, 4)), np.resize(Y, (rows, 2))
        other.partial_fit(x, y, batch_size=None, shuffle=False, optimizer=lg.Adam(0.01))
    assert one.parameters.tobytes() == other.parameters.tobytes()


def test_sparse_blocks_are_supported():
    sparse = pytest.importorskip("scipy.sparse")

    def blocks():
        yield sparse.csr_matrix((0, 4)), LABELS[:0]
        yield sparse.csr_matrix(X), LABELS

    one, other = classifier(), classifier()
    one.fit(X, LABELS, epochs=2, shuffle=False)
    other.fit(blocks, epochs=2, shuffle=False)
    assert one.parameters.tobytes() == other.parameters.tobytes()


def test_an_error_in_len_of_a_block_names_the_block():
    class Strange:
        def __len__(self):
            raise TypeError("no length")

    with pytest.raises(TypeError, match="block 2 of the source: no length"):
        classifier().fit(lambda: [(X, LABELS), (Strange(), LABELS)])
