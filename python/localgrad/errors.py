"""Exceptions of localgrad that carry additional information.

Examples
--------
>>> from localgrad.errors import BadExample
"""

from functools import partial
from typing import Any

__all__ = ["BadExample"]


class BadExample(ValueError):
    """Exception for an invalid value in the inputs, the target, slopes or sample weight of an example.

    Parameters
    ----------
    argument : str
        Name of the argument that contains the example, such as ``"X"``, ``"validation y"`` or
        ``"sample_weight"``.
    row : int
        Row of the example in that argument, or in the block, counted from 0.
    reason : str
        Description of the problem, such as ``"must be finite, got nan"``.
    column : int, optional
        Column of the invalid value, counted from 0; for the slope of output j along input k, this is
        ``j * sizes[0] + k``. None for labels and weights.
    block : int, optional
        Number of the block that contains the row, counted from 1. None for data that was not passed as
        `localgrad.Blocks`.

    Attributes
    ----------
    argument, row, reason, column, block
        The parameters.

    Examples
    --------
    >>> import localgrad as lg
    >>> net = lg.Network([2, 1])
    >>> try:
    ...     net.predict([[0.0, 1.0], [float("nan"), 2.0]])
    ... except lg.BadExample as error:
    ...     print(error)
    ...     print(error.argument, error.row, error.column)
    X must be finite as float32, got nan at row 1, column 0
    X 1 0
    """

    def __init__(
        self, argument: str, row: int, reason: str, *, column: int | None = None, block: int | None = None
    ) -> None:
        where = "" if block is None else f" of block {block}"
        where += "" if column is None else f", column {column}"
        super().__init__(f"{argument} {reason} at row {row}{where}")
        self.argument = argument
        self.row = row
        self.reason = reason
        self.column = column
        self.block = block

    def __reduce__(self) -> tuple[Any, ...]:
        # The default would call the class with the formatted message only.
        made = partial(type(self), column=self.column, block=self.block)
        return made, (self.argument, self.row, self.reason), vars(self)
