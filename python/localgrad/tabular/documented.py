"""The parts of the docstrings that both estimators share."""

from typing import TypeVar

T = TypeVar("T", bound=type)

__all__ = ["documented"]

_PARAMETERS = """
    columns : dict, optional
        Kinds of columns, by name or number, instead of those detected: ``"numeric"``, ``"categorical"``,
        ``"boolean"``, ``"date"``, or ``"identifier"`` for columns to ignore. See `columns_`.
    hidden_layer_sizes : int or sequence of int, default (256, 256, 256)
        Number of units in each hidden layer.
    activation : str, default "selu" for classes, "mish" for numbers
        Activation function of the hidden layers.
    learning_rate : float, default 0.04 for classes, 0.07 for numbers
        Largest learning rate of Adam. That of a layer's weights is divided by √fan_in.
    epochs : int, default 64
        Number of epochs. The learning rate follows four cycles, each twice as long as the one before, and
        ends at 0. With more than 32 epochs, the parameters p after each epoch are averaged,
        p̄ ← w p + (1 - w) p̄ with w = 32/epochs. The averages with the lowest cost of the validation rows are
        kept, or for classes the last ones if they are more accurate. For numbers, training stops after the
        third cycle if the best epoch is in the first two.
    batch_size : int, default 256
        Number of rows in a mini-batch.
    bins : int, optional
        Number of quantile bins of the piecewise-linear encoding of numbers; 0 for none. By default, two
        networks are trained for 1/8 of the epochs to choose between none and one for every 20 rows per column
        of numbers, at most 48 and as many as fit 1 GiB; none if that is fewer than 8.
    dropout : float, default 0.0
        Dropout rate of the hidden layers, in [0, 1).
    weight_decay : float, default 0.0
        Weight decay, as in `localgrad.AdamW`.
"""

_ENSEMBLE = """
    n_ensemble : int, default 1
        Number of networks, which are trained at the same time. Their predictions are averaged. They differ in
        their initial parameters, the order of mini-batches, and the rows that they hold out.
    validation_fraction : float, default 0.15
        Share of the rows to hold out for validation, in [0, 1), rounded to 1/2, 1/3, 1/4 and so on unless
        `time_ordered` or groups are given; at most half. With 0, the last epoch is kept.
    time_ordered : bool, default False
        Whether to hold out the last rows, for tables in order of time, instead of random ones.
    time_limit : float, optional
        Time in seconds after which training stops. If needed, the learning rate falls faster. All networks
        share the time; those that have not finished an epoch are dropped.
    n_threads : int, optional
        Number of threads. By default it is chosen automatically; the result is the same for any number.
    verbose : {0, 1, 2}, default 0
        Progress to print, as in `localgrad.Network.fit`; of several networks, the means of their numbers.
    random_state : int, RandomState or None, default None
        Random numbers of the initial parameters, the mini-batches and the held-out rows.
"""

_ATTRIBUTES = """
    columns_ : Columns
        The columns of the table: `name`, `kind` and `reason` of each. Prints as a table.
    ensemble_ : Ensemble
        The trained networks are its `networks`. Their `history` has the costs of each epoch.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns, if `X` was a data frame with names.
    target_name_ : str or None
        Name of the target, if `y` was a column of a data frame.
    validation_rows_ : int or None
        Number of rows that chose the best epoch of the first network. The others hold out about as many.
        None if the file of the estimator does not have it.
"""

_NOTES = """
    Numbers are scaled by their median and interquartile range, x' = (x - median)/IQR, clipped smoothly to
    x'/√(1 + (x'/3)²), and encoded by quantile bins. Missing numbers are replaced with the median, with an
    additional input that marks them. Categories have an input each; rare ones share an input, and those that
    did not occur in training have none. Dates are encoded by the time, year, month, day, weekday and hour, as
    far as they vary. Text is read as numbers or dates if all of it can be.

    Scale and network follow RealMLP-TD-S (Holzmüller et al. 2024), the bins Gorishniy et al. 2022. The rates
    of layers, √fan_in times lower, and of biases and input scales, 0.1 and 6 times the rate, are theirs.

    ``sklearn.inspection`` computes permutation importances and partial dependence of the fitted estimator.

    Ctrl-C stops training and raises KeyboardInterrupt; the estimator is then fitted with the networks so far,
    each with the parameters of its best epoch.

    References
    ----------
    D. Holzmüller, L. Grinsztajn and I. Steinwart, "Better by Default: Strong Pre-Tuned MLPs and Boosted Trees
    on Tabular Data", 2024.

    Y. Gorishniy, I. Rubachev and A. Babenko, "On Embeddings for Numerical Features in Tabular Deep Learning",
    2022.
"""

_SECTIONS = {"parameters": _PARAMETERS, "ensemble": _ENSEMBLE, "attributes": _ATTRIBUTES, "notes": _NOTES}


def documented(kind: T) -> T:
    """Insert the shared sections into the docstring of a class."""
    for name, text in _SECTIONS.items():
        kind.__doc__ = (kind.__doc__ or "").replace(f"    {{{name}}}\n", text.lstrip("\n"))
    return kind
