"""Backpropagation as the notes have it: pure Python on lists, float64, nothing but `math`.

Read it in this order, with the notation table of the README at hand.

1. `steps`: the algorithm, a function for each equation: (F), (D1), (D2), (G1), (G2), (C), (M).
2. `per_unit`: the same with indices j and k, as the chain rule gives it.
3. `matrix`: the operations that `steps` is written in: transpose, matmul, dot, hadamard, outer.
4. `functions`: what an activation φ and a cost c are; `activations`, `costs` with `regression` and
   `classification`: those there are, with their derivatives. A new one is one entry.
5. `optimizers`, with `descent`, `adaptive` and `adam`: how the parameters move; a new rule is one class.
6. `regularization`, `dropout`, `weights` and `rates`: what training may add to that.
7. `random_numbers`: where the parameters start, in what order examples come, which units are left out.
8. `network`: `Network`, which puts this to use; it has the arguments and the names of `localgrad.Network`,
   and for the same seed gives the same numbers up to rounding. `data`, `layout`, `parameters` and `trace`
   carry its lists in and out, and
   `ranges` checks its numbers.

Examples
--------
A network of 2, 2 and 1 units, one example, and what backpropagation finds:

>>> from localgrad.reference import SGD, Network
>>> net = Network([2, 2, 1], activation="relu", init=([[[1, 2], [3, -4]], [[1, 1]]], [[0, 0], [0]]))
>>> t = net.backprop([1, 1], [1])
>>> t.activations
[[1.0, 1.0], [3.0, 0.0], [3.0]]
>>> t.local_gradients
[[2.0, 0.0], [2.0]]
>>> t.weight_gradients
[[[2.0, 2.0], [0.0, 0.0]], [[6.0, 0.0]]]

A step downhill, and the same example costs less:

>>> t.cost
2.0
>>> history = net.fit([[1, 1]], [[1]], epochs=1, optimizer=SGD(0.0625))
>>> net.evaluate([[1, 1]], [[1]])
{'cost': 0.1329345703125}
"""

from . import adam, adaptive, descent
from .activations import ACTIVATIONS
from .adam import *
from .adaptive import *
from .descent import *
from .descent import OPTIMIZERS
from .functions import COSTS
from .network import Network
from .trace import Trace

__all__ = ["ACTIVATIONS", "COSTS", "OPTIMIZERS", "Network", "Trace"]
__all__ += adam.__all__
__all__ += adaptive.__all__
__all__ += descent.__all__
