"""Callbacks: called while a network is trained; they may end the training.

``net.fit(X, y, callbacks=[...])`` takes plain functions ``f(epoch, logs)``, called after every epoch with the
network's count of epochs and a dict of the epoch's numbers, and objects with any of the methods of
`Callback`, which receive the `Training`. Those of this module stop early, write checkpoints and logs, and
record learning rates and parameters; `Monitor` is what they decide by which epoch is the best.
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

if not TYPE_CHECKING:  # else every name would count as there
    __getattr__, __dir__ = names_of_module(__name__, __all__)
