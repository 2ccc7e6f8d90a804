"""Penalties, weight decay, clipping and max-norm: their effect, and the parameters they apply to."""

import localgrad as lg
import numpy as np
import pytest

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 4))
Y = RNG.normal(size=(24, 2))
SIZES = [4, 5, 3, 2]


def network(**options):
    return lg.Network(
        SIZES, **{"activation": "tanh", "init": "normal", "seed": 1, "dtype": "float64", **options}
    )


def fitted(net=None, x=X, y=Y, **options):
    net = (network() if net is None else net).copy()
    net.fit(x, y, **{"epochs": 3, "batch_size": 8, "optimizer": lg.SGD(0.1), **options})
    return net


def test_l1_does_not_move_weights_of_0():
    net = lg.Network([4, 2], init="zeros", dtype="float64")
    net.fit(0 * X, 0 * Y, epochs=1, l1=5.0)
    assert not net.parameters.any()


def test_max_norm_limits_the_weights_of_each_unit():
    net = fitted(max_norm=0.7)
    for w in net.weights:
        assert np.linalg.norm(w, axis=1).max() <= 0.7 * (1 + 1e-12)
    assert max(np.linalg.norm(w, axis=1).max() for w in fitted().weights) > 0.7
    assert fitted(max_norm=1e6).parameters.tobytes() == fitted().parameters.tobytes()


@pytest.mark.parametrize(
    "nothing",
    [
        {"l1": 0},
        {"l2": [0, 0.0, np.float32(0)]},
        {"weight_decay": 0},
        {"weight_decay": None},
        {"penalize_biases": True},
        {"max_norm": None, "clip_value": None, "clip_norm": None},
        {"l2": np.zeros(3)},
        {"l1": np.array(0.0)},
    ],
)
def test_arguments_without_effect_change_nothing(nothing):
    assert fitted(**nothing).parameters.tobytes() == fitted().parameters.tobytes()


def test_l1_makes_weights_sparse_and_l2_makes_them_small():
    plain = fitted(epochs=200, batch_size=None)
    lasso = fitted(epochs=200, batch_size=None, l1=0.1)
    ridge = fitted(epochs=200, batch_size=None, l2=0.1)

    def weights(net):
        return np.concatenate([w.ravel() for w in net.weights])

    assert (abs(weights(lasso)) < 0.02).sum() > 2 * (abs(weights(plain)) < 0.02).sum()
    assert np.linalg.norm(weights(ridge)) < 0.5 * np.linalg.norm(weights(plain))


SETTINGS = {"l1": 0.01, "l2": [0.1, 0, 0], "weight_decay": 0.1, "clip_norm": 1.0, "max_norm": 2.0}


def test_a_plan_accepts_the_arguments():
    net = network()
    assert net.plan(8, **SETTINGS, clip_value=1.0, penalize_biases=True).batch_size == 8
