"""Warnings issued by localgrad.

Each warning has its own class, so that it can be filtered.

Examples
--------
>>> import warnings
>>> import localgrad.warnings
>>> warnings.filterwarnings("ignore", category=localgrad.warnings.LocalgradWarning)
"""

__all__ = [
    "CheckpointWarning",
    "ColumnWarning",
    "CostGradientWarning",
    "HoldOutWarning",
    "LocalgradWarning",
    "ResumeWarning",
    "ScaleWarning",
]


class LocalgradWarning(UserWarning):
    """Base class of all localgrad warnings.

    Examples
    --------
    >>> from localgrad.warnings import LocalgradWarning, ScaleWarning
    >>> issubclass(ScaleWarning, LocalgradWarning)
    True
    """


class ScaleWarning(LocalgradWarning):
    """The scale of inputs or targets makes training slow or impossible.

    `Network.fit` and `Network.partial_fit` check up to 1000 rows, evenly spaced. The warning describes the
    problem and a remedy, usually standardization. With such data, training with `SGD` or `Adam` at their
    default settings fails or is several times slower.

    The main cases, checked for each column:

    - Inputs, after `input_scale`, with a root mean square of at least 100, with a mean of at least 30 and at
      least 10 standard deviations, or with standard deviations of at most 0.01 in all columns.
    - Inputs with a standard deviation of at most 0.003 times the largest one, if a target depends on them.
    - Targets of costs that accept any number, such as mse, with a root mean square of at least 150, with a
      mean of at least 90 and at least 3 standard deviations, or with standard deviations of at most 0.015 in
      all columns.
    - Targets that the output cannot reach, such as targets above 1 for sigmoid outputs.
    - Targets of poisson, or of a custom cost with identity outputs, with a root mean square of at least 1000.

    Fewer than 10 rows, and fewer than 100 rows of `partial_fit` or `Blocks`, are only checked for large
    values. The documentation page on warnings and errors lists all limits.

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
    """The gradient that a custom cost returns does not match its values.

    `Network.fit` and the first call of `Network.partial_fit` compare the gradient with finite differences.
    This check calls the cost once more, with a few rows of outputs and targets. A plain function is checked
    before the first mini-batch. A closure, a method or another object is checked after the last one, because
    the extra call could change its state. Costs that draw random numbers are not checked.
    `localgrad.check_cost` gives a detailed report.

    Examples
    --------
    >>> import warnings
    >>> import localgrad as lg
    >>> def forgotten(a, y):  # the factor 2 is missing in the gradient
    ...     return ((a - y) ** 2).sum(axis=1), a - y
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     history = lg.Network([1, 1], init="zeros", cost=forgotten).fit([[1.0]], [1.0])
    >>> caught[0].category.__name__
    'CostGradientWarning'
    """


class CheckpointWarning(LocalgradWarning):
    """`callbacks.Checkpoint` with ``best=True`` kept a better checkpoint of an earlier fit.

    To replace it, use ``Checkpoint(path, best=True, overwrite=True)``.

    Examples
    --------
    >>> import warnings
    >>> from localgrad.warnings import CheckpointWarning
    >>> warnings.filterwarnings("error", category=CheckpointWarning)
    """


class ResumeWarning(LocalgradWarning):
    """Training was resumed with a different number of epochs, and the schedule depends on that number.

    The learning rate therefore does not continue at its previous value. A schedule with its own number of
    epochs, such as ``Cosine(epochs=10)``, does not depend on the `epochs` of `fit`.

    Examples
    --------
    >>> import warnings
    >>> from localgrad.warnings import ResumeWarning
    >>> warnings.filterwarnings("error", category=ResumeWarning)
    """


class HoldOutWarning(LocalgradWarning):
    """The validation data that `Network.fit` holds out is unsuitable or differs in size from the request.

    This happens in two cases:

    - With ``shuffle=False``, the last examples are held out, and they contain all examples of a class. The
      network is never trained on that class. Pass ``shuffle=True``, reorder the examples, or pass validation
      data as ``validation=(X, y)``.
    - The requested fraction cannot be held out, because one example of each class must remain in the training
      data, or because groups are too large. Pass a different fraction.

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


class ColumnWarning(LocalgradWarning):
    """A column of text in a table may not be used as intended by an estimator of `localgrad.tabular`.

    This happens in two cases:

    - Nearly all of its values are numbers or dates, but some are not, so that it is read as text. Replace
      these values with None.
    - Nearly every row has its own text, so that the column is ignored as an identifier.

    Both end if the argument `columns` of the estimator sets the kind of the column.

    Examples
    --------
    >>> import warnings
    >>> from localgrad.tabular import TabularRegressor
    >>> rows = [[str(i)] for i in range(30)] + [["about 30"]]
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     model = TabularRegressor(epochs=1, random_state=0).fit(rows, range(31))
    >>> print(str(caught[0].message).partition(";")[0])
    X column 'x0' is read as text and ignored, because not all values are numbers, got 'about 30' at row 30
    """
