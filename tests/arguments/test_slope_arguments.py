"""Arguments of training on slopes that are invalid or do not go together."""

import re

import localgrad as lg
import numpy as np
import pytest

X, Y, SLOPES = np.ones((20, 3)), np.zeros((20, 2)), np.zeros((20, 2, 3))


def fit(network=None, X=X, y=Y, y_slope=SLOPES, **arguments):
    net = lg.Network([3, 4, 2], **{"seed": 0, **(network or {})})
    before = net.parameters.copy()
    try:
        return net.fit(X, y, y_slope=y_slope, **{"epochs": 1, "batch_size": 5, **arguments})
    except ValueError:
        assert (net.parameters == before).all()
        raise


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"slope_weight": 0}, "slope_weight must be finite and above 0.0, got 0"),
        ({"slope_weight": float("nan")}, "slope_weight must be finite and above 0.0, got nan"),
        ({"slope_weight": 1e39}, "slope_weight"),
        ({"y_slope": None, "slope_weight": 2.0}, "y_slope must be an array with slope_weight, got None"),
        ({"y_slope": SLOPES[:19]}, "y_slope must have shape (20, 2, 3), the derivatives of each output"),
        ({"y_slope": SLOPES[:, 0]}, "got (20, 3)"),
        ({"clip_per_example": 1.0}, "y_slope does not support clip_per_example"),
        ({"sampler": "importance"}, "y_slope does not support sampler='importance'"),
        ({"optimizer": lg.LevenbergMarquardt()}, "LevenbergMarquardt does not support y_slope"),
        ({"optimizer": lg.LBFGS()}, "LBFGS does not support y_slope"),
        ({"network": {"dropout": 0.1}}, "y_slope does not support dropout"),
        ({"network": {"input_dropout": 0.1}}, "y_slope does not support input_dropout"),
        ({"network": {"input_noise": 0.1}}, "y_slope does not support input_noise"),
        (
            {"network": {"output": "softmax"}, "y": np.zeros(20, int)},
            "y_slope must be None for output 'softmax'",
        ),
        (
            {"network": {"cost": "gaussian_nll"}, "y": np.zeros((20, 1))},
            "y_slope must be None for the cost 'gaussian_nll', which has several outputs per target",
        ),
        ({"X": lg.Blocks(lambda: [(X, Y)]), "y": None}, "y_slope does not support blocks"),
    ],
    ids=str,
)
def test_invalid_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        fit(**arguments)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_a_slope_that_is_not_finite_is_named(number):
    slopes = SLOPES.copy()
    slopes[7, 1, 0] = number
    with pytest.raises(ValueError, match=re.escape("y_slope")) as caught:
        fit(y_slope=slopes)
    assert "row 7" in str(caught.value)


@pytest.mark.parametrize("arguments", [{"slope_weight": "1"}, {"y_slope": "slopes"}])
def test_arguments_of_another_type_are_refused(arguments):
    with pytest.raises((TypeError, ValueError), match=next(iter(arguments))):
        fit(**arguments)


def test_the_slopes_of_a_single_output_need_no_axis_for_it():
    found = []
    for slopes in (np.ones((20, 3)), np.ones((20, 1, 3))):
        net = lg.Network([3, 4, 1], seed=0)
        net.fit(X, np.zeros(20), y_slope=slopes, epochs=2)
        found.append(net.parameters)
    assert (found[0] == found[1]).all()
