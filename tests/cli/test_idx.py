"""IDX files: every type and file name is read, and malformed files raise a ValueError with the reason."""

import contextlib
import gzip
import struct

import numpy as np
import pytest
from localgrad.cli.idx import read_idx, read_images

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def encode(array):
    code = CODES[array.dtype.str[1:]]
    head = bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write(folder, name, content, *, compress=False):
    path = folder / name
    path.write_bytes(gzip.compress(content) if compress else content)
    return path


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("shape", [(1,), (7,), (2, 3), (3, 2, 5), (0, 4)])
def test_every_type_is_returned_in_native_byte_order(tmp_path, code, shape, compress):
    array = np.arange(np.prod(shape), dtype=code).reshape(shape) - (0 if code == "u1" else 3)
    array = array.astype(code)
    got = read_idx(write(tmp_path, "array", encode(array), compress=compress))
    assert got.dtype == array.dtype
    assert got.dtype.isnative
    np.testing.assert_array_equal(got, array)


def test_a_large_file_is_read_in_pieces(tmp_path):
    array = np.arange(3_000_001).astype("u1")
    np.testing.assert_array_equal(read_idx(write(tmp_path, "large", encode(array), compress=True)), array)


GOOD = encode(np.arange(6, dtype="u1").reshape(2, 3))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected a header of 4 bytes, got 0"),
        (GOOD[:3], "expected a header of 4 bytes, got 3"),
        (b"\x89PNG" + GOOD, "expected it to begin with 0000, got 8950"),
        (b"\0\0\x0a" + GOOD[3:], "unknown element type 0x0a, expected one of 0x08, 0x09"),
        (b"\0\0\x08\0", "expected 1 to 32 dimensions, got 0"),
        (b"\0\0\x08\xff" + bytes(4 * 255), "expected 1 to 32 dimensions, got 255"),
        (GOOD[:9], "expected 8 bytes of dimensions, got 5"),
        (GOOD[:-1], r"expected 6 bytes for an array of shape \(2, 3\), got 5"),
        (GOOD + b"\0", r"expected 6 bytes for an array of shape \(2, 3\), got more"),
        (b"\0\0\x0e\x03" + b"\xff" * 12, "too large for this machine"),
        (b"\0\0\x08\x04" + bytes(4) + b"\xff" * 12, "too large for this machine"),
        (b"\0\0\x08\x01\xff\xff\xff\xff", "expected 4294967295 bytes"),
    ],
)
@pytest.mark.parametrize("compress", [False, True])
def test_malformed_files_raise(tmp_path, content, message, compress):
    path = write(tmp_path, "bad", content, compress=compress)
    with pytest.raises(ValueError, match=message) as caught:
        read_idx(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("cut", [3, 12, -9, -1])
def test_truncated_gzip_files_raise(tmp_path, cut):
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(GOOD)[:cut])
    with pytest.raises(ValueError, match="damaged gzip data"):
        read_idx(path)


def test_changing_any_byte_of_a_gzip_file_raises_or_has_no_effect(tmp_path):
    path, whole = tmp_path / "changed.gz", gzip.compress(GOOD)
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :])
        with contextlib.suppress(ValueError):
            np.testing.assert_array_equal(read_idx(path), [[0, 1, 2], [3, 4, 5]])


def write_set(folder, part, images, labels, spelling="-idx{}-ubyte"):
    for kind, array in (("images", images), ("labels", labels)):
        name = f"{part}-{kind}{spelling.format(array.ndim)}"
        write(folder, name, encode(array), compress=name.endswith(".gz"))


@pytest.mark.parametrize("spelling", ["-idx{}-ubyte", "-idx{}-ubyte.gz", ".idx{}-ubyte", ".idx{}-ubyte.gz"])
def test_every_spelling_of_the_file_names_is_found(tmp_path, spelling):
    images, labels = np.arange(12, dtype="u1").reshape(3, 2, 2), np.array([2, 0, 1], "u1")
    write_set(tmp_path, "train", images, labels, spelling)
    got_images, got_labels = read_images(tmp_path, "train")
    np.testing.assert_array_equal(got_images, images)
    np.testing.assert_array_equal(got_labels, labels)
    assert got_labels.dtype == np.int64


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((3, 2, 2), "u1"), np.zeros(2, "u1"), "has 3 images but .* has 2 labels"),
        (np.zeros((0, 2, 2), "u1"), np.zeros(0, "u1"), r"shape \(0, 2, 2\) has no pixels"),
        (np.zeros((2, 0, 2), "u1"), np.zeros(2, "u1"), r"shape \(2, 0, 2\) has no pixels"),
        (
            np.zeros((2, 2, 2), "f4"),
            np.zeros(2, "u1"),
            "expected unsigned bytes in 3 dimensions, got float32",
        ),
        (np.zeros((2, 2, 2), "u1"), np.zeros(2, "i4"), "expected unsigned bytes in 1 dimensions, got int32"),
    ],
)
def test_inconsistent_files_raise(tmp_path, images, labels, message):
    write_set(tmp_path, "t10k", images, labels)
    with pytest.raises(ValueError, match=message):
        read_images(tmp_path, "t10k")


def test_a_wrong_number_of_dimensions_raises(tmp_path):
    write(tmp_path, "train-images-idx3-ubyte", encode(np.zeros((2, 4), "u1")))
    write(tmp_path, "train-labels-idx1-ubyte", encode(np.zeros(2, "u1")))
    with pytest.raises(ValueError, match="in 3 dimensions, got uint8 in 2"):
        read_images(tmp_path, "train")


def test_a_missing_file_is_reported_with_every_spelling(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"train-images-idx3-ubyte.*train-images\.idx3-ubyte\.gz"):
        read_images(tmp_path, "train")


def test_mnist_is_read(mnist_folder):
    images, labels = read_images(mnist_folder, "train")
    assert images.shape == (60_000, 28, 28)
    assert labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
