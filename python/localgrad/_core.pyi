"""The Python interface of the native core, which is private to `localgrad`.

The core runs only in the main interpreter. Its classes cannot be subclassed, every instance is initialized,
and Python objects that they hold take part in garbage collection.

An `x` is an array (n, width) of booleans, integers, float32 or float64 in native byte order, in any layout,
or a sparse matrix. A `y` is such an array, or integer labels of shape (n,). Sample weights (`weights`) are
float64 of shape (n,). Other arrays have the dtype of the network and are C-contiguous and aligned. The core
checks sizes, labels and finiteness; its messages use the names that are passed with the arrays. Every call
that computes releases the GIL. With `n_threads=0` the core chooses the number of threads.
"""

from collections.abc import Callable, Iterable
from typing import Any, NotRequired, Protocol, TypedDict, type_check_only

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
    ranges: dict[str, tuple[float, float]]  # in which the outputs lie
    targets: dict[str, tuple[float, float]]  # that a cost accepts

# (values, columns, begins, ends, width): row r has values[k] in column columns[k] for k from begins[r] to
# ends[r] - 1, and zeros elsewhere. Indices are int32 or int64; the arrays are contiguous and aligned.
@type_check_only
class _Sparse(Protocol):
    arrays: tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], int]

def names() -> Names: ...
def info() -> dict[str, Any]: ...

# Within DefaultFloatMode, this thread computes in the default floating-point mode, as every call of the core
# does; within a nested CallersFloatMode, in the mode of the caller again.
class DefaultFloatMode:
    def __init__(self) -> None: ...
    def __enter__(self) -> None: ...
    def __exit__(self, *error: object) -> None: ...

class CallersFloatMode:
    def __init__(self) -> None: ...
    def __enter__(self) -> None: ...
    def __exit__(self, *error: object) -> None: ...

# "flops": float32 operations per second; "bandwidth": bytes per second; "handover": seconds until a thread
# sees a write by another one, 0 for one thread.
def measure_machine(threads: int, seconds: float) -> dict[str, float]: ...
def load(path: bytes) -> Network32 | Network64: ...

# Permutations of 0 .. n - 1: the order of an epoch, of the rows to split for validation, and of the rows in a
# shuffle buffer, for draw = 0, 1, ..
def epoch_order(n: int, batch_size: int, shuffle: bool, seed: int, epoch: int) -> NDArray[np.uint32]: ...

# n draws with replacement of 0 .. n - 1, each with the probability chances[i] of sum 1.
def importance_order(chances: NDArray[np.float64], seed: int, epoch: int) -> NDArray[np.uint32]: ...
def split_order(n: int, seed: int) -> NDArray[np.uint32]: ...
def buffer_order(n: int, seed: int, epoch: int, draw: int) -> NDArray[np.uint32]: ...

# The state of a trainer: rule, t, mu_product, position, arrays (1-D), sums of the diagnostics (1-D).
_TrainerState = tuple[str, int, float, int, list[NDArray[np.floating[Any]]], NDArray[np.float64] | None]

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
    weight_decay: list[float] | None  # None: that of the optimizer
    penalize_biases: bool
    # 0: no limit
    max_norm: float
    clip_value: float
    clip_norm: float
    # One factor of the learning rate for each layer of weights, and one for input scales; 0: frozen
    weight_lr_factor: list[float]
    bias_lr_factor: list[float]
    input_scale_lr_factor: float
    l2_by_rows: NotRequired[float]  # for all layers; divided by the number of rows of each mini-batch

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

_Moments = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]

