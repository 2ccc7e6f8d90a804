"""Plots of networks, training runs and predictions, with matplotlib (``pip install "localgrad[plot]"``).

Each function draws on the axes that are passed as `ax`, or on those of a new figure, and returns them.

Examples
--------
>>> import localgrad as lg
>>> net = lg.Network([2, 8, 1], seed=0)
>>> history = net.fit([[0.0, 1.0], [1.0, 0.0]], [0.0, 1.0], epochs=20)
>>> ax = lg.plot.learning_curves(history)
>>> ax.get_xlabel(), ax.get_ylabel()
('epoch', 'cost')

In a notebook the figure is shown. A script can save it with ``ax.figure.savefig("curves.png")``. For
``pyplot.show()``, import ``matplotlib.pyplot`` before plotting.
"""

from localgrad.plot.boundary import decision_boundary
from localgrad.plot.confusion import confusion_matrix
from localgrad.plot.curves import learning_curves
from localgrad.plot.layers import layer_curves
from localgrad.plot.probabilities import calibration
from localgrad.plot.sensitivity import saliency
from localgrad.plot.targets import predictions
from localgrad.plot.weights import first_layer, weight_histograms

__all__ = [
    "calibration",
    "confusion_matrix",
    "decision_boundary",
    "first_layer",
    "layer_curves",
    "learning_curves",
    "predictions",
    "saliency",
    "weight_histograms",
]
