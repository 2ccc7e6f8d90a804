"""Checkpoints of estimators: a folder with those of the networks, and a file that describes the fit.

The file ``estimator.json`` has what is drawn or chosen before the networks are trained, and checksums of the
data, because the networks of a fit with other data must not be trained further.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from numbers import Integral
from typing import Any, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from localgrad._arguments.check import file_path, integer
from localgrad._training import fleet_checkpoints
from localgrad.tabular import described
from localgrad.tabular.columns import Columns
from localgrad.tabular.recipe import Files
from localgrad.tabular.trials import Prepared

_NAME = "estimator.json"
_INTERVALS = "intervals.safetensors"
_VERSION = 1


class OtherFit(ValueError):
    """Error of resuming from the checkpoints of a fit that differs in `what`."""

    def __init__(self, message: str, what: str) -> None:
        super().__init__(f"resume must be the folder of {message}")
        self.what = what


@dataclass(frozen=True)
class State:
    """What describes a fit.

    Attributes
    ----------
    estimator : str
        Name of the class.
    seed : int or None
        The random state, if it is a number.
    seeds : list of int
        Seeds of the networks.
    columns : list of dict
        Name and kind of each column.
    bins : int
        Number of bins of numbers.
    data : dict of str
        Checksums of the encoded arrays.
    """

    estimator: str
    seed: int | None
    seeds: list[int]
    columns: list[dict[str, Any]]
    bins: int
    data: dict[str, str]

    @classmethod
    def of(cls, estimator: str, seed: Any, seeds: list[int], columns: Columns, prepared: Prepared) -> Self:
        """Return the state of a fit."""
        return cls(
            estimator,
            int(seed) if isinstance(seed, Integral) else None,
            seeds,
            [{"name": column.name, "kind": column.kind} for column in columns],
            prepared.bins,
            _checksums(prepared),
        )

    @classmethod
    def read(cls, path: str) -> Self:
        """Read a file; raise a ValueError if it is invalid."""
        with open(path, encoding="utf-8") as stream:
            values = described.parse(stream.read(), _NAME)
        if (version := described.count(values, "version")) != _VERSION:
            raise ValueError(f"version must be {_VERSION}, got {version}; a newer localgrad may read it")
        return cls(
            described.text(values, "estimator"),
            described.field(values, "seed", int, type(None)),
            described.field(values, "seeds", list),
            described.objects(values, "columns"),
            described.count(values, "bins"),
            described.field(values, "data", dict),
        )

    def write(self, path: str) -> None:
        """Write a file atomically."""
        draft = f"{path}.{os.getpid()}.tmp"
        with open(draft, "w", encoding="utf-8") as stream:
            json.dump({"version": _VERSION, **asdict(self)}, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(draft, path)

    def check(self, now: "State") -> None:
        """Raise a ValueError if a fit of another state cannot resume."""
        pairs: list[tuple[str, Any, Any]] = [
            ("n_ensemble", len(now.seeds), len(self.seeds)),
            ("columns", len(now.columns), len(self.columns)),
        ]
        for k, (own, saved) in enumerate(zip(now.columns, self.columns, strict=False)):
            pairs += [(f"{what} of column {k}", own.get(what), saved.get(what)) for what in ("name", "kind")]
        for what, wanted, got in [*pairs, ("bins", now.bins, self.bins)]:
            if wanted != got:
                raise OtherFit(f"a fit with {what} {wanted!r}, got {got!r}", what)
        for what, own, saved in [("random_state", now.seeds, self.seeds), *_pairs(now.data, self.data)]:
            if own != saved:
                raise OtherFit(f"a fit with the same {what}, got another one", what)


def _pairs(now: dict[str, str], saved: dict[str, str]) -> list[tuple[str, Any, Any]]:
    return [(name, checksum, saved.get(name)) for name, checksum in now.items()]


class Checkpoints:
    """The arguments `checkpoint`, `checkpoint_every` and `resume` of a fit of an estimator.

    Attributes
    ----------
    files : Files
        The checkpoints of the networks of the ensemble.
    saved : State or None
        The state of the fit that resumes.
    """

    def __init__(self, estimator: str, checkpoint: Any, every: Any, resume: Any) -> None:
        self._estimator = estimator
        self.files = Files(
            None if checkpoint is None else fleet_checkpoints.to_write(checkpoint),
            integer(every, "checkpoint_every", at_least=1),
            None if resume is None else os.fsdecode(file_path(resume, "resume")),
        )
        self.saved = None if self.files.resume is None else self._read(self.files.resume)

    @property
    def intervals(self) -> Files:
        """The checkpoint of the network for intervals."""
        return self.files.single(_INTERVALS)

    def random_state(self, given: Any) -> Any:
        """Return a random state in place of None: that of the fit that resumes, or a new one."""
        if given is not None:
            return given
        if self.saved is not None and self.saved.seed is not None:
            return self.saved.seed
        return int(check_random_state(None).randint(2**31 - 1))

    def begin(self, seed: Any, seeds: list[int], columns: Columns, prepared: Prepared) -> None:
        """Check that the saved fit can resume, and create the folder to write to."""
        files = self.files
        if files.write is None and self.saved is None:
            return
        now = State.of(self._estimator, seed, seeds, columns, prepared)
        if self.saved is not None:
            self.saved.check(now)
        if files.write is None:
            return
        fleet_checkpoints.prepare(files.write, files.resume)
        path, intervals = (os.path.join(files.write, name) for name in (_NAME, _INTERVALS))
        if self.saved is not None and os.path.samefile(files.write, str(files.resume)):
            return
        if os.path.exists(intervals):
            os.unlink(intervals)
        now.write(path)

    def _read(self, folder: str) -> State | None:
        path = os.path.join(folder, _NAME)
        # Checks the folder. An empty one is that of a run which was killed before its first checkpoint.
        if not os.path.exists(path):
            if fleet_checkpoints.names(folder):
                raise ValueError(f"resume must be a folder with {_NAME!r}, got {folder!r}")
            return None
        try:
            saved = State.read(path)
        except (ValueError, OverflowError) as error:
            raise ValueError(
                f"resume must be a folder written by a tabular estimator, got {folder!r}: {error}"
            ) from None
        if saved.estimator != self._estimator:
            raise OtherFit(f"a {self._estimator}, got a {saved.estimator}", "estimator")
        return saved


def _checksums(prepared: Prepared) -> dict[str, str]:
    rows, held = prepared.rows, prepared.held
    return {
        "X": _checksum([rows.X]),
        "sample_weight": _checksum([rows.weights]),
        "y": _checksum([rows.y]),  # standardized with the weights
        "validation rows": _checksum(held),
    }


def _checksum(arrays: Sequence[NDArray[Any] | None]) -> str:
    value, shapes = 0, []
    for one in arrays:
        if one is not None:
            value = crc32(np.ascontiguousarray(one).data, value)
            shapes.append("x".join(map(str, one.shape)))
    return f"{' '.join(shapes)} CRC {value:08x}"
