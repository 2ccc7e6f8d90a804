"""What users give as numbers, in whatever container, as arrays that the core can read.

Every kind is recognized by what its class offers. `sys.modules` is not looked into: another thread may still
be importing what stands there.
"""

from localgrad._arrays.frames import PLAIN, check_columns, column_names
from localgrad._arrays.numbers import as_numbers

__all__ = ["PLAIN", "as_numbers", "check_columns", "column_names"]
