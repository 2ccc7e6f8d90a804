"""Rows that are held out for validation."""

import numpy as np
import pytest
from localgrad.tabular.folds import group_numbers, held_out


def folds(y, networks, fraction=0.2, **arguments):
    return np.array(held_out(np.asarray(y), networks, fraction, np.random.RandomState(0), **arguments))


def test_networks_hold_out_different_rows():
    held = folds(np.arange(100.0), 5)
    assert (held.sum(axis=0) == 1).all()
    assert held.sum(axis=1).tolist() == [20] * 5
    np.testing.assert_array_equal(folds(np.arange(100.0), 6)[5], held[0])


def test_folds_have_the_same_distribution():
    y = np.repeat([0, 1, 2], [80, 15, 5])
    counts = [np.bincount(y[mask]).tolist() for mask in folds(y, 5)]
    assert counts == [[16, 3, 1]] * 5
    numbers = np.random.default_rng(0).normal(size=200)
    means = [numbers[mask].mean() for mask in folds(numbers, 5)]
    assert np.ptp(means) < 0.1


def test_a_class_of_one_row_is_always_trained_on():
    y = np.repeat([0, 1], [99, 1])
    assert not folds(y, 5)[:, 99].any()


def test_groups_are_held_out_as_a_whole():
    groups = group_numbers(np.repeat(list("abcdefghij"), 10), 100)
    for mask in folds(np.arange(100.0), 5, groups=groups):
        assert mask.sum() == 20
        assert len(np.unique(groups[mask])) == 2
        assert not set(groups[mask]) & set(groups[~mask])


def test_a_large_group_is_trained_on():
    groups = np.repeat([0, 1, 2, 3, 4], [900, 40, 30, 20, 10])
    for mask in folds(np.arange(1000.0), 3, groups=groups):
        assert 0 < mask.sum() <= 100
    (mask,) = folds(np.arange(100.0), 1, groups=np.repeat([0, 1], [55, 45]))  # both exceed the fraction
    assert np.flatnonzero(mask).tolist() == list(range(55, 100))


def test_no_class_vanishes_with_groups():
    y = np.repeat([0, 1, 0, 2], [20, 20, 40, 20])
    groups = np.repeat([0, 1, 2, 3], [20, 20, 40, 20])
    for mask in folds(y, 4, groups=groups):
        assert mask.any()
        assert set(y[~mask]) == {0, 1, 2}
    with pytest.raises(ValueError, match="groups must have one with at most half of the rows"):
        folds(np.repeat([0, 1], 50), 1, groups=np.repeat([0, 1], 50))


def test_the_last_rows_are_held_out():
    for mask in folds(np.arange(100.0), 3, last=True):
        assert np.flatnonzero(mask).tolist() == list(range(80, 100))
    with pytest.raises(ValueError, match="groups must be None with time_ordered=True"):
        folds(np.arange(100.0), 1, last=True, groups=np.arange(100))


def test_no_rows_are_held_out_of_few():
    assert not folds(np.arange(39.0), 2).any()
    assert not folds(np.arange(100.0), 2, fraction=0.0).any()
