"""Few rows that try much: any two choices of two axes meet in one of them."""

import itertools
import random


def covering(*axes, fits=lambda row: True, seed=0):
    """A pairwise covering array, as a list of tuples with one choice of each axis.

    Greedy: a row starts with two choices that have not met, and of some random completions the one is taken
    in which most others meet for the first time. `fits` says of a whole row whether it can be; choices that
    fit into no row together are left out.
    """
    draw = random.Random(seed)
    missing = {
        ((i, u), (j, v))
        for i, j in itertools.combinations(range(len(axes)), 2)
        for u in range(len(axes[i]))
        for v in range(len(axes[j]))
    }
    rows = []
    while missing:
        start = dict(min(missing))
        candidates = []
        for _ in range(200):
            row = tuple(start.get(i, draw.randrange(len(axis))) for i, axis in enumerate(axes))
            if fits(tuple(axis[u] for axis, u in zip(axes, row, strict=True))):
                candidates.append(row)
            if len(candidates) == 10:
                break
        if candidates:
            row = max(candidates, key=lambda row: len(meetings(row) & missing))
            missing -= meetings(row)
            rows.append(tuple(axis[u] for axis, u in zip(axes, row, strict=True)))
        missing.discard(tuple(start.items()))
    return rows


def meetings(row):
    """The pairs of choices, each with its axis, of a row of indices."""
    return set(itertools.combinations(enumerate(row), 2))
