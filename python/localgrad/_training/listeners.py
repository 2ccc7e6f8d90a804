"""Those who are told of a fit's progress: functions, and objects with hooks."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from localgrad._check import integer, shown
from localgrad.callbacks import Callback

if TYPE_CHECKING:
    from localgrad._training.progress import Progress
    from localgrad.callbacks.training import Training

__all__ = ["HOOKS", "Listener", "Listeners", "listeners"]

Function: TypeAlias = Callable[[int, dict[str, float]], object]
Listener: TypeAlias = Function | Callback

HOOKS = ("on_train_begin", "on_epoch_end", "on_batch_end", "on_train_end")


def listeners(callbacks: Any) -> list[Any]:
    """Check the argument `callbacks` of fit: functions, and objects with hooks."""
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks must be a sequence of callables or objects, got {shown(callbacks)}")
    result = list(callbacks)
    for i, one in enumerate(result):
        if isinstance(one, type) or not (_is_object(one) or callable(one)):
            raise TypeError(
                f"callbacks[{i}] must be callable or an object with one of {', '.join(HOOKS)}, "
                f"got {shown(one)}"
            )
        if _hears_batches(one):
            integer(getattr(one, "every", 1), f"callbacks[{i}].every", at_least=1)
    return result


class Listeners:
    """Calls each in turn; a truthy answer asks to stop, and a str is the reason."""

    def __init__(self, progress: "Progress | None", callbacks: list[Any]) -> None:
        self._all = ([] if progress is None else [progress]) + callbacks
        self._begun: list[Any] = []
        self._of_batches = [one for one in callbacks if _hears_batches(one)]

    def __len__(self) -> int:
        return len(self._all)

    @property
    def hear_batches(self) -> bool:
        """Whether somebody wants to be told of mini-batches."""
        return bool(self._of_batches)

    def begin(self, training: "Training") -> None:
        """Tell that the training begins."""
        for one in self._all:
            self._begun.append(one)
            _call(one, "on_train_begin", training)

    def epoch_end(self, training: "Training") -> str | None:
        """Tell of an epoch; return why to stop."""
        answers = [
            _call(one, "on_epoch_end", training)
            if _is_object(one)
            else one(training.epoch, dict(training.logs))
            for one in self._all
        ]
        return _reason(answers)

    def until_batch_end(self, step: int) -> int | None:
        """Return after how many mini-batches somebody wants to be told, None for never."""
        return min((_every(one) - step % _every(one) for one in self._of_batches), default=None)

    def batch_end(self, training: "Training") -> str | None:
        """Tell those whose turn it is of a mini-batch; return why to stop."""
        turn = [one for one in self._of_batches if training.step % _every(one) == 0]
        return _reason([one.on_batch_end(training) for one in turn])

    def end(self, training: "Training") -> None:
        """Tell those who heard of the beginning that the training is over, the last first, as scopes end."""
        failure: BaseException | None = None
        while self._begun:
            try:
                _call(self._begun.pop(), "on_train_end", training)
            except BaseException as error:  # the others must close their files all the same
                failure = failure or error
        if failure is not None:
            try:
                raise failure
            finally:
                del failure  # whose traceback leads to this frame

    @property
    def keep_measured(self) -> bool:
        """Whether somebody keeps the parameters that the training's own numbers were measured with."""
        return any(getattr(one, "_keeps_measured", False) for one in self._all)

    def put_back(self, training: "Training") -> None:
        """Let those who keep better parameters put them back: after the last checkpoint."""
        for one in self._all:
            _call(one, "_put_back", training)

    def should_stop(self) -> str | None:
        """Return why somebody would not have another epoch trained, asked when a training is resumed."""
        return _reason([_call(one, "should_stop") for one in self._all])

    def states(self) -> list[tuple[str, dict[str, Any]]]:
        """Return what those remember that do, with the names of their classes."""
        states = [(type(one).__name__, _call(one, "state")) for one in self._all]
        return [(name, state) for name, state in states if state is not None]

    def set_states(self, states: list[tuple[str, dict[str, Any]]]) -> list[str]:
        """Hand out such states by the names of the classes, in order; return whose nobody wanted."""
        left = list(states)
        for one in self._all:
            if not callable(getattr(one, "set_state", None)) or _call(one, "state") is None:
                continue
            for i, (name, state) in enumerate(left):
                if name == type(one).__name__:
                    del left[i]
                    one.set_state(state)
                    break
        return [name for name, state in left if state]


def _is_object(one: Any) -> bool:
    return any(callable(getattr(one, hook, None)) for hook in HOOKS)


def _hears_batches(one: Any) -> bool:
    hook = getattr(one, "on_batch_end", None)
    return callable(hook) and getattr(type(one), "on_batch_end", None) is not Callback.on_batch_end


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
