"""What all plots have in common: axes, labels, colors, and matplotlib as an optional dependency."""

import sys

import localgrad as lg
import numpy as np
import pytest
from programs import run

pytest.importorskip("matplotlib")

from localgrad import plot
from localgrad.plot._colors import brightness, palette
from matplotlib import rc_context, style
from matplotlib.figure import Figure

X, Y = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1])
P = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
NET = lg.Network([2, 3, 2], output="softmax", seed=0)
HISTORY = lg.History(cost=[2.0, 1.0, 0.5], val_cost=[2.0, 1.5, 1.7])
PLOTS = {
    "learning_curves": lambda ax=None: plot.learning_curves(HISTORY, ax=ax),
    "layer_curves": lambda ax=None: plot.layer_curves({"delta_rms": [[0.1, 0.2]]}, ax=ax),
    "weight_histograms": lambda ax=None: plot.weight_histograms(NET, ax=ax),
    "first_layer": lambda ax=None: plot.first_layer(NET, ax=ax),
    "confusion_matrix": lambda ax=None: plot.confusion_matrix(Y, P, ax=ax),
    "calibration": lambda ax=None: plot.calibration(Y, P, ax=ax),
    "decision_boundary": lambda ax=None: plot.decision_boundary(NET, X, Y, resolution=9, ax=ax),
    "predictions": lambda ax=None: plot.predictions([1.0, 2.0], [1.0, 2.5], ax=ax),
    "saliency": lambda ax=None: plot.saliency(NET, X, Y, ax=ax),
}


@pytest.fixture(params=PLOTS)
def draw(request):
    return PLOTS[request.param]


def test_every_plot_is_tested_here():
    assert sorted(PLOTS) == sorted(plot.__all__)


def test_the_axes_that_are_passed_are_returned_and_labeled(draw):
    ax = Figure().add_subplot()
    assert draw(ax) is ax
    ax.figure.canvas.draw()
    assert ax.get_xlabel()
    assert ax.get_ylabel() or [text.get_text() for text in ax.get_yticklabels()]


def test_invalid_axes_raise(draw):
    for bad in (3, "axes", Figure()):
        with pytest.raises(TypeError, match=r"ax must be a matplotlib\.axes\.Axes, got "):
            draw(bad)


def test_missing_matplotlib_raises_with_the_install_command(draw, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)
    message = r'plot requires matplotlib; install it with: pip install "localgrad\[plot\]"'
    with pytest.raises(ImportError, match=message):
        draw()


def test_text_is_legible_on_dark_figures(draw):
    with style.context("dark_background"):
        ax = draw(Figure().add_subplot())
        ax.figure.canvas.draw()
    texts = [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label, ax.title]
    texts += ax.get_legend().get_texts() if ax.get_legend() else []
    assert all(brightness(text.get_color()) > 0.5 for text in texts)
    assert brightness(palette(ax)[0]) > 0.5


def test_a_changed_property_cycle_is_used():
    from cycler import cycler

    with rc_context({"axes.prop_cycle": cycler(color=["#111111", "#222222"])}):
        ax = plot.learning_curves(HISTORY, ax=Figure().add_subplot())
    assert [line.get_color() for line in ax.lines[:2]] == ["#111111", "#222222"]


def test_pyplot_is_used_in_notebooks():
    run("""
import sys
from unittest.mock import MagicMock
sys.modules["IPython"] = MagicMock(version_info=(9, 0, 0), get_ipython=lambda: None)
import matplotlib
matplotlib.use("agg")
import localgrad as lg
lg.History(cost=[2.0, 1.0]).plot()
assert "matplotlib.pyplot" not in sys.modules
sys.modules["IPython"].get_ipython = MagicMock()
ax = lg.History(cost=[2.0, 1.0]).plot()
assert sys.modules["matplotlib.pyplot"].gcf() is ax.figure
""")


def test_pyplot_is_used_only_by_programs_that_use_it(tmp_path):
    run(
        """
import sys
import localgrad as lg
lg.plot.weight_histograms  # loads the package
assert not [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]
history = lg.History(cost=[2.0, 1.0])
one, other = history.plot(), lg.plot.learning_curves(history)
assert one.figure is not other.figure
one.figure.savefig(sys.argv[1])
assert "matplotlib.pyplot" not in sys.modules
from matplotlib import pyplot
pyplot.switch_backend("agg")
assert pyplot.get_fignums() == []
assert history.plot().figure is pyplot.gcf()
history.plot(ax=one)
assert len(pyplot.get_fignums()) == 1
""",
        tmp_path / "curves.png",
    )
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
