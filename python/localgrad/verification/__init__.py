"""A check of all quantities of backpropagation on a network of the user."""

from localgrad.verification.checking import check
from localgrad.verification.result import CheckResult, Comparison

__all__ = ["CheckResult", "Comparison", "check"]
