"""The exceptions of localgrad that carry data.

Examples
--------
>>> from localgrad.errors import BadExample
"""

from functools import partial
from typing import Any

__all__ = ["BadExample"]


class BadExample(ValueError):
    """An example that a call refuses: one number, label or weight of it is not what it must be.

    Parameters
    ----------
    argument : str
        The argument that holds the example, such as ``"X"``, ``"validation y"`` or ``"sample_weight"``.
    row : int
        Its row in that argument, or in a block of it, from 0.
    reason : str
        What is wrong, such as ``"must be finite, got nan"``.
    column : int, optional
        The column of the wrong number, from 0. Labels and weights have none.
    block : int, optional
        Where `localgrad.Blocks` are read, the block that holds the row, from 1.

    Attributes
    ----------
    argument, row, reason, column, block
        As given.

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
        made = partial(type(self), column=self.column, block=self.block)
        return made, (self.argument, self.row, self.reason), vars(self)
