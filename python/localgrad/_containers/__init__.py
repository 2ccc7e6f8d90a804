"""The containers that users keep numbers in, as NumPy arrays.

Every kind is recognized by what its class offers. `sys.modules` is not looked into: another thread may still
be importing what stands there.
"""

from localgrad._containers.arrays import as_numbers
from localgrad._containers.frames import PLAIN, check_columns, column_names

__all__ = ["PLAIN", "as_numbers", "check_columns", "column_names"]
