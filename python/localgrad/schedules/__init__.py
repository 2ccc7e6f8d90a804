"""Schedules: factors of the learning rate over the course of a fit.

``net.fit(X, y, schedule=lg.schedules.Cosine())`` multiplies the optimizer's learning rate, before every
mini-batch, by a factor that depends on the time: the number of epochs since the start of this fit, as a
fraction (with 10 mini-batches an epoch 0, 0.1, 0.2, ..). A schedule is called with that time and returns the
factor; so any function from float to float will do in its place. Those of this module also take arrays of
times. ``epochs=None`` means the whole fit, and ``by_epoch=True`` rounds the time down to whole epochs, the
habit of PyTorch's schedulers.
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

if not TYPE_CHECKING:  # else every name would count as there
    __getattr__, __dir__ = names_of_module(__name__, __all__)
