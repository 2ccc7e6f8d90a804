"""Arrays from the containers of numbers that users pass: lists, data frames, sparse matrices, tensors.

A container is recognized by the attributes of its class. `sys.modules` is not consulted, because another
thread may still be importing the library.
"""

from localgrad._arrays.frames import PLAIN, check_columns, column_names
from localgrad._arrays.numbers import as_numbers

__all__ = ["PLAIN", "as_numbers", "check_columns", "column_names"]
