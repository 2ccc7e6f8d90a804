"""Writing and reading checkpoints, which hold a network, the optimizer's state and the state of the fit."""

import json
import logging
import math
import re
from dataclasses import asdict, dataclass
from dataclasses import field as field_of
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

import localgrad._core as _core
from localgrad._arguments.check import MAX_COUNT, file_path, shown
from localgrad._arguments.fields import field, parse
from localgrad._arrays.rows import FloatArray
from localgrad._model.model import Model
from localgrad.callbacks import checkpoint_request
from localgrad.diagnosis import Snapshot
from localgrad.history import History

Native: TypeAlias = _core.Network32 | _core.Network64

_OUTPUTS = "outputs"
_NOISE_KEY = "noise_key"
_START = "start"
_IMPORTANCE = "importance"
_AT_START, _BEFORE_LAST = "at_start", "before_last"  # parameters of the current epoch
_PARAMETERS = "parameters"  # to resume from, if the network in the file has the best ones
_OF_PARAMETERS = (_PARAMETERS, _AT_START, _BEFORE_LAST)
HELD_OUT = "rows held out"  # a checksum
DATA = "data"  # a checksum of some rows; missing for blocks and in older files
EPOCHS = "epochs"  # a setting that is not logged when it changes: more epochs are the usual reason to resume
_MAY_DIFFER = ("init", "init_gain", "init_given", "seed")  # options that may differ in a network that resumes

logger = logging.getLogger("localgrad")


class TrainerState(NamedTuple):
    """State of the native trainer, without the network."""

    rule: str
    t: int
    mu_product: float
    position: int
    arrays: list[FloatArray]
    diagnostics: NDArray[np.float64] | None = None  # sums of the current epoch


class CallbackState(NamedTuple):
    """State of a callback: its class, its position among the callbacks, and its values."""

    name: str
    position: int | None  # None in files of older versions
    values: dict[str, Any]


class AlgorithmState(NamedTuple):
    """State of an algorithm, with its progress in the current epoch."""

    trainer: TrainerState
    cost_sum: float  # of the examples trained in the epoch
    schedule: dict[str, Any] | None
    outputs: FloatArray | None  # of the examples trained in the epoch, for metrics
    measured: tuple[FloatArray, FloatArray] | None  # parameters at the epoch's start, before its last update
    importance: FloatArray | None = None  # norms of the gradients, for importance sampling


