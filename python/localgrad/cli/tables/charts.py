"""The plot of `localgrad train`: the learning curve, and predictions of the test rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix

from localgrad.tabular import TabularClassifier

_MOST_POINTS = 5_000
_MOST_NUMBERS = 20  # classes, above which the cells of the matrix have colors only


def results_figure(model: Any, target: str, y: NDArray[Any] | None, outputs: Any) -> Any:
    """Plot the cost of each epoch, and the predictions of test rows if there are some.

    Parameters
    ----------
    model : TabularClassifier or TabularRegressor
        The trained model.
    target : str
        Name of the target.
    y : ndarray of shape (n,) or None
        Targets of the test rows.
    outputs : ndarray or None
        Predictions of a regressor, probabilities of a classifier for these rows.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, which is independent of pyplot's state.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    parts = 1 if y is None else 2
    figure = Figure(figsize=(5.5 * parts, 4.8), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, parts, squeeze=False)[0]
    draw_learning_curves(axes[0], model)
    if y is not None and isinstance(model, TabularClassifier):
        draw_confusion(axes[1], model.classes_, y, outputs)
    elif y is not None:
        draw_predictions(axes[1], target, y, outputs)
    return figure


def draw_learning_curves(axes: Any, model: Any) -> None:
    """Draw the cost of each epoch and mark the one that is kept, of all networks."""
    ink = axes.xaxis.label.get_color()
    for k, network in enumerate(model.ensemble_.networks):
        for name, label, color in (("cost", "training", "C0"), ("val_cost", "validation", "C1")):
            costs = network.history.get(name, [])
            if len(costs):
                epochs = range(1, len(costs) + 1)
                marker = "o" if len(costs) == 1 else None
                axes.plot(epochs, costs, color=color, alpha=0.8, marker=marker, label=None if k else label)
        kept = network.history.best_epoch
        costs = network.history.get("val_cost") or network.history.get("cost", [])
        if kept is not None and 1 <= kept <= len(costs):
            name = "_" if k else "epoch that is kept"  # matplotlib leaves out labels with an underscore
            axes.plot(kept, costs[kept - 1], "o", color="C1", markeredgecolor=ink, label=name)
    axes.set(xlabel="epoch", ylabel="cost", title="learning curve", yscale="log")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend()


def draw_predictions(axes: Any, target: str, y: NDArray[np.float64], predicted: NDArray[np.float64]) -> None:
    """Draw predicted against actual numbers, at most 5,000 of them."""
    some = slice(None, None, -(-len(y) // _MOST_POINTS))
    axes.scatter(y[some], predicted[some], s=12, alpha=0.6, linewidth=0)
    ends = [min(y.min(), predicted.min()), max(y.max(), predicted.max())]
    axes.plot(ends, ends, color="0.4", linewidth=1)
    axes.set(xlabel=f"actual {target}", ylabel=f"predicted {target}", title=f"{len(y):,} test rows")
    axes.grid(alpha=0.3)


def draw_confusion(axes: Any, classes: NDArray[Any], y: NDArray[Any], probabilities: Any) -> None:
    """Draw the confusion matrix: the color is the share of the rows of a class."""
    counts = confusion_matrix(y, classes[probabilities.argmax(axis=1)], labels=classes)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    names = [str(one) for one in classes.tolist()]
    if len(names) <= _MOST_NUMBERS:
        axes.set_xticks(range(len(names)), names, rotation=45 if max(map(len, names)) > 3 else 0)
        axes.set_yticks(range(len(names)), names)
        for (i, k), count in np.ndenumerate(counts):
            color = "white" if shares[i, k] > 0.5 else "black"
            axes.text(k, i, f"{count:,}", ha="center", va="center", color=color, fontsize="small")
    axes.set(xlabel="predicted class", ylabel="actual class", title=f"{len(y):,} test rows")
