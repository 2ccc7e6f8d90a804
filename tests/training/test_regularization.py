"""Penalties, weight decay, clipping and max-norm: their effect, and the parameters they apply to."""

from dataclasses import replace

import localgrad as lg
import numpy as np
import pytest

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 4))
Y = RNG.normal(size=(24, 2))
SIZES = [4, 5, 3, 2]


def network(sizes=SIZES, **options):
    return lg.Network(
        sizes, **{"activation": "tanh", "init": "normal", "seed": 1, "dtype": "float64", **options}
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
        {"weight_lr_factor": 1, "bias_lr_factor": [1.0, 1, np.float32(1)]},
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


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", [lg.SGD(0.1, momentum=0.9), lg.AdamW(0.01), lg.NAdam(0.01)], ids=str)
def test_equal_factors_of_all_layers_scale_the_learning_rate(rule, dtype):
    half = replace(rule, learning_rate=rule.learning_rate / 2)
    net = network(dtype=dtype)
    one = fitted(net, optimizer=rule, weight_lr_factor=0.5, bias_lr_factor=[0.5] * 3)
    assert one.parameters.tobytes() == fitted(net, optimizer=half).parameters.tobytes()


ALL = {"l1": 0.01, "l2": 0.1, "weight_decay": 0.5, "penalize_biases": True, "max_norm": 0.3, "clip_norm": 0.1}


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("rule", [lg.SGD(0.1), lg.Adam(0.01), lg.Rprop()], ids=str)
@pytest.mark.parametrize("more", [{}, ALL, {"clip_norm": 0.1}], ids=["plain", "all", "norm"])
@pytest.mark.parametrize("sizes", [SIZES, [4, 40, 30, 1]], ids=str)
@pytest.mark.parametrize(
    ("weights", "biases"),
    [([0, 1, 1], [1, 0, 1]), ([1, 0, 0], [0, 1, 0]), ([0, 0, 1], [0, 0, 0]), (0, 1), (1, 0), (0, 0)],
    ids=str,
)
@pytest.mark.parametrize("n", [24, 600])  # 600 rows at once are computed in chunks
def test_frozen_parameters_do_not_change(n, weights, biases, sizes, more, rule, n_threads):
    net = network(sizes=sizes)
    for w in net.weights:
        w[0, 0] = -0.0
    x, y = RNG.normal(size=(n, 4)), RNG.normal(size=(n, sizes[-1]))
    arguments = {"optimizer": rule, "n_threads": n_threads, "batch_size": 8 if n < 600 else None, **more}
    after = fitted(net, x, y, weight_lr_factor=weights, bias_lr_factor=biases, **arguments)
    factors = [*np.broadcast_to(weights, 3), *np.broadcast_to(biases, 3)]
    pairs = zip([*net.weights, *net.biases], [*after.weights, *after.biases], strict=True)
    assert [(u.tobytes() == v.tobytes()) for u, v in pairs] == [factor == 0 for factor in factors]
    assert len(after.history["cost"]) == 3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", [lg.SGD(0.1), lg.Adam(0.01)], ids=str)
@pytest.mark.parametrize("more", [{}, {"clip_norm": 0.1, "max_norm": 1.0, "l2": 0.1}], ids=str)
def test_training_above_frozen_layers_is_training_on_their_outputs(more, rule, dtype):
    net = network(dtype=dtype)
    features = net.backprop(X, Y).activations[1]
    top = network(sizes=SIZES[1:], dtype=dtype)
    top.parameters[:] = net.parameters[-top.num_parameters :]
    one = fitted(net, optimizer=rule, weight_lr_factor=[0, 1, 1], bias_lr_factor=[0, 1, 1], **more)
    two = fitted(top, x=features, optimizer=rule, **more)
    assert one.parameters[-top.num_parameters :].tobytes() == two.parameters.tobytes()
    assert one.history == two.history


def test_frozen_layers_need_fewer_operations():
    def operations(*factors):
        return (
            lg.Network([10, 20, 30, 5]).plan(1, weight_lr_factor=factors, bias_lr_factor=factors).operations
        )

    first, second, third = 2 * 10 * 20, 2 * 20 * 30, 2 * 30 * 5
    assert operations(1, 1, 1) == 2 * first + 3 * second + 3 * third
    assert operations(0, 1, 1) == first + 2 * second + 3 * third
    assert operations(1, 0, 1) == 2 * first + 2 * second + 3 * third
    assert operations(0, 0, 1) == first + second + 2 * third
    assert operations(0, 0, 0) == first + second + third


SETTINGS = {"l1": 0.01, "l2": [0.1, 0, 0], "weight_decay": 0.1, "clip_norm": 1.0, "max_norm": 2.0}
SETTINGS |= {"weight_lr_factor": [0, 1, 2], "bias_lr_factor": 0.5}


def test_a_plan_accepts_the_arguments():
    net = network()
    assert net.plan(8, **SETTINGS, clip_value=1.0, penalize_biases=True).batch_size == 8
