"""Long-running cases are marked slow: `pytest -m "not slow"` skips them."""

import pytest


def mostly_slow(cases, every=4):
    """Return cases for `parametrize`, with all but every `every`-th marked slow."""
    return [
        case
        if k % every == 0
        else pytest.param(*(case if isinstance(case, tuple) else [case]), marks=pytest.mark.slow)
        for k, case in enumerate(cases)
    ]
