"""Pairwise testing: few rows in which any two choices of two axes occur together."""

import itertools
import random


def covering(*axes, fits=lambda row: True, seed=0):
    """Return a pairwise covering array, as a list of tuples with one choice for each axis.

    The algorithm is greedy: a row starts with two choices that have not occurred together; among random
    completions, the one with the most new pairs is used. `fits` returns whether a whole row is valid; pairs
    that no valid row contains are left out.
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
    """Return the pairs of choices, each with its axis, in a row of indices."""
    return set(itertools.combinations(enumerate(row), 2))
