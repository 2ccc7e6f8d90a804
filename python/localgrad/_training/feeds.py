"""The argument `X` of fit and what goes with it, as a feed."""

from typing import TYPE_CHECKING, Any

from localgrad._arguments import AnySchedule, mini_batch_size
from localgrad._check import shown
from localgrad._examples import Examples
from localgrad._training import validation as held
from localgrad._training.block_feed import BlockFeed
from localgrad._training.feed import ArrayFeed, Feed
from localgrad.blocks import blocks_like
from localgrad.history import History
from localgrad.schedules import ReduceOnPlateau

if TYPE_CHECKING:
    from localgrad._state import State
    from localgrad.metrics import Metric

__all__ = ["feed_of", "first_history"]


def feed_of(
    network: "State",
    X: Any,
    y: Any,
    *,
    batch_size: Any,
    shuffle: bool,
    sample_weight: Any,
    class_weight: Any,
    validation: Any,
    seed: int,
) -> tuple[Feed, Examples | None]:
    """Return what is trained, and what is held out."""
    size = None if batch_size is None else mini_batch_size(batch_size)
    blocks = blocks_like(X)
    if blocks is None:
        if y is None:
            raise TypeError("y must be given, unless X are Blocks or a function, given None")
        data = Examples.of(network, X, y, only_batch=True, sample_weight=sample_weight)
        held_out = None
        if validation is not None:
            held_out, data = held.split(data, validation, seed, shuffle)
            held_out = held_out.weighed()
        data = data.weighed(class_weight)
        return ArrayFeed(data, min(size or len(data), len(data)), shuffle), held_out
    for name, value in (("y", y), ("sample_weight", sample_weight), ("class_weight", class_weight)):
        if value is not None:
            raise ValueError(f"{name} must be None where X are blocks, which bring their own, given a value")
    if size is None:
        raise ValueError("batch_size must be a number where X are blocks, given None")
    if not isinstance(validation, tuple | list | None):
        raise ValueError(
            f"validation must be (X, y) or (X, y, sample_weight) where X are blocks, "
            f"given {shown(validation)}"
        )
    held_out = None if validation is None else held.held_out(network, validation).weighed()
    return BlockFeed(network, blocks, size, shuffle), held_out


def first_history(
    metrics: "tuple[Metric, ...]", held_out: Examples | None, pace: AnySchedule | None, n_threads: int
) -> History:
    """Return a history of no epochs, with all its names."""
    names = ["cost", *(metric.name for metric in metrics)]
    if held_out is not None:
        # The core checks these numbers as it reads them: let it do so before anything changes.
        held_out.evaluate(n_threads)
        names += [f"val_{name}" for name in names]
    if pace is not None:
        names.append("learning_rate")
    if isinstance(pace, ReduceOnPlateau) and pace.monitor not in (None, *names):
        raise ValueError(f"schedule must monitor one of {', '.join(names)}, given {pace.monitor!r}")
    return History((name, []) for name in names)
