"""Rules about the steps: learning rate and batch size."""

import numpy as np

from localgrad.diagnosis.evidence import Evidence
from localgrad.diagnosis.finding import Finding

_USUAL_STEP = 0.003  # with which advice is computed
_LARGE_STEP = 0.5  # one update relative to the weights; 0.001 is usual, and 0.05 in the first epochs
_BRISK = 0.05  # update that may explain a cost that rises
_SHORT_PATH = 0.2  # all updates together relative to the weights; ordinary: above 1
_STILL_FALLING = 0.05  # share of the decrease in the last quarter of the epochs
_RISEN = 1.2  # cost compared with the lowest, or with that of the best constant prediction
_LIVELY = 0.008  # late updates relative to the weights that are still large
_NOISY = 20.0  # noise scale of the gradient in mini-batches
_UNSTEADY = 0.3  # share of epochs with a higher cost than the one before


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
        f"a lower learning rate{now}; net.lr_finder(X, y) suggests one. clip_norm=1 limits single large "
        "steps.",
        epoch=epoch,
        numbers=numbers,
    )


def learning_rate_too_low(e: Evidence) -> Finding | None:
    """Report weights that stayed near where they started while the cost was still falling."""
    ratios = e.table("update_ratio")
    if e.moved is None or ratios is None or not e.unsolved or not e.falling >= _STILL_FALLING:
        return None
    path = float(e.moved.max())
    if path >= _SHORT_PATH:
        return None
    now = _other_rate(e, float(np.nanmedian(ratios)))
    return Finding(
        "learning_rate_too_low",
        f"All {len(e.cost)} epochs together moved the weights of no layer by more than {path:.2g} times "
        "their size, and the cost is still falling.",
        f"a higher learning rate{now}, or more epochs; net.lr_finder(X, y) suggests one.",
        numbers={"path": path, "falling": e.falling},
    )


def batch_too_small(e: Evidence) -> Finding | None:
    """Report large steps that are mostly noise, if the cost goes up and down instead of falling."""
    ratios = e.table("update_ratio")
    if e.setup is None or ratios is None or np.isnan(e.noise_scale) or not e.unsolved:
        return None
    size, half = e.setup.batch_size, len(e.cost) // 2
    noise = e.noise_scale / size
    unsteady = float(np.mean(np.diff(e.cost[half:]) > 0)) if len(e.cost) > 3 else 0.0
    # Small steps would average the noise.
    step = float(np.nanmedian(ratios[half:], axis=0).max())
    if noise < _NOISY or unsteady < _UNSTEADY or step < _LIVELY:
        return None
    examples = f"{noise * size:.3g} examples" if noise < np.inf else "too large to be measured"
    return Finding(
        "batch_too_small",
        f"The gradient of a mini-batch of {size} is mostly noise (its noise scale is {examples}), each "
        f"update still changes the weights by {step:.2g} times their size, and the cost rose in "
        f"{unsteady:.0%} of the later epochs.",
        "a larger batch_size, or a learning rate that decreases, schedule=localgrad.schedules.Cosine().",
        numbers={"noise_scale": noise * size, "batch_size": size, "update_ratio": step},
    )


def _other_rate(e: Evidence, ratio: float) -> str:
    """Return a learning rate with which updates would have the usual size, given their ratio now."""
    rate = None if e.setup is None else e.setup.learning_rate
    if rate is None:
        return ""
    if not 0 < ratio < np.inf:
        return f" than {rate:.3g}"
    return f" than {rate:.3g}, for example {rate * _USUAL_STEP / ratio:.1g}"
