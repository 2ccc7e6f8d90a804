"""The arguments of `Blocks`, and how it reads an epoch."""

import copy
import functools
import pickle
import weakref

import localgrad as lg
import numpy as np
import pytest
from localgrad.blocks import blocks_like


def nothing():
    return iter(())


def plain(X, y, weights):
    """A check that rejects only empty blocks."""
    rows, targets = np.asarray(X), np.asarray(y)
    if not len(rows):
        raise ValueError("X is empty")
    return rows, targets, None if weights is None else np.asarray(weights, np.float64)


def read(source, **settings):
    return list(lg.Blocks(source, **settings)._epoch(plain))


def pair(n, first=0.0):
    return np.full((n, 2), first), np.arange(n)


def test_arguments_are_attributes_with_defaults():
    blocks = lg.Blocks(nothing, rows=np.int64(5), shuffle_buffer=7)
    assert (blocks.source, blocks.rows, blocks.shuffle_buffer) == (nothing, 5, 7)
    assert type(blocks.rows) is int
    assert (lg.Blocks(nothing).rows, lg.Blocks(nothing).shuffle_buffer) == (None, 65536)


def test_repr_shows_the_arguments():
    assert repr(lg.Blocks(nothing, rows=5)) == "Blocks(nothing, rows=5, shuffle_buffer=65536)"
    assert "partial" in repr(lg.Blocks(functools.partial(nothing)))


def test_it_compares_by_value_can_be_copied_and_is_immutable():
    blocks = lg.Blocks(nothing, rows=5)
    assert blocks == lg.Blocks(nothing, rows=5) != lg.Blocks(nothing)
    assert pickle.loads(pickle.dumps(blocks)) == copy.deepcopy(blocks) == blocks
    with pytest.raises(AttributeError):
        blocks.rows = 6


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"rows": 0}, ValueError, "rows must be at least 1, got 0"),
        ({"rows": 1.5}, TypeError, "rows must be an int, got 1.5"),
        ({"rows": True}, TypeError, "rows must be an int"),
        ({"shuffle_buffer": 0}, ValueError, "shuffle_buffer must be at least 1, got 0"),
        ({"shuffle_buffer": None}, TypeError, "shuffle_buffer must be an int"),
        ({"shuffle_buffer": 2**32}, ValueError, "shuffle_buffer must be below"),
    ],
)
def test_invalid_arguments_raise(settings, error, message):
    with pytest.raises(error, match=message):
        lg.Blocks(nothing, **settings)


@pytest.mark.parametrize("source", [nothing(), [pair(3)], None, np.zeros((3, 2)), "file"])
def test_source_must_be_a_function(source):
    with pytest.raises(
        TypeError, match="source must be a function that returns an iterator of blocks, or an"
    ):
        lg.Blocks(source)


def test_settings_are_keyword_only():
    with pytest.raises(TypeError):
        lg.Blocks(nothing, 5)


def test_a_function_is_treated_as_blocks_and_data_are_not():
    blocks = lg.Blocks(nothing, rows=5)
    assert blocks_like(blocks) is blocks
    assert blocks_like(nothing) == lg.Blocks(nothing)
    for data in ([[1.0]], np.zeros((3, 2)), np.float64(3), None, "file"):
        assert blocks_like(data) is None


def test_a_callable_array_is_an_array():
    class Table:
        def __array__(self, dtype=None, copy=None):
            return np.zeros((3, 2))

        def __call__(self):
            raise AssertionError

    assert blocks_like(Table()) is None


@pytest.mark.parametrize("kind", [iter, list, tuple])
def test_the_source_may_return_any_iterable_of_tuples_or_lists(kind):
    blocks = read(lambda: kind([pair(3), [*pair(2, 1.0)], (np.ones((1, 2)), [4])]))
    assert [len(rows) for rows, _, _ in blocks] == [3, 2, 1]
    blocks = read(lambda: kind([(*pair(1), [1.5]), [*pair(1), [0.5]]]))
    assert [w.tolist() for _, _, w in blocks] == [[1.5], [0.5]]


def test_the_source_is_called_once_per_epoch():
    calls = []

    def source():
        calls.append(len(calls))
        yield pair(3, float(len(calls)))

    blocks = lg.Blocks(source)
    assert [next(iter(blocks._epoch(plain)))[0][0, 0] for _ in range(3)] == [1.0, 2.0, 3.0]


def test_empty_blocks_are_skipped():
    blocks = read(lambda: [pair(0), pair(3), pair(0), ([], []), pair(2), pair(0)], rows=5)
    assert [len(rows) for rows, _, _ in blocks] == [3, 2]


def test_a_block_with_only_x_empty_is_checked():
    with pytest.raises(ValueError, match="block 2 of the source: X is empty"):
        read(lambda: [pair(2), (np.empty((0, 2)), np.zeros(1, int))])


def test_each_block_with_rows_is_checked():
    seen = []

    def check(X, y, weights):
        seen.append((len(X), weights))
        return plain(X, y, weights)

    source = [(*pair(2), [1.0, 1.0]), pair(0), (*pair(1), [2.0])]
    list(lg.Blocks(lambda: source)._epoch(check))
    assert seen == [(2, [1.0, 1.0]), (1, [2.0])]


