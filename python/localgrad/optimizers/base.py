"""The base classes of optimizers."""

from dataclasses import asdict, dataclass

import localgrad._core as _core
from localgrad._arguments.settings import Settings


@dataclass(frozen=True)
class Optimizer(Settings):
    """Base class of all optimizers, for use with ``isinstance``.

    Optimizers are immutable and contain no state, so several fits can share an object, even at the same time.
    Two optimizers of the same class compare equal if their settings are equal.

    Examples
    --------
    >>> import localgrad as lg
    >>> isinstance(lg.SGD(), lg.optimizers.Optimizer)
    True
    """


class MiniBatchRule(Optimizer):
    """Base class of the optimizers that update the parameters after each mini-batch, in the C++ core."""

    learning_rate: float  # declared by each class, as its first field

    def _native(self) -> _core.Optimizer:
        return _core.optimizer(type(self).__name__, asdict(self))


class FullBatchRule(Optimizer):
    """Base class of the optimizers that use all examples in each iteration."""
