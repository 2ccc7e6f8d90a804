"""The common part of the algorithms that use all examples in each iteration."""

from collections.abc import Mapping

from localgrad._data.feed import ArrayFeed
from localgrad._model.model import Model
from localgrad._training.algorithm import Algorithm
from localgrad._training.callback_list import hear_batches
from localgrad._training.recipe import Recipe


class FullBatch(Algorithm):
    """Base class of these algorithms; each iteration is an epoch."""

    @classmethod
    def refuse(cls, model: Model, recipe: Recipe, why: Mapping[str, str]) -> None:
        """Raise an error for arguments that none of these algorithms supports.

        `why` explains the arguments whose reasons differ, `l1` and `max_norm`.
        """
        penalties, decay = recipe.penalties, recipe.penalties["weight_decay"]
        scale_factor = penalties["input_scale_lr_factor"]
        absent, no_rate = "it evaluates the same full batch repeatedly", "it has no learning rate"
        no_batches = "it has no mini-batches"
        for name, given, reason in (
            ("l1", any(penalties["l1"]), why["l1"]),
            ("weight_decay", decay is not None and any(decay), "it minimizes a cost, of which l2 is part"),
            ("max_norm", penalties["max_norm"], why["max_norm"]),
            ("clip_value", penalties["clip_value"], "it requires the exact gradient"),
            ("clip_norm", penalties["clip_norm"], "it requires the exact gradient"),
            ("weight_lr_factor other than 0 and 1", _scales(penalties["weight_lr_factor"]), no_rate),
            ("bias_lr_factor other than 0 and 1", _scales(penalties["bias_lr_factor"]), no_rate),
            ("input_scale_lr_factor other than 0 and 1", _scales([scale_factor]), no_rate),
            ("schedule", bool(recipe.schedules), no_rate),
            ("clip_per_example", recipe.privacy is not None, no_batches),
            (f"sampler={recipe.sampler!r}", not recipe.visits_all, no_batches),
            ("diagnostics", recipe.diagnostics, no_batches),
            ("y_slope", recipe.slopes is not None, "it minimizes the cost of the values alone"),
            ("dropout", any(model.dropout), absent),
            ("input_dropout", model.options["input_dropout"], absent),
            ("input_noise", model.options["input_noise"], absent),
            ("blocks", not isinstance(recipe.feed, ArrayFeed), absent),
            ("on_batch_end", hear_batches(recipe.callbacks), absent),
        ):
            if given:
                raise ValueError(f"{cls.__name__} does not support {name}: {reason}")

    def end_epoch(self) -> None:
        """Count the epoch."""
        self._model.native.epochs += 1

    def _measure(self) -> dict[str, float]:
        recipe = self._recipe
        if not recipe.metrics:
            return {}
        assert isinstance(recipe.feed, ArrayFeed)
        measured = recipe.feed.data.measure(recipe.n_threads, recipe.metrics)
        return {metric.name: measured[metric.name] for metric in recipe.metrics}


def _scales(factors: list[float]) -> bool:
    return any(factor not in (0, 1) for factor in factors)
