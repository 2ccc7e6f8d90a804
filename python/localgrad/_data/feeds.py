"""The feed of a fit, from the argument `X` and the related arguments."""

from typing import Any

from localgrad._arguments.check import mini_batch_size, shown
from localgrad._arrays import check_columns, column_names
from localgrad._arrays.remedies import source_remedy
from localgrad._data import validation as held
from localgrad._data.block_feed import BlockFeed
from localgrad._data.examples import Examples
from localgrad._data.feed import ArrayFeed, Feed
from localgrad._model.model import Model
from localgrad.blocks import blocks_like


def feed_of(
    model: Model,
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
    """Return the training data and the validation examples."""
    size = None if batch_size is None else mini_batch_size(batch_size)
    blocks = blocks_like(X)
    if blocks is None:
        if y is None:
            raise TypeError(f"y must be an array unless X is a source of blocks, got None{source_remedy(X)}")
        data = Examples.of(model, X, y, only_batch=True, sample_weight=sample_weight)
        columns, held_out = column_names(X), None
        if validation is not None:
            check_validation_columns(validation, columns)
            held_out, data = held.split(data, validation, seed, shuffle)
            held_out = held_out.weighed()
        feed = ArrayFeed(data, class_weight, size, shuffle)  # class weights are for training only
        feed.columns = columns
        return feed, held_out
    for name, value in (("y", y), ("sample_weight", sample_weight), ("class_weight", class_weight)):
        if value is not None:
            raise ValueError(f"{name} must be None for blocks, which contain y and weights, got a value")
    if size is None:
        raise ValueError("batch_size must be an int for blocks, got None")
    if not isinstance(validation, tuple | list | None):
        raise ValueError(
            f"validation must be (X, y) or (X, y, sample_weight) for blocks, got {shown(validation)}"
        )
    held_out = None if validation is None else held.held_out(model, validation).weighed()
    feed_of_blocks = BlockFeed(model, blocks, size, shuffle)
    if validation:  # the blocks must have the columns of the validation data
        feed_of_blocks.columns = column_names(validation[0])
    return feed_of_blocks, held_out


def check_validation_columns(validation: Any, columns: tuple[str, ...] | None) -> None:
    """Raise a ValueError if the validation data is a data frame with other columns."""
    if isinstance(validation, tuple | list) and validation:
        check_columns(validation[0], "validation X", columns)
