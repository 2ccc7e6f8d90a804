"""How good a network's outputs are: metrics for `fit`, and functions of targets and outputs.

``net.fit(X, y, metrics=["f1", "top_k(5)", mine])`` takes names of the functions here and functions of your
own, ``mine(y, a)`` or ``mine(y, a, sample_weight)``, that return a number; the name of a function is its key
in the history, ``"val_mine"`` for validation data.

Such a function gets arrays:

``y``
    Labels of shape (n,), integers (booleans as 0 and 1), where `fit` was given labels; else targets of shape
    (n, width), also where `fit` was given (n,), then with the width 1. They have the type that `fit` was
    given. The width is the number of outputs, of gaussian_nll and quantiles fewer.
``a``
    Outputs of shape (n, m_L), as `Network.predict` returns them, in the dtype of the network; of a single
    output (n, 1) with targets of shape (n, 1), and (n,) with labels of shape (n,). So ``y - a`` and ``y == (a
    > 0.5)`` compare each number with its own, and functions of scikit-learn, such as ``roc_auc_score``, take
    both as they are.
``sample_weight``
    Float64 of shape (n,), given by name to functions with such a parameter if there are weights; they are
    divided by their mean (those of blocks are not).

n is the number of examples: all of the epoch, or all that are kept apart.

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

if not TYPE_CHECKING:  # else every name would count as there
    __getattr__, __dir__ = names_of_module(__name__, __all__)
