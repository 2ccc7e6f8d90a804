"""What repeats a promise at length is marked slow: `pytest -m "not slow"` leaves it out."""

import pytest


def mostly_slow(cases, every=4):
    """The cases for `parametrize`, all but each so many-th of them marked slow."""
    return [
        case
        if k % every == 0
        else pytest.param(*(case if isinstance(case, tuple) else [case]), marks=pytest.mark.slow)
        for k, case in enumerate(cases)
    ]
