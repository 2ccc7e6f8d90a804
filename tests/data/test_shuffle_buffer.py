"""The shuffle buffer returns each row once, in an order that depends only on seed and epoch."""

import contextlib
from itertools import pairwise

import numpy as np
import pytest
from localgrad._data.prefetch import prefetch
from localgrad._data.shuffle_buffer import ShuffleBuffer
from localgrad.blocks import Blocks


def stream(n, size, *, weights=False, dtype="float32"):
    """Yield rows (k, -k) with target k, in blocks of one size or of several sizes in turn."""
    sizes = [size] if isinstance(size, int) else size
    begin = turn = 0
    while begin < n:
        k = np.arange(begin, min(begin + sizes[turn % len(sizes)], n))
        yield np.stack([k, -k], axis=1).astype(dtype), k.astype(np.int64), k * 0.5 if weights else None
        begin += len(k)
        turn += 1


def orders(buffer, blocks, epoch=0):
    """Return the targets of each part in order, after checking that rows and weights belong to them."""
    result = []
    for rows, targets, weights, order in buffer.parts(blocks, epoch):
        assert order.dtype == np.uint32
        assert order.ndim == 1
        assert order.flags.c_contiguous
        k = targets[order]
        np.testing.assert_array_equal(rows[order], np.stack([k, -k], axis=1))
        assert buffer.numbers.dtype == np.int64
        np.testing.assert_array_equal(buffer.numbers[order], k)
        if weights is not None:
            np.testing.assert_array_equal(weights[order], k * 0.5)
        result.append(k.tolist())
    return result


def flat(parts):
    return [k for part in parts for k in part]


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("batch_size", [1, 3, 8])
@pytest.mark.parametrize("n", [1, 2, 7, 16, 17, 33, 70, 1003])
def test_each_row_occurs_once_in_whole_mini_batches(n, batch_size, shuffle):
    buffer = ShuffleBuffer(16, batch_size, seed=1, shuffle=shuffle)
    parts = orders(buffer, stream(n, 10, weights=True))
    assert sorted(flat(parts)) == list(range(n))
    assert all(len(part) and len(part) % batch_size == 0 for part in parts[:-1])
    assert all(len(part) <= 16 for part in parts)


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("n", [5, 30, 31, 200])
def test_block_boundaries_do_not_matter(n, shuffle):
    def parts(size):
        return orders(ShuffleBuffer(30, 4, seed=1, shuffle=shuffle), stream(n, size))

    one = parts(n)
    for size in (1, 2, 7, 29, 30, 31, [1, 13, 5]):
        assert parts(size) == one


def test_without_shuffling_rows_keep_their_order():
    parts = orders(ShuffleBuffer(10, 4, seed=1, shuffle=False), stream(23, 3))
    assert parts == [list(range(8)), list(range(8, 16)), list(range(16, 23))]


def test_without_shuffling_parts_are_small():
    parts = orders(ShuffleBuffer(65536, 100, seed=1, shuffle=False), stream(10_000, 1000))
    assert [len(part) for part in parts] == [4000, 4000, 2000]
    parts = orders(ShuffleBuffer(65536, 3000, seed=1, shuffle=False), stream(10_000, 1000))
    assert [len(part) for part in parts] == [6000, 4000]


@pytest.mark.parametrize("n", [40, 50])
def test_all_rows_in_the_buffer_make_one_part(n):
    # The buffer holds 50 rows: the first part is returned only when a row arrives that has no place.
    assert [len(part) for part in orders(ShuffleBuffer(50, 4, seed=1, shuffle=True), stream(n, 9))] == [n]


def test_parts_are_half_of_the_buffer():
    parts = orders(ShuffleBuffer(50, 4, seed=1, shuffle=True), stream(101, 9))
    # 25, rounded down to whole mini-batches; the last part has the rest.
    assert [len(part) for part in parts] == [24, 24, 24, 29]


def test_the_buffer_holds_at_least_two_mini_batches():
    parts = orders(ShuffleBuffer(1, 8, seed=1, shuffle=True), stream(40, 9))
    assert [len(part) for part in parts] == [8, 8, 8, 16]


def test_no_row_is_returned_before_it_is_read():
    last = 0
    for k, part in enumerate(orders(ShuffleBuffer(50, 5, seed=1, shuffle=True), stream(500, 9))):
        last = min(50 + 25 * k, 500)
        assert max(part) < last
    assert last == 500


