"""A second implementation of the library in pure Python, written for readability.

It computes with lists of floats and uses only the standard library. The names and labels are those
of the page "Notation and equations" of the documentation (``docs/notation.md``). The tests compare every
result of the C++ core with it.

Suggested reading order:

1. `steps`: the algorithm in matrix form, with one function per equation: (F), (D1), (D2), (G1), (G2), (C),
   (M).
2. `per_unit`: the same algorithm with indices j and k, as it follows from the chain rule.
3. `matrix`: the operations used in `steps`: transpose, matmul, dot, hadamard, outer.
4. `functions`: the interface of activations φ and costs c. `activations` and `costs`, with `regression` and
   `classification`, define them and their derivatives.
5. `optimizers`, with `descent`, `adaptive` and `adam`: the update rules, which change the parameters.
6. `regularization`, `dropout`, `weights` and `rates`: penalties and clipping, dropout and noise, sample
   weights, and learning rate schedules. `standardization`: means and standard deviations of the data.
7. `random_numbers`: initial parameters, the order of the examples, and the random numbers of dropout.
8. `levenberg_marquardt`: damped least squares over all examples. `privacy`: clipped gradients and noise.
   `slopes`: training on values and slopes.
9. `per_example`: norms and inner products of the gradients of single examples, (N) and (K). `derivatives`:
   the Jacobian of the outputs, (J). `curvature`: products with the Hessian and the Gauss-Newton matrix, and
   their diagonals. `diagnostics`: how large the quantities are in training.
10. `network`: the class `Network`, which combines all of this. It has the arguments and methods of
    `localgrad.Network` and computes the same numbers from the same seed, up to rounding. `jacobian`,
    `example_gradients` and `hessians` hold some of its methods. `base`, `data`, `layout`, `parameters` and
    `trace` convert its inputs and outputs, and `ranges` checks its arguments.

Examples
--------
Run backpropagation on one example, for a network with layers of 2, 2 and 1 units:

>>> from localgrad.reference import SGD, Network
>>> net = Network([2, 2, 1], activation="relu", init=([[[1, 2], [3, -4]], [[1, 1]]], [[0, 0], [0]]))
>>> t = net.backprop([1, 1], [1])
>>> t.activations
[[1.0, 1.0], [3.0, 0.0], [3.0]]
>>> t.local_gradients
[[2.0, 0.0], [2.0]]
>>> t.weight_gradients
[[[2.0, 2.0], [0.0, 0.0]], [[6.0, 0.0]]]

Take one step of gradient descent, which reduces the cost of this example:

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
from .levenberg_marquardt import LevenbergMarquardt
from .network import Network
from .trace import ForwardTrace, Trace

__all__ = ["ACTIVATIONS", "COSTS", "OPTIMIZERS", "ForwardTrace", "LevenbergMarquardt", "Network", "Trace"]
__all__ += adam.__all__
__all__ += adaptive.__all__
__all__ += descent.__all__
