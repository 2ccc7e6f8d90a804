"""The warnings that localgrad issues, each of a class of its own so that it can be filtered.

Examples
--------
>>> import warnings
>>> import localgrad.warnings
>>> warnings.filterwarnings("ignore", category=localgrad.warnings.LocalgradWarning)
"""

__all__ = ["HoldOutWarning", "LocalgradWarning"]


class LocalgradWarning(UserWarning):
    """The base of all warnings of localgrad."""


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