@pytest.mark.parametrize(
    ("block", "error", "message"),
    [
        (np.zeros((2, 3)), TypeError, r"block 2 must be a tuple \(X, y\), got array"),
        (None, TypeError, "block 2 must be a tuple"),
        (pair(2)[:1], ValueError, r"block 2 must be \(X, y\) or \(X, y, sample_weight\), got length 1"),
        ((*pair(2), None, None), ValueError, "got length 4"),
    ],
)
def test_invalid_blocks_raise(block, error, message):
    with pytest.raises(error, match=message):
        read(lambda: [pair(2), block])


@pytest.mark.parametrize("value", [None, 3, 1.5, nothing])
def test_a_source_that_does_not_return_an_iterator_raises(value):
    def mine():
        return value

    message = rf"^source must return an iterator of blocks, got .*\({type(value).__name__}\) from mine$"
    with pytest.raises(TypeError, match=message):
        read(mine)


def test_an_error_raised_in_the_source_is_not_changed():
    def mine():
        raise TypeError("mine")
        yield

    with pytest.raises(TypeError, match=r"^mine$"):
        read(mine)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ((np.zeros((2, 2)), np.zeros((2, 1))), "y must hold labels of dtype int64 in every block"),
        (
            (*pair(2), [1.0, 1.0]),
            "sample_weight must be in all blocks or in none, got a block with it after one without it",
        ),
        (
            (np.zeros((2, 2)), np.zeros(2)),
            "y must be convertible to int64, the dtype of the first block, without loss",
        ),
        ((np.empty((0, 2)), np.zeros(1, int)), "X is empty"),
    ],
)
def test_errors_name_the_block(block, message):
    with pytest.raises(ValueError, match=f"^block 3 of the source: {message}"):
        read(lambda: [pair(2), pair(0), block])


def test_blocks_are_released():
    def source():
        for k in range(4):
            yield block(k)

    def block(k):
        X, y, w = np.full((3, 2), float(k)), np.arange(3), np.ones(3)
        alive.append(weakref.ref(X))
        return X, y, w

    alive = []
    counts = [sum(ref() is not None for ref in alive) for _ in lg.Blocks(source)._epoch(plain)]
    assert counts == [1, 1, 1, 1]


def test_errors_of_subclasses_are_not_changed():
    class Mine(ValueError):
        def __str__(self):
            return "mine"

    def check(X, y, weights):
        raise Mine(1)

    with pytest.raises(Mine) as caught:
        list(lg.Blocks(lambda: [pair(2)])._epoch(check))
    assert caught.value.args == (1,)


def test_none_as_sample_weight_means_no_weights():
    assert read(lambda: [(*pair(2), None)])[0][2] is None


def test_the_number_of_rows_must_equal_rows():
    source = [pair(3), pair(2)]
    assert len(read(lambda: source, rows=5)) == 2
    with pytest.raises(ValueError, match=r"source must yield 6 rows per epoch, got 5$"):
        read(lambda: source, rows=6)
    with pytest.raises(ValueError, match="source must yield 4 rows per epoch, got 5 or more"):
        read(lambda: source, rows=4)


def test_too_many_rows_raise_before_the_source_ends():
    def source():
        while True:
            yield pair(3)

    with pytest.raises(ValueError, match="4 rows per epoch, got 6 or more"):
        read(source, rows=4)


def test_an_epoch_without_rows_raises():
    once = iter([pair(3)])
    blocks = lg.Blocks(lambda: once)
    assert len(list(blocks._epoch(plain))) == 1
    with pytest.raises(ValueError, match=r"at least 1 row per epoch, got 0; .* new iterator each time"):
        list(blocks._epoch(plain))


def test_the_source_may_reuse_its_arrays():
    X, y, w = np.empty((4, 2)), np.empty(4, int), np.empty(4)

    def source():
        for k in range(3):
            X[:], y[:], w[:] = k, k, k
            yield X, y, w

    blocks = read(source)
    assert [(rows[0, 0], targets[0], weights[0]) for rows, targets, weights in blocks] == [
        (0, 0, 0),
        (1, 1, 1),
        (2, 2, 2),
    ]


def test_large_blocks_are_copied_in_pieces(monkeypatch):
    monkeypatch.setattr("localgrad.blocks._PIECE", 64)  # 4 rows
    X = np.arange(26.0).reshape(13, 2)
    y = np.arange(13)
    blocks = read(lambda: [(X, y, y * 0.5)])
    assert [len(rows) for rows, _, _ in blocks] == [4, 4, 4, 1]
    assert all(rows.base is None and not np.shares_memory(rows, X) for rows, _, _ in blocks)
    np.testing.assert_array_equal(np.concatenate([rows for rows, _, _ in blocks]), X)
    np.testing.assert_array_equal(np.concatenate([targets for _, targets, _ in blocks]), y)
    np.testing.assert_array_equal(np.concatenate([weights for _, _, weights in blocks]), y * 0.5)


def test_pieces_keep_the_dtype_and_are_contiguous():
    X = np.asfortranarray(np.arange(12, dtype=np.uint8).reshape(4, 3))
    ((rows, targets, _),) = read(lambda: [(X[::2], np.arange(8, dtype=np.int16)[::4])])
    assert (rows.dtype, targets.dtype) == (np.uint8, np.int16)
    assert rows.flags.c_contiguous
    assert rows.tolist() == X[::2].tolist()


def test_the_iterator_is_closed_when_reading_ends_early():
    closed = []

    def source():
        try:
            yield pair(1)
            yield pair(1)
        finally:
            closed.append(True)

    epoch = lg.Blocks(source)._epoch(plain)
    next(epoch)
    epoch.close()
    assert closed
