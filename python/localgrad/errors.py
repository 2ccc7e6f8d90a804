"""The exceptions of localgrad that carry data of their own.

Examples
--------
>>> from localgrad.errors import BadExample
"""

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
        super().__init__(argument, row, reason)  # what pickle calls the class with
        self.argument = argument
        self.row = row
        self.reason = reason
        self.column = column
        self.block = block

    def __str__(self) -> str:
        block = "" if self.block is None else f" of block {self.block}"
        column = "" if self.column is None else f", column {self.column}"
        return f"{self.argument} {self.reason} at row {self.row}{block}{column}"
