"""A training without a trainer, for tests of those who are told of it."""

import localgrad as lg
import numpy as np


class TrainingStandIn:
    """What `fit` shows its callbacks, moved on by hand."""

    def __init__(self, *, epochs=10, trained=0, rows=100, mini_batches=4, dtype="float64"):
        self.network = lg.Network([2, 1], seed=0, dtype=dtype)
        self.history = lg.History(cost=[])
        self.history.best_epoch = None
        self.epoch = self.first_epoch = trained
        self.last_epoch = trained + epochs
        self.rows = rows
        self.mini_batches = mini_batches
        self.logs = {}
        self.step = self.mini_batch = 0
        self.batch_cost = self.learning_rate = 0.1
        self.resumed = False
        self.stopped = None
        self.saved = []  # path, epoch and mini-batch of each checkpoint
        self._measured = None  # its numbers belong to the parameters that it has

    @property
    def names(self):
        return tuple(self.history)

    def save_checkpoint(self, path):
        self.saved.append((path, self.epoch, self.mini_batch))

    def _save_best(self, path, best):
        assert (best.parameters == self.network.parameters).all()
        self.save_checkpoint(path)

    def finish_epoch(self, **logs):
        """Change the parameters and note an epoch's numbers."""
        self.epoch += 1
        self.step += self.mini_batches or 0
        self.mini_batch = 0
        self.network.parameters[:] = self.epoch
        self.logs = logs
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)

    def run(self, callbacks, numbers, *, stopped="epochs"):
        """Tell callbacks of a training whose epochs give these numbers, until one of them asks to stop."""
        for name in numbers[0] if numbers else ():
            self.history.setdefault(name, [])
        for callback in callbacks:
            callback.on_train_begin(self)
        self.go_on(callbacks, numbers, stopped=stopped)

    def go_on(self, callbacks, numbers, *, stopped="epochs"):
        """Do likewise, the training having begun."""
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
            getattr(callback, "_put_back", lambda training: None)(self)

    @property
    def best(self):
        """The epoch whose parameters the network has."""
        values = np.unique(self.network.parameters)
        assert len(values) == 1
        return int(values[0])


def costs(*values):
    """The numbers of epochs that have nothing but a cost."""
    return [{"cost": value} for value in values]
