"""The networks of the core."""

from typing import TypeAlias

import localgrad._core as _core

Native: TypeAlias = _core.Network32 | _core.Network64

NATIVE: dict[str, type[Native]] = {"float32": _core.Network32, "float64": _core.Network64}


def with_seed(native: Native, seed: int) -> Native:
    """Return a new network with the same sizes and options, except for the seed."""
    options = native.options
    options["seed"] = seed
    return type(native)(native.sizes, options)
