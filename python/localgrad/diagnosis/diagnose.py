"""The rules in the order in which their findings are reported."""

from collections.abc import Callable, Mapping
from typing import Any

from localgrad.diagnosis.evidence import Evidence
from localgrad.diagnosis.finding import CAUSES, Diagnosis, Finding
from localgrad.diagnosis.of_data import targets_out_of_range, unscaled_inputs, unscaled_targets
from localgrad.diagnosis.of_layers import (
    dead_units_at_start,
    dead_units_later,
    exploding_delta,
    saturation_at_start,
    saturation_later,
    vanishing_delta,
)
from localgrad.diagnosis.of_results import constant_outputs, overfitting, uninformative_labels
from localgrad.diagnosis.of_steps import (
    batch_too_small,
    learning_rate_too_high,
    learning_rate_too_low,
    too_few_updates,
)
from localgrad.diagnosis.setup import Setup

Rule = Callable[[Evidence], Finding | None]

# Each with what it needs. Causes come before what follows from them: badly scaled data saturates or kills
# units, these stop δ, and an exploding δ makes any learning rate too high.
_RULES: tuple[tuple[Rule, str], ...] = (
    (unscaled_inputs, "data"),
    (targets_out_of_range, "data"),
    (unscaled_targets, "data"),
    (saturation_at_start, "data"),
    (dead_units_at_start, "data"),
    (exploding_delta, "data"),
    (vanishing_delta, "data"),
    (batch_too_small, "data"),
    (learning_rate_too_high, "cost"),
    (saturation_later, "layers"),
    (dead_units_later, "layers"),
    (learning_rate_too_low, "layers"),
    (too_few_updates, "data"),
    (constant_outputs, "data"),
    (uninformative_labels, "layers"),
    (overfitting, "validation"),
)
# They follow from all others, and are reported only if nothing else was found.
_LAST_RESORTS = (too_few_updates, constant_outputs, uninformative_labels)


def diagnose(history: Mapping[str, Any], setup: Setup | None, first_epoch: int) -> Diagnosis:
    """Apply all rules for which the history has the numbers."""
    evidence = Evidence(history, setup, first_epoch)
    known = evidence.known
    findings: list[Finding] = []
    for rule, needs in _RULES:
        if needs in known and not (findings and rule in _LAST_RESORTS):
            found = rule(evidence)
            findings += [] if found is None else [found]
    examined = {rule.__name__.removesuffix("_at_start") for rule, needs in _RULES if needs in known}
    return Diagnosis(
        findings,
        [cause for cause in CAUSES if cause in examined],
        [cause for cause in CAUSES if cause not in examined],
        evidence.summary(),
        # Diagnostics without a summary of the data are those of blocks.
        remedy="arrays instead of blocks" if evidence.measured and not evidence.data else "diagnostics=True",
    )
