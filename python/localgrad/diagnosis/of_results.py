"""Rules about what training achieved: nothing, the same output for all inputs, or too close a fit."""

import numpy as np

from localgrad.diagnosis.evidence import Evidence
from localgrad.diagnosis.finding import Finding

_NOTHING = 0.05  # share of the cost of the best constant prediction: no more than chance
_SAME = 0.02  # spread of the outputs compared with that of the targets
_FALLING = 0.1  # share of the decrease in the last quarter of the epochs: training is not over
_MOVED = 0.3  # path of the weights that is long enough to learn something
_WORSE = 0.25  # rise of the validation cost compared with its lowest value
_LOST = 0.1  # and with its decrease before


def uninformative_labels(e: Evidence) -> Finding | None:
    """Report weights that moved freely without a prediction better than a constant."""
    data = e.data
    if data is None or e.moved is None or e.moved.min() < _MOVED or e.constant_cost is None:
        return None
    constant = data.validation_constant_cost
    if constant is not None and constant > 0 and np.isfinite(e.val_cost).any():
        best, falling = float(np.nanmin(e.val_cost)), e.val_falling
        gain, where = 1 - best / constant, "validation examples"
    else:
        gain, where = e.learned if e.learned is not None else 0.0, "training examples"
        best, constant, falling = e.final_cost, e.constant_cost, e.falling
        if gain < -_NOTHING:  # not even the best constant was found
            return None
    if gain > _NOTHING or falling >= _FALLING:
        return None
    better = "not better" if gain <= 0 else "hardly better"
    return Finding(
        "uninformative_labels",
        f"The lowest cost of the {where}, {best:.4g}, is {better} than the {constant:.4g} of the best "
        "constant prediction, although the weights moved freely: the inputs seem to say nothing about the "
        "targets.",
        "checking that X and y are in the same order, and that the inputs contain what the targets depend "
        "on; if they do, a larger network, another seed, or more epochs.",
        numbers={"lowest_cost": best, "constant_cost": constant},
    )


def constant_outputs(e: Evidence) -> Finding | None:
    """Report outputs that are the same for all examples."""
    data = e.data
    if data is None or e.setup is None or e.setup.end is None or not max(data.target_std) > 0:
        return None
    share = max(e.setup.end.output_std) / max(data.target_std)
    if not share < _SAME:
        return None
    return Finding(
        "constant_outputs",
        f"The outputs hardly depend on the inputs: their standard deviation over the examples is "
        f"{share:.2g} times that of the targets.",
        "weaker penalties (l1, l2, weight_decay) and less dropout, wider layers, or more epochs.",
        layer=len(e.setup.sizes),
        numbers={"output_std": max(e.setup.end.output_std), "target_std": max(data.target_std)},
    )


def overfitting(e: Evidence) -> Finding | None:
    """Report a validation cost that rises again while the training cost falls."""
    n = len(e.val_cost)
    if n < 3 or not np.isfinite(e.val_cost).any() or (e.setup is not None and e.setup.restores_best):
        return None
    best = int(np.nanargmin(e.val_cost))
    lowest, last = float(e.val_cost[best]), float(e.val_cost[-1])
    before = float(e.val_cost[0])
    if e.data is not None and e.data.validation_constant_cost is not None:
        before = max(before, e.data.validation_constant_cost)
    # Both, because a few validation examples make small costs rise and fall by large factors.
    if not last - lowest > max(_LOST * (before - lowest), _WORSE * abs(lowest)) or e.cost[-1] >= e.cost[best]:
        return None
    return Finding(
        "overfitting",
        f"The validation cost was lowest after epoch {e.epoch(best)}, {lowest:.4g}, and rose to {last:.4g}, "
        f"while the cost of the training examples fell to {e.cost[-1]:.4g}.",
        "restore_best=True or callbacks=[localgrad.callbacks.EarlyStopping()], dropout or weight_decay, a "
        "smaller network, or more data.",
        epoch=e.epoch(best),
        numbers={"lowest_val_cost": lowest, "val_cost": last, "cost": float(e.cost[-1])},
    )
