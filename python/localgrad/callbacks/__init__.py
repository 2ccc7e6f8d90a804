"""Callbacks: functions and objects that `Network.fit` calls during training and that can stop it.

``net.fit(X, y, callbacks=[...])`` accepts two kinds of callbacks:

- functions ``f(epoch, logs)``, called after every epoch with the number of epochs the network has been
  trained for and a dict of the epoch's costs and metrics;
- objects with any of the methods of `Callback`. Each method receives a `Training` object.

The callbacks of this module stop training early, write checkpoints and logs, and record learning rates and
parameters. `Monitor` decides whether an epoch is the best so far, also for user-defined callbacks.
"""

from typing import TYPE_CHECKING

from localgrad._arguments.names.attributes import names_of_module
from localgrad.callbacks.base import Callback
from localgrad.callbacks.checkpoint import Checkpoint
from localgrad.callbacks.early_stopping import EarlyStopping
from localgrad.callbacks.loggers import CSVLogger, JSONLinesLogger
from localgrad.callbacks.monitor import Monitor
from localgrad.callbacks.records import LearningRates, WeightSnapshots
from localgrad.callbacks.tensorboard import TensorBoard
from localgrad.callbacks.training import Training

__all__ = [
    "CSVLogger",
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "JSONLinesLogger",
    "LearningRates",
    "Monitor",
    "TensorBoard",
    "Training",
    "WeightSnapshots",
]

if not TYPE_CHECKING:  # with a module-level __getattr__, type checkers accept any name
    __getattr__, __dir__ = names_of_module(__name__, __all__)
