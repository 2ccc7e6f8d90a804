"""The calls of the core that train the members of a fleet, and what happens between them."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import Any, TypeAlias

import numpy as np

import localgrad._core as _core
from localgrad._training.fleet_member import FleetMember
from localgrad._training.fleet_progress import FleetProgress

Measure: TypeAlias = Callable[[Sequence[FleetMember]], None]


class Rounds:
    """Calls of the core that train all members which are not over, for one epoch or for all of them."""

    def __init__(
        self,
        members: Sequence[FleetMember],
        functions: Sequence[Callable[[int, dict[str, Any]], object]],
        progress: FleetProgress | None,
        shuffle: bool,
        n_threads: int,
        deadline: float,
    ) -> None:
        self._members, self._functions, self._progress = members, functions, progress
        self._shuffle, self._threads, self._deadline = shuffle, n_threads, deadline

    def run(self) -> None:
        """Train until all members are over."""
        with ExitStack() as stack:
            measure = self._measure_in_turn
            if (workers := self._workers()) > 1:
                measure = partial(_measure_together, stack.enter_context(ThreadPoolExecutor(workers)))
            if self._progress is not None:
                stack.enter_context(self._progress)
            for member in self._members:
                member.resume_epoch()
            while active := self._active():
                self._round(active, measure)

    def _round(self, active: Sequence[FleetMember], measure: Measure) -> None:
        alone = not self._functions and self._progress is None
        quiet = alone and all(member.is_quiet for member in active)
        for member in active:
            member.prepare(quiet)
        try:
            self._train(active)
        except KeyboardInterrupt:
            # Other members may have finished the epoch, which counts for callbacks and checkpoints.
            self._finish([member for member in active if member.record(quiet)], quiet, measure)
            raise
        except BaseException:
            for member in active:
                member.record(quiet)
            raise
        for member in active:
            member.record(quiet)
        self._finish(active, quiet, measure)
        trained = [member for member in active if member.costs]
        if self._functions and trained:
            self._call_functions(trained)
        if self._progress is not None and trained:
            self._progress.epoch_end(trained)

    def _finish(self, members: Sequence[FleetMember], quiet: bool, measure: Measure) -> None:
        """Finish the round of members that the core has trained."""
        for member in members:
            member.end_if_failed()
        left = [member for member in members if not member.closed]
        if not quiet:
            measure(left)
        for member in left:
            member.finish(quiet)

    def _workers(self) -> int:
        """Return the number of threads that measure members."""
        # Metrics that are functions of the user need not be safe for several threads.
        metrics = [metric for member in self._members for metric in member.metrics]
        if any(metric.higher_is_better is None for metric in metrics):
            return 1
        if not any(member.is_validated for member in self._members):
            return 1
        return min(self._threads or _core.info()["threads"], len(self._members))

    def _measure_in_turn(self, members: Sequence[FleetMember]) -> None:
        for member in members:
            member.measure(None)

    def _active(self) -> list[FleetMember]:
        """Return the members that are not over, after closing those that are."""
        late = time.monotonic() > self._deadline
        for member in self._members:
            if member.closed:
                continue
            if late:
                member.run.training.stopped = member.run.training.stopped or "time_limit"
            if member.is_over:
                member.close()
        return [member for member in self._members if not member.closed]

    def _train(self, active: Sequence[FleetMember]) -> None:
        with ExitStack() as stack:
            for member in active:
                stack.enter_context(member.model.guard.computing())
            trainers: Any = [member.algorithm.trainer for member in active]  # of the same dtype
            _core.train_fleet(
                trainers,
                [member.algorithm.rows for member in active],
                [member.factors for member in active],
                [member.outputs for member in active],
                [member.epochs for member in active],
                [member.costs for member in active],
                self._shuffle,
                self._threads,
                self._deadline - time.monotonic(),
            )

    def _call_functions(self, trained: Sequence[FleetMember]) -> None:
        """Call the functions with the numbers of the members that were trained in this round."""
        logs = {}
        for name in trained[0].run.training.names:
            numbers = np.full(len(self._members), np.nan)
            for k, member in enumerate(self._members):
                if member in trained:
                    numbers[k] = member.run.training.logs.get(name, np.nan)
            logs[name] = numbers
        epoch = max(member.run.training.epoch for member in self._members)
        # Call all of them before stopping, because each must see every epoch.
        reasons = [reason for function in self._functions if (reason := function(epoch, dict(logs)))]
        for member in trained if reasons else ():
            training = member.run.training
            training.stopped = training.stopped or (reasons[0] if isinstance(reasons[0], str) else "callback")


def _measure_together(pool: ThreadPoolExecutor, members: Sequence[FleetMember]) -> None:
    for _ in pool.map(lambda member: member.measure(1), members):
        pass
