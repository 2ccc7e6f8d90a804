"""Choosing the rows or groups to hold out, so that no mark is only among them.

A mark is what training has to see at least once to learn it: a class, or yes or no of one of several outputs.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Rows: TypeAlias = NDArray[np.uint32]
Numbers: TypeAlias = NDArray[np.intp]
Marks: TypeAlias = NDArray[np.bool_]  # (n, k): whether each row has each mark


def first_of_each_class(classes: Numbers, counts: NDArray[np.bool_], order: Rows, count: int) -> Rows:
    """Return the first rows in the order of each class, `count` in all or as many as may be taken.

    Of each class its share is taken: the method of largest remainders. One row of each class stays, the last
    that counts if there is one; what small classes do not give for that, those give that have more.
    """
    if not counts.all():
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
    most = np.maximum(there - 1, 0)
    count = min(count, int(most.sum()))
    taken, remainders = np.divmod(there * count, there.sum())
    order = np.argsort(-remainders, kind="stable")
    order = order[(remainders > 0)[order] & (taken < most)[order]]
    taken[order[: count - int(taken.sum())]] += 1
    room, rest = most - taken, count - int(taken.sum())
    if rest:
        more, remainders = np.divmod(room * rest, room.sum())
        more[np.argsort(-remainders, kind="stable")[: rest - int(more.sum())]] += 1
        taken += more
    return taken


def first_with_marks_left(marks: Marks, order: Rows, count: int) -> Rows:
    """Return the first `count` rows in the order, but for some without which a mark would be only there.

    For each of these the next row in the order is taken that may be, if there is one.
    """
    there = np.count_nonzero(marks, axis=0)
    left = there - np.count_nonzero(marks[order[:count]], axis=0)
    lost = np.flatnonzero((left == 0) & (there > 0))
    if not len(lost):
        return order[:count]
    held = order[:count].tolist()
    for mark in lost:
        if left[mark]:  # by a row given back for another mark
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
    """Return groups to hold out, at least one, with about the share of each mark; none if that cannot be.

    `groups` (n,) are numbers of the rows' groups, `marks` their classes (n,), or (n, k) whatever they have.
    The groups are gone through in the order: one is held out if that lowers the sum over the marks of
    (held - share there)²/there, and leaves some of each.
    """
    of_group = _counts(groups, marks, len(order))
    there: dict[int, int] = {}
    for counts in of_group:
        for mark, number in counts:
            there[mark] = there.get(mark, 0) + number
    held = dict.fromkeys(there, 0)

    def may(group: int) -> bool:
        return all(held[mark] + number < there[mark] for mark, number in of_group[group])

    def change(group: int) -> float:
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
    if not taken:  # they are all large: take the one that is least so
        taken = sorted((group for group in order if of_group[group] and may(group)), key=change)[:1]
    return np.array(taken, np.intp)


def _counts(groups: Numbers, marks: Marks | Numbers, number_of_groups: int) -> list[list[tuple[int, int]]]:
    """Return the marks of each group, with how many of its rows have them."""
    if marks.ndim == 2:
        rows, columns = np.nonzero(marks)
        groups, marks = groups[rows], columns
    width = int(marks.max()) + 1
    pairs, numbers = np.unique(groups * width + marks, return_counts=True)
    result: list[list[tuple[int, int]]] = [[] for _ in range(number_of_groups)]
    for pair, number in zip(pairs.tolist(), numbers.tolist(), strict=True):
        result[pair // width].append((pair % width, number))
    return result
