"""Central differences of a cost beside the gradient that it returns."""

from typing import NamedTuple

import numpy as np

import localgrad._core as _core
from localgrad.costs.custom import CustomCost, Rows, answer

# Where the outputs of an activation lie, if that is not everywhere.
RANGES = {name: limits for name, limits in _core.names()["ranges"].items() if limits != (-np.inf, np.inf)}


class Slopes(NamedTuple):
    """Changes of the costs (n, q) along directions: before and after each row, and what the gradient says."""

    before: Rows
    after: Rows
    gradient: Rows
    length: Rows  # of the directions
    size: Rows  # of the costs, (n, 1)
    own: Rows  # the gradient itself, (n, m)
    eps: float  # of the type of the costs that were returned
    differ: bool  # whether the same row has had two costs


def slopes(cost: CustomCost, a: Rows, y: Rows, d: Rows) -> Slopes:
    """Call the cost once, with the rows a (n, m) twice each, and with a + d and a - d for d (n, q, m)."""
    n, q, m = d.shape
    around = np.concatenate([a[:, None], a[:, None], a[:, None] + d, a[:, None] - d], axis=1)
    flat = np.ascontiguousarray(around.reshape(-1, m))
    with np.errstate(all="ignore"):
        costs, gradient, eps = answer(cost, flat, np.repeat(y, 2 + 2 * q, axis=0), finite=False)
        costs = costs.reshape(n, -1)
        base = costs[:, :1]
        # The steps that rounding has left.
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
    """Return how far to step from each output (n, m), inside its range."""
    # Costs change with a - y, but some with a alone, such as an angle.
    size, error = abs(a), abs(a - y)
    far = np.maximum(size, np.sqrt(size * error))
    far = np.where(far > 0, far, np.where(error > 0, error, 1.0))
    if range_ is not None:
        far = np.minimum(far, np.minimum(a - range_[0], range_[1] - a))
    return np.asarray(step * far)
