"""Backpropagation of one example, written out with the numbers put in."""

from localgrad.explain.explanation import *
from localgrad.explain.update import *

__all__ = ["Explanation", "Update"]
