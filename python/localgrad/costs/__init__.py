"""Custom costs: their type, and a check of their gradients."""

from localgrad.costs.check import check_cost
from localgrad.costs.custom import CustomCost

__all__ = ["CustomCost", "check_cost"]
