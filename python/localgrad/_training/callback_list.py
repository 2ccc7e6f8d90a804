"""The callbacks of one fit: functions and objects with hooks."""

from collections.abc import Callable, Iterable
from typing import Any

from localgrad._arguments.check import integer, shown
from localgrad._training.checkpoint import CallbackState
from localgrad._training.progress import Progress
from localgrad.callbacks import Callback, Training

__all__ = ["HOOKS", "CallbackList", "callback_list", "hear_batches"]

HOOKS = ("on_train_begin", "on_epoch_end", "on_batch_end", "on_train_end")


def callback_list(callbacks: Any) -> list[Any]:
    """Check the argument `callbacks` of `fit`; return objects with hooks, which wrap functions."""
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks must be a sequence of callables or objects, got {shown(callbacks)}")
    result = list(callbacks)
    for i, one in enumerate(result):
        # A class also has the hooks, but passing one instead of an instance is a mistake.
        if isinstance(one, type) or not (_is_object(one) or callable(one)):
            raise TypeError(
                f"callbacks[{i}] must be callable or an object with one of {', '.join(HOOKS)}, "
                f"got {shown(one)}"
            )
        if _overrides(one, "on_batch_end"):
            integer(getattr(one, "every", 1), f"callbacks[{i}].every", at_least=1)
    return [one if _is_object(one) else _Function(one) for one in result]


class _Function(Callback):
    """A function that is called after an epoch."""

    def __init__(self, function: Callable[[int, dict[str, float]], object]) -> None:
        self._function = function

    def on_epoch_end(self, training: Training) -> object:
        """Call the function."""
        return self._function(training.epoch, dict(training.logs))


def hear_batches(callbacks: list[Any]) -> bool:
    """Return whether a callback is called after mini-batches."""
    return any(_overrides(one, "on_batch_end") for one in callbacks)


class CallbackList:
    """Calls the callbacks in turn; a true return value stops the training, and a str is the reason."""

    def __init__(self, progress: Progress | None, callbacks: list[Any]) -> None:
        self.progress = progress
        self._callbacks = callbacks
        self._all = ([] if progress is None else [progress]) + callbacks
        self._begun: list[Any] = []
        self._of_batches = [one for one in callbacks if _overrides(one, "on_batch_end")]

    def __len__(self) -> int:
        return len(self._all)

    def begin(self, training: Training) -> None:
        """Call `on_train_begin`."""
        for one in self._all:
            self._begun.append(one)  # before the call, so that on_train_end is called even if it fails
            _call(one, "on_train_begin", training)

    def epoch_end(self, training: Training) -> str | None:
        """Call `on_epoch_end`; return the reason to stop, or None."""
        # Call all of them before returning a reason, because each must see every epoch.
        return _reason([_call(one, "on_epoch_end", training) for one in self._all])

    def until_batch_end(self, step: int) -> int | None:
        """Return the number of mini-batches until the next call of `on_batch_end`; None if there is none."""
        if not self._of_batches:
            return None
        return min(_every(one) - step % _every(one) for one in self._of_batches)

    def batch_end(self, training: Training) -> str | None:
        """Call `on_batch_end` of the callbacks that are due; return the reason to stop, or None."""
        turn = [one for one in self._of_batches if training.step % _every(one) == 0]
        return _reason([one.on_batch_end(training) for one in turn])

    def end(self, training: Training) -> None:
        """Call `on_train_end` of the callbacks that have begun, in reverse order, as nested scopes end."""
        begun, self._begun = self._begun[::-1], []
        _call_all(begun, "on_train_end", training)

    @property
    def keep_parameters(self) -> bool:
        """Whether a callback needs the parameters for which training metrics are measured."""
        return any(getattr(one, "keep_parameters", False) for one in self._callbacks)

    def restore(self, training: Training) -> None:
        """Call `on_restore` after the last checkpoint; callbacks may restore parameters in it."""
        _call_all(self._callbacks, "on_restore", training)

    def should_stop(self) -> str | None:
        """Return the reason not to train another epoch after resuming, or None."""
        return _reason([_call(one, "should_stop") for one in self._callbacks])

    def states(self) -> list[CallbackState]:
        """Return the states of the callbacks that have a state."""
        states = [(type(one).__name__, k, _call(one, "state")) for k, one in enumerate(self._callbacks)]
        return [CallbackState(name, k, dict(state)) for name, k, state in states if state is not None]

    def set_states(self, states: list[CallbackState]) -> list[CallbackState]:
        """Pass states to the callbacks; return those that no callback has taken."""
        takers = [
            (type(one).__name__, k)
            for k, one in enumerate(self._callbacks)
            if _overrides(one, "set_state") and _call(one, "state") is not None
        ]
        found = _matched(states, takers)
        for k in sorted(found):
            self._callbacks[k].set_state(found[k].values)
        taken = [id(state) for state in found.values()]
        return [state for state in states if state.values and id(state) not in taken]


def _matched(states: list[CallbackState], takers: list[tuple[str, int]]) -> dict[int, CallbackState]:
    """Return the state for each taker, which is a class and a position among the callbacks.

    If the number of callbacks of a class is unchanged, they are matched in order. Otherwise those in their
    old positions are matched first.
    """
    found: dict[int, CallbackState] = {}
    for name in dict.fromkeys(name for name, _ in takers):
        of_class = [state for state in states if state.name == name]
        places = [k for kind, k in takers if kind == name]
        if len(of_class) != len(places):
            in_place = {one.position: one for one in of_class if one.position in places}
            found |= {k: one for k, one in in_place.items() if k is not None}
            of_class = [one for one in of_class if one.position not in in_place]
            places = [k for k in places if k not in in_place]
        found |= dict(zip(places, of_class, strict=False))
    return found


def _is_object(one: Any) -> bool:
    return any(callable(getattr(one, hook, None)) for hook in HOOKS)


def _overrides(one: Any, hook: str) -> bool:
    """Return whether an object has a hook other than that of the base class, which does nothing."""
    method = getattr(one, hook, None)
    return callable(method) and getattr(method, "__func__", None) is not getattr(Callback, hook)


def _every(one: Any) -> int:
    return int(getattr(one, "every", 1))


def _call(one: Any, hook: str, *arguments: Any) -> Any:
    method = getattr(one, hook, None)
    return method(*arguments) if callable(method) else None


def _reason(answers: list[Any]) -> str | None:
    for answer in answers:
        if answer:
            return answer if isinstance(answer, str) else "callback"
    return None


def _call_all(callbacks: Iterable[Any], hook: str, training: Training) -> None:
    """Call the hook of each callback, even if others raise errors; then raise the first error."""
    failure: BaseException | None = None
    for one in callbacks:
        try:
            _call(one, hook, training)
        except BaseException as error:
            failure = failure or error
    if failure is not None:
        try:
            raise failure
        finally:
            del failure  # its traceback refers to this frame: avoid a reference cycle
