"""The same numbers in every element type and memory layout."""

import numpy as np

INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
NATIVE = ["?", *INTEGERS, "f4", "f8"]  # read in place
DTYPES = [*NATIVE, "q", "Q", "f2", "g"]


def packed(array):
    """A field of records without padding, whose elements are not aligned."""
    width = array.shape[1:]
    records = np.zeros(len(array), [("before", "u1"), ("field", array.dtype, width), ("after", "u2")])
    records["field"] = array
    return records["field"]


def unaligned(array):
    shifted = np.empty(array.nbytes + 1, np.uint8)[1:].view(array.dtype).reshape(array.shape)
    shifted[...] = array
    return shifted


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def spread(array):
    """Every second row and third column of a larger array."""
    wide = np.full([step * length for step, length in zip((2, 3), array.shape, strict=False)], 99)
    wide = wide.astype(array.dtype)
    part = (slice(None, None, 2), slice(1, None, 3))[: array.ndim]
    wide[part] = array
    return wide[part]


def reversed_axes(array):
    back = (slice(None, None, -1),) * array.ndim
    return array[back].copy()[back]


# Views of arrays, with elements in various layouts.
VIEWS = {
    "C": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "strided": spread,
    "reversed": reversed_axes,
    "read-only": read_only,
    "unaligned": unaligned,
    "packed records": packed,
    "one row repeated": lambda a: np.broadcast_to(a[1:2], a.shape),
    "one column repeated": lambda a: np.broadcast_to(a[..., -1:], a.shape),
}

LAYOUTS = {
    **VIEWS,
    "byte-swapped": lambda a: a.astype(a.dtype.newbyteorder()),
    "list": lambda a: a.tolist(),
    "rows": list,
    "matrix": lambda a: a.view(np.matrix),
    "memoryview": memoryview,
    "masked, nothing hidden": np.ma.masked_array,
}
