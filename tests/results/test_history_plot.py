"""The learning curves of a history: which curves are plotted, on which axis, and with which labels."""

import math
import sys

import localgrad as lg
import pytest
from programs import run

matplotlib = pytest.importorskip("matplotlib")

from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

COST, VAL_COST, RATE = [3.0, 2.0, 1.0, 0.5], [3.5, 2.0, 2.5, 4.0], [0.4, 0.3, 0.2, 0.1]


@pytest.fixture
def ax():
    figure = Figure()
    yield figure.add_subplot()
    FigureCanvasAgg(figure).draw()  # the figure can be drawn


@pytest.fixture
def history():
    return lg.History(cost=COST, val_cost=VAL_COST)


def curves(ax):
    return {
        line.get_label(): (list(line.get_xdata()), list(line.get_ydata()))
        for line in ax.lines
        if not line.get_label().startswith("best epoch")
    }


def marked(ax):
    """Return the position of the vertical line and its label."""
    lines = [line for line in ax.lines if line.get_label().startswith("best epoch")]
    assert len(lines) <= 1
    return (lines[0].get_xdata()[0], lines[0].get_label()) if lines else None


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_training_and_validation_cost_are_plotted(history, ax):
    assert history.plot(ax=ax) is ax
    assert curves(ax) == {"cost": ([1, 2, 3, 4], COST), "val cost": ([1, 2, 3, 4], VAL_COST)}
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "cost")
    assert legend(ax) == ["cost", "val cost", "best epoch (2)"]
    assert len(ax.figure.axes) == 1


def test_without_validation_nothing_is_marked(ax):
    lg.History(cost=COST).plot(ax=ax)
    assert list(curves(ax)) == ["cost"]
    assert marked(ax) is None


def test_the_best_epoch_or_the_lowest_validation_cost_is_marked(history, ax):
    history.plot(ax=ax)
    assert marked(ax) == (2, "best epoch (2)")
    ax.clear()
    history.best_epoch = 3
    history.plot(ax=ax)
    assert marked(ax) == (3, "best epoch (3)")


def test_nan_is_not_marked_as_the_lowest(ax):
    lg.History(cost=COST, val_cost=[math.nan, 2.0, 1.0, math.nan]).plot(ax=ax)
    assert marked(ax) == (3, "best epoch (3)")
    ax.clear()
    lg.History(cost=COST, val_cost=[math.nan] * 4).plot(ax=ax)
    assert marked(ax) is None


def test_epochs_are_counted_as_in_the_network(history, ax):
    history.first_epoch = 10
    history.plot(ax=ax)
    assert curves(ax)["cost"][0] == [11, 12, 13, 14]
    assert marked(ax) == (12, "best epoch (12)")


def test_the_learning_rate_has_a_second_axis(history, ax):
    history["learning_rate"] = RATE
    history.plot(ax=ax)
    _, right = ax.figure.axes
    assert curves(right) == {"learning rate": ([1, 2, 3, 4], RATE)}
    assert right.get_ylabel() == "learning rate"
    assert legend(ax) == ["cost", "val cost", "learning rate", "best epoch (2)"]
    # The main axis, with the legend, is in front of the second one, and transparent.
    assert right.get_zorder() < ax.get_zorder()
    assert right.patch.get_visible()
    assert not ax.patch.get_visible()


def test_a_requested_learning_rate_is_plotted_on_the_main_axis(history, ax):
    history["learning_rate"] = RATE
    history.plot("learning_rate", ax=ax)
    assert curves(ax) == {"learning rate": ([1, 2, 3, 4], RATE)}
    assert ax.get_ylabel() == "learning rate"
    assert len(ax.figure.axes) == 1


def test_a_name_includes_its_validation_curve(history, ax):
    history.update(accuracy=[0.1] * 4, val_accuracy=[0.2] * 4, val_auc=[0.3] * 4)
    history.plot("accuracy", "auc", "val_cost", "val_accuracy", ax=ax)
    assert list(curves(ax)) == ["accuracy", "val accuracy", "val auc", "val cost"]
    assert ax.get_ylabel() == ""  # no label for several quantities


