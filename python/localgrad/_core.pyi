"""The native core as Python sees it; `localgrad` wraps it, nobody else should use it.

It runs in the main interpreter alone. Its classes have no subclasses, and no instance lacks its value; what
they hold of Python's takes part in garbage collection.

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
    ranges: dict[str, tuple[float, float]]  # of the outputs' numbers
    targets: dict[str, tuple[float, float]]  # that a cost has a meaning for

def names() -> Names: ...
def info() -> dict[str, Any]: ...

# With one of the first, this thread computes in the default floating-point mode, as every call of the core
# does; with one of the second inside, in that of the caller again.
class DefaultFloatMode:
    def __init__(self) -> None: ...
    def __enter__(self) -> None: ...
    def __exit__(self, *error: object) -> None: ...

class CallersFloatMode:
    def __init__(self) -> None: ...
    def __enter__(self) -> None: ...
    def __exit__(self, *error: object) -> None: ...

# "flops", float32 operations a second; "bandwidth", bytes a second; "handover", seconds until a thread sees
# what another has written, 0 for one thread.
def measure_machine(threads: int, seconds: float) -> dict[str, float]: ...
def load(path: bytes) -> Network32 | Network64: ...

# Permutations of 0 .. n - 1: the order of an epoch; of rows to be split, for validation; of the rows in a
# shuffle buffer, another for each draw = 0, 1, ..
def epoch_order(n: int, batch_size: int, shuffle: bool, seed: int, epoch: int) -> NDArray[np.uint32]: ...
def split_order(n: int, seed: int) -> NDArray[np.uint32]: ...
def buffer_order(n: int, seed: int, epoch: int, draw: int) -> NDArray[np.uint32]: ...

# A trainer's state: rule, t, mu_product, position, arrays; arrays are 1-D.
_TrainerState = tuple[str, int, float, int, list[NDArray[np.floating[Any]]]]

def save_checkpoint(
    path: bytes,
    network: Network32 | Network64,
    state: _TrainerState,
    notes: dict[str, str],
    arrays: dict[str, NDArray[np.floating[Any]]],
) -> None: ...
def load_checkpoint(
    path: bytes,
) -> tuple[Network32 | Network64, _TrainerState, dict[str, str], dict[str, NDArray[np.floating[Any]]]]: ...

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
class Options(TypedDict, total=False):
    activation: list[str]  # one for each hidden layer
    output: str
    cost: str
    init: str
    init_given: bool  # a note: nothing reads it but `reset`
    dropout: list[float]  # one rate for each hidden layer
    input_dropout: float
    input_noise: float
    input_scale: float
    seed: int

@type_check_only
class _Network:
    def __init__(self, sizes: list[int], options: Options = ...) -> None: ...
    @property
    def sizes(self) -> list[int]: ...
    @property
    def options(self) -> Options: ...
    init_given: bool
    seed: int
    @property
    def target_width(self) -> int: ...  # columns of a y that holds no labels
    @property
    def classifies(self) -> bool: ...
    # For the cost "custom": f(a, y) -> a tuple of the costs (n,) and their gradients by a (n, m_L).
    def set_custom_cost(self, f: Callable[..., object] | None) -> None: ...
    feature_names: list[str]  # sizes[0] of them or none
    epochs: int  # up to 2**53
    # The views below are writable, and keep the buffer alive, not the network.
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
    # The mean cost and the accuracy, below 0 where that has no meaning, of rows `order` (n,), by default all.
    # With `outputs`, writable and of n m_L elements, the same pass writes a^L there; it must lie apart from
    # what is read. Signals are handled every 0.1 s.
    def evaluate(
        self,
        x: NDArray[Any],
        y: NDArray[Any],
        weights: NDArray[np.float64] | None,
        n_threads: int,
        x_name: str,
        y_name: str,
        outputs: NDArray[np.floating[Any]] | None = None,
        order: NDArray[np.uint32] | None = None,
    ) -> tuple[float, float]: ...
    # cost, weighted_inputs, activations, local_gradients, gradient
    def backprop(
        self,
        x: NDArray[Any],
        y: NDArray[Any],
        weights: NDArray[np.float64] | None,
        n_threads: int,
        x_name: str,
        y_name: str,
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

# While run() or part() is under way, a tick, a cost or another thread that calls anything but `position` and
# `batch_size` gets a RuntimeError.
@type_check_only
class _Trainer:
    # `network` is a Network32 for Trainer32, a Network64 for Trainer64, and is kept alive. `weighted`: the
    # data will have weights. `rows`: as many as come first, 0 if nobody knows; the workspace is for no more
    # than come, and grows.
    def __init__(
        self,
        network: Network32 | Network64,
        optimizer: Optimizer,
        regularization: Regularization,
        batch_size: int,
        n_threads: int,
        weighted: bool,
        rows: int = 0,
    ) -> None: ...
    # What is trained on from now on; kept alive.
    def set_data(
        self,
        x: NDArray[Any],
        y: NDArray[Any],
        weights: NDArray[np.float64] | None,
        x_name: str,
        y_name: str,
    ) -> None: ...
    def release_data(self) -> None: ...
    # Whole epochs, each from its beginning. Appends the cost of each finished one to `costs`, also when it
    # raises.
    def run(self, epochs: int, costs: list[float], shuffle: bool) -> None: ...
    # The next part of an epoch: mini-batches over the rows that `order` names, with factors of the learning
    # rate, one for each mini-batch, and a^L of each row, as its mini-batch saw it, written to outputs[row].
    # Ends early if the deadline has passed. `outputs` must lie apart from what is read, and no row should
    # come twice.
    def part(
        self,
        order: NDArray[np.uint32],
        factors: NDArray[np.float64] | None = None,
        outputs: NDArray[np.floating[Any]] | None = None,
    ) -> None: ...
    # `start` plus the costs of the examples that the last call trained, also if it raised. With the sum of
    # the parts before for a start, an epoch in parts comes to the bits of what run() divides by the number of
    # rows.
    def cost_sum(self, start: float = 0.0) -> float: ...
    def end_epoch(self) -> None: ...  # counts it, after its last part
    @property
    def position(self) -> int: ...  # rows of the current epoch that are trained, also when a call raised
    @property
    def refused(self) -> bool: ...  # whether the last call ended at a bad example of its own data
    @property
    def batch_size(self) -> int: ...
    @property
    def room(self) -> int: ...  # rows of a mini-batch that the workspace has
    # Of each mini-batch that the last call (the last epoch of run) finished, also if it raised.
    @property
    def step_costs(self) -> NDArray[np.float64]: ...
    # The name of the update rule, and an array for each number that it remembers of a parameter.
    def state(self) -> _TrainerState: ...
    def set_state(
        self, rule: str, t: int, mu_product: float, position: int, arrays: list[NDArray[np.floating[Any]]]
    ) -> None: ...
    # From now on parts end at the first mini-batch behind `seconds` from now, and call tick(mini-batches of
    # this part, their mean cost) about every 0.1 s; what it raises ends the part.
    def watch(self, seconds: float | None, tick: Callable[[int, float], object] | None) -> None: ...

class Trainer32(_Trainer): ...
class Trainer64(_Trainer): ...
