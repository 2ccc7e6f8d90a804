"""Stochastic gradient descent."""

from localgrad._arguments.settings import flag, number, settings
from localgrad.optimizers.base import MiniBatchRule

__all__ = ["SGD"]  # of the package


@settings
class SGD(MiniBatchRule):
    """Stochastic gradient descent, plain or with momentum.

    With v the velocity:

    - plain: w ← w - ηg
    - with momentum μ: v ← μv + g, then w ← w - ηv
    - with Nesterov's momentum: v ← μv + g, then w ← w - η(g + μv)

    Parameters
    ----------
    learning_rate : float, default 0.1
        η, finite and at least 0.
    momentum : float, default 0.0
        μ, the share of the velocity that a step keeps, in [0, 1).
    nesterov : bool, default False
        Whether to look ahead along the velocity; needs a momentum above 0.

    Raises
    ------
    TypeError
        If an argument is not a number (or, for `nesterov`, not a bool).
    ValueError
        If one is out of its range.

    References
    ----------
    Sutskever, Martens, Dahl & Hinton, "On the importance of initialization and momentum in deep learning",
    2013, in PyTorch's form.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.SGD(0.1, momentum=0.9)
    SGD(learning_rate=0.1, momentum=0.9, nesterov=False)
    """

    learning_rate: float = number(0.1, at_least=0.0)
    momentum: float = number(0.0, at_least=0.0, below=1.0)
    nesterov: bool = flag()

    def _check(self) -> None:
        if self.nesterov and self.momentum == 0:
            raise ValueError("momentum must be above 0 for nesterov=True, got 0.0")