def test_remaining_rows_keep_the_order_of_the_draw(monkeypatch):
    # With draws that reverse the order, by hand: 0..5 fill the buffer, 5 and 4 leave, 3 2 1 0 stay; 6 and 7
    # arrive, 7 and 6 leave, 0 1 2 3 stay; 8 arrives, and the stream ends.
    def reverse(n, seed, epoch, draw):
        drawn.append((n, seed, epoch, draw))
        return np.arange(n, dtype=np.uint32)[::-1].copy()

    drawn = []
    monkeypatch.setattr("localgrad._core.buffer_order", reverse)
    parts = orders(ShuffleBuffer(6, 2, seed=9, shuffle=True), stream(9, 4), epoch=3)
    assert parts == [[5, 4], [7, 6], [8, 3, 2, 1, 0]]
    assert drawn == [(6, 9, 3, 0), (6, 9, 3, 1), (5, 9, 3, 2)]


def test_the_order_depends_on_seed_and_epoch():
    buffer = ShuffleBuffer(50, 5, seed=1, shuffle=True)
    first, second = (orders(buffer, stream(300, 9), epoch) for epoch in (0, 1))
    assert first != second
    assert orders(buffer, stream(300, 9), 0) == first
    assert orders(ShuffleBuffer(50, 5, seed=2, shuffle=True), stream(300, 9), 0) != first


def test_rows_are_mixed():
    n, size = 20_000, 4000
    order = np.array(flat(orders(ShuffleBuffer(size, 10, seed=1, shuffle=True), stream(n, 999))))
    # The position of a row within the buffer is random, so neighbors are separated.
    assert np.mean(np.abs(np.diff(order)) == 1) < 0.01
    whole = np.array(flat(orders(ShuffleBuffer(n, 10, seed=1, shuffle=True), stream(n, 999))))
    # In a random order, the correlation of position and row is 0 with standard deviation 1/sqrt(n).
    assert abs(np.corrcoef(whole, np.arange(n))[0, 1]) < 5 / np.sqrt(n)


def test_arrays_are_allocated_once():
    buffer = ShuffleBuffer(50, 5, seed=1, shuffle=True)
    seen = set()
    for epoch in range(3):
        for *arrays, _ in buffer.parts(stream(300, 9, weights=True), epoch):
            seen.add(tuple(array.ctypes.data for array in arrays))
            assert [len(array) for array in arrays] == [50, 50, 50]
    assert len(seen) == 1


@pytest.mark.parametrize("dtype", ["?", "uint8", "int64", "float32", "float64"])
def test_arrays_keep_their_dtype(dtype):
    x = np.array([[0, 1], [1, 0]]).astype(dtype)
    y = np.array([[1.5], [2.5]], np.float32)
    ((rows, targets, weights, order),) = ShuffleBuffer(4, 1, seed=1, shuffle=False).parts([(x, y, None)], 0)
    assert (rows.dtype, targets.dtype, weights) == (x.dtype, np.float32, None)
    np.testing.assert_array_equal(rows[order], x)
    np.testing.assert_array_equal(targets[order], y)


def joined(first, *others):
    """Return the X of several blocks as the buffer stores them."""
    blocks = [(x, np.zeros(len(x), int), None) for x in (first, *others)]
    ((rows, _, _, order),) = ShuffleBuffer(10, 1, seed=1, shuffle=False).parts(blocks, 0)
    return rows[order]


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ("float32", "float64"),
        ("float64", "float32"),
        ("float32", "int64"),
        ("int64", "uint8"),
        ("uint8", "?"),
    ],
)
def test_later_blocks_are_converted_to_the_dtype_of_the_first(first, later):
    rows = joined(np.array([[7.0]]).astype(first), np.array([[1.0]]).astype(later))
    assert rows.dtype == first
    assert rows.tolist() == [[np.array(7.0).astype(first)], [1]]


@pytest.mark.parametrize(
    ("first", "later"),
    [("int64", "float64"), ("uint8", "int8"), ("uint8", "int64"), ("int32", "uint32"), ("?", "uint8")],
)
def test_lossy_conversions_raise(first, later):
    x = [np.zeros((1, 1), dtype) for dtype in (first, later)]
    shown = np.dtype(first).name
    with pytest.raises(
        ValueError, match=f"X must be convertible to {shown}, the dtype of the first.* got {later}"
    ):
        joined(*x)
    y = [np.zeros(1, dtype) for dtype in (first, later)]
    blocks = [(np.zeros((1, 1)), one, None) for one in y]
    with pytest.raises(ValueError, match="y must be convertible to"):
        list(ShuffleBuffer(10, 1, seed=1, shuffle=False).parts(blocks, 0))


