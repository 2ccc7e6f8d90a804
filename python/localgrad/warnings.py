"""The warnings that localgrad issues, each of a class of its own so that it can be filtered.

Examples
--------
>>> import warnings
>>> import localgrad.warnings
>>> warnings.filterwarnings("ignore", category=localgrad.warnings.LocalgradWarning)
"""

__all__ = [
    "CheckpointWarning",
    "CostGradientWarning",
    "HoldOutWarning",
    "LocalgradWarning",
    "ResumeWarning",
    "ScaleWarning",
]


class LocalgradWarning(UserWarning):
    """The base of all warnings of localgrad.

    Examples
    --------
    >>> from localgrad.warnings import LocalgradWarning, ScaleWarning
    >>> issubclass(ScaleWarning, LocalgradWarning)
    True
    """


class ScaleWarning(LocalgradWarning):
    """Inputs or targets are of a size from which networks learn slowly or not at all.

    `Network.fit` issues it, and `Network.partial_fit`, once for inputs and targets together, with the numbers
    and the remedy. It looks at no more than 1000 rows, evenly spaced; of blocks and of the calls of
    `partial_fit` at the first ones, until 10 rows come together. Numbers below are those of single columns.

    - Inputs, times the network's `input_scale`, that are large: a root mean square of at least 100.
      Far from 0: a mean of at least 30 and 10 standard deviations; or, of columns that are not constant, a
      mean of at least 10 and 20 standard deviations in one of them, or of at least 2 and 20, or 50, standard
      deviations in all.
      Small: standard deviations that are all at most 0.01, with numbers of at most 0.1; or, of at least 100
      rows, a column of at most 0.003 of the largest standard deviation whose correlation with a target, or
      with the label, is at least 0.4, unless half its numbers are alike.
    - Targets, for costs that take any number, as mse does, that are large: a root mean square of at least
      150.
      Far from 0 and not constant: a mean of at least 90 and 3, or of at least 50, standard deviations.
      Small: columns that all vary by at most 0.1, with standard deviations of at most 0.015; or a column of
      at most 0.003 of the largest standard deviation, unless half its numbers are alike. (Of outputs with two
      limits only the first of these is judged, and what follows.)
    - For the same costs, targets out of the output's reach: where it has two limits, as for sigmoid and tanh,
      four tenths of a column farther beyond them than a tenth of their distance; where it has one, as for
      relu, nine tenths of a column below it.
    - Targets for poisson, and for a cost of your own with identity outputs: a root mean square of at least
      1000.

    Rows that may be a moment of a long series, those of `partial_fit` and of blocks of which fewer than 100
    come together, are judged only by whether they are large, or beyond two limits by all their distance.
    Fewer than 10 rows are judged only by whether their root mean square is at least 1000.

    Training with `SGD` and `Adam` at their default settings fails or is several times slower with such data.

    Examples
    --------
    >>> import warnings
    >>> import localgrad as lg
    >>> x = [[k / 10] for k in range(-10, 11)]
    >>> prices = [200_000 + 3_000 * k for k in range(-10, 11)]
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     history = lg.Network([1, 8, 1], seed=0).fit(x, prices, optimizer=lg.Adam())
    >>> print(caught[0].message)  # doctest: +NORMALIZE_WHITESPACE
    y has mean 2e+05 and standard deviation 1.817e+04, from which networks learn slowly or not at all; train
    on (y - y.mean(axis=0)) / y.std(axis=0), and undo that after predict
    """


class CostGradientWarning(LocalgradWarning):
    """The gradient that a cost of your own returns contradicts its values.

    `Network.fit` issues it, and the first `Network.partial_fit`. To compare, they call the cost once more,
    with a few rows of outputs and targets: a plain function before the first mini-batch; a closure, a method
    or another object, which may count its calls, after the last, so that it trains as without the call. Costs
    that draw random numbers are not compared. `localgrad.check_cost` tells more.

    Examples
    --------
    >>> import warnings
    >>> import localgrad as lg
    >>> def forgotten(a, y):  # the 2 of the square
    ...     return ((a - y) ** 2).sum(axis=1), a - y
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     history = lg.Network([1, 1], init="zeros", cost=forgotten).fit([[1.0]], [1.0])
    >>> caught[0].category.__name__
    'CostGradientWarning'
    """


class CheckpointWarning(LocalgradWarning):
    """`callbacks.Checkpoint` with ``best=True`` has kept a file of an earlier fit, which is better.

    ``Checkpoint(path, best=True, overwrite=True)`` replaces it.

    Examples
    --------
    >>> import warnings
    >>> from localgrad.warnings import CheckpointWarning
    >>> warnings.filterwarnings("error", category=CheckpointWarning)
    """


class ResumeWarning(LocalgradWarning):
    """A fit is resumed with another number of epochs, and its schedule depends on that number.

    The learning rate then does not continue where it was. A schedule that is given its own number of epochs,
    as in ``Cosine(epochs=10)``, does not depend on the fit's.

    Examples
    --------
    >>> import warnings
    >>> from localgrad.warnings import ResumeWarning
    >>> warnings.filterwarnings("error", category=ResumeWarning)
    """


class HoldOutWarning(LocalgradWarning):
    """The rows that `fit` keeps for validation are not what one expects of them.

    Either classes occur only among them, because ``shuffle=False`` holds out the last rows: the network never
    sees these classes, and its numbers on the validation data are the worse for it. Pass ``shuffle=True``,
    sort the rows differently, or pass validation data, ``validation=(X, y)``. Or the share cannot be met,
    because of each class a row stays in training, or because groups are too large: pass another share.

    Examples
    --------
    >>> import warnings
    >>> import localgrad as lg
    >>> net = lg.Network([1, 2], output="softmax", seed=0)
    >>> X, y = [[0.0], [0.1], [0.2], [1.0]], [0, 0, 0, 1]
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     history = net.fit(X, y, epochs=1, shuffle=False, validation=0.25)
    >>> print(caught[0].message)
    validation holds out all rows of class 1: shuffle=False holds out the last 1 of 4 rows
    """