@dataclass(frozen=True, eq=False)
class Saved:
    """Content of a checkpoint besides the network.

    `settings` describes the arguments of the fit as text or numbers, to compare with those of the fit that
    resumes.
    """

    first_epoch: int
    step: int
    batch_cost: float
    learning_rate: float
    history: History
    settings: dict[str, Any]
    algorithm: AlgorithmState
    callbacks: list[CallbackState]
    noise_key: bytes | None = field_of(default=None, repr=False)  # the secret of private training
    start: Snapshot | None = None  # the network before training

    def changes(self, settings: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
        """Return the settings of a resumed fit that differ, other than the epochs: before, and now."""
        now = json.loads(json.dumps(settings))  # converted like the saved settings: tuples become lists
        pairs = {name: (self.settings.get(name), now.get(name)) for name in now | self.settings}
        return {
            name: (before, after)
            for name, (before, after) in pairs.items()
            if before != after and name != EPOCHS and not (name == DATA and None in (before, after))
        }

    def warn_of_changes(self, settings: dict[str, Any]) -> None:
        """Log the settings of a resumed fit that differ from those before."""
        for name, (before, after) in self.changes(settings).items():
            if name == HELD_OUT:  # checksums, which mean nothing to a user
                logger.warning("resume: the held-out rows differ from those of the checkpoint")
            elif name == DATA:
                logger.warning("resume: X or y differs from that of the checkpoint")
            else:
                logger.warning("resume: %s was %s in the checkpoint and is %s now", name, before, after)


def save(request: checkpoint_request.Request, model: Model, saved: Saved) -> None:
    """Write a checkpoint atomically; `localgrad.load` reads its network, with the best parameters if any."""
    path, best = request
    state = saved.algorithm
    arrays: dict[str, FloatArray] = {} if state.outputs is None else {_OUTPUTS: state.outputs.ravel()}
    if state.measured is not None:
        arrays[_AT_START], arrays[_BEFORE_LAST] = state.measured
    if state.importance is not None:
        arrays[_IMPORTANCE] = state.importance
    native = model.native
    if best is not None and not np.array_equal(best.parameters, native.parameters):
        # `load` returns the network of the file, so it gets the best parameters; `fit` resumes from these.
        arrays[_PARAMETERS] = native.parameters.copy()
        native = native.copy()
        native.parameters[...] = best.parameters
    callbacks = [_described(i, one, arrays) for i, one in enumerate(saved.callbacks)]
    note = {
        "first_epoch": saved.first_epoch,
        "step": saved.step,
        "cost_sum": state.cost_sum,
        "batch_cost": saved.batch_cost,
        "learning_rate": saved.learning_rate,
        "history": dict(saved.history),
        "best_epoch": saved.history.best_epoch,
        _START: None if saved.start is None else asdict(saved.start),
        "settings": saved.settings,
        "schedule": state.schedule,
        "callbacks": callbacks,
        "best": None
        if best is None
        else {"monitor": best.monitor, "higher": best.higher, "value": best.value},
    }
    if saved.noise_key is not None:
        note[_NOISE_KEY] = saved.noise_key.hex()
    _core.save_checkpoint(path, native, state.trainer, {checkpoint_request.NOTE: json.dumps(note)}, arrays)


def _described(i: int, state: CallbackState, arrays: dict[str, FloatArray]) -> dict[str, Any]:
    """Return a callback's state for JSON; add its arrays to `arrays`."""
    plain = {}
    for key, value in state.values.items():
        if isinstance(value, np.ndarray):
            arrays[f"callbacks.{i}.{key}"] = value
            continue
        plain[key] = value
        try:
            json.dumps({key: value})
        except (TypeError, ValueError) as error:
            raise type(error)(
                f"state of {state.name} must consist of JSON values and 1-D arrays, "
                f"got {type(value).__name__} for {key!r}: {error}"
            ) from None
    return {"name": state.name, "position": state.position, "state": plain}


def load(path: Any) -> tuple[Native, Saved]:
    """Read a checkpoint; raise a ValueError for any other file."""
    name = file_path(path, "resume")
    try:
        native, state, notes, arrays = _core.load_checkpoint(name)
        for name_of, array in arrays.items():
            if name_of in _OF_PARAMETERS and array.shape != native.parameters.shape:
                raise ValueError(f"{name_of} must have {native.parameters.size} numbers, got {array.size}")
        if _PARAMETERS in arrays:
            native.parameters[...] = arrays[_PARAMETERS]
        kept = [array for name_of, array in arrays.items() if name_of in _OF_PARAMETERS]
        for array in (native.parameters, *kept):
            if not np.isfinite(array).all():
                raise ValueError(f"parameters must be finite, got {array[~np.isfinite(array)][0]}")
        return native, _saved(notes, arrays, TrainerState(*state), native)
    except (ValueError, OverflowError) as error:  # OverflowError: an integer too large for a float
        raise ValueError(f"resume must be a checkpoint written by fit, got {path!r}: {error}") from None


def check_same_network(model: Model, saved: Native) -> None:
    """Raise a ValueError for the checkpoint of a network with another architecture."""
    own = model.native
    pairs: list[tuple[str, Any, Any]] = [("sizes", own.sizes, saved.sizes)]
    wanted, given = own.options, saved.options
    pairs += [(name, wanted[name], given[name]) for name in wanted if name not in _MAY_DIFFER]  # type: ignore[literal-required]
    pairs.append(("dtype", own.parameters.dtype.name, saved.parameters.dtype.name))
    for name, wanted, given in pairs:
        if wanted != given:
            raise ValueError(
                f"resume must be the checkpoint of a network with {name} {wanted!r}, got {given!r}"
            )


def _saved(
    notes: dict[str, str], arrays: dict[str, FloatArray], trainer: TrainerState, native: Native
) -> Saved:
    if checkpoint_request.NOTE not in notes:
        raise ValueError(f"notes must have {checkpoint_request.NOTE!r}, got {shown(list(notes))}")
    text, what = notes[checkpoint_request.NOTE], f"the note {checkpoint_request.NOTE!r}"
    note = parse(text, what, finite=False)  # a cost may be infinite or NaN
    first = _field(note, "first_epoch", int)
    history = _history(_field(note, "history", dict), native.epochs - first)
    history.first_epoch = first
    history.best_epoch = _field(note, "best_epoch", int, type(None))
    if history.best_epoch is not None and not 1 <= history.best_epoch <= native.epochs - first:
        raise ValueError(f"best_epoch must be in 1..{native.epochs - first}, got {history.best_epoch}")
    return Saved(
        first_epoch=first,
        step=_field(note, "step", int),
        batch_cost=_field(note, "batch_cost", float),
        learning_rate=_field(note, "learning_rate", float),
        history=history,
        settings=_field(note, "settings", dict),
        algorithm=_algorithm(note, arrays, trainer),
        callbacks=[_callback(i, one, arrays) for i, one in enumerate(_field(note, "callbacks", list))],
        noise_key=_noise_key(note),
        start=_start(note),
    )


def _start(note: dict[str, Any]) -> Snapshot | None:
    values = _field({_START: None} | note, _START, dict, type(None))
    try:
        return None if values is None else Snapshot.from_dict(values)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{_START} must be a snapshot of the network, got {shown(values)}") from error


def _noise_key(note: dict[str, Any]) -> bytes | None:
    text = _field({_NOISE_KEY: None} | note, _NOISE_KEY, str, type(None))
    if text is None:
        return None
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise ValueError(f"{_NOISE_KEY} must be 64 hexadecimal digits")  # not shown: it is secret
    return bytes.fromhex(text)


def _algorithm(note: dict[str, Any], arrays: dict[str, FloatArray], trainer: TrainerState) -> AlgorithmState:
    cost_sum = _field(note, "cost_sum", float)
    if not math.isfinite(cost_sum):
        raise ValueError(f"cost_sum must be finite, got {cost_sum}")
    measured = None
    if _AT_START in arrays and _BEFORE_LAST in arrays:
        measured = arrays[_AT_START], arrays[_BEFORE_LAST]
    schedule = _field(note, "schedule", dict, type(None))
    importance = arrays.get(_IMPORTANCE)
    return AlgorithmState(trainer, cost_sum, schedule, arrays.get(_OUTPUTS), measured, importance)


def _callback(i: int, one: Any, arrays: dict[str, FloatArray]) -> CallbackState:
    if not isinstance(one, dict):
        raise ValueError(f"callbacks[{i}] must be a JSON object, got {type(one).__name__}")
    start = f"callbacks.{i}."
    state = _field(one, "state", dict)
    state.update((key[len(start) :], array) for key, array in arrays.items() if key.startswith(start))
    position = _field({"position": None} | one, "position", int, type(None))
    return CallbackState(_field(one, "name", str), position, state)


def _field(note: dict[str, Any], name: str, *kinds: type) -> Any:
    value = field(note, name, *kinds, what="the note")
    if type(value) is int and not 0 <= value <= MAX_COUNT:
        raise ValueError(f"{name} must be in 0..{MAX_COUNT}, got {value}")
    return value


def _history(lists: dict[str, Any], epochs: int) -> History:
    if "cost" not in lists:
        raise ValueError(f"history must have 'cost', got {shown(list(lists))}")
    for name, values in lists.items():
        if not isinstance(values, list) or not all(_is_entry(value) for value in values):
            raise ValueError(f"history[{name!r}] must be a list of numbers, got {shown(values)}")
        if len(values) != epochs:
            raise ValueError(
                f"history[{name!r}] must have {epochs} numbers, one for each epoch, got {len(values)}"
            )
    return History((name, [_entry(value) for value in values]) for name, values in lists.items())


def _is_entry(value: Any) -> bool:
    """Return whether a value is a number, or a list of numbers of layers."""
    numbers = value if isinstance(value, list) else [value]
    return all(type(number) in (float, int) for number in numbers)


def _entry(value: Any) -> float | list[float]:
    return [float(number) for number in value] if isinstance(value, list) else float(value)
