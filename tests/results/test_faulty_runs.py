"""Runs with a known fault, drawn at random: a part of what scripts/diagnose_faults.py draws."""

import importlib

import pytest
from programs import SCRIPTS

FAULTS = (
    "unscaled_inputs",
    "targets_out_of_range",
    "learning_rate_too_high",
    "learning_rate_too_low",
    "vanishing_delta",
    "exploding_delta",
    "dead_units",
    "saturation",
)
SEED = 3  # with which no threshold was chosen


@pytest.fixture
def draw(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    return importlib.import_module("training_runs.draw")


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_the_fault_comes_first(draw, name):
    fault = next(one for one in draw.FAULTS if one.__name__ == name)
    case, history = draw.faulty(fault, SEED, 0)
    assert history.diagnose().causes[:1] == (name,), str(case)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(4))
def test_healthy_runs_raise_no_alarm(draw, number):
    case, history = draw.sound(SEED, number)
    assert not history.diagnose(), str(case)


def test_runs_are_drawn_again_for_the_same_seed(draw):
    one, two = (draw.faulty(draw.FAULTS[6], SEED, 0) for _ in range(2))
    assert str(one[0]) == str(two[0])
    assert one[1] == two[1]
    assert one[1].setup == two[1].setup
