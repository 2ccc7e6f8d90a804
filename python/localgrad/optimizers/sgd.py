"""Stochastic gradient descent."""

from localgrad._arguments.settings import flag, number, settings
from localgrad.optimizers.base import MiniBatchRule

__all__ = ["SGD"]  # also the name that the package exports


@settings
class SGD(MiniBatchRule):
    """Stochastic gradient descent, optionally with momentum.

    The update of a parameter w with velocity v is

    - without momentum: w ← w - ηg
    - with momentum μ: v ← μv + g, then w ← w - ηv
    - with Nesterov momentum μ: v ← μv + g, then w ← w - η(g + μv)

    Parameters
    ----------
    learning_rate : float, default 0.1
        Learning rate η, finite and at least 0.
    momentum : float, default 0.0
        Momentum μ, in [0, 1).
    nesterov : bool, default False
        Whether to use Nesterov momentum. Requires a momentum above 0.

    Raises
    ------
    TypeError
        If an argument is not a number, or `nesterov` is not a bool.
    ValueError
        If an argument is out of range.

    References
    ----------
    Sutskever, Martens, Dahl & Hinton, "On the importance of initialization and momentum in deep learning",
    2013, in the form used by PyTorch.

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
