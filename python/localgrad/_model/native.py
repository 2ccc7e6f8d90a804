"""The core's networks, and what the core makes one from."""

from typing import Any, TypeAlias

import localgrad._core as _core

__all__ = ["NATIVE", "Native", "arguments_of"]

Native: TypeAlias = _core.Network32 | _core.Network64

NATIVE: dict[str, type[Native]] = {"float32": _core.Network32, "float64": _core.Network64}


def arguments_of(native: Native, seed: int) -> tuple[Any, ...]:
    """Return what the core makes such a network from, with any seed."""
    return (
        native.sizes,
        native.activation,
        native.output,
        native.cost,
        native.init,
        seed,
        native.dropout,
        native.input_dropout,
        native.input_noise,
        native.input_scale,
    )
