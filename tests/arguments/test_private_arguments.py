"""Arguments of private training and of samplers that are invalid or do not go together."""

import re

import localgrad as lg
import numpy as np
import pytest

X, Y = np.ones((20, 3)), np.zeros(20)


def fit(network=None, X=X, y=Y, **arguments):
    net = lg.Network([3, 4, 1], seed=0, **(network or {}))
    return net.fit(X, y, **{"epochs": 1, "batch_size": 5, **arguments})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"noise_multiplier": 1.0}, "clip_per_example must be a number with noise_multiplier, got None"),
        ({"sampler": "poisson"}, "clip_per_example must be a number with sampler='poisson', got None"),
        ({"unsafe_noise_seed": 1}, "clip_per_example must be a number with unsafe_noise_seed, got None"),
        ({"clip_per_example": 0.0}, "clip_per_example must be finite and above 0.0, got 0.0"),
        ({"clip_per_example": float("inf")}, "clip_per_example must be finite and above 0.0, got inf"),
        ({"clip_per_example": 1e38}, "clip_per_example times the number of rows and the noise"),
        ({"clip_per_example": 1, "noise_multiplier": -1}, "noise_multiplier must be finite and at least 0.0"),
        ({"clip_per_example": 1, "unsafe_noise_seed": -1}, "unsafe_noise_seed must be at least 0, got -1"),
        ({"sampler": "random"}, "sampler must be one of 'shuffled', 'poisson', 'importance', got 'random'"),
        (
            {"clip_per_example": 1, "sampler": "importance"},
            "sampler must be 'shuffled' or 'poisson' with clip_per_example, got 'importance'",
        ),
        (
            {"clip_per_example": 1, "sample_weight": np.ones(20)},
            "clip_per_example does not support sample_weight",
        ),
        ({"clip_per_example": 1, "optimizer": lg.LBFGS()}, "LBFGS does not support clip_per_example"),
        ({"sampler": "importance", "optimizer": lg.LBFGS()}, "LBFGS does not support sampler='importance'"),
        (
            {"clip_per_example": 1, "noise_multiplier": 1.0, "optimizer": lg.LevenbergMarquardt()},
            "LevenbergMarquardt does not support clip_per_example: it has no mini-batches",
        ),
        (
            {"sampler": "importance", "optimizer": lg.LevenbergMarquardt()},
            "LevenbergMarquardt does not support sampler='importance': it has no mini-batches",
        ),
        (
            {"clip_per_example": 1, "sampler": "poisson", "shuffle": False},
            "shuffle must be True with sampler='poisson', got False",
        ),
        ({"sampler": "importance", "shuffle": False}, "shuffle must be True with sampler='importance'"),
    ],
)
def test_invalid_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        fit(**arguments)


@pytest.mark.parametrize("arguments", [{"clip_per_example": "1"}, {"sampler": 1}, {"noise_multiplier": None}])
def test_arguments_of_another_type_are_refused(arguments):
    with pytest.raises(TypeError, match=next(iter(arguments))):
        fit(**arguments)


@pytest.mark.parametrize("sampler", ["poisson", "importance"])
def test_blocks_have_an_unknown_number_of_rows(sampler):
    private = {"clip_per_example": 1.0} if sampler == "poisson" else {}
    with pytest.raises(ValueError, match=f"sampler='{sampler}' does not support blocks"):
        fit(X=lg.Blocks(lambda: [(X, Y)]), y=None, sampler=sampler, **private)


def test_a_standardization_must_not_be_learned_with_noise():
    private = {"clip_per_example": 1.0, "noise_multiplier": 1.0}
    x = np.random.default_rng(0).normal(size=(20, 3))
    with pytest.raises(ValueError, match="noise_multiplier does not support a network that has yet to learn"):
        fit({"standardize": True}, X=x, **private)
    net = lg.Network([3, 1], standardize=True, seed=0)
    net.fit(x, Y, epochs=1)
    net.fit(x, Y, epochs=1, **private)  # learned before, for example from public data


def test_class_weights_are_refused():
    net = lg.Network([3, 2], output="softmax")
    with pytest.raises(ValueError, match="clip_per_example does not support class_weight"):
        net.fit(X, np.arange(20) % 2, epochs=1, clip_per_example=1.0, class_weight={0: 2.0})


@pytest.mark.parametrize("function", [lg.Network.partial_fit, lg.Fleet.fit])
def test_other_ways_to_train_do_not_have_these_arguments(function):
    import inspect

    assert (
        not {"clip_per_example", "noise_multiplier", "sampler"}
        & inspect.signature(function).parameters.keys()
    )


def test_private_training_does_not_support_blocks():
    with pytest.raises(ValueError, match="clip_per_example does not support blocks"):
        fit(X=lg.Blocks(lambda: [(X, Y)]), y=None, clip_per_example=1.0)