def test_unknown_names_raise(history, ax):
    with pytest.raises(ValueError, match=r"names must be keys of the history \('cost', 'val_cost'\), got 'a"):
        history.plot("cost", "auc", ax=ax)
    assert not ax.lines
    with pytest.raises(ValueError, match=r"history \(none\), got 'cost'"):
        lg.History().plot(ax=ax)


@pytest.mark.parametrize("n", [0, 1])
def test_histories_of_few_epochs_can_be_plotted(n, ax):
    lg.History(cost=COST[:n]).plot(ax=ax)
    assert curves(ax) == {"cost": ([1][:n], COST[:n])}
    assert ax.lines[0].get_marker() == ("o" if n == 1 else "")
    assert all(tick == int(tick) for tick in ax.get_xticks())


FALLING = [1.0 - k / 99 for k in range(100)]
BOWL = [abs(k / 49.5 - 1) for k in range(100)]
WAVE = [1 - abs(k / 49.5 - 1) ** 2 for k in range(100)]


@pytest.mark.parametrize("rate", [FALLING, FALLING[::-1], BOWL, WAVE, [0.1] * 100])
@pytest.mark.parametrize("cost", [FALLING, FALLING[::-1], BOWL])
def test_the_legend_covers_no_curve_of_either_axis(cost, rate, ax):
    lg.History(cost=cost, learning_rate=rate).plot(ax=ax)
    FigureCanvasAgg(ax.figure).draw()
    box = ax.get_legend().get_window_extent()
    for line in [line for one in ax.figure.axes for line in one.lines]:
        path = line.get_transform().transform_path(line.get_path())
        assert not path.intersects_bbox(box, filled=False)


def test_invalid_axes_raise(history):
    for bad in (3, "axes", Figure()):
        with pytest.raises(TypeError, match=r"ax must be a matplotlib\.axes\.Axes, got "):
            history.plot(ax=bad)


def test_each_call_creates_a_new_figure():
    run("""
import sys
import matplotlib
matplotlib.use("Agg")
import localgrad as lg
from matplotlib.figure import Figure
history = lg.History(cost=[2.0, 1.0])
history.plot(ax=Figure().add_subplot())
assert "matplotlib.pyplot" not in sys.modules  # which keeps a list of all figures
one, other = history.plot(), history.plot()
assert one.figure is not other.figure
one.figure.canvas.draw()
""")


def test_missing_matplotlib_raises_with_the_install_command(history, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)
    with pytest.raises(
        ImportError, match=r'plot requires matplotlib; install it with: pip install "localgrad\[plot\]"'
    ):
        history.plot()


@pytest.mark.parametrize("names", [(["cost"],), (("cost",),), ("cost",), ([],), ()], ids=str)
def test_names_can_be_a_list(history, ax, names):
    history.plot(*names, ax=ax)
    assert list(curves(ax)) == ["cost", "val cost"]


def test_a_list_can_have_several_names(history, ax):
    history["f1"] = [0.1, 0.2, 0.3, 0.4]
    history.plot(["f1", "val_cost"], ax=ax)
    assert list(curves(ax)) == ["f1", "val cost"]
    with pytest.raises(ValueError, match=r"names must be keys of the history .*got 'costs'"):
        history.plot(["costs"], ax=ax)
    for wrong in (3, [3], None, [["cost"]]):
        with pytest.raises(TypeError, match="names must be keys of the history, got"):
            history.plot(wrong, ax=ax)


def test_names_of_other_libraries_are_accepted(history, ax):
    history.plot(["loss"], ax=ax)
    assert list(curves(ax)) == ["cost", "val cost"]


def test_quantities_of_layers_are_plotted_elsewhere(ax):
    history = lg.Network([2, 3, 1], seed=0).fit([[0.0, 1.0]], [1.0], epochs=2, diagnostics=True)
    with pytest.raises(ValueError, match=r"number for each layer; plot it with plot\.layer_curves"):
        history.plot("delta_rms", ax=ax)
    history.plot("gradient_noise_scale", ax=ax)
