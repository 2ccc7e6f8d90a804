"""The plot of `localgrad train`: the learning curve, and predictions of the test rows."""

from typing import Any

from numpy.typing import NDArray

from localgrad import plot
from localgrad.tabular import TabularClassifier


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
    from matplotlib.figure import Figure

    parts = 1 if y is None else 2
    figure = Figure(figsize=(5.5 * parts, 4.8), layout="constrained")
    axes = figure.subplots(1, parts, squeeze=False)[0]
    draw_learning_curves(axes[0], model)
    if y is not None:
        rows = f"{len(y):,} test rows"
        if isinstance(model, TabularClassifier):
            plot.confusion_matrix(y, outputs, classes=model.classes_, ax=axes[1]).set_title(rows)
        else:
            summary = plot.predictions(y, outputs, name=target, ax=axes[1]).get_title()
            axes[1].set_title(f"{rows}: {summary}")
    return figure


def draw_learning_curves(ax: Any, model: Any) -> None:
    """Draw the cost of each epoch of all networks, on a logarithmic scale."""
    ax.set(yscale="log", title="learning curve")
    histories = [network.history for network in model.ensemble_.networks if "cost" in network.history]
    if histories:
        plot.learning_curves(histories, ax=ax)
    ax.grid(alpha=0.3)
