"""Update rules: settings only. A fit keeps the state that a rule needs and starts with a fresh one."""

from localgrad import _core
from localgrad._check import boolean, real

__all__ = ["SGD"]


class SGD:
    """Stochastic gradient descent, plain or with momentum.

    With g the mean gradient of a mini-batch, (M), and v the velocity, 0 at first:

    - plain: w ← w - ηg
    - with momentum μ: v ← μv + g, then w ← w - ηv
    - with Nesterov's momentum: v ← μv + g, then w ← w - η(g + μv)

    Parameters
    ----------
    learning_rate : float, default 0.1
        η, finite and at least 0.
    momentum : float, default 0.0
        μ, in [0, 1).
    nesterov : bool, default False
        Whether to look ahead along the velocity; needs a momentum above 0.

    Raises
    ------
    TypeError
        If an argument is not a number (or, for `nesterov`, not a bool).
    ValueError
        If one is out of its range.

    Notes
    -----
    The object cannot be changed; it may be used for any number of fits at once.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.SGD(0.1, momentum=0.9)
    SGD(learning_rate=0.1, momentum=0.9, nesterov=False)
    """

    __slots__ = ("_learning_rate", "_momentum", "_nesterov")

    def __init__(self, learning_rate: float = 0.1, momentum: float = 0.0, nesterov: bool = False) -> None:
        self._learning_rate = real(learning_rate, "learning_rate", at_least=0.0)
        self._momentum = real(momentum, "momentum", at_least=0.0, below=1.0)
        self._nesterov = boolean(nesterov, "nesterov")
        if self._nesterov and self._momentum == 0:
            raise ValueError("nesterov=True needs a momentum above 0, given 0.0")

    @property
    def learning_rate(self) -> float:
        """η, the length of a step in units of the gradient."""
        return self._learning_rate

    @property
    def momentum(self) -> float:
        """μ, the share of the velocity that a step keeps."""
        return self._momentum

    @property
    def nesterov(self) -> bool:
        """Whether the momentum is Nesterov's."""
        return self._nesterov

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(learning_rate={self.learning_rate}, momentum={self.momentum}, "
            f"nesterov={self.nesterov})"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SGD):
            return NotImplemented
        return self._settings() == other._settings()

    def __hash__(self) -> int:
        return hash(self._settings())

    def __reduce__(self) -> tuple[type["SGD"], tuple[float, float, bool]]:
        return type(self), self._settings()

    def _settings(self) -> tuple[float, float, bool]:
        return self._learning_rate, self._momentum, self._nesterov

    def _native(self) -> _core.SGD:
        return _core.SGD(*self._settings())
