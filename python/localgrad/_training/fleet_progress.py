"""The progress display of a fleet."""

import math
from collections.abc import Sequence
from types import TracebackType

import numpy as np

from localgrad._training.fleet_member import FleetMember
from localgrad._training.progress import Progress
from localgrad.callbacks import Training
from localgrad.history import History


class FleetProgress:
    """Shows the progress of a fleet like that of one network, with the means of the members' numbers.

    It is that of the member with the most epochs left. As a context, it begins and ends the display.
    """

    def __init__(self, progress: Progress, members: Sequence[FleetMember], deadline: float) -> None:
        rows = [member.run.training.rows for member in members]
        self._members, self._progress = members, progress
        self._training = Training(
            None,
            History(),
            first_epoch=0,
            last_epoch=0,
            rows=sum(one for one in rows if one is not None),
            deadline=None if deadline == math.inf else deadline,
        )

    def __enter__(self) -> None:
        self._follow(self._members)
        self._progress.on_train_begin(self._training)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._training.stopped = "epochs" if error is None else "error"
        self._progress.on_train_end(self._training)

    def epoch_end(self, trained: Sequence[FleetMember]) -> None:
        """Show the numbers of the members that were trained in this round."""
        self._follow(trained)
        logs = [member.run.training.logs for member in trained]
        names = trained[0].run.training.names
        self._training.logs = {name: float(np.mean([one[name] for one in logs])) for name in names}
        self._progress.on_epoch_end(self._training)

    def _follow(self, members: Sequence[FleetMember]) -> None:
        one = max((member.run.training for member in members), key=lambda one: one.last_epoch - one.epoch)
        self._training.network = one.network
        self._training.first_epoch, self._training.last_epoch = one.first_epoch, one.last_epoch
