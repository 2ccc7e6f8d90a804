"""`check`: the core against the reference and central differences, on a network of the user."""

from __future__ import annotations  # keeps aliases such as ArrayLike short in help()

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arguments.check import integer, real, shown, verbosity
from localgrad._arguments.names.keywords import other_names
from localgrad._arrays.sparse_rows import SparseRows
from localgrad._data.examples import Examples
from localgrad.network import Network
from localgrad.verification.derivatives import derivatives
from localgrad.verification.differences import LIMIT
from localgrad.verification.quantities import Array, Quantities, Rounding, at_corners, quantities
from localgrad.verification.result import CheckResult, Comparison
from localgrad.verification.twins import in_float64, in_reference

_ROWS = 8
_REFERENCE = 1_000_000  # parameters times rows that pure Python computes in about 2 seconds

_TOLERANCE = {"float64": 1e-10, "float32": 1e-4}


@other_names
def check(
    net: Network,
    X: ArrayLike,
    y: ArrayLike,
    *,
    tolerance: float | None = None,
    seed: int = 0,
    verbose: int = 1,
) -> CheckResult:
    """Check all quantities of backpropagation on your own network and data, and print a table.

    The core is compared with the reference, a second implementation in pure Python that shares no code with
    it, and with central differences of the cost. The network is not changed.

    Parameters
    ----------
    net : Network
        Network to check, trained or not, with any cost, including a custom one.
    X, y : array_like
        Examples and targets, as in `Network.evaluate`. At most 8 rows are used, evenly spaced.
    tolerance : float, optional
        Largest relative error allowed between the core and the reference, by default 1e-10 for float64 and
        1e-4 for float32. For central differences it is 1e-5.
    seed : int, default 0
        Seed of the choice of weights, biases and inputs for central differences: in each layer half of them
        have the largest derivatives, the others are random.
    verbose : {0, 1}, default 1
        Whether to print the table.

    Returns
    -------
    CheckResult
        The largest relative errors per layer and quantity, and `ok`, whether all are within the tolerances.

    Raises
    ------
    TypeError, ValueError
        If an argument or an example is invalid, as in `Network.evaluate`.

    Notes
    -----
    Compared are the cost C, ∂c/∂x, and for each layer z, a, δ, ∂C/∂w, ∂C/∂b and the norms of the gradients of
    single examples; for a custom cost also ∇_a c, and for learned input scales ∂C/∂s. Dropout, noise and
    penalties are not included.

    - The core computes in the dtype of the network. Central differences are those of a float64 copy.
    - For networks with more than 125,000 parameters, fewer rows are used; with more than 1,000,000, the
      reference, which would take seconds per row, is left out.
    - Central differences are computed for at most 60 weights, biases and inputs of each layer, fewer in large
      networks, with steps of three sizes. Each derivative is compared at the step that suits it best.
    - At a kink, such as that of relu at 0, any number between the slopes on both sides is accepted, and
      counted. Rows in which rounding decides the side of a kink are not compared with the reference. Rows
      with several units at a kink, as for inputs of 0 in a new network, are not compared with differences.

    Examples
    --------
    >>> import localgrad as lg
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(100, 4)), rng.integers(0, 3, 100)
    >>> net = lg.Network([4, 8, 3], activation="tanh", output="softmax", seed=0)
    >>> result = lg.check(net, X, y, verbose=0)
    >>> result.ok
    True

    A custom cost whose gradient lacks a factor 2:

    >>> def square(a, y):
    ...     return ((a - y) ** 2).sum(axis=1), a - y
    >>> result = lg.check(lg.Network([4, 3], cost=square, seed=0), X, rng.normal(size=(100, 3)), verbose=0)
    >>> result.ok, result["∇_a c", 2].ok, round(result["∂C/∂w", 2].differences, 3)
    (False, False, 0.5)
    """
    if not isinstance(net, Network):
        raise TypeError(f"net must be a Network, got {shown(net)}")
    limit = _TOLERANCE[net.dtype.name] if tolerance is None else real(tolerance, "tolerance", above=0.0)
    draw = np.random.default_rng(integer(seed, "seed", at_least=0))
    show = verbosity(verbose)
    model = net._core_model
    model.check_columns(X, "X")
    data = Examples.of(model, X, y)
    data.evaluate(0)  # reports invalid rows
    by_reference = model.num_parameters <= _REFERENCE
    count = min(len(data), _ROWS, max(1 if by_reference else 2, _REFERENCE // model.num_parameters))
    rows = np.linspace(0, len(data) - 1, count).astype(np.intp)
    x, wanted = _numbers(net, data, rows)
    twin = in_float64(net)
    found = quantities(net, x, wanted)
    errors: dict[tuple[int | None, str], float] = {}
    left_out, eps = np.zeros(count, bool), float(np.finfo(net.dtype).eps)
    if by_reference:
        rounding = Rounding(twin, x, wanted, eps)
        left_out = rounding.near_kink
        kept = ~left_out
        if left_out.any() and kept.any():
            found = quantities(net, x[kept], wanted[kept])
            rounding = Rounding(twin, x[kept], wanted[kept], eps)
        if kept.any():
            expected = quantities(in_reference(net), x[kept].tolist(), wanted[kept].tolist())
            errors = {key: rounding.error(found, expected, key) for key in found}
    corners = at_corners(twin, x, wanted)
    differences, elements, kinks = derivatives(twin, x[~corners], wanted[~corners], draw)
    keys = sorted({*found, *differences}, key=lambda key: (key[0] or 0, _place(found, key)))
    result = CheckResult(
        _described(net),
        tuple(
            Comparison(
                *key,
                errors.get(key),
                differences.get(key),
                errors.get(key, 0.0) <= limit and differences.get(key, 0.0) <= LIMIT,
            )
            for key in keys
        ),
        tuple(rows.tolist()),
        tuple(rows[left_out].tolist()),
        tuple(rows[corners].tolist()),
        elements,
        kinks,
        limit,
        LIMIT,
    )
    if show:
        print(result)
    return result


def _place(found: Quantities, key: tuple[int | None, str]) -> int:
    """Return the place of a quantity in its layer; ∇_a c is between a and δ."""
    names = [name for _, name in found]
    return names.index("a") * 2 + 1 if key[1] == "∇_a c" else names.index(key[1]) * 2


def _described(net: Network) -> str:
    functions = dict.fromkeys((*net.activation, net.output))
    return ", ".join(["-".join(map(str, net.sizes)), *functions, net.cost, net.dtype.name])


def _numbers(net: Network, data: Examples, rows: NDArray[np.intp]) -> tuple[Array, NDArray[Any]]:
    """Return some rows and targets as float64, rounded to the numbers that the network computes with."""
    some, wanted = data.rows[rows], data.targets[rows]
    x = some.dense() if isinstance(some, SparseRows) else some
    if not net.standardize:  # which computes with all digits
        x = x.astype(net.dtype)
    labels = wanted.ndim == 1
    return x.astype(np.float64), wanted if labels else wanted.astype(net.dtype).astype(np.float64)