def test_numbers_that_overflow_become_infinite():
    assert joined(np.zeros((1, 1), np.float32), np.array([[1e300]])).tolist() == [[0.0], [np.inf]]


def test_the_first_block_of_the_first_epoch_determines_the_dtype():
    buffer = ShuffleBuffer(10, 1, seed=1, shuffle=False)
    list(buffer.parts([(np.zeros((1, 1), np.uint8), np.zeros(1, int), None)], 0))
    with pytest.raises(ValueError, match="X must be convertible to uint8"):
        list(buffer.parts([(np.zeros((1, 1)), np.zeros(1, int), None)], 1))


def test_labels_and_targets_cannot_be_mixed():
    labels, targets = np.zeros(1, np.uint8), np.zeros((1, 2), np.float32)
    blocks = [(np.zeros((1, 1)), y, None) for y in (labels, targets)]
    message = (
        "y must hold labels of dtype uint8 in every block, as in the first, got targets of dtype float32"
    )
    with pytest.raises(ValueError, match=message):
        list(ShuffleBuffer(10, 1, seed=1, shuffle=True).parts(blocks, 0))


@pytest.mark.parametrize("first", [True, False])
def test_weights_are_in_all_blocks_or_none(first):
    with_weights, without = next(stream(3, 3, weights=True)), next(stream(3, 3))
    blocks = [with_weights, without] if first else [without, with_weights]
    words = ("with", "without") if first else ("without", "with")
    message = (
        f"sample_weight must be in all blocks or in none, got a block {words[1]} it after one {words[0]} it"
    )
    with pytest.raises(ValueError, match=message):
        list(ShuffleBuffer(10, 1, seed=1, shuffle=True).parts(blocks, 0))


def test_an_empty_stream_has_no_parts():
    assert list(ShuffleBuffer(10, 1, seed=1, shuffle=True).parts([], 0)) == []


def test_the_stream_is_read_only_as_far_as_needed():
    read = []

    def blocks():
        for block in stream(100, 5):
            read.append(len(block[0]))
            yield block

    parts = ShuffleBuffer(20, 2, seed=1, shuffle=True).parts(blocks(), 0)
    counts = []
    for _ in parts:
        counts.append(sum(read))
    # 20 rows fill the buffer, the fifth block shows that there are more. Then 10 leave and 2 blocks arrive.
    assert counts[:3] == [25, 35, 45]
    assert all(b - a <= 10 for a, b in pairwise(counts))


@pytest.mark.parametrize("shuffle", [True, False])
def test_prefetched_blocks_in_pieces_give_the_same_order(shuffle, monkeypatch):
    monkeypatch.setattr("localgrad.blocks._PIECE", 64)  # 8 rows
    blocks = Blocks(lambda: stream(1003, [30, 0, 1, 100], weights=True), rows=1003)
    buffer = ShuffleBuffer(100, 8, seed=1, shuffle=shuffle)
    for epoch in range(2):
        with contextlib.closing(prefetch(blocks._epoch(lambda X, y, weights: (X, y, weights)))) as read:
            parts = orders(buffer, read, epoch)
        assert parts == orders(buffer, stream(1003, 1003, weights=True), epoch)


@pytest.mark.parametrize("at_once", [0, 100, 2**28])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("size", [10, 33, 200, 2**32 - 1])
def test_memory_grows_with_the_rows_and_does_not_change_the_order(monkeypatch, at_once, shuffle, size):
    batch_size = 4 if size < 2**32 - 1 else 2**31 - 1
    expected = orders(
        ShuffleBuffer(min(size, 4000), min(batch_size, 2000), seed=1, shuffle=shuffle), stream(150, 7)
    )
    monkeypatch.setattr("localgrad._data.shuffle_buffer._AT_ONCE", at_once)
    buffer = ShuffleBuffer(size, batch_size, seed=1, shuffle=shuffle)
    for _ in range(2):
        assert orders(buffer, stream(150, 7)) == expected
    if at_once == 0:
        assert len(buffer.numbers) <= 300
