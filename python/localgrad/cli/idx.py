"""Reader of IDX files, the format of MNIST and similar data sets.

An IDX file contains two zero bytes, one byte for the type of the elements, one byte for the number of
dimensions, four bytes for each dimension, and then the elements in row-major order. All numbers are
big-endian.
"""

import gzip
import math
import os
import struct
import zlib
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: "i2", 0x0C: "i4", 0x0D: "f4", 0x0E: "f8"}
_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20  # bytes read at a time; not all at once, because the header of a damaged file can be wrong


def read_idx(path: str | os.PathLike[str]) -> NDArray[Any]:
    """Read an IDX file, optionally compressed by gzip.

    Parameters
    ----------
    path : str or os.PathLike
        File to read. Compression is detected from its contents, not from its name.

    Returns
    -------
    ndarray
        Array with the shape and type declared in the file, in native byte order.

    Raises
    ------
    ValueError
        If the file is not an IDX file, is truncated, or has additional bytes at the end.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "labels.idx1-ubyte"
    ...     _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
    ...     read_idx(path)
    array([7, 2, 1], dtype=uint8)
    """
    with open(path, "rb") as raw:
        compressed = raw.read(2) == _GZIP
        raw.seek(0)
        if not compressed:
            return _parse(raw, os.fspath(path))
        try:
            with gzip.GzipFile(fileobj=raw) as stream:
                return _parse(stream, os.fspath(path))
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise ValueError(f"{os.fspath(path)}: damaged gzip data ({error})") from None


def _parse(stream: BinaryIO | gzip.GzipFile, name: str) -> NDArray[Any]:
    head = _read(stream, 4, f"{name}: not an IDX file: expected a header of 4 bytes")
    if head[:2] != b"\0\0":
        raise ValueError(f"{name}: not an IDX file: expected it to begin with 0000, got {head[:2].hex()}")
    if head[2] not in _TYPES:
        known = ", ".join(f"0x{code:02x}" for code in _TYPES)
        raise ValueError(f"{name}: unknown element type 0x{head[2]:02x}, expected one of {known}")
    rank = head[3]
    if not 1 <= rank <= 32:  # NumPy 1 supports at most 32
        raise ValueError(f"{name}: expected 1 to 32 dimensions, got {rank}")
    sizes = _read(stream, 4 * rank, f"{name}: expected {4 * rank} bytes of dimensions")
    shape = struct.unpack(f">{rank}I", sizes)

    dtype = np.dtype(f">{_TYPES[head[2]]}")
    expected = math.prod(shape) * dtype.itemsize
    # NumPy requires the product of the nonzero dimensions to be addressable, even if there are no elements.
    if math.prod(max(size, 1) for size in shape) * dtype.itemsize > np.iinfo(np.intp).max:
        raise ValueError(f"{name}: an array of shape {shape} is too large for this machine")
    data = _read(stream, expected, f"{name}: expected {expected} bytes for an array of shape {shape}")
    if stream.read(1):
        raise ValueError(f"{name}: expected {expected} bytes for an array of shape {shape}, got more")
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _read(stream: BinaryIO | gzip.GzipFile, size: int, problem: str) -> bytearray:
    """Read `size` bytes; raise ValueError with the message `problem` if there are fewer."""
    data = bytearray()
    while len(data) < size:
        chunk = stream.read(min(_CHUNK, size - len(data)))
        if not chunk:
            raise ValueError(f"{problem}, got {len(data)}")
        data += chunk
    return data


def read_images(folder: str | os.PathLike[str], part: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Read the images and labels of the training or test part of a data set with the file names of MNIST.

    Parameters
    ----------
    folder : str or os.PathLike
        Folder with the files ``{part}-images-idx3-ubyte`` and ``{part}-labels-idx1-ubyte``. There may be a
        dot instead of the hyphen before ``idx``, and ``.gz`` at the end.
    part : str
        ``"train"`` or ``"t10k"``.

    Returns
    -------
    images : ndarray of shape (n, height, width)
        Pixels, from 0 to 255.
    labels : ndarray of shape (n,)
        Classes, starting from 0.

    Raises
    ------
    ValueError
        If a file is malformed, or the numbers of images and labels differ.
    OSError
        If a file is missing or cannot be read.
    """
    image_path, label_path = (_find(folder, part, kind) for kind in ("images-idx3", "labels-idx1"))
    images, labels = _read_bytes(image_path, 3), _read_bytes(label_path, 1)
    if len(images) != len(labels):
        raise ValueError(f"{image_path} has {len(images)} images but {label_path} has {len(labels)} labels")
    if not images.size:
        raise ValueError(f"{image_path}: an array of shape {images.shape} has no pixels")
    return images, labels.astype(np.int64)


def _read_bytes(path: str, rank: int) -> NDArray[np.uint8]:
    array = read_idx(path)
    if array.dtype != np.uint8 or array.ndim != rank:
        raise ValueError(
            f"{path}: expected unsigned bytes in {rank} dimensions, got {array.dtype} in {array.ndim}"
        )
    return array


def _find(folder: str | os.PathLike[str], part: str, kind: str) -> str:
    stem, idx = kind.split("-")
    names = [f"{part}-{stem}{mark}{idx}-ubyte{ending}" for mark in "-." for ending in ("", ".gz")]
    for name in names:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    raise FileNotFoundError(f"{os.fspath(folder)}: expected one of the files {', '.join(names)}, found none")
