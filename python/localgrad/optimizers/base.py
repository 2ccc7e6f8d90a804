"""What all update rules share."""

from dataclasses import asdict, dataclass

import localgrad._core as _core
from localgrad._arguments.settings import Settings


@dataclass(frozen=True)
class Optimizer(Settings):
    """The base of all optimisers, for ``isinstance``; it trains nothing itself.

    Optimisers cannot be changed, are equal if their settings are, and may be used for any number of fits at
    once.

    Examples
    --------
    >>> import localgrad as lg
    >>> isinstance(lg.SGD(), lg.optimizers.Optimizer)
    True
    """


class MiniBatchRule(Optimizer):
    """The base of those that the core computes, one mini-batch after another."""

    learning_rate: float  # declared by each class, as its first field

    def _native(self) -> _core.Optimizer:
        return _core.optimizer(type(self).__name__, asdict(self))
