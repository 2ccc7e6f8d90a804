"""Rows held out for validation: classes that stay in training, the last rows, and whole groups."""

import itertools

import localgrad as lg
import numpy as np
import pytest
from localgrad import _core
from localgrad._data.feeds import feed_of
from localgrad.warnings import HoldOutWarning

RNG = np.random.default_rng(3)
Y = RNG.normal(size=(50, 3))


def classifier(outputs=3, **options):
    return lg.Network([2, outputs], **{"output": "softmax", "seed": 1, **options})


def regression(outputs=3, **options):
    return lg.Network([2, outputs], seed=1, **options)


def binary(**options):
    return lg.Network([2, 1], **{"output": "sigmoid", "cost": "cross_entropy", "seed": 1, **options})


def multi_label(outputs=3):
    return lg.Network([2, outputs], output="sigmoid", cost="binary_cross_entropy", seed=1)


def sides(net, y, validation, *, shuffle=True, seed=None, sample_weight=None, class_weight=None):
    """Return the rows that `fit` holds out and the rows left for training."""
    feed, held = feed_of(
        net._core_model,
        np.zeros((len(y), 2)),
        y,
        batch_size=8,
        shuffle=shuffle,
        sample_weight=sample_weight,
        class_weight=class_weight,
        validation=validation,
        seed=net.seed if seed is None else seed,
    )
    both = held.index, feed.data.index
    assert sorted(np.concatenate(both)) == list(range(len(y)))
    return both


def lost(y, held, left):
    """Return the classes that are only held out."""
    return set(np.asarray(y)[held].tolist()) - set(np.asarray(y)[left].tolist())


# Classes


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("fraction", [0.05, 0.2, 0.5, 0.67])
def test_no_class_is_only_held_out(seed, fraction):
    """With a long tail: many classes of one or two rows."""
    y = RNG.permutation(np.repeat(np.arange(30), [40, 10, *[1] * 14, *[2] * 14]))
    n = len(y)
    held, left = sides(classifier(30), y, fraction, seed=seed)
    assert len(held) == round(n * fraction)
    assert not lost(y, held, left)
    again, _ = sides(classifier(30), y, fraction, seed=seed)
    assert (held == again).all()


def test_large_classes_make_up_for_small_ones():
    y = np.array([0] * 30 + list(range(1, 31)))
    held, _ = sides(classifier(31), y, 0.2)
    assert (len(held), set(y[held])) == (12, {0})
    y = np.repeat([0, 1, 2, 3], [40, 20, 1, 1])
    held, _ = sides(classifier(4), y, 0.5)
    assert np.bincount(y[held], minlength=4).tolist() == [21, 10, 0, 0]


def test_too_large_a_share_is_reduced_with_a_warning():
    y = np.repeat([0, 1, 2], [5, 4, 1])
    with pytest.warns(HoldOutWarning, match="^validation holds out 7 of 10 rows, not 9: a row of each class"):
        held, left = sides(classifier(), y, 0.9)
    assert len(held) == 7
    assert not lost(y, held, left)
    with pytest.raises(ValueError, match="validation must leave a row of each class for training"):
        sides(classifier(), [0, 1, 2], 0.4)


@pytest.mark.parametrize(
    ("net", "of"),
    [
        (binary(), lambda c: c),
        (binary(), lambda c: c.astype(bool)),
        (binary(), lambda c: c.astype(float)),
        (binary(), lambda c: c[:, np.newaxis]),
        (binary(), lambda c: c[:, np.newaxis].astype(bool)),
        (classifier(2), lambda c: c),
        (classifier(2), lambda c: np.eye(2)[c]),
        (classifier(2), lambda c: np.eye(2, dtype=bool)[c]),
        (regression(1, cost="hinge"), lambda c: c),
        (regression(1, cost="hinge"), lambda c: 2.0 * c - 1),
        (regression(2, cost="hinge"), lambda c: 2.0 * np.eye(2)[c] - 1),
        (multi_label(1), lambda c: c),
    ],
)
def test_the_format_of_the_labels_does_not_matter(net, of):
    classes = np.repeat([0, 1], [59, 1])
    expected, _ = sides(classifier(2), classes, 0.3)
    for seed in range(20):
        held, left = sides(net, of(classes), 0.3, seed=seed)
        assert not lost(classes, held, left)
    assert (sides(net, of(classes), 0.3)[0] == expected).all()


@pytest.mark.parametrize("y", [np.full((60, 2), 0.5), np.eye(2)[np.arange(60) % 2] * 0.9, np.zeros((60, 2))])
def test_targets_without_classes_are_drawn_from_all_rows(y):
    held, _ = sides(classifier(2), y, 0.25)
    assert held.tolist() == sorted(_core.split_order(60, 1)[:15])


