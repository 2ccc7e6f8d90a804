"""The checked arguments of a fit."""

from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any
from zlib import crc32

import numpy as np

import localgrad._core as _core
from localgrad._arrays.rows import exact
from localgrad._data.examples import Examples
from localgrad._data.feed import ArrayFeed, Feed
from localgrad._training.checkpoint import DATA, EPOCHS, HELD_OUT
from localgrad._training.private_steps import PrivateSteps
from localgrad._training.resumption import Resumption
from localgrad._training.slopes import Slopes
from localgrad.metrics import Metric
from localgrad.schedules.argument import AnySchedule

__all__ = ["Recipe", "described"]

_ROWS = 16  # in the checksum of the data
_BLOCK = 1024  # rows that are converted at once


@dataclass(frozen=True, eq=False)
class Recipe:
    """The arguments of `Network.fit`, checked and converted."""

    epochs: int
    rule: Any  # the settings of the optimizer
    penalties: "_core.Regularization"
    schedules: dict[str, AnySchedule]  # of each scheduled setting
    feed: Feed
    held_out: Examples | None
    metrics: tuple[Metric, ...]
    callbacks: list[Any]
    time_limit: float | None
    resumption: Resumption | None
    n_threads: int
    verbose: int
    sampler: str = "shuffled"
    privacy: PrivateSteps | None = None
    slopes: Slopes | None = None
    diagnostics: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether each epoch is an ordinary pass over the data."""
        return self.visits_all and self.privacy is None

    @property
    def visits_all(self) -> bool:
        """Whether an epoch has each example once, so that there are metrics of the training data."""
        return self.sampler == "shuffled"

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Settings stored in a checkpoint, to compare them with those of a fit that resumes."""
        return {
            "number of examples": self.feed.rows,
            EPOCHS: self.epochs,
            "batch_size": self.feed.batch_size,
            "shuffle": self.feed.shuffle,
            "optimizer": described(self.rule),
            "schedule": _of_schedules(self.schedules),
            **_rows_held_out(self.feed),
            **_checksum(self.feed, all_rows=self.privacy is not None),
            **({} if self.visits_all else {"sampler": self.sampler}),
            **({} if self.privacy is None else self.privacy.settings),
            **({} if self.slopes is None else self.slopes.settings),
            **{name: value for name, value in self.penalties.items() if _counts(name, value)},
        }

    def evaluate(self, n_threads: int | None = None) -> dict[str, float]:
        """Return the metrics of the validation examples, by default with the threads of the fit."""
        assert self.held_out is not None
        threads = self.n_threads if n_threads is None else n_threads
        return self.held_out.measure(threads, self.metrics, standardized=True)


def _rows_held_out(feed: Feed) -> dict[str, str]:
    """Return a setting with a checksum of the training rows; none if no rows were split off."""
    # With another split, the network would be trained on rows that were held out before.
    if not isinstance(feed, ArrayFeed) or feed.data.index is None:
        return {}
    return {HELD_OUT: f"all but those of CRC {crc32(feed.data.index.astype('<u4').tobytes()):08x}"}


def _counts(name: str, value: Any) -> bool:
    if name.endswith("_lr_factor"):
        return any(factor != 1 for factor in (value if isinstance(value, list) else [value]))
    return any(value) if isinstance(value, list | tuple) else bool(value)


def _checksum(feed: Feed, *, all_rows: bool) -> dict[str, str]:
    """Return a setting with a checksum of some or all rows of arrays; none for blocks."""
    if not isinstance(feed, ArrayFeed):
        return {}
    data, count = feed.data, len(feed.data.rows)
    some = np.arange(count) if all_rows else np.arange(0, count, max(1, count // _ROWS))[:_ROWS]
    crc = 0
    for start in range(0, len(some), _BLOCK):
        block = some[start : start + _BLOCK]
        x, y = data.rows[block], data.targets[block]
        # As the network reads them: equal numbers of another dtype or in another container are the same data.
        for one in (x if isinstance(x, np.ndarray) else x.dense(), y):
            crc = crc32(exact(one, data.model.dtype).tobytes(), crc)
    return {DATA: f"CRC {crc:08x}"}


def _of_schedules(schedules: dict[str, AnySchedule]) -> str | None:
    # A schedule of the learning rate only is stored as in older versions.
    if schedules.keys() <= {"learning_rate"}:
        return described(schedules.get("learning_rate"))
    return ", ".join(f"{name}: {described(one)}" for name, one in schedules.items())


def described(value: Any) -> str | None:
    # Not repr(value): if Ctrl-C interrupts the repr of a dataclass, it returns "..." from then on.
    if value is None:
        return None
    if is_dataclass(value):
        arguments = ", ".join(f"{one.name}={getattr(value, one.name)!r}" for one in fields(value))
        return f"{type(value).__name__}({arguments})"
    return str(getattr(value, "__qualname__", type(value).__name__))
