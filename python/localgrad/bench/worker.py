"""The process of a contender.

CPU affinity and environment variables are set before the process starts, because some libraries read them
only when they are loaded. In separate processes, every library has its own number of threads, and the threads
of one library do not slow down another.
"""

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any, Protocol

from localgrad.bench.tasks import Tasks

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Named(Protocol):
    """A contender of any kind."""

    @property
    def name(self) -> str:
        """Its name in messages."""


class ContenderError(Exception):
    """Error for a contender that failed. The message contains its name."""


class Worker:
    """Handle of the process of a contender.

    Parameters
    ----------
    kind : Kind or Inspector
        The contender.
    n_threads : int or None
        Number of threads and processors; None if the contender chooses the number of threads.
    tasks : type, default Tasks
        The class whose methods run in the process, called with `kind` and `n_threads`.
    """

    def __init__(
        self, kind: Named, n_threads: int | None, tasks: Callable[[Any, int | None], Any] = Tasks
    ) -> None:
        self.kind: Any = kind  # of the class that `tasks` expects
        self.n_threads = n_threads
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, tasks, kind, n_threads))
        with _threads(n_threads):
            self._process.start()
        theirs.close()

    def ask(self, method: str, *arguments: Any) -> Any:
        """Call a method of the tasks in the process and return its result.

        Raises
        ------
        ContenderError
            If the method raised an exception, or the process ended.
        """
        try:
            self._pipe.send((method, arguments))
            answer, failure = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            raise ContenderError(
                f"{self.kind.name}: its process ended with status {self._process.exitcode}"
            ) from None
        if failure is not None:
            raise ContenderError(f"{self.kind.name}: {failure}")
        return answer

    def close(self) -> None:
        """End the process."""
        self._pipe.close()  # the process exits when its end of the pipe is closed
        self._process.join(2)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


@contextlib.contextmanager
def _threads(count: int | None) -> Iterator[None]:
    """Set the CPU affinity and the environment variables of processes started in this context."""
    if count is None:
        yield
        return
    before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    affinity = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    os.environ.update(dict.fromkeys(before, str(count)))
    if affinity is not None:
        os.sched_setaffinity(0, sorted(affinity)[-count:])  # the first processors handle most interrupts
    try:
        yield
    finally:
        if affinity is not None:
            os.sched_setaffinity(0, affinity)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(
    pipe: Connection, serving: Callable[[Any, int | None], Any], kind: Named, n_threads: int | None
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the main process, which ends this one
    tasks = serving(kind, n_threads)
    while True:
        try:
            method, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer, failure = getattr(tasks, method)(*arguments), None
        except Exception as error:
            lines = str(error).strip().splitlines() or [""]
            answer, failure = None, f"{type(error).__name__}: {lines[0]}"
        try:
            pipe.send((answer, failure))
        except OSError:
            return  # the main process has exited
