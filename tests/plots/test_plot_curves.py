"""Curves over epochs, of whole networks and of their layers."""

import math

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


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_curves_differ_in_color_and_line_style(ax):
    history = {"cost": [2.0, 1.0], "val_cost": [2.5, 1.5], "accuracy": [0.1, 0.5], "val_accuracy": [0.1, 0.4]}
    plot.learning_curves(history, "cost", "accuracy", ax=ax)
    assert len({line.get_color() for line in ax.lines[:4]}) == 4
    assert len({str(line._dash_pattern) for line in ax.lines[:4]}) == 4


def test_many_curves_differ_in_color_or_line_style(ax):
    names = [f"metric_{k}" for k in range(12)]
    plot.learning_curves({name: [2.0, 1.0] for name in names}, names, ax=ax)
    assert len({(line.get_color(), str(line._dash_pattern)) for line in ax.lines}) == 12


def test_a_second_plot_on_the_same_axes_has_other_colors(ax):
    plot.learning_curves({"cost": [2.0, 1.0]}, ax=ax)
    assert ax.get_legend() is None  # the axis names the only curve
    plot.learning_curves({"cost": [1.0, 0.5]}, ax=ax)
    assert len({line.get_color() for line in ax.lines}) == 2


def test_histories_of_several_networks_share_colors(ax):
    histories = [lg.History(cost=[2.0, 1.0 + k], val_cost=[2.0, 3.0]) for k in range(3)]
    histories[2].best_epoch = 2
    plot.learning_curves(histories, ax=ax)
    assert legend(ax) == ["cost", "val cost", "best epoch"]
    assert len(ax.lines) == 7
    assert len({line.get_color() for line in ax.lines[:6]}) == 2
    assert np.array_equal(ax.lines[6].get_xydata(), [[1, 2], [1, 2], [2, 3]])


def test_isolated_numbers_have_markers(ax):
    plot.learning_curves({"cost": [1.0, 2.0, math.nan, 3.0, math.nan]}, ax=ax)
    assert (ax.lines[0].get_marker(), ax.lines[0].get_markevery()) == ("o", [3])


def test_no_history_raises(ax):
    with pytest.raises(ValueError, match="history must contain at least one history, got none"):
        plot.learning_curves([], ax=ax)


def test_layers_are_numbered_as_in_the_notation(ax):
    history = lg.History(delta_rms=[[0.1, 1.0, 2.0], [0.2, 0.5, 1.0]])
    history.first_epoch = 5
    plot.layer_curves(history, ax=ax)
    assert legend(ax) == ["layer 2", "layer 3", "layer 4 (output)"]
    assert np.array_equal(ax.lines[1].get_xydata(), [[6, 1.0], [7, 0.5]])
    assert (ax.get_yscale(), ax.get_ylabel(), ax.get_xlabel()) == ("log", "RMS of δ", "epoch")
    assert len({str(line._dash_pattern) for line in ax.lines}) == 3


def test_a_deep_network_has_a_short_legend(ax):
    plot.layer_curves({"z_rms": np.ones((3, 20)).tolist()}, "z_rms", ax=ax)
    assert len(ax.lines) == 20
    assert legend(ax)[0] == "layer 2"
    assert legend(ax)[-1] == "layer 21 (output)"
    assert len(legend(ax)) == 6


def test_shares_have_a_linear_axis_and_ratios_a_mark(ax):
    plot.layer_curves({"dead": [[0.0, 0.5]]}, "dead", ax=ax)
    assert ax.get_yscale() == "linear"
    ax.clear()
    plot.layer_curves({"update_ratio": [[0.01, 0.001]]}, "update_ratio", ax=ax)
    assert legend(ax)[-1] == "0.001"


def test_interrupted_epochs_and_zeros_are_gaps(ax):
    plot.layer_curves({"delta_rms": [[0.1, 0.2], math.nan, [0.0, 0.3]]}, ax=ax)
    assert np.isnan(ax.lines[0].get_ydata()).tolist() == [False, True, True]
    assert ax.lines[1].get_markevery() == [0, 2]


@pytest.mark.parametrize("rows", [[], [math.nan]])
def test_a_history_without_numbers_can_be_plotted(rows, ax):
    plot.layer_curves({"delta_rms": rows}, ax=ax)
    assert not ax.lines


def test_a_missing_quantity_raises_with_the_remedy(ax):
    message = r"history has no 'delta_rms': train with fit\(\.\.\., diagnostics=True\)"
    with pytest.raises(ValueError, match=message):
        plot.layer_curves(lg.History(cost=[1.0]), ax=ax)
    with pytest.raises(ValueError, match=r"quantity must be one of 'delta_rms', .*, got 'deltas'"):
        plot.layer_curves(lg.History(cost=[1.0]), "deltas", ax=ax)
    with pytest.raises(ValueError, match=r"history\['z_rms'\] must have one number per layer in each epoch"):
        plot.layer_curves({"z_rms": [[1.0], [1.0, 2.0]]}, "z_rms", ax=ax)
