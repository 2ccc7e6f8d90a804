"""`Network.diagram`: what is drawn, and with which values."""

import sys

import localgrad as lg
import numpy as np
import pytest

matplotlib = pytest.importorskip("matplotlib")

from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.collections import LineCollection  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.patches import Circle  # noqa: E402


@pytest.fixture
def ax():
    figure = Figure(figsize=(7, 7))
    yield figure.add_axes((0, 0, 1, 1))
    FigureCanvasAgg(figure).draw()  # the figure can be drawn


@pytest.fixture
def net():
    weights = [[[0.5, -1.0], [2.0, 0.25]], [[1.0, -3.0]]]
    return lg.Network([2, 2, 1], activation="tanh", init=(weights, [[0.1, 0.2], [0.3]]), dtype="float64")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def places(ax):
    """Return the centers of the units."""
    return {patch.center for patch in ax.patches if isinstance(patch, Circle)}


def test_units_show_a_and_delta_of_an_example(net, ax):
    t = net.backprop([0.5, 1.0], [1.0])
    assert net.diagram([0.5, 1.0], [1.0], ax=ax) is ax
    assert len(places(ax)) == 5
    for a in np.concatenate(t.activations):
        assert f"{a:.3g}" in texts(ax)
    for delta in np.concatenate(t.local_gradients):
        assert f"δ {delta:.3g}" in texts(ax)
    assert f"cost c = {t.cost:.3g}" in texts(ax)


def test_without_an_example_units_have_names(net, ax):
    net.diagram(ax=ax)
    assert {"a¹₀", "a¹₁", "a²₀", "a²₁", "a³₀"} <= set(texts(ax))
    assert "a² = tanh(z²)" in texts(ax)


def test_weights_are_lines_with_color_by_sign_and_width_by_size(net, ax):
    net.diagram(ax=ax)
    first, second = (one for one in ax.collections if isinstance(one, LineCollection))
    colors = first.get_colors()
    assert len(colors) == 4
    # In the order of the units: 0.5 and -1 lead to the first one.
    assert colors[0][2] > colors[0][0]  # blue
    assert colors[1][0] > colors[1][2]  # orange
    assert list(np.argsort(first.get_linewidths())) == [3, 0, 1, 2]
    assert list(np.argsort(second.get_linewidths())) == [0, 1]
    assert {"0.5", "-1", "2", "0.25", "b = 0.3"} <= set(texts(ax))


@pytest.mark.parametrize("sizes", [(784, 30, 10), (28, 256, 256, 256, 256, 1)])
def test_wide_layers_are_shortened(sizes, ax):
    net = lg.Network(sizes, seed=0)
    net.diagram(np.ones(sizes[0]), np.zeros(sizes[-1]), max_units=5, ax=ax)
    assert len(places(ax)) == sum(min(width, 4) for width in sizes)
    assert texts(ax).count(f"{sizes[1] - 4} more") == len({*sizes} - {sizes[0], 10, 1}) * sizes.count(
        sizes[1]
    )


def test_text_does_not_leave_the_units(ax):
    net = lg.Network([28, 256, 256, 256, 256, 1], seed=0)
    net.diagram(np.linspace(-1, 1, 28), [1.0], ax=ax)
    FigureCanvasAgg(ax.figure).draw()
    radius = next(patch.radius for patch in ax.patches if isinstance(patch, Circle))
    width = 2 * radius * np.ptp(ax.transData.transform([(0, 0), (1, 0)])[:, 0])
    for text in ax.texts:
        if text.get_text().startswith("δ"):
            assert text.get_window_extent().width < width


def test_surfaces_are_what_the_units_answer(net, ax):
    net.diagram(surfaces=True, limits=(-2, 2), ax=ax)
    images = ax.get_images()
    assert len(images) == 5
    assert images[0].get_array()[0].tolist() == pytest.approx(np.linspace(-2, 2, 60).tolist())  # x_0
    answer = images[4].get_array()
    assert answer[0, 0] == pytest.approx(net.predict([-2.0, -2.0])[0])  # the lower left
    assert answer[0, -1] == pytest.approx(net.predict([2.0, -2.0])[0])
    assert images[4].origin == "lower"


def test_one_unit_shows_its_equation(net, ax):
    t = net.backprop([0.5, 1.0], [1.0])
    net.diagram([0.5, 1.0], [1.0], unit=(2, 1), ax=ax)
    shown = texts(ax)
    assert {"w²₁₀ = 2", "w²₁₁ = 0.25", "b²₁ = 0.2", "Σ", "φ", "tanh(z)", "a¹₀\n0.5"} <= set(shown)
    assert f"z²₁ = {t.weighted_inputs[0][1]:.3g}" in shown
    assert f"a²₁ = {t.activations[1][1]:.3g}" in shown
    (delta,) = (one for one in shown if one.startswith("δ²₁ = φ′(z²₁) ∂c/∂a²₁ = "))
    assert delta.endswith(f" = {t.local_gradients[0][1]:.3g}")


def test_one_unit_without_an_example(ax):
    lg.Network([300, 3], output="softmax", seed=0).diagram(unit=(2, 0), ax=ax)
    assert {"z²₀", "a²₀", "293 more", "δ²₀ = ∂c/∂z²₀"} <= set(texts(ax))


def test_text_has_the_color_of_the_style(net):
    with matplotlib.rc_context({"text.color": "white", "figure.facecolor": "black"}):
        ax = net.diagram(ax=Figure().add_subplot())
    assert {"white"} <= {text.get_color() for text in ax.texts}


def test_a_new_figure_is_created(net):
    from matplotlib import pyplot

    with matplotlib.rc_context({"backend": "agg"}):
        figure = net.diagram().figure
        assert figure.get_size_inches()[0] == 7
        assert net.diagram().figure is not figure
        pyplot.close("all")


def test_arguments_are_checked(net):
    for unit in ((1, 0), (4, 0), (2, 2), (2, -1)):
        with pytest.raises(ValueError, match=r"of unit must be"):
            net.diagram(unit=unit)
    with pytest.raises(TypeError, match="unit must be a pair"):
        net.diagram(unit=2)
    with pytest.raises(TypeError, match="y must be passed together with x, got None"):
        net.diagram([1.0, 2.0])
    with pytest.raises(ValueError, match="surfaces must be False unless there are 2 inputs, got 3"):
        lg.Network([3, 1]).diagram(surfaces=True)
    with pytest.raises(ValueError, match="max_units must be at least 3, got 2"):
        net.diagram(max_units=2)
    with pytest.raises(TypeError, match=r"ax must be a matplotlib\.axes\.Axes, got 1"):
        net.diagram(ax=1)
    with pytest.raises(ValueError, match=r"limits\[1\] must be"):
        net.diagram(surfaces=True, limits=(1, -1))


def test_matplotlib_is_required(net, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)
    for draw in (net.diagram, net.graph().plot):
        with pytest.raises(
            ImportError, match=r'requires matplotlib; install it with: pip install "localgrad\[plot\]"'
        ):
            draw()
