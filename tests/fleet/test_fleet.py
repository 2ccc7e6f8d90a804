"""Fleets as containers, and their predictions."""

import copy
import pickle

import localgrad as lg
import numpy as np
import pytest
from network_cases import some_data

SIZES = [3, 4, 2]
X, Y = some_data(60, SIZES)


def test_members_are_networks_with_consecutive_seeds():
    fleet = lg.Fleet(SIZES, 3, seed=7, activation="tanh", dtype="float64")
    assert len(fleet) == 3
    assert fleet.seeds == (7, 8, 9)
    assert fleet.sizes == (3, 4, 2)
    for k, net in enumerate(fleet):
        assert net is fleet[k]
        expected = lg.Network(SIZES, seed=7 + k, activation="tanh", dtype="float64")
        assert (net.parameters == expected.parameters).all()
    assert fleet[-1] is fleet[2]
    with pytest.raises(IndexError):
        fleet[3]


def test_seeds_wrap_and_can_be_given():
    assert lg.Fleet(SIZES, 3, seed=2**64 - 2).seeds == (2**64 - 2, 2**64 - 1, 0)
    assert lg.Fleet(SIZES, 3, seed=[5, 1, 5]).seeds == (5, 1, 5)
    first, second = lg.Fleet(SIZES, 2), lg.Fleet(SIZES, 2)
    assert first.seeds[0] != second.seeds[0]
    with pytest.raises(ValueError, match="seed must be a single value or have length 3"):
        lg.Fleet(SIZES, 3, seed=[1, 2])
    with pytest.raises(ValueError, match="n_members must be at least 1, got 0"):
        lg.Fleet(SIZES, 0)
    with pytest.raises(TypeError, match=r"^Fleet\(\) got an unexpected keyword argument 'width'"):
        lg.Fleet(SIZES, 1, width=3)
    fleet = lg.Fleet(SIZES, 2, random_state=3, loss="mae")  # names of other libraries
    assert (fleet.seeds, fleet[0].cost) == ((3, 4), "mae")


def test_a_slice_is_a_fleet_of_the_same_networks():
    fleet = lg.Fleet(SIZES, 5, seed=0)
    part = fleet[1:4]
    assert type(part) is lg.Fleet
    assert list(part) == [fleet[1], fleet[2], fleet[3]]


def test_a_fleet_of_existing_networks():
    nets = [lg.Network(SIZES, activation=phi, seed=0) for phi in ("relu", "tanh")]
    fleet = lg.Fleet.of(nets)
    fleet.fit(X, Y, epochs=2)
    assert [net.epochs for net in nets] == [2, 2]
    for networks, kind, message in [
        ([], ValueError, "networks must have at least 1 network, got 0"),
        ([nets[0], 3], TypeError, r"networks\[1\] must be a Network, got 3"),
        ([nets[0], nets[0]], ValueError, "networks must be different objects, got the same network twice"),
        (
            [nets[0], lg.Network([3, 2])],
            ValueError,
            "the same sizes, output, cost and dtype, got 3-4-2 .* 3-2",
        ),
        ([nets[0], lg.Network(SIZES, dtype="float64")], ValueError, "float32 and .* float64"),
    ]:
        with pytest.raises(kind, match=message):
            lg.Fleet.of(networks)


def test_repr():
    assert repr(lg.Fleet([2, 3, 1], 4, seed=1)) == (
        "Fleet(4 members of 2-3-1, 13 parameters each, float32, mse, seeds 1..4)"
    )
    assert repr(lg.Fleet([1, 1], 2, seed=1)).endswith("seeds 1, 2)")


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda fleet: pickle.loads(pickle.dumps(fleet))])
def test_copies_and_pickles_are_independent(duplicate):
    fleet = lg.Fleet(SIZES, 3, seed=0)
    fleet.fit(X, Y, epochs=2)
    other = duplicate(fleet)
    assert other.histories == fleet.histories
    assert (other.predict_all(X) == fleet.predict_all(X)).all()
    other.fit(X, Y, epochs=1)
    assert [net.epochs for net in fleet] == [2, 2, 2]


