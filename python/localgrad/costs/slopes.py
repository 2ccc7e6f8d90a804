"""Central differences of a cost, and the same changes according to its gradient."""

from typing import NamedTuple

import numpy as np

import localgrad._core as _core
from localgrad.costs.custom import CustomCost, Rows, answer

# The range of the outputs of each activation whose range is limited.
RANGES = {name: limits for name, limits in _core.names()["ranges"].items() if limits != (-np.inf, np.inf)}


class Slopes(NamedTuple):
    """Changes of the costs (n, q) of n rows along q directions each."""

    before: Rows  # c(a) - c(a - d)
    after: Rows  # c(a + d) - c(a)
    gradient: Rows  # the same to first order, ∇_a c · d
    length: Rows  # of the directions
    size: Rows  # of the costs, (n, 1)
    own: Rows  # the gradient ∇_a c, (n, m)
    eps: float  # machine epsilon of the type of the costs
    differ: bool  # whether two calls returned different costs for the same row


def slopes(cost: CustomCost, a: Rows, y: Rows, d: Rows) -> Slopes:
    """Compute the changes along d (n, q, m) with one call of the cost.

    The call contains each row of a (n, m) twice, to detect a cost that is not deterministic, and all a + d
    and a - d.
    """
    n, q, m = d.shape
    around = np.concatenate([a[:, None], a[:, None], a[:, None] + d, a[:, None] - d], axis=1)
    flat = np.ascontiguousarray(around.reshape(-1, m))
    with np.errstate(all="ignore"):
        costs, gradient, eps = answer(cost, flat, np.repeat(y, 2 + 2 * q, axis=0), finite=False)
        costs = costs.reshape(n, -1)
        base = costs[:, :1]
        # The steps after rounding: a + d - a differs from d.
        up, down = around[:, 2 : 2 + q] - a[:, None], a[:, None] - around[:, 2 + q :]
        g = gradient.reshape(n, -1, m)[:, 0]
        said = np.einsum("nqm,nm->nq", (up + down) / 2, g)
        after, before = costs[:, 2 : 2 + q] - base, base - costs[:, 2 + q :]
    bad = ~(np.isfinite(after) & np.isfinite(before) & np.isfinite(said))
    after, before, said = (np.where(bad, 0.0, part) for part in (after, before, said))
    size = np.where(np.isfinite(base), abs(base), 0.0)
    differ = bool((np.isfinite(base[:, 0]) & (costs[:, 0] != costs[:, 1])).any())
    length = np.linalg.norm((up + down) / 2, axis=-1)
    return Slopes(before, after, said, length, size, np.where(np.isfinite(g), g, 0.0), eps, differ)


def reach(a: Rows, y: Rows, step: float, range_: tuple[float, float] | None) -> Rows:
    """Return the step for each output (n, m), relative to its size and inside its range."""
    # Most costs depend on a - y, some only on a, such as the angle between a and y.
    size, error = abs(a), abs(a - y)
    far = np.maximum(size, np.sqrt(size * error))
    far = np.where(far > 0, far, np.where(error > 0, error, 1.0))
    if range_ is not None:
        far = np.minimum(far, np.minimum(a - range_[0], range_[1] - a))
    return np.asarray(step * far)
