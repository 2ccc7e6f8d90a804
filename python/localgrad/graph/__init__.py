"""The computation graph of a network: its variables and how they depend on each other."""

from localgrad.graph.graph import *
from localgrad.graph.graph import __all__ as __all__
