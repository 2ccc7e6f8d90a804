"""Central differences of a cost, and the same changes according to its gradient."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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


class Agreement(NamedTuple):
    """How much derivatives (n, q) differ from central differences with the step that suits each best."""

    gradient: Rows  # the derivatives, per unit of length
    slope: Rows  # the central differences with the middle step
    share: Rows  # the difference relative to the larger of the two
    kinks: NDArray[np.bool_]  # where the slopes on both sides differ, and the derivative is between them


def agreement(tries: Sequence[Slopes], limit: float, least: float, rounding: float = 4.0) -> Agreement:
    """Compare derivatives with differences of three steps, the smallest first.

    A step that is too small suffers from rounding, one that is too large from curvature, so each derivative
    is compared at the step that suits it best. Differences are relative to at least `least` times the largest
    derivative, so that those near 0 do not dominate. As many `rounding` errors of the costs are subtracted.
    At a kink, every value between the slopes on both sides, with a slack of `limit`, is a valid subgradient.
    """
    with np.errstate(all="ignore"):
        gradient = [np.nan_to_num(t.gradient / t.length) for t in tries]
        slope = [np.nan_to_num((t.before + t.after) / 2 / t.length) for t in tries]
        floor = least * max(float(abs(gradient[0]).max()), float(abs(slope[0]).max()), 1e-300)
        shares = [
            np.maximum(abs(g - s) - rounding * t.eps * t.size / t.length, 0.0)
            / np.maximum(np.maximum(abs(g), abs(s)), floor)
            for g, s, t in zip(gradient, slope, tries, strict=True)
        ]
        at_kink = _at_kink(tries[1], gradient[0], limit)
        # The smallest step suffers least from curvature, but rounding errors must not be taken for a kink.
        precise = tries[0].eps * tries[0].size < 1e-3 * abs(tries[0].before + tries[0].after)
        at_kink |= precise & _at_kink(tries[0], gradient[0], limit)
    return Agreement(gradient[0], slope[1], np.where(at_kink, 0.0, np.min(shares, axis=0)), at_kink)


def _at_kink(t: Slopes, gradient: Rows, limit: float) -> NDArray[np.bool_]:
    sides = np.stack([t.before, t.after]) / t.length
    low, high, largest = sides.min(axis=0), sides.max(axis=0), abs(sides).max(axis=0)
    slack = limit * largest
    kink = high - low > 1e-2 * largest
    found: NDArray[np.bool_] = kink & (gradient >= low - slack) & (gradient <= high + slack)
    return found