@type_check_only
class Options(TypedDict, total=False):
    activation: list[str]  # one for each hidden layer
    output: str
    cost: str
    init: str
    init_gain: list[float]  # one factor for each layer of weights
    init_given: bool  # whether init was arrays; only `reset` uses it
    dropout: list[float]  # one rate for each hidden layer
    input_dropout: float
    input_noise: float
    input_scale: float
    standardize: bool
    learn_input_scale: bool
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
    def target_width(self) -> int: ...  # columns of a y without labels
    @property
    def classifies(self) -> bool: ...
    # For the cost "custom": f(a, y) returns the costs (n,) and their gradients with respect to a (n, m_L).
    def set_custom_cost(self, f: Callable[..., object] | None) -> None: ...
    feature_names: list[str]  # sizes[0] names, or none
    @property
    def standardizes_targets(self) -> bool: ...
    # Means and standard deviations of the inputs, and of the targets (empty if they are not standardized).
    standardization: _Moments | None
    # Those of the blocks x, y, weights, order (None: all rows). Signals are handled every 0.1 s.
    def moments(
        self,
        blocks: Iterable[
            tuple[
                NDArray[Any] | _Sparse,
                NDArray[Any],
                NDArray[np.float64] | None,
                NDArray[np.uint32] | None,
            ]
        ],
        n_threads: int,
        x_name: str,
        y_name: str,
    ) -> _Moments: ...
    epochs: int  # up to 2**53
    # The views below are writable. They keep the buffer alive, but not the network.
    @property
    def parameters(self) -> NDArray[np.floating[Any]]: ...
    @property
    def input_scales(self) -> NDArray[np.floating[Any]] | None: ...
    def weights(self, i: int) -> NDArray[np.floating[Any]]: ...  # (fan_out, fan_in), a transposed view
    def biases(self, i: int) -> NDArray[np.floating[Any]]: ...
    def predict(
        self, x: NDArray[Any] | _Sparse, out: NDArray[np.floating[Any]], n_threads: int, x_name: str
    ) -> None: ...
    # Returns None unless x, and out if it is not None, are C-contiguous arrays of the network's dtype that
    # fit.
    def predict_array(self, x: object, out: object, n_threads: int) -> NDArray[np.floating[Any]] | None: ...
    def plan(
        self, optimizer: Optimizer, regularization: Regularization, batch_size: int, n_threads: int
    ) -> Plan: ...
    # The mean cost and the accuracy (negative if there is none) of the rows `order` (n,), by default all.
    # With `outputs`, writable and of n m_L elements, the same pass writes a^L there; it must not overlap the
    # inputs. Signals are handled every 0.1 s.
    def evaluate(
        self,
        x: NDArray[Any] | _Sparse,
        y: NDArray[Any],
        weights: NDArray[np.float64] | None,
        n_threads: int,
        x_name: str,
        y_name: str,
        outputs: NDArray[np.floating[Any]] | None = None,
        order: NDArray[np.uint32] | None = None,
        standardized: bool = False,  # whether the cost is that of standardized targets
    ) -> tuple[float, float]: ...
    # weighted_inputs, activations
    def forward(
        self, x: NDArray[Any] | _Sparse, n_threads: int, x_name: str
    ) -> tuple[list[NDArray[np.floating[Any]]], list[NDArray[np.floating[Any]]]]: ...
    # cost, weighted_inputs, activations, local_gradients, gradient, input_gradient, per_example_gradients
    def backprop(
        self,
        x: NDArray[Any] | _Sparse,
        y: NDArray[Any],
        weights: NDArray[np.float64] | None,
        n_threads: int,
        x_name: str,
        y_name: str,
        standardized: bool = False,
        wrt_input: bool = False,
        per_example: bool = False,
    ) -> tuple[
        float,
        list[NDArray[np.floating[Any]]],
        list[NDArray[np.floating[Any]]],
        list[NDArray[np.floating[Any]]],
        NDArray[np.floating[Any]],
        NDArray[np.floating[Any]] | None,
        NDArray[np.floating[Any]] | None,
    ]: ...
    # Signals are handled about every 0.1 s in the following three.
    # norms (n, parts) of each layer and, last, of the input scales; norms of the whole gradients (n,)
    def gradient_norms(
        self, x: NDArray[Any] | _Sparse, y: NDArray[Any], n_threads: int, x_name: str, y_name: str
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    # (n, n2); without x2 and y2, those of x and y with each other
    def gradient_dots(
        self,
        x: NDArray[Any] | _Sparse,
        y: NDArray[Any],
        x2: NDArray[Any] | _Sparse | None,
        y2: NDArray[Any] | None,
        n_threads: int,
    ) -> NDArray[np.floating[Any]]: ...
    # scale, variance, squared_norm
    def gradient_noise_scale(
        self, x: NDArray[Any] | _Sparse, y: NDArray[Any], n_threads: int, x_name: str, y_name: str
    ) -> tuple[float, float, float]: ...
    # Of the Hessian or, if `gauss_newton`, the Gauss-Newton matrix, (num_parameters,); v has the network's
    # dtype. Signals are handled about every thousand rows in the following three.
    def curvature_product(
        self,
        x: NDArray[Any] | _Sparse,
        y: NDArray[Any],
        weights: NDArray[np.float64] | None,
        v: NDArray[np.floating[Any]],
        gauss_newton: bool,
        n_threads: int,
        x_name: str,
        y_name: str,
    ) -> NDArray[np.floating[Any]]: ...
    def curvature_diagonal(
        self,
        x: NDArray[Any] | _Sparse,
        y: NDArray[Any],
        weights: NDArray[np.float64] | None,
        gauss_newton: bool,
        n_threads: int,
        x_name: str,
        y_name: str,
    ) -> NDArray[np.floating[Any]]: ...
    # value, vector, products, residual
    def top_eigenvalue(
        self,
        x: NDArray[Any] | _Sparse,
        y: NDArray[Any],
        weights: NDArray[np.float64] | None,
        max_products: int,
        tol: float,
        gauss_newton: bool,
        n_threads: int,
        x_name: str,
        y_name: str,
    ) -> tuple[float, NDArray[np.floating[Any]], int, float]: ...
    # (n, m_L, m_1). Signals are handled about every 0.1 s in the following five.
    def jacobian(self, x: NDArray[Any] | _Sparse, n_threads: int) -> NDArray[np.floating[Any]]: ...
    # None unless x is a C-contiguous array of the network's type, with shape (m_1,) or (n, m_1)
    def jacobian_array(self, x: Any, n_threads: int) -> NDArray[np.floating[Any]] | None: ...
    # (n, m_L)
    def jvp(
        self, x: NDArray[Any] | _Sparse, u: NDArray[Any] | _Sparse, n_threads: int
    ) -> NDArray[np.floating[Any]]: ...
    # (n, m_1)
    def vjp(
        self, x: NDArray[Any] | _Sparse, v: NDArray[Any] | _Sparse, n_threads: int
    ) -> NDArray[np.floating[Any]]: ...
    def input_gradient(
        self, x: NDArray[Any] | _Sparse, output: int, n_threads: int
    ) -> NDArray[np.floating[Any]]: ...
    def activation_derivative(
        self, i: int, z: NDArray[Any], a: NDArray[Any]
    ) -> NDArray[np.floating[Any]]: ...
    def cost_gradient(self, a: NDArray[Any], y: NDArray[Any]) -> NDArray[np.floating[Any]]: ...
    def save(self, path: bytes) -> None: ...

class Network32(_Network):
    def copy(self) -> Network32: ...

class Network64(_Network):
    def copy(self) -> Network64: ...

# While run() or part() runs, a tick, a custom cost or another thread may only read `position` and
# `batch_size`; other calls raise a RuntimeError.
@type_check_only
class _Trainer:
    # `network` is a Network32 for Trainer32, a Network64 for Trainer64, and is kept alive. `weighted`:
    # whether the data has weights. `rows`: the number of examples to expect, 0 if unknown; the workspace is
    # no larger than they need, and grows. `privacy`: clip_per_example, noise_multiplier, a key of 32 bytes,
    # and whether mini-batches are drawn by Poisson sampling. `slope_weight`: 0 unless the data has slopes.
    # `diagnostics`: whether to measure some mini-batches of each epoch.
    def __init__(
        self,
        network: Network32 | Network64,
        optimizer: Optimizer,
        regularization: Regularization,
        batch_size: int,
        n_threads: int,
        weighted: bool,
        rows: int = 0,
        privacy: tuple[float, float, bytes, bool] | None = None,
        slope_weight: float = 0.0,
        diagnostics: bool = False,
    ) -> None: ...
    # Sets the data to train on, and keeps it alive.
    def set_data(
        self,
        x: NDArray[Any] | _Sparse,
        y: NDArray[Any],
        weights: NDArray[np.float64] | None,
        x_name: str,
        y_name: str,
        slopes: NDArray[Any] | None = None,  # (n, m_L m_1)
    ) -> None: ...
    # Sets the rows that Poisson sampling draws from, None for all. The rows `order` of `part` are then
    # ignored; their number determines that of the mini-batches.
    def set_population(self, rows: NDArray[np.uint32] | None) -> None: ...
    def release_data(self) -> None: ...
    # Trains whole epochs. Appends the cost of each finished epoch to `costs`, also if it raises, and its
    # diagnostics, if there are any, to the lists in `diagnostics`.
    def run(
        self, epochs: int, costs: list[float], shuffle: bool, diagnostics: dict[str, list[Any]] = ...
    ) -> None: ...
    # Trains the next part of an epoch: mini-batches of the rows `order`, with one factor per mini-batch for
    # each scheduled setting ("learning_rate", "dropout", "weight_decay", "label_smoothing"). Writes a^L of
    # each row, as computed in its mini-batch, to outputs[row]. Ends early if the deadline has passed.
    # `outputs` must not overlap the inputs, and no row should occur twice.
    def part(
        self,
        order: NDArray[np.uint32],
        factors: dict[str, NDArray[np.float64]] = ...,
        outputs: NDArray[np.floating[Any]] | None = None,
    ) -> None: ...
    # Raises the exception that ended the training of this trainer in the last call of a function below.
    def check(self) -> None: ...
    # `start` plus the costs of the examples that the last call trained, also if it raised. If `start` is the
    # sum over the parts before, the result for an epoch is bit-identical to the sum in run().
    def cost_sum(self, start: float = 0.0) -> float: ...
    # Of the current epoch, by name: a number, or a list with one for each layer from 2 on.
    def diagnostics(self) -> dict[str, Any]: ...
    def end_epoch(self) -> None: ...  # counts the epoch, after its last part
    @property
    def position(self) -> int: ...  # rows trained in the current epoch, also if a call raised
    @property
    def refused(self) -> bool: ...  # whether the last call ended at a bad example in its data
    @property
    def batch_size(self) -> int: ...
    @property
    def room(self) -> int: ...  # rows of a mini-batch that fit the workspace
    # The cost of each mini-batch that the last call (or the last epoch of run) finished, also if it raised.
    @property
    def step_costs(self) -> NDArray[np.float64]: ...
    # The name of the update rule, its counters, and an array for each number that it keeps per parameter.
    def state(self) -> _TrainerState: ...
    def set_state(
        self,
        rule: str,
        t: int,
        mu_product: float,
        position: int,
        arrays: list[NDArray[np.floating[Any]]],
        diagnostics: NDArray[np.float64] | None = None,
    ) -> None: ...
    # From now on parts end at the first mini-batch after `seconds` from now, and call tick(mini-batches of
    # this part, their mean cost) about every 0.1 s; an exception in it ends the part.
    def watch(self, seconds: float | None, tick: Callable[[int, float], object] | None) -> None: ...

class Trainer32(_Trainer): ...
class Trainer64(_Trainer): ...

# Trains epochs of several trainers of one dtype, each on one thread at a time. The lists have an entry for
# each trainer: the rows to train on (None: all), factors and outputs as in `part` (factors only for one
# epoch), the number of epochs, and a list to which the cost of each finished epoch is appended. Ends early
# after `seconds`.
def train_fleet(
    trainers: list[Trainer32] | list[Trainer64],
    rows: list[NDArray[np.uint32] | None],
    factors: list[dict[str, NDArray[np.float64]]],
    outputs: list[NDArray[np.floating[Any]] | None],
    epochs: list[int],
    costs: list[list[float]],
    shuffle: bool,
    n_threads: int,
    seconds: float,
) -> None: ...

# `settings` are those of localgrad.LevenbergMarquardt by name. `network` is not kept alive.
class LevenbergMarquardt:
    def __init__(
        self,
        network: Network32 | Network64,
        settings: dict[str, float],
        regularization: Regularization,
        n_threads: int,
    ) -> None: ...
    # Trains one iteration on the rows `order` (n,), by default all. Returns "" after a step, "converged" or
    # "damping". Does not count epochs. Signals are handled about every 0.1 s.
    def iterate(
        self,
        x: NDArray[Any] | _Sparse,
        y: NDArray[Any],
        weights: NDArray[np.float64] | None,
        order: NDArray[np.uint32] | None,
        x_name: str,
        y_name: str,
    ) -> str: ...
    @property
    def cost(self) -> float: ...  # after the last iteration
    damping: float
    @property
    def steps(self) -> int: ...  # made by this object
