"""A stand-in for `localgrad.callbacks.Training`, for tests of callbacks."""

import localgrad as lg
import numpy as np


class TrainingStandIn(lg.callbacks.Training):
    """What `fit` passes to its callbacks, advanced by hand."""

    def __init__(self, *, epochs=10, trained=0, rows=100, mini_batches=4, dtype="float64"):
        super().__init__(
            lg.Network([2, 1], seed=0, dtype=dtype),
            lg.History(cost=[]),
            trained,
            trained + epochs,
            rows=rows,
            mini_batches=mini_batches,
            batch_cost=0.1,
            learning_rate=0.1,
            _request=self._write,
        )
        self.epoch = trained
        self.saved = []  # path, epoch and mini-batch of each checkpoint

    @property
    def epoch(self):
        return self.network.epochs

    @epoch.setter
    def epoch(self, value):
        self.network._core_model.native.epochs = value

    @property
    def names(self):
        return tuple(self.history)

    @names.setter
    def names(self, value):
        pass  # the names follow from the logs

    def _write(self, request):
        if request.best is not None:
            assert (request.best.parameters == self.network.parameters).all()
        self.saved.append((request.path.decode(), self.epoch, self.mini_batch))

    def finish_epoch(self, **logs):
        """Change the parameters and record the numbers of an epoch."""
        self.epoch += 1
        self.step += self.mini_batches or 0
        self.mini_batch = 0
        self.network.parameters[:] = self.epoch
        self.logs = logs
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)

    def run(self, callbacks, numbers, *, stopped="epochs"):
        """Call the callbacks for epochs with these numbers, until one of them stops training."""
        for name in numbers[0] if numbers else ():
            self.history.setdefault(name, [])
        for callback in callbacks:
            callback.on_train_begin(self)
        self.resume(callbacks, numbers, stopped=stopped)

    def resume(self, callbacks, numbers, *, stopped="epochs"):
        """Call the callbacks for epochs with these numbers, after training began."""
        for logs in numbers:
            self.finish_epoch(**logs)
            answers = [callback.on_epoch_end(self) for callback in callbacks]
            self.stopped = next((answer for answer in answers if answer), None)
            if self.stopped:
                break
        self.stopped = self.stopped or stopped
        for callback in reversed(callbacks):
            callback.on_train_end(self)
        for callback in callbacks:
            callback.on_restore(self)

    @property
    def best(self):
        """The epoch whose parameters the network has."""
        values = np.unique(self.network.parameters)
        assert len(values) == 1
        return int(values[0])


def costs(*values):
    """Return the logs of epochs that only have a cost."""
    return [{"cost": value} for value in values]
