"""Metrics of a network's outputs.

Each metric is a function of targets and outputs that can be called directly. `Network.fit` and
`Network.evaluate` accept metrics by name and as functions, as in ``metrics=["f1", "top_k(5)", mine]``.

A user-defined metric is a function ``mine(y, a)`` or ``mine(y, a, sample_weight)`` that returns a number. Its
name is the key in the history, ``"mine"`` for the training data and ``"val_mine"`` for validation data. It is
called with these arrays:

``y``
    Labels of shape (n,), integers (booleans become 0 and 1), if labels were passed to `fit`. Otherwise
    targets of shape (n, width), in the dtype passed to `fit`; targets passed as (n,) have the shape (n, 1).
    The width is the number of outputs, or less for gaussian_nll and for several quantiles.
``a``
    Outputs of shape (n, m_L) in the dtype of the network, as returned by `Network.predict`. With a single
    output and labels, the shape is (n,), the same as that of `y`. ``y - a`` and ``y == (a > 0.5)`` therefore
    work elementwise, and scikit-learn functions such as ``roc_auc_score`` can be used as metrics directly.
``sample_weight``
    Weights of shape (n,), float64, divided by their mean (those of `Blocks` are not). Passed by keyword to
    functions that have this parameter, if weights are used.

Here n is the number of examples in the epoch or in the validation data.

Examples
--------
>>> import localgrad as lg
>>> def worst(y, a):
...     return abs(y - a).max()
>>> net = lg.Network([1, 1], init="zeros")
>>> net.fit([[0.0], [0.0]], [1.0, 3.0], epochs=1, batch_size=None, metrics=["mae", worst])
History of 1 epoch
  cost   first 2.5, last 2.5, lowest 2.5
  mae    first 2, last 2, lowest 2
  worst  first 3, last 3, lowest 3, highest 3
"""

from typing import TYPE_CHECKING

from localgrad._arguments.names.attributes import names_of_module
from localgrad.metrics.classification import accuracy, balanced_accuracy, top_k
from localgrad.metrics.metric import Metric, resolve
from localgrad.metrics.metric import metrics_of as metrics_of
from localgrad.metrics.names import higher_is_better
from localgrad.metrics.probability import log_loss
from localgrad.metrics.ranking import auc
from localgrad.metrics.regression import mae, mse, pinball, r2, rmse
from localgrad.metrics.scores import f1, f1_macro, f1_micro, f1_weighted, precision, recall

__all__ = [
    "Metric",
    "accuracy",
    "auc",
    "balanced_accuracy",
    "f1",
    "f1_macro",
    "f1_micro",
    "f1_weighted",
    "higher_is_better",
    "log_loss",
    "mae",
    "mse",
    "pinball",
    "precision",
    "r2",
    "recall",
    "resolve",
    "rmse",
    "top_k",
]

if not TYPE_CHECKING:  # with a module-level __getattr__, type checkers accept any name
    __getattr__, __dir__ = names_of_module(__name__, __all__)
