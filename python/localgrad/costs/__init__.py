"""Costs of your own: what they are, and whether their gradients are right."""

from localgrad.costs.check import check_cost
from localgrad.costs.custom import CustomCost

__all__ = ["CustomCost", "check_cost"]
