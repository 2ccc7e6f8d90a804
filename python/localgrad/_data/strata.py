"""The choice of rows or groups to hold out, so that the training data keeps each mark.

A mark is a target that the training data must contain: a class, or a 1 or 0 of one of several yes/no outputs.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Rows: TypeAlias = NDArray[np.uint32]
Numbers: TypeAlias = NDArray[np.intp]
Marks: TypeAlias = NDArray[np.bool_]  # (n, k): whether each row has each mark


def first_of_each_class(classes: Numbers, counts: NDArray[np.bool_], order: Rows, count: int) -> Rows:
    """Return rows of each class in proportion to its size, `count` in all or as many as possible.

    The shares are rounded by the method of largest remainders, and the first rows of each class in `order`
    are taken. One row of each class remains for training, one that counts if there is any. Larger classes
    provide the rows that are missing from small ones.
    """
    if not counts.all():  # move the last row of each class that counts to the end, where it stays
        backwards = order[::-1][counts[order[::-1]]]
        _, last = np.unique(classes[backwards], return_index=True)
        stays = np.isin(order, backwards[last])
        order = np.concatenate([order[~stays], order[stays]])
    drawn = classes[order]
    there = np.bincount(drawn)
    taken = _quotas(there, count)
    by_class = np.argsort(drawn, kind="stable")
    starts = np.cumsum(there) - there
    place = np.arange(len(classes)) - np.repeat(starts, there)  # within its class
    return order[by_class[place < np.repeat(taken, there)]]


def _quotas(there: Numbers, count: int) -> Numbers:
    """Return the number of rows to take of each class, of which there are `there` rows."""
    most = np.maximum(there - 1, 0)
    count = min(count, int(most.sum()))
    taken, remainders = np.divmod(there * count, there.sum())
    order = np.argsort(-remainders, kind="stable")
    order = order[(remainders > 0)[order] & (taken < most)[order]]
    taken[order[: count - int(taken.sum())]] += 1
    # Rows that small classes could not provide are taken from the others.
    room, rest = most - taken, count - int(taken.sum())
    if rest:
        more, remainders = np.divmod(room * rest, room.sum())
        more[np.argsort(-remainders, kind="stable")[: rest - int(more.sum())]] += 1
        taken += more
    return taken


def first_with_marks_left(marks: Marks, order: Rows, count: int) -> Rows:
    """Return the first `count` rows in `order`, except those that training needs to keep a mark.

    Each of these is replaced by the next row that may be taken, if there is one.
    """
    there = np.count_nonzero(marks, axis=0)
    left = there - np.count_nonzero(marks[order[:count]], axis=0)
    lost = np.flatnonzero((left == 0) & (there > 0))
    if not len(lost):
        return order[:count]
    held = order[:count].tolist()
    for mark in lost:
        if left[mark]:  # a row that was returned for another mark also has this one
            continue
        back = next(row for row in held if marks[row, mark])
        held.remove(back)
        left += marks[back]
    for row in order[count:].tolist():
        if len(held) == count:
            break
        if (left > marks[row]).all(where=marks[row]):
            held.append(row)
            left -= marks[row]
    return np.array(held, np.uint32)


def whole_groups(groups: Numbers, marks: Marks | Numbers, order: Sequence[int], share: float) -> Numbers:
    """Return the groups to hold out, at least one, with about the share of each mark; none if impossible.

    `groups` (n,) holds the group of each row, `marks` its class (n,) or a table of its marks (n, k). The
    groups are visited in `order`. One is held out if that lowers the sum over the marks of (held - share
    there)²/there and leaves rows of each mark.
    """
    of_group = _counts(groups, marks, len(order))
    there: dict[int, int] = {}
    for counts in of_group:
        for mark, number in counts:
            there[mark] = there.get(mark, 0) + number
    held = dict.fromkeys(there, 0)

    def may(group: int) -> bool:
        return all(held[mark] + number < there[mark] for mark, number in of_group[group])

    def change(group: int) -> float:  # of that sum
        return sum(
            number * (2 * (held[mark] - share * there[mark]) + number) / there[mark]
            for mark, number in of_group[group]
        )

    taken = []
    for group in order:
        if change(group) < 0 and may(group):
            taken.append(group)
            for mark, number in of_group[group]:
                held[mark] += number
    if not taken:  # all exceed their share: take the one with the smallest excess
        taken = sorted((group for group in order if of_group[group] and may(group)), key=change)[:1]
    return np.array(taken, np.intp)


def _counts(groups: Numbers, marks: Marks | Numbers, number_of_groups: int) -> list[list[tuple[int, int]]]:
    """Return the marks of each group with the number of rows that have them."""
    if marks.ndim == 2:
        rows, columns = np.nonzero(marks)
        groups, marks = groups[rows], columns
    width = int(marks.max()) + 1
    pairs, numbers = np.unique(groups * width + marks, return_counts=True)
    result: list[list[tuple[int, int]]] = [[] for _ in range(number_of_groups)]
    for pair, number in zip(pairs.tolist(), numbers.tolist(), strict=True):
        result[pair // width].append((pair % width, number))
    return result
