"""Learning rate schedules.

``net.fit(X, y, schedule=lg.schedules.Cosine())`` multiplies the learning rate of the optimizer by a factor
that changes over time. The time is the number of epochs since the start of the fit, including fractions: with
10 mini-batches per epoch it is 0, 0.1, 0.2, ... at successive mini-batches.

Before every mini-batch, the schedule is called with the time and returns the factor. Any function from float
to float can be used as a schedule. The schedules of this module also accept arrays of times. ``epochs=None``
means the number of epochs of the fit. ``by_epoch=True`` rounds the time down to whole epochs, as PyTorch's
schedulers do when they are stepped once per epoch.
"""

from typing import TYPE_CHECKING

from localgrad._arguments.names.attributes import names_of_module
from localgrad.schedules.base import Schedule
from localgrad.schedules.cosine import Cosine, OneCycle
from localgrad.schedules.decay import Constant, Exponential, Polynomial, Step
from localgrad.schedules.plateau import ReduceOnPlateau
from localgrad.schedules.warmup import Warmup

__all__ = [
    "Constant",
    "Cosine",
    "Exponential",
    "OneCycle",
    "Polynomial",
    "ReduceOnPlateau",
    "Schedule",
    "Step",
    "Warmup",
]

if not TYPE_CHECKING:  # with a module-level __getattr__, type checkers accept any name
    __getattr__, __dir__ = names_of_module(__name__, __all__)
