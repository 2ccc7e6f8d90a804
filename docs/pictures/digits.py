"""Handwritten digits: learning curves with validation, and the images that `localgrad demo` misreads."""

import argparse
from pathlib import Path
from typing import Any

import localgrad as lg
import numpy as np
from localgrad.cli import demo
from localgrad.cli.data import sklearn_digits
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.ticker import MultipleLocator

from pictures.style import INK, MUTED, RED, figure

_COLUMNS = 6
_LEVELS = 16  # of gray, in scikit-learn's digits


def draw_curves(folder: Path) -> None:
    """Draw cost and accuracy of training and validation, with the epoch whose parameters were restored."""
    images = sklearn_digits(seed=0)
    net = lg.Network(
        (images.X.shape[1], 64, images.classes), activation="relu", output="softmax", dropout=0.1, seed=0
    )
    stop = lg.callbacks.EarlyStopping(patience=15)
    history = net.fit(
        images.X,
        images.y,
        epochs=200,
        optimizer=lg.Adam(2e-3),
        validation=(images.X_test, images.y_test),
        callbacks=[stop],
    )
    with figure(folder / "learning_curves.svg", 4.4) as drawn:
        cost, accuracy = drawn.subplots(2, 1, sharex=True)
        history.plot("cost", ax=cost)
        history.plot("accuracy", ax=accuracy)
        cost.set(xlabel="", yscale="log")
        cost.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        accuracy.xaxis.set_major_locator(MultipleLocator(10))
        accuracy.set(ylim=(0.9, 1.002))
        accuracy.get_legend().remove()
        for axes in (cost, accuracy):
            axes.grid(axis="y")


def draw_misread(folder: Path) -> None:
    """Train as `localgrad demo` does by default and draw the test images that the network misreads."""
    parser = argparse.ArgumentParser()
    demo.add_arguments(parser)
    defaults = parser.parse_args([])
    images = sklearn_digits(defaults.seed)
    net, rule = demo.untrained_network(defaults, images)
    net.fit(images.X, images.y, epochs=demo.EPOCHS["digits"], batch_size=defaults.batch_size, optimizer=rule)
    predictions = net.predict(images.X_test).argmax(axis=1)
    wrong = np.flatnonzero(predictions != images.y_test)
    rows = -(-len(wrong) // _COLUMNS)
    with figure(folder / "misread_digits.svg", 0.4 + 1.25 * rows) as drawn:
        drawn.suptitle(f"{len(wrong)} of {len(images.y_test)} test images are misread", fontsize=11)
        places = iter(drawn.subplots(rows, _COLUMNS, squeeze=False).flat)
        for i, axes in zip(wrong, places, strict=False):
            _draw_image(axes, images.X_test[i].reshape(images.shape))
            axes.set_title(f"read as {predictions[i]}", color=RED, pad=3)
            axes.set_xlabel(f"is {images.y_test[i]}", labelpad=3, fontsize=10)
        for axes in places:
            axes.set_axis_off()


def _draw_image(axes: Any, pixels: Any) -> None:
    """Draw pixels as squares of ink, one shape for each level of gray: light on a dark page."""
    height, width = pixels.shape
    for level in range(1, _LEVELS + 1):
        squares = [
            Outline([(c, r), (c + 1, r), (c + 1, r + 1), (c, r + 1), (c, r)], closed=True)
            for r, c in np.argwhere(np.rint(pixels * _LEVELS) == level)
        ]
        if squares:
            shape = Outline.make_compound_path(*squares)
            axes.add_patch(
                PathPatch(shape, facecolor=INK, alpha=level / _LEVELS, linewidth=0, antialiased=False)
            )
    axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal", xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color=MUTED, linewidth=0.6)
