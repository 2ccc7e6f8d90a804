"""The argument `optimizer`."""

from typing import Any

from localgrad import optimizers
from localgrad._arguments.check import shown
from localgrad._arguments.names.similar import plain
from localgrad._arguments.names.values import known_name
from localgrad.optimizers.adam import Adam
from localgrad.optimizers.base import FullBatchRule, MiniBatchRule

_RULES = [name for name in optimizers.__all__ if name != "Optimizer"]


def update_rule(optimizer: Any, called: str = "optimizer") -> MiniBatchRule | FullBatchRule:
    """Return the optimizer for the argument: an object, a name for its defaults, or None for Adam()."""
    if optimizer is None:
        return Adam()
    if isinstance(optimizer, str):
        name = known_name(optimizer, called, _RULES, "optimizer").strip()
        if "(" in name:
            call = name if name.endswith(")") else f"{name.partition('(')[0]}()"
            raise ValueError(
                f"{called} must be a name without arguments or an object of localgrad.optimizers, "
                f"got {optimizer!r}; did you mean {call}?"
            )
        named: MiniBatchRule | FullBatchRule = getattr(optimizers, name)()
        return named
    if not isinstance(optimizer, MiniBatchRule | FullBatchRule):
        kind = optimizer if isinstance(optimizer, type) else type(optimizer)
        ours = {plain(name): name for name in _RULES}.get(plain(kind.__name__))
        number = isinstance(optimizer, int | float) and not isinstance(optimizer, bool)
        meant = f"SGD({optimizer!r})" if number else ours and f"localgrad.{ours}()"
        raise TypeError(
            f"{called} must be an object of localgrad.optimizers such as SGD() or Adam(), "
            f"got {shown(optimizer)}{f'; did you mean {meant}?' if meant else ''}"
        )
    return optimizer


def mini_batch_rule(optimizer: Any, why: str, called: str = "optimizer") -> MiniBatchRule:
    """Return the optimizer for the argument; raise ValueError for one that does not use mini-batches."""
    rule = update_rule(optimizer, called)
    if isinstance(rule, FullBatchRule):
        raise ValueError(f"{called} must be one that uses mini-batches {why}, got {rule}")
    return rule