@pytest.mark.parametrize("seed", range(30))
def test_no_label_of_a_multi_label_network_is_only_held_out(seed):
    y = np.zeros((40, 4), int)
    y[:20, 0] = 1
    y[7, 1] = 1  # the only 1 in this column
    y[:, 2] = np.arange(40) != 11  # the only 0 in this column
    y[[3, 7], 3] = 1
    held, left = sides(multi_label(4), y, 0.5, seed=seed)
    assert len(held) == 20
    for column, answer in itertools.product(range(4), (0, 1)):
        assert (y[left, column] == answer).any()
    drawn = set(_core.split_order(40, seed)[:20])
    assert len(set(held) - drawn) <= 3  # only rows that must stay in training are exchanged


# In order


@pytest.mark.parametrize(("net", "y"), [(regression(), Y), (classifier(), np.arange(50) % 3)])
@pytest.mark.parametrize("fraction", [0.02, 0.2, 0.5, 0.98])
def test_without_shuffling_the_last_rows_are_held_out(net, y, fraction):
    count = round(50 * fraction)
    held, left = sides(net, y[: len(y)], fraction, shuffle=False) if count < 48 else (None, None)
    if held is not None:
        assert held.tolist() == list(range(50 - count, 50))
        assert left.tolist() == list(range(50 - count))
        assert (sides(net, y, fraction, shuffle=False, seed=9)[0] == held).all()


@pytest.mark.parametrize(
    ("net", "y", "words"),
    [
        (
            classifier(),
            np.repeat([0, 1, 2], [20, 20, 10]),
            "class 2: shuffle=False holds out the last 20 of 50 ",
        ),
        (classifier(5), np.repeat([0, 3, 4], [30, 10, 10]), "classes 3, 4: shuffle=False"),
        (
            classifier(20),
            np.r_[np.zeros(30, int), np.arange(20)],
            "classes 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 9 more:",
        ),
        (binary(), np.arange(50) >= 45, "class 1:"),
        (
            multi_label(2),
            np.stack([np.arange(50) > 40, np.arange(50) < 30], 1),
            "classes 1 of output 0, 0 of output 1:",
        ),
    ],
)
def test_classes_that_are_only_held_out_are_reported(net, y, words):
    with pytest.warns(HoldOutWarning, match=f"^validation holds out all rows of {words}"):
        held, _ = sides(net, y, 0.4, shuffle=False)
    assert held.tolist() == list(range(30, 50))


def test_the_warning_points_to_the_caller_of_fit():
    y = np.repeat([0, 1], [8, 2])
    with pytest.warns(HoldOutWarning, match="class 1") as caught:
        classifier(2).fit(np.zeros((10, 2)), y, epochs=1, validation=0.2, shuffle=False)
    assert [one.filename for one in caught] == [__file__]
    with pytest.warns(HoldOutWarning, match="holds out 8 of 10") as caught:
        classifier(2).fit(np.zeros((10, 2)), y, epochs=1, validation=0.9)
    assert [one.filename for one in caught] == [__file__]


# Weights


@pytest.mark.parametrize("share", [True, False])
@pytest.mark.parametrize("sample_weight", [None, RNG.uniform(0.5, 2, 50)])
@pytest.mark.parametrize("class_weight", ["balanced", {2: 100.0}, [1, 0, 1]])
def test_class_weights_apply_to_training_only(share, sample_weight, class_weight):
    X, y = RNG.normal(size=(50, 2)), np.repeat([0, 1, 2], [30, 15, 5])
    net = classifier(dtype="float64")
    held, left = sides(net, y, 0.4)
    own = [None if sample_weight is None else sample_weight[rows] for rows in (held, left)]
    given = (X[held], y[held]) if own[0] is None else (X[held], y[held], own[0])
    rows = slice(None) if share else left
    weights = None if sample_weight is None else sample_weight[rows]
    history = net.fit(
        X[rows],
        y[rows],
        epochs=2,
        shuffle=True,
        batch_size=None,
        sample_weight=weights,
        class_weight=class_weight,
        validation=0.4 if share else given,
    )
    measured = net.evaluate(X[held], y[held], sample_weight=own[0])
    assert history["val_cost"][-1] == measured["cost"]
    assert history["val_accuracy"][-1] == measured["accuracy"]
    separate = classifier(dtype="float64")
    separate.fit(X[left], y[left], epochs=2, batch_size=None, sample_weight=own[1], class_weight=class_weight)
    np.testing.assert_allclose(net.parameters, separate.parameters, rtol=1e-13)


