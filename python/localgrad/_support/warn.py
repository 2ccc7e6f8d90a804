"""Warnings that point to the line of the caller."""

import os
import sys
import warnings

_PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep


def warn(message: str, category: type[Warning]) -> None:
    """Issue a warning that points to the line outside of this package from which the call came."""
    # Not a fixed stacklevel: warnings come from several depths of the package.
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
