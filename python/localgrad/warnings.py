"""The warnings that localgrad issues, each of a class of its own so that it can be filtered.

Examples
--------
>>> import warnings
>>> import localgrad.warnings
>>> warnings.filterwarnings("ignore", category=localgrad.warnings.LocalgradWarning)
"""

__all__ = ["LocalgradWarning"]


class LocalgradWarning(UserWarning):
    """The base of all warnings of localgrad."""