def test_class_weights_must_leave_a_weight_for_training():
    y = np.repeat([0, 1], [30, 2])
    with pytest.raises(ValueError, match="class_weight must give at least 1 example a weight above 0"):
        sides(classifier(2), y, 0.5, class_weight=[0, 1], sample_weight=np.r_[np.ones(30), 0, 0])


def test_a_row_of_weight_0_does_not_represent_its_class():
    y, weights = np.repeat([0, 1, 2], [40, 6, 4]), np.ones(50)
    weights[[40, 41, 42, 44, 45, 46, 47, 49]] = 0  # one row of class 1 and one of class 2 have a weight
    many, groups = np.stack([y == 1, y == 2, y >= 0], axis=1), np.arange(50) % 10
    for seed in range(30):
        options = {"seed": seed, "sample_weight": weights}
        _, left = sides(classifier(), y, 0.5, **options)
        assert {43, 48} <= set(left)
        _, left = sides(multi_label(), many, 0.5, **options)
        assert {43, 48} <= set(left)
        _, left = sides(classifier(), y, lg.HoldOut(0.3, groups=groups), **options)
        assert {43, 48} <= set(left)
    with pytest.warns(HoldOutWarning, match="class 2:"):
        sides(classifier(), y, 0.04, shuffle=False, sample_weight=weights)


# Groups


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5, 0.75])
@pytest.mark.parametrize("labeled", [False, True])
def test_no_group_is_on_both_sides(seed, fraction, labeled):
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 60, 600)
    y = rng.choice(3, 600, p=[0.7, 0.25, 0.05]) if labeled else rng.normal(size=(600, 3))
    net = classifier() if labeled else regression()
    held, left = sides(net, y, lg.HoldOut(fraction, groups=groups), seed=seed)
    assert not set(groups[held]) & set(groups[left])
    assert abs(len(held) - 600 * fraction) <= 20  # within one or two groups
    if labeled:
        for label in range(3):
            share = np.mean(np.isin(np.flatnonzero(y == label), held))
            assert abs(share - fraction) < 0.2


def test_groups_depend_on_the_seed_and_not_on_their_names():
    groups = np.arange(40) // 4
    names = np.array(["j", "i", "h", "g", "f", "e", "d", "c", "b", "a"])[groups]
    kinds = [groups, names, names.tolist(), names.astype(object), [(k, "x") for k in groups.tolist()]]
    kinds[-1] = np.fromiter(kinds[-1], object, 40)
    first = sides(regression(), Y[:40], lg.HoldOut(0.3, groups=groups))[0]
    for kind in kinds:
        assert (sides(regression(), Y[:40], lg.HoldOut(0.3, groups=kind))[0] == first).all()
    assert (sides(regression(), Y[:40], lg.HoldOut(0.3, groups=groups), seed=2)[0] != first).any()


def test_a_class_of_one_group_stays_in_training():
    groups, y = np.arange(50) // 5, np.arange(50) % 2
    y[15:20] = 2
    for seed in range(30):
        held, left = sides(classifier(), y, lg.HoldOut(0.5, groups=groups), seed=seed)
        assert 2 in y[left]
        assert 2 not in y[held]
    only = np.arange(50) // 25
    with pytest.raises(ValueError, match="validation must leave a group of each class for training"):
        sides(classifier(2), only, lg.HoldOut(0.5, groups=only))


def test_labels_of_a_multi_label_network_stay_in_training():
    groups, y = np.arange(50) // 5, np.zeros((50, 3), int)
    y[15, 0] = y[::7, 1] = y[::3, 2] = 1
    for seed in range(30):
        held, left = sides(multi_label(), y, lg.HoldOut(0.4, groups=groups), seed=seed)
        assert y[left].any(axis=0).all()
        assert not set(groups[held]) & set(groups[left])


def test_too_large_groups_are_reported():
    groups = np.repeat([0, 1], [30, 20])
    with pytest.warns(HoldOutWarning, match="holds out 20 of 50 rows, not 5: groups are held out as a whole"):
        held, _ = sides(regression(), Y, lg.HoldOut(0.1, groups=groups))
    assert set(groups[held]) == {1}


def test_without_shuffling_the_last_groups_are_held_out():
    groups = np.repeat([5, 3, 9, 1], [20, 12, 10, 8])
    for fraction, first in ((0.2, 42), (0.15, 42), (0.3, 32), (0.4, 32), (0.7, 20)):
        held, _ = sides(regression(), Y, lg.HoldOut(fraction, groups=groups), shuffle=False)
        assert held.tolist() == list(range(first, 50))
    groups[45] = 5
    with pytest.raises(
        ValueError, match=r"adjacent rows for shuffle=False, got row 45 of a group .* at row 0"
    ):
        sides(regression(), Y, lg.HoldOut(0.2, groups=groups), shuffle=False)


