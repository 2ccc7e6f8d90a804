"""Tensors of PyTorch: NumPy reads them without a graph, on the CPU, strided, and of types that it knows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._arrays.remedies import readable
from localgrad._arrays.sparse import check_fits


def is_tensor(value: Any) -> bool:
    """Tell a tensor that has a graph to be taken from."""
    kind = type(value)
    return hasattr(kind, "detach") and hasattr(kind, "cpu")


def from_tensor(value: Any, name: str) -> NDArray[Any]:
    """Return a tensor's values; they share memory with it where NumPy can read that."""
    with readable(value, name):
        if "complex" in str(value.dtype):
            raise TypeError(f"its dtype is {value.dtype}; give real and imaginary parts as columns")
        tensor = value.detach()
        if getattr(tensor, "is_sparse", False) or "sparse" in str(getattr(tensor, "layout", "")):
            check_fits(tuple(tensor.shape), tensor.element_size(), name)
            tensor = tensor.to_dense()
        if getattr(tensor, "is_quantized", False):
            tensor = tensor.dequantize()
        tensor = tensor.cpu()
        if hasattr(tensor, "resolve_neg"):  # views may leave the sign to be changed, as those of conjugates
            tensor = tensor.resolve_neg()
        if "float" in str(tensor.dtype):
            # bfloat16 and floats of 8 bits, which NumPy does not know
            known = any(str(tensor.dtype).endswith(kind) for kind in (".float16", ".float32", ".float64"))
            tensor = tensor if known else tensor.float()
        return np.asarray(tensor)
