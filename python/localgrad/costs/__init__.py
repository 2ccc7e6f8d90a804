"""Custom costs: the type of a custom cost, and a function that checks its gradient."""

from localgrad.costs.check import check_cost
from localgrad.costs.custom import CustomCost

__all__ = ["CustomCost", "check_cost"]