@pytest.mark.parametrize(
    ("groups", "error", "words"),
    [
        (np.zeros(50, int), ValueError, "groups must have at least 2 different values, got 1"),
        (np.arange(49), ValueError, r"groups must have shape \(50,\), one for each row of X, got \(49,\)"),
        (np.zeros((50, 1)), ValueError, r"got \(50, 1\)"),
        (np.where(np.arange(50) == 7, np.nan, 1.0), ValueError, "got nan at row 7"),
        (np.array([None] * 50), ValueError, "got None at row 0"),
        (np.array(["2024-01-01"] * 49 + ["NaT"], "M8[D]"), ValueError, "at row 49"),
        ("patients", TypeError, "groups must be a sequence"),
        (None, TypeError, "groups must be a sequence"),
        (3, TypeError, "groups must be a sequence"),
    ],
)
def test_invalid_groups_raise(groups, error, words):
    with pytest.raises(error, match=words):
        sides(regression(), Y, lg.HoldOut(0.2, groups=groups))


def test_pandas_series_are_accepted_as_groups():
    pandas = pytest.importorskip("pandas")
    groups = pandas.Series(np.arange(50) // 5, index=np.arange(50)[::-1])
    expected, _ = sides(regression(), Y, lg.HoldOut(0.3, groups=np.arange(50) // 5))
    for kind in (groups, groups.astype(str), groups.astype("category"), groups.astype("Int64")):
        assert (sides(regression(), Y, lg.HoldOut(0.3, groups=kind))[0] == expected).all()
    missing = groups.astype("Int64")
    missing.iloc[4] = pandas.NA
    with pytest.raises(ValueError, match=r"got .* at row 4"):
        sides(regression(), Y, lg.HoldOut(0.3, groups=missing))


@pytest.mark.parametrize("share", [0, 1, -0.2, np.nan])
def test_invalid_shares_raise(share):
    with pytest.raises(ValueError, match="share must be in"):
        lg.HoldOut(share, groups=[0, 1])
    with pytest.raises(TypeError, match="share must be a number"):
        lg.HoldOut("0.2", groups=[0, 1])


def test_blocks_do_not_support_hold_out():
    blocks = lg.Blocks(lambda: [(np.zeros((4, 2)), np.zeros((4, 3)))])
    with pytest.raises(ValueError, match=r"validation must be \(X, y\) .* for blocks, got HoldOut\(0.2"):
        regression().fit(blocks, validation=lg.HoldOut(0.2, groups=[0, 1]))


# Resuming


@pytest.mark.parametrize("shuffle", [True, False])
def test_a_resumed_fit_holds_out_the_same_groups(tmp_path, shuffle, caplog):
    X, y, path = RNG.normal(size=(60, 2)), np.arange(60) % 3, tmp_path / "checkpoint"
    hold_out = lg.HoldOut(0.25, groups=np.arange(60) // 6)
    options = {"validation": hold_out, "shuffle": shuffle, "optimizer": lg.Adam(0.01), "batch_size": 8}
    whole, half, rest = classifier(), classifier(), classifier(seed=77)
    whole.fit(X, y, epochs=6, **options)
    half.fit(X, y, epochs=3, checkpoint=path, **options)
    rest.fit(X, y, epochs=6, resume=path, **options)
    assert rest.parameters.tobytes() == whole.parameters.tobytes()
    assert rest.history == whole.history
    assert not caplog.records
    if shuffle:
        other = lg.HoldOut(0.25, groups=np.arange(60) % 10)
        classifier().fit(X, y, epochs=6, resume=path, **options | {"validation": other})
        assert "resume: the held-out rows differ from those of the checkpoint" in caplog.text


def mixed(k):
    return [1, "1", 2, "2", 3.5][k]


@pytest.mark.parametrize(
    "group", [lambda k: ("p", k), mixed, np.array], ids=["tuples", "numbers and strings", "arrays"]
)
@pytest.mark.parametrize("sequence", [list, tuple])
def test_groups_in_lists_keep_their_types(group, sequence):
    groups = np.arange(50) // 10
    expected, _ = sides(regression(), Y, lg.HoldOut(0.3, groups=groups))
    held, _ = sides(regression(), Y, lg.HoldOut(0.3, groups=sequence(group(k) for k in groups)))
    assert (held == expected).all()


@pytest.mark.parametrize("missing", [float("nan"), None, np.float64("nan"), ("p", None)])
@pytest.mark.parametrize("other", ["Ann", 1.0])
def test_a_missing_group_in_a_list_raises(missing, other):
    groups = [other] * 50
    groups[7] = missing
    with pytest.raises(ValueError, match=r"must not contain missing values, got .* at row 7"):
        sides(regression(), Y, lg.HoldOut(0.3, groups=groups))
