"""PyTorch tensors. NumPy can only read detached, strided tensors on the CPU with a NumPy dtype."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._arrays.remedies import readable
from localgrad._arrays.sparse import check_fits


def is_tensor(value: Any) -> bool:
    """Return whether a value is a PyTorch tensor."""
    kind = type(value)
    return hasattr(kind, "detach") and hasattr(kind, "cpu")


def from_tensor(value: Any, name: str) -> NDArray[Any]:
    """Return the values of a tensor, as a view of its memory if NumPy can read that."""
    with readable(value, name):
        if "complex" in str(value.dtype):
            raise TypeError(f"its dtype is {value.dtype}; pass real and imaginary parts as separate columns")
        tensor = value.detach()
        if getattr(tensor, "is_sparse", False) or "sparse" in str(getattr(tensor, "layout", "")):
            check_fits(tuple(tensor.shape), tensor.element_size(), name)
            tensor = tensor.to_dense()
        if getattr(tensor, "is_quantized", False):
            tensor = tensor.dequantize()
        tensor = tensor.cpu()
        if hasattr(tensor, "resolve_neg"):  # a view may negate lazily, as the imaginary part of a conjugate
            tensor = tensor.resolve_neg()
        if "float" in str(tensor.dtype):
            # NumPy has no bfloat16 and no floats of 8 bits.
            known = any(str(tensor.dtype).endswith(kind) for kind in (".float16", ".float32", ".float64"))
            tensor = tensor if known else tensor.float()
        return np.asarray(tensor)
