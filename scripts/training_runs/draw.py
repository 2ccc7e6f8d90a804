"""Drawing and training runs, one by one."""

import math
from collections.abc import Callable

import localgrad as lg
import numpy as np

from training_runs.case import Case, healthy
from training_runs.data import Rng
from training_runs.faults import FAULTS
from training_runs.further import FURTHER, batch_too_small

Fault = Callable[[Rng], tuple[Case, Case]]

HARM = 0.25  # least loss of what could be learned, as a share of the cost of the best constant prediction
HARM_OF_NOISE = 0.1  # the same for mini-batches that are too small
_OBVIOUS = ("uninformative_labels", "overfitting")  # do harm that the training cost does not show
_TRIES = 50


def learned(history: lg.History) -> float:
    """Return the share of the cost of the best constant prediction that training removed."""
    cost = history.setup.end.cost
    return 1 - cost / history.setup.data.constant_cost if math.isfinite(cost) else -math.inf


def faulty(fault: Fault, seed: int, number: int) -> tuple[Case, lg.History]:
    """Draw a run with a fault that does harm, and train it.

    It does harm if the run without the fault learns more, by a quarter of what can be learned.
    """
    every = (*FAULTS, *FURTHER)
    rng = np.random.default_rng([seed, every.index(fault), number])
    harm = HARM_OF_NOISE if fault is batch_too_small else HARM
    for _ in range(_TRIES):
        right, wrong = fault(rng)
        history = wrong.train(diagnostics=True)
        if fault.__name__ in _OBVIOUS:
            return wrong, history
        if learned(right.train(diagnostics=True)) - max(0.0, learned(history)) >= harm:
            return wrong, history
    raise RuntimeError(f"{fault.__name__} did no harm in {_TRIES} runs")


def sound(seed: int, number: int) -> tuple[Case, lg.History]:
    """Draw a healthy run, which learns at least a quarter of what can be learned, and train it."""
    rng = np.random.default_rng([seed, 99, number])
    for _ in range(_TRIES):
        case = healthy(rng)
        history = case.train(diagnostics=True)
        if learned(history) >= HARM:
            return case, history
    raise RuntimeError(f"no healthy run in {_TRIES}")
