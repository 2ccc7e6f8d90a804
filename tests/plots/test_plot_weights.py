"""Plots of weights, and of the inputs to which a network is sensitive."""

from itertools import pairwise

import localgrad as lg
import numpy as np
import pytest

pytest.importorskip("matplotlib")

from localgrad import plot
from matplotlib.figure import Figure


@pytest.fixture
def ax():
    figure = Figure()
    yield figure.add_subplot()
    figure.canvas.draw()  # the figure can be drawn


def labels(ticks):
    return [text.get_text() for text in ticks]


@pytest.mark.parametrize("sizes", [(2, 2, 2), (784, 30, 10), (28, 64, 64, 64, 64, 1)])
def test_each_layer_has_a_histogram(sizes, ax):
    plot.weight_histograms(lg.Network(sizes, seed=0), ax=ax)
    assert labels(ax.get_yticklabels()) == [
        f"layer {k + 2}\n{a} → {b}" for k, (a, b) in enumerate(pairwise(sizes))
    ]
    low, high = ax.get_xlim()
    assert low == -high


def test_weights_that_are_not_finite_are_counted(ax):
    net = lg.Network([3, 2, 1], seed=0)
    net.weights[0][0] = np.nan
    net.weights[1][:] = np.inf
    plot.weight_histograms(net, ax=ax)
    assert labels(ax.get_yticklabels()) == [
        "layer 2\n3 → 2\n3 not finite",
        "layer 3\n2 → 1\n2 not finite",
    ]


def test_weights_of_zero_can_be_plotted(ax):
    net = lg.Network([3, 2, 1], init="zeros")
    plot.weight_histograms(net, ax=ax)
    ax.clear()
    plot.first_layer(net, ax=ax)
    assert not ax.images[0].get_array().any()


def test_images_of_the_first_layer_are_the_rows_of_the_weights(ax):
    net = lg.Network([6, 4, 1], seed=0)
    plot.first_layer(net, shape=(2, 3), units=[3, 0], ax=ax)
    drawn = np.asarray(ax.images[0].get_array())
    for place, unit in enumerate((3, 0)):
        left = place * 4  # three columns, and one between the images
        assert np.array_equal(drawn[:2, left : left + 3], net.weights[0][unit].reshape(2, 3).astype(float))
    assert labels(ax.get_yticklabels()) == ["3, 0"]
    low, high = ax.images[0].get_clim()
    assert low == -high == -np.abs(net.weights[0][[3, 0]]).max()


def test_many_units_are_numbered_by_row(ax):
    plot.first_layer(lg.Network([784, 100, 1], seed=0), shape=(28, 28), ax=ax)
    assert labels(ax.get_yticklabels())[0] == "0 to 7"
    assert labels(ax.get_yticklabels())[-1].endswith("to 63")


def test_without_a_shape_the_first_layer_is_a_matrix(ax):
    net = lg.Network([5, 7, 1], seed=0)
    plot.first_layer(net, ax=ax)
    assert np.array_equal(ax.images[0].get_array(), net.weights[0].astype(float))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("input", "unit of layer 2")
    assert len(ax.figure.axes) == 2  # with the color bar


def test_shapes_and_units_that_do_not_fit_raise(ax):
    net = lg.Network([6, 4, 1], seed=0)
    with pytest.raises(ValueError, match="shape must have 6 pixels, one for each input, got 2 × 2"):
        plot.first_layer(net, shape=(2, 2), ax=ax)
    with pytest.raises(ValueError, match=r"shape must be \(height, width\), got 6"):
        plot.first_layer(net, shape=6, ax=ax)
    with pytest.raises(ValueError, match="units must be below 4, got 4"):
        plot.first_layer(net, units=[4], ax=ax)


def test_bars_of_saliency_are_mean_absolute_gradients(ax):
    net = lg.Network([3, 4, 1], activation="tanh", seed=0, dtype="float64")
    X, y = np.random.default_rng(0).normal(size=(5, 3)), np.ones(5)
    plot.saliency(net, X, y, ax=ax)
    means = np.abs(net.backprop(X, y, wrt_input=True).input_gradient).mean(axis=0)
    order = np.argsort(-means)
    assert np.allclose([bar.get_width() for bar in ax.patches], means[order])
    assert labels(ax.get_yticklabels()) == [str(k) for k in order]
    assert ax.get_xlabel() == "mean of |∂c/∂x|"


def test_saliency_of_many_inputs_has_20_bars(ax):
    plot.saliency(lg.Network([28, 4, 1], seed=0), np.ones(28), 1.0, ax=ax)
    assert len(ax.patches) == 20
    assert ax.get_ylabel() == "input (8 more are smaller)"


def test_saliency_of_an_image_has_its_shape(ax):
    net = lg.Network([6, 4, 1], seed=0)
    plot.saliency(net, np.ones(6), [1.0], shape=(2, 3), ax=ax)
    gradient = np.abs(net.backprop(np.ones(6), [1.0], wrt_input=True).input_gradient)
    assert np.allclose(ax.images[0].get_array(), gradient.reshape(2, 3))


def test_saliency_checks_its_arguments(ax):
    net = lg.Network([2, 1], seed=0)
    for y, output in ((None, None), ([1.0], 0)):
        with pytest.raises(ValueError, match="either y or output must be given"):
            plot.saliency(net, [1.0, 2.0], y, output=output, ax=ax)
    with pytest.raises(ValueError, match="names must be 2, one for each input, got 1"):
        plot.saliency(net, [1.0, 2.0], [1.0], names=["a"], ax=ax)


def test_saliency_of_an_output_is_its_gradient(ax):
    net = lg.Network([3, 4, 2], activation="tanh", output="softmax", seed=0, dtype="float64")
    x, h = np.array([0.1, -0.2, 0.3]), 1e-6
    plot.saliency(net, x, output=1, ax=ax)
    differences = [(net.predict(x + h * e)[1] - net.predict(x - h * e)[1]) / (2 * h) for e in np.eye(3)]
    expected = sorted(np.abs(differences), reverse=True)
    assert np.allclose([bar.get_width() for bar in ax.patches], expected, atol=1e-8)
    with pytest.raises(ValueError, match=r"output must be .*, got 2"):
        plot.saliency(net, x, output=2, ax=ax)
