"""Compressed files, by their extension."""

import bz2
import gzip
import io
import lzma
import os
import zlib
from typing import Any, BinaryIO

import pyarrow as pa

FORMATS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "Zstandard"}
EXTENSIONS = tuple(FORMATS)
_CODECS = {"": None, ".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}  # of pyarrow
ERRORS = (EOFError, zlib.error, lzma.LZMAError)  # of damaged files, besides OSError


def endings(path: str) -> tuple[str, str]:
    """Return the extension of a file without that of its compression, and the latter or "".

    Examples
    --------
    >>> endings("data.CSV.gz")
    ('.csv', '.gz')
    """
    stem, last = os.path.splitext(path.lower())
    return (os.path.splitext(stem)[1], last) if last in EXTENSIONS else (last, "")


def reader(path: str) -> Any:
    """Open a file for reading what it contains, decompressed."""
    match endings(path)[1]:
        case ".gz":
            return gzip.open(path)
        case ".bz2":
            return bz2.open(path)
        case ".xz":
            return lzma.open(path)
        case ".zst":
            return io.BufferedReader(_Raw(pa.input_stream(path, "zstd")))
    return open(path, "rb")


def native(path: str) -> Any:
    """Open a file for threads of pyarrow, without Python objects; return None if pyarrow lacks its codec."""
    ending = endings(path)[1]
    return pa.input_stream(path, compression=_CODECS[ending]) if ending in _CODECS else None


def writer(stream: BinaryIO, path: str) -> Any:
    """Return a stream that compresses what is written to it as the extension of `path` says, or None."""
    match endings(path)[1]:
        case ".gz":  # without a name and a time, so that equal content gives equal files
            return gzip.GzipFile("", "wb", 6, stream, mtime=0)
        case ".bz2":
            return bz2.open(stream, "wb")
        case ".xz":
            return lzma.open(stream, "wb")
        case ".zst":
            return pa.CompressedOutputStream(stream, "zstd")
    return None


class _Raw(io.RawIOBase):
    """A stream of pyarrow, as `io.BufferedReader` expects it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some bytes; return their number."""
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()
        super().close()
