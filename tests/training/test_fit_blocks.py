"""`fit` on blocks of rows: what it gives, what it refuses, and whose rows its errors name."""

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
    """Return a source of blocks of so many rows."""

    def source():
        for start in range(0, len(arrays[0]), size):
            yield tuple(array[start : start + size] for array in arrays)

    return source


def test_blocks_in_order_are_the_rows_in_order():
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


def test_blocks_may_have_weights_and_metrics_see_them():
    w = RNG.uniform(0.5, 2, 60)
    blocks = cut(25, X, LABELS, w / w.mean())  # which are taken as they are
    one, other = classifier(), classifier()
    options = {"epochs": 2, "batch_size": 8, "shuffle": False, "metrics": ["accuracy", "auc"]}
    one.fit(X, LABELS, sample_weight=w, **options)
    other.fit(lg.Blocks(blocks, rows=60), **options)
    assert one.parameters.tobytes() == other.parameters.tobytes()
    np.testing.assert_allclose(one.history["auc"], other.history["auc"], rtol=1e-12)
    np.testing.assert_allclose(one.history["accuracy"], other.history["accuracy"], rtol=1e-12)


def test_shuffled_blocks_learn_and_depend_on_the_seed_alone():
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
        ({"y": Y}, "y must be None where X are blocks"),
        ({"sample_weight": [1.0]}, "sample_weight must be None where X are blocks"),
        ({"batch_size": None}, "batch_size must be a number where X are blocks"),
        ({"validation": 0.5}, "validation must be"),
        ({"optimizer": lg.LBFGS()}, "LBFGS does not support blocks"),
    ],
)
def test_what_blocks_cannot(options, words):
    if "optimizer" in options:
        pytest.importorskip("scipy")
    with pytest.raises(ValueError, match=words):
        network().fit(lambda: iter([(X, Y)]), **options)


def test_a_bad_block_is_named_and_the_network_keeps_what_it_learnt():
    def blocks():
        yield X, Y
        yield X[:, :3], Y

    with pytest.raises(ValueError, match="block 2 of the source: X must have 4 numbers"):
        network().fit(blocks, epochs=1)


def test_arrays_need_targets():
    with pytest.raises(TypeError, match="y must be given"):
        network().fit(X)


def test_a_block_may_weigh_nothing():
    w = np.r_[np.ones(20), np.zeros(20), np.ones(20)]
    one, other = network(), network()
    one.fit(cut(60, X, Y, w), epochs=2, shuffle=False)
    other.fit(cut(20, X, Y, w), epochs=2, shuffle=False)
    assert one.parameters.tobytes() == other.parameters.tobytes()


@pytest.mark.parametrize(("row", "value"), [(0, np.nan), (47, np.inf), (57, np.nan)])
def test_a_bad_row_has_its_number_in_its_block_and_leaves_the_network(row, value):
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
def test_a_mini_batch_may_be_larger_than_the_epoch(rows, batch_size, shuffle):
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


def test_blocks_may_promise_more_rows_than_there_could_be():
    blocks = lg.Blocks(lambda: [(X, Y)], rows=2**70)
    with pytest.raises(ValueError, match=f"source must yield {2**70} rows per epoch, got 60"):
        network().fit(blocks, epochs=1)


def test_epochs_may_differ_in_their_rows():
    """One mini-batch of all rows each: fewer, more than ever, and as many as in the first."""
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


def test_sparse_blocks_also_without_rows():
    sparse = pytest.importorskip("scipy.sparse")

    def blocks():
        yield sparse.csr_matrix((0, 4)), LABELS[:0]
        yield sparse.csr_matrix(X), LABELS

    one, other = classifier(), classifier()
    one.fit(X, LABELS, epochs=2, shuffle=False)
    other.fit(blocks, epochs=2, shuffle=False)
    assert one.parameters.tobytes() == other.parameters.tobytes()


def test_a_block_whose_length_cannot_be_told_is_named():
    class Strange:
        def __len__(self):
            raise TypeError("no length")

    with pytest.raises(TypeError, match="block 2 of the source: no length"):
        classifier().fit(lambda: [(X, LABELS), (Strange(), LABELS)])
