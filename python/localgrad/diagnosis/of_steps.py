"""Rules about the steps: learning rate and batch size."""

import numpy as np

from localgrad.diagnosis.evidence import Evidence
from localgrad.diagnosis.finding import Finding

_USUAL_STEP = 0.003  # with which advice is computed
_LARGE_STEP = 0.5  # one update relative to the weights; 0.001 is usual, and 0.05 in the first epochs
_BRISK = 0.05  # update that may explain a cost that rises
_SHORT_PATH = 0.3  # all updates together relative to the weights; ordinary: above 1
_STILL_FALLING = 0.05  # share of the decrease in the last quarter of the epochs
_FAR_FROM_DONE = 0.1  # the same, of training that was too short whatever the size of its steps
_NOT_STARTED = 0.05  # cost above that of the best constant prediction, as a share of it
_LATE_FALL = 0.02  # decrease of such a cost in the last quarter of the epochs
_HALF = 0.5  # share of the cost of the best constant prediction: with more removed, training was long enough
_RISEN = 1.2  # cost compared with the lowest, or with that of the best constant prediction
_NOISY = 3.0  # noise scale of the gradient in mini-batches; most ordinary ones have less than 3
_NOISY_STEP = 0.03  # with noise, steps that are smaller than _LARGE_STEP are too large


def learning_rate_too_high(e: Evidence) -> Finding | None:
    """Report training that diverged, or ended at a high cost after large steps."""
    if not e.unsolved:
        return None
    ratios = e.first_step
    numbers = {"update_ratio": ratios} if ratios else {}
    if e.diverged:
        seen = "A number became infinite or NaN"
        epoch: int | None = e.epoch(len(e.cost))
    elif e.risen >= _RISEN and (ratios >= _BRISK or not ratios):
        seen, epoch = f"The cost rose to {e.cost[-1]:.4g}", e.epoch(int(np.argmax(e.cost)))
    elif ratios >= _LARGE_STEP:
        seen, epoch = f"The cost remained at {e.final_cost:.4g}", None
    else:
        return None
    large = f", after updates of up to {ratios:.2g} times the weights (0.001 is usual)" if ratios else ""
    now = _other_rate(e, ratios)
    return Finding(
        "learning_rate_too_high",
        f"{seen}{large}: each step goes beyond the minimum.",
        f"a lower learning rate{now}; lr_finder(X, y) of a new network suggests one. clip_norm=1 limits "
        "single large steps.",
        epoch=epoch,
        numbers=numbers,
    )


def learning_rate_too_low(e: Evidence) -> Finding | None:
    """Report weights that stayed near where they started while the cost was still falling."""
    if e.moved is None or not e.unsolved or not e.falling >= _STILL_FALLING * e.late_rate:
        return None
    path = float(e.moved.max())
    if not 0 < path < _SHORT_PATH or path >= _USUAL_STEP / 2 * e.steps:  # steps of the usual size are too few
        return None
    now = _other_rate(e, path / e.steps, higher=True)
    return Finding(
        "learning_rate_too_low",
        f"All {len(e.cost)} epochs together moved the weights of no layer by more than {path:.2g} times "
        "their size, and the cost is still falling.",
        f"a higher learning rate{now}, or more epochs; net.lr_finder(X, y) suggests one.",
        numbers={"path": path, "falling": e.falling},
    )


def too_few_updates(e: Evidence) -> Finding | None:
    """Report training that ended while the cost was still falling."""
    held_out_falls = not len(e.val_cost) or e.val_falling >= _FAR_FROM_DONE
    above = e.learned is not None and e.learned < -_NOT_STARTED and e.late_fall >= _LATE_FALL
    if not e.unsolved or not ((e.falling >= _FAR_FROM_DONE and held_out_falls) or above):
        return None
    short = e.moved is not None and e.moved.max() < _SHORT_PATH
    if not short and e.learned is not None and e.learned >= _HALF:
        return None
    return Finding(
        "too_few_updates",
        f"The cost is still falling: {e.falling:.1%} of its decrease happened in the last quarter of the "
        f"{len(e.cost)} epochs ({e.steps} updates in total).",
        "more epochs, a smaller batch_size, or a higher learning rate.",
        numbers={"falling": e.falling, "updates": float(e.steps)},
    )


def batch_too_small(e: Evidence) -> Finding | None:
    """Report a cost that rose because of steps that are mostly noise: with larger batches they would do."""
    if e.start is None or e.setup is None or not e.unsolved or not (e.diverged or e.risen >= _RISEN):
        return None
    size, noise = e.setup.batch_size, e.start.gradient_noise_scale
    if not noise >= _NOISY * size or not _NOISY_STEP <= e.first_step < _LARGE_STEP:
        return None
    seen = "Training diverged" if e.diverged else f"The cost rose to {e.cost[-1]:.4g}"
    examples = f"{noise:.3g} examples" if noise < np.inf else "too large to be measured"
    return Finding(
        "batch_too_small",
        f"{seen}, and the gradient of a mini-batch of {size} is mostly noise: its noise scale is {examples}.",
        "a larger batch_size, a lower learning rate, or one that decreases, "
        "schedule=localgrad.schedules.Cosine().",
        numbers={"gradient_noise_scale": noise, "batch_size": size, "update_ratio": e.first_step},
    )


def _other_rate(e: Evidence, ratio: float, *, higher: bool = False) -> str:
    """Return a rate that differs by a factor of at least 3 and gives updates of the usual size."""
    rate = None if e.setup is None else e.setup.learning_rate
    if rate is None:
        return ""
    if not 0 < ratio < np.inf:
        return f" than {rate:.3g}"
    factor = _USUAL_STEP / ratio
    factor = max(factor, 3.0) if higher else min(factor, 1 / 3)
    return f" than {rate:.3g}, for example {rate * factor:.1g}"