def test_reset():
    fleet, fresh = lg.Fleet(SIZES, 3, seed=0), lg.Fleet(SIZES, 3, seed=0)
    fleet.fit(X, Y, epochs=2)
    assert fleet.reset() is fleet
    for net, expected in zip(fleet, fresh, strict=True):
        assert (net.parameters == expected.parameters).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_predictions_are_the_mean_and_spread_of_the_members(dtype):
    fleet = lg.Fleet(SIZES, 4, seed=0, dtype=dtype)
    every = np.stack([net.predict(X) for net in fleet])
    assert (fleet.predict_all(X) == every).all()
    mean, std = fleet.predict(X, return_std=True)
    assert mean.dtype == std.dtype == dtype
    np.testing.assert_allclose(mean, every.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(std, every.std(axis=0), rtol=1e-4)
    assert (fleet.predict(X, n_threads=1) == mean).all()


def test_predictions_of_one_example():
    fleet = lg.Fleet(SIZES, 4, seed=0)
    assert fleet.predict_all(X[3]).shape == (4, 2)
    mean, std = fleet.predict(X[3], return_std=True)
    whole = fleet.predict(X, return_std=True)
    assert (mean == whole[0][3]).all()
    assert (std == whole[1][3]).all()
    assert fleet.predict(X[:0]).shape == (0, 2)


def test_the_mean_of_equal_members_is_their_output():
    fleet = lg.Fleet(SIZES, 3, seed=[4, 4, 4])
    mean, std = fleet.predict(X, return_std=True)
    assert (mean == fleet[0].predict(X)).all()
    assert not std.any()


def test_predictions_of_some_members():
    fleet = lg.Fleet(SIZES, 6, seed=0)
    rows = np.tile(lg.Fleet.folds(60, 3, seed=1), (2, 1))
    mean, std = fleet.predict(X, where=~rows, return_std=True)
    every = fleet.predict_all(X).astype(float)
    for row in range(60):
        counted = every[~rows[:, row], row]
        assert len(counted) == 2
        np.testing.assert_allclose(mean[row], counted.mean(axis=0), rtol=1e-5)
        np.testing.assert_allclose(std[row], counted.std(axis=0), rtol=1e-4, atol=1e-7)
    with pytest.raises(ValueError, match="where must have a member for each row, got none for row 5"):
        fleet.predict(X, where=np.arange(60) != np.full((6, 1), 5))
    with pytest.raises(ValueError, match=r"where must be booleans of shape \(6, 60\), got shape \(3, 60\)"):
        fleet.predict(X, where=~rows[:3])


def test_invalid_inputs():
    fleet = lg.Fleet(SIZES, 2, seed=0)
    with pytest.raises(ValueError, match="X must have"):
        fleet.predict(X[:, :2])
    x = X.copy()
    x[7, 1] = np.inf
    with pytest.raises(lg.BadExample, match="at row 7, column 1"):
        fleet.predict(x)


@pytest.mark.parametrize(("n", "k"), [(10, 5), (11, 4), (7, 7), (2, 2)])
def test_folds_divide_the_rows_evenly(n, k):
    masks = lg.Fleet.folds(n, k, seed=3)
    assert masks.shape == (k, n)
    assert ((~masks).sum(axis=0) == 1).all()
    sizes = (~masks).sum(axis=1)
    assert sizes.max() - sizes.min() <= 1
    assert (masks == lg.Fleet.folds(n, k, seed=3)).all()
    if n > 2:
        assert (masks != lg.Fleet.folds(n, k, seed=4)).any()


def test_folds_can_be_stratified():
    classes = np.array(["a"] * 23 + ["b"] * 11 + ["c"] * 3)
    masks = lg.Fleet.folds(37, 4, stratify=classes)
    assert ((~masks).sum(axis=0) == 1).all()
    sizes = (~masks).sum(axis=1)
    assert sizes.max() - sizes.min() <= 1
    for name in "abc":
        counts = (~masks[:, classes == name]).sum(axis=1)
        assert counts.max() - counts.min() <= 1


def test_invalid_folds():
    for arguments, message in [
        ((1, 2), "n must be at least 2, got 1"),
        ((5, 1), "n_folds must be at least 2, got 1"),
        ((5, 6), "n_folds must be below 6, got 6"),
    ]:
        with pytest.raises(ValueError, match=message):
            lg.Fleet.folds(*arguments)
    with pytest.raises(ValueError, match=r"stratify must have shape \(5,\), got \(4,\)"):
        lg.Fleet.folds(5, 2, stratify=[0, 1, 0, 1])
