"""The native core as Python sees it; `localgrad` wraps it, nobody else should use it.

An `x` is (n, width) of booleans, integers, float32 or float64 in native byte order, in any layout; a `y` the
same, or integer labels of shape (n,). `weights` of examples are float64 of shape (n,). Other arrays are of
the network's dtype, C-contiguous and aligned. The core checks sizes, labels and finiteness and calls the
arrays by the names it is given. Every call that computes releases the GIL. `n_threads=0` chooses.
"""

from collections.abc import Callable
from typing import Any, TypedDict, type_check_only

import numpy as np
from numpy.typing import NDArray

__version__: str

@type_check_only
class Names(TypedDict):
    activations: list[str]
    outputs: list[str]
    costs: list[str]
    inits: list[str]
    optimizers: list[str]

def names() -> Names: ...
def info() -> dict[str, Any]: ...

# "flops", float32 operations a second; "bandwidth", bytes a second; "handover", seconds until a thread sees
# what another has written, 0 for one thread.
def measure_machine(threads: int, seconds: float) -> dict[str, float]: ...
def load(path: bytes) -> Network32 | Network64: ...

# An update rule: the name of its class in localgrad.optimizers, and its arguments by name.
def optimizer(kind: str, settings: dict[str, float | bool]) -> Optimizer: ...

class Optimizer: ...

@type_check_only
class Regularization(TypedDict):
    # One number for each layer of weights.
    l1: list[float]
    l2: list[float]
    weight_decay: list[float] | None  # None: the optimiser's own
    penalize_biases: bool
    # 0 for none
    max_norm: float
    clip_value: float
    clip_norm: float

@type_check_only
class Plan(TypedDict):
    threads: int
    fixed: bool
    split: str
    staged: bool
    chunks: int
    # fan_in, fan_out, panels, tile rows, tile columns, whether the matrix is held transposed
    layers: list[tuple[int, int, int, int, int, bool]]
    workspace: int
    operations: float
    seconds: float
    bound: str

@type_check_only
class _Network:
    def __init__(
        self,
        sizes: list[int],
        activation: list[str],
        output: str,
        cost: str,
        init: str,
        seed: int,
        dropout: list[float],  # one rate for each hidden layer
        input_dropout: float,
        input_noise: float,
    ) -> None: ...
    @property
    def sizes(self) -> list[int]: ...
    @property
    def activation(self) -> list[str]: ...
    @property
    def output(self) -> str: ...
    @property
    def cost(self) -> str: ...
    @property
    def init(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def dropout(self) -> list[float]: ...
    @property
    def input_dropout(self) -> float: ...
    @property
    def input_noise(self) -> float: ...
    @property
    def target_width(self) -> int: ...  # columns of a y that holds no labels
    @property
    def classifies(self) -> bool: ...
    # For the cost "custom": f(a, y) -> a tuple of the costs (n,) and their gradients by a (n, m_L).
    def set_custom_cost(self, f: Callable[..., object] | None) -> None: ...
    epochs: int
    # The views below are writable and keep the network alive.
    @property
    def parameters(self) -> NDArray[np.floating[Any]]: ...
    def weights(self, i: int) -> NDArray[np.floating[Any]]: ...  # (fan_out, fan_in), a transposed view
    def biases(self, i: int) -> NDArray[np.floating[Any]]: ...
    def predict(
        self, x: NDArray[Any], out: NDArray[np.floating[Any]], n_threads: int, x_name: str
    ) -> None: ...
    # None unless x, and out if it is not None, are C-contiguous arrays of the network's dtype that fit.
    def predict_array(self, x: object, out: object, n_threads: int) -> NDArray[np.floating[Any]] | None: ...
    def plan(
        self, optimizer: Optimizer, regularization: Regularization, batch_size: int, n_threads: int
    ) -> Plan: ...
    # The mean cost and the accuracy, below 0 where that has no meaning.
    def evaluate(
        self,
        x: NDArray[Any],
        y: NDArray[Any],
        weights: NDArray[np.float64] | None,
        n_threads: int,
        x_name: str,
        y_name: str,
    ) -> tuple[float, float]: ...
    # cost, weighted_inputs, activations, local_gradients, gradient
    def backprop(
        self, x: NDArray[Any], y: NDArray[Any], n_threads: int, x_name: str, y_name: str
    ) -> tuple[
        float,
        list[NDArray[np.floating[Any]]],
        list[NDArray[np.floating[Any]]],
        list[NDArray[np.floating[Any]]],
        NDArray[np.floating[Any]],
    ]: ...
    def activation_derivative(
        self, i: int, z: NDArray[Any], a: NDArray[Any]
    ) -> NDArray[np.floating[Any]]: ...
    def cost_gradient(self, a: NDArray[Any], y: NDArray[Any]) -> NDArray[np.floating[Any]]: ...
    def save(self, path: bytes) -> None: ...

class Network32(_Network):
    def copy(self) -> Network32: ...

class Network64(_Network):
    def copy(self) -> Network64: ...

@type_check_only
class _Trainer:
    # `network` is a Network32 for Trainer32, a Network64 for Trainer64. Keeps network and arrays alive.
    def __init__(
        self,
        network: Network32 | Network64,
        x: NDArray[Any],
        y: NDArray[Any],
        weights: NDArray[np.float64] | None,
        optimizer: Optimizer,
        regularization: Regularization,
        batch_size: int,
        shuffle: bool,
        n_threads: int,
        x_name: str,
        y_name: str,
    ) -> None: ...
    # Appends the cost of each finished epoch to `costs`, also when it raises. With factors of the learning
    # rate, one for each mini-batch of one epoch; with fewer, so many mini-batches are run and no epoch is
    # counted.
    def run(self, epochs: int, costs: list[float], factors: NDArray[np.float64] | None) -> None: ...
    @property
    def step_costs(
        self,
    ) -> NDArray[np.float64]: ...  # of each mini-batch of the last epoch, also when it raised

class Trainer32(_Trainer): ...
class Trainer64(_Trainer): ...
