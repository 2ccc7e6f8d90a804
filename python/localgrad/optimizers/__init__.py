"""Update rules: settings only. A fit keeps the state that a rule needs and starts with a fresh one.

In their equations η is the learning rate, times the factor of a schedule if there is one; g the mean gradient
of a mini-batch, (M), with penalties and after clipping; t = 1, 2, .. counts the mini-batches of the fit. What
a rule keeps from one to the next is 0 at first. Everything is meant for each parameter by itself.
"""

from typing import TYPE_CHECKING

from localgrad._arguments.names.attributes import names_of_module
from localgrad.optimizers import adagrad, adam, lbfgs, sgd, signs
from localgrad.optimizers.adagrad import *
from localgrad.optimizers.adam import *
from localgrad.optimizers.base import Optimizer
from localgrad.optimizers.lbfgs import *
from localgrad.optimizers.sgd import *
from localgrad.optimizers.signs import *

# Type checkers read this list alone; what a module adds counts without being in it.
__all__ = [
    "LBFGS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Lion",
    "NAdam",
    "Optimizer",
    "RMSprop",
    "Rprop",
]
_OTHERS = {name for module in (adagrad, adam, lbfgs, sgd, signs) for name in module.__all__}.difference(
    __all__
)
__all__ += sorted(_OTHERS)

if not TYPE_CHECKING:  # else every name would count as there
    __getattr__, __dir__ = names_of_module(__name__, __all__)
