"""Optimizers: the update rules of gradient descent.

An optimizer object contains only settings. State such as velocities and running means belongs to the call
of `fit` and is initialized in each call.

The equations in the docstrings apply elementwise to every parameter w, with

- η: the learning rate, multiplied by the factor of the schedule if there is one;
- g: the mean gradient of a mini-batch, (M), including penalties and after clipping;
- t = 1, 2, ...: the number of the mini-batch in the fit.
"""

from typing import TYPE_CHECKING

from localgrad._arguments.names.attributes import names_of_module
from localgrad.optimizers import adagrad, adam, lbfgs, levenberg_marquardt, sgd, signs
from localgrad.optimizers.adagrad import *
from localgrad.optimizers.adam import *
from localgrad.optimizers.base import Optimizer
from localgrad.optimizers.lbfgs import *
from localgrad.optimizers.levenberg_marquardt import *
from localgrad.optimizers.sgd import *
from localgrad.optimizers.signs import *

# Type checkers read only this literal list. At run time, the names of all modules are added to it.
__all__ = [
    "LBFGS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "LevenbergMarquardt",
    "Lion",
    "NAdam",
    "Optimizer",
    "RMSprop",
    "Rprop",
]
_MODULES = (adagrad, adam, lbfgs, levenberg_marquardt, sgd, signs)
_OTHERS = {name for module in _MODULES for name in module.__all__}.difference(__all__)
__all__ += sorted(_OTHERS)

if not TYPE_CHECKING:  # with a module-level __getattr__, type checkers accept any name
    __getattr__, __dir__ = names_of_module(__name__, __all__)
