"""Rules about the inputs and the targets."""

import numpy as np

from localgrad.diagnosis.evidence import Array, Evidence
from localgrad.diagnosis.finding import Finding

_LARGE = 8.0  # root mean square of an input: z then starts some times larger than initializations expect
_SMALL = 0.03  # of all inputs: z then starts at the bias, the same for all examples
_AWAY = 5.0  # mean of an input in standard deviations: mostly a second bias
_UNEQUAL = 30.0  # quotient of the largest and the median standard deviation
_LOST = 0.05  # share of the variance that no output can reach
_TARGETS = 10.0  # root mean square of a target, compared with a spread of 1


def unscaled_inputs(e: Evidence) -> Finding | None:
    """Report inputs that are large, small, far from 0, or very unequal."""
    if e.data is None:
        return None
    mean, std = np.array(e.data.input_mean), np.array(e.data.input_std)
    size, varies = np.hypot(mean, std), std > 0
    if not size.any():
        return None
    away = np.where(varies & (abs(mean) > 0.5), abs(mean) / np.where(varies, std, 1), 0.0)
    unequal = std.max() / np.median(std[varies]) if varies.any() else 1.0
    beyond = {
        "large": size.max() / _LARGE,
        "small": _SMALL / size.max(),
        "far from 0": np.median(away) / _AWAY,
        "unequal": unequal / _UNEQUAL,
    }
    worst = max(beyond, key=lambda name: beyond[name])
    if beyond[worst] < 1 or not e.unsolved:
        return None
    column = int(np.argmax(away if worst == "far from 0" else size))
    return Finding(
        "unscaled_inputs",
        f"The inputs have standard deviations from {std.min():.4g} to {std.max():.4g} and means from "
        f"{mean.min():.4g} to {mean.max():.4g} (input {column}: mean {mean[column]:.4g}, standard deviation "
        f"{std[column]:.4g}). Weights are initialized for inputs around 0 with a standard deviation near 1.",
        "Network(..., standardize=True), or X standardized with the mean and standard deviation of each "
        "column of the training data.",
        numbers={
            "largest_rms": float(size.max()),
            "largest_mean_over_std": float(away.max()),
            "largest_over_median_std": float(unequal),
        },
    )


def targets_out_of_range(e: Evidence) -> Finding | None:
    """Report targets that the activation of the output cannot reach."""
    if e.setup is None or e.data is None or e.data.unreachable < _LOST:
        return None
    data, output = e.data, e.setup.activations[-1]
    low, high = data.output_range
    limits = f"between {low:g} and {high:g}" if np.isfinite([low, high]).all() else f"at or above {low:g}"
    return Finding(
        "targets_out_of_range",
        f"The targets lie between {min(data.target_low):.4g} and {max(data.target_high):.4g}, but outputs of "
        f"{output!r} lie {limits}. Even the best parameters leave {data.unreachable:.0%} of the variance of "
        "the targets.",
        f"output='identity', or targets scaled to lie {limits}.",
        layer=len(e.setup.sizes),
        numbers={
            "unreachable": data.unreachable,
            "lowest_target": min(data.target_low),
            "highest_target": max(data.target_high),
        },
    )


def unscaled_targets(e: Evidence) -> Finding | None:
    """Report targets of an unbounded output that are large, or far from 0."""
    if e.setup is None or e.data is None:
        return None
    data = e.data
    mean, std = np.array(data.target_mean), np.array(data.target_std)
    size = np.hypot(mean, std)
    small = 0 < size.max() < 1 / _TARGETS**2
    if e.setup.activations[-1] != "identity" or not (small or size.max() >= _TARGETS) or not e.unsolved:
        return None
    column = int(np.argmax(size))
    return Finding(
        "unscaled_targets",
        f"The targets have mean {mean[column]:.4g} and standard deviation {std[column]:.4g}"
        f"{_of(column, std)}, while the outputs start near 0 with a size near 1.",
        "Network(..., standardize=True), or training on (y - y.mean(axis=0)) / y.std(axis=0), which is "
        "undone after predict.",
        layer=len(e.setup.sizes),
        numbers={"target_mean": float(mean[column]), "target_std": float(std[column])},
    )


def _of(column: int, all_of: Array) -> str:
    return f" (target {column})" if len(all_of) > 1 else ""
