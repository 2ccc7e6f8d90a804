"""RMSprop and Adagrad, which scale steps by the size of past gradients."""

from localgrad._arguments.settings import flag, number, settings
from localgrad.optimizers.base import MiniBatchRule

__all__ = ["Adagrad", "RMSprop"]  # also the names that the package exports


@settings
class RMSprop(MiniBatchRule):
    """RMSprop optimizer: divides the gradient by its running root mean square.

    With v ← αv + (1 - α)g² and d = √v + ε, the update is

    - without momentum: w ← w - ηg/d
    - with momentum μ: u ← μu + g/d, then w ← w - ηu

    If `centered` is True, d is the running standard deviation: q ← αq + (1 - α)g and d = √(v - q²) + ε.

    Parameters
    ----------
    learning_rate : float, default 0.01
        Learning rate η, finite and at least 0.
    alpha : float, default 0.99
        Decay rate α of the running means, in [0, 1).
    epsilon : float, default 1e-8
        Constant ε added to the denominator for numerical stability, finite and above 0.
    momentum : float, default 0.0
        Momentum μ, in [0, 1).
    centered : bool, default False
        Whether to scale by the running standard deviation instead of the root mean square.

    Raises
    ------
    TypeError
        If an argument is not a number, or `centered` is not a bool.
    ValueError
        If an argument is out of range.

    References
    ----------
    Tieleman & Hinton, "Lecture 6.5: RMSprop", Coursera, 2012. The centered form is from Graves, "Generating
    Sequences With Recurrent Neural Networks", 2013, with ε outside the root. The defaults are those of
    PyTorch.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.RMSprop(momentum=0.9)
    RMSprop(learning_rate=0.01, alpha=0.99, epsilon=1e-08, momentum=0.9, centered=False)
    """

    learning_rate: float = number(0.01, at_least=0.0)
    alpha: float = number(0.99, at_least=0.0, below=1.0)
    epsilon: float = number(1e-8, above=0.0)
    momentum: float = number(0.0, at_least=0.0, below=1.0)
    centered: bool = flag()


@settings
class Adagrad(MiniBatchRule):
    """Adagrad optimizer: divides the gradient by the root of the sum of all squared gradients.

    With s ← s + g², where s is initialized to `initial_accumulator`, the update is

        w ← w - η/(1 + (t - 1)d) · g / (√s + ε)      where d is `lr_decay`

    Parameters
    ----------
    learning_rate : float, default 0.01
        Learning rate η, finite and at least 0.
    lr_decay : float, default 0.0
        Learning rate decay d, finite and at least 0.
    initial_accumulator : float, default 0.0
        Initial value of s, finite and at least 0.
    epsilon : float, default 1e-10
        Constant ε added to the denominator for numerical stability, finite and above 0.

    Raises
    ------
    TypeError
        If an argument is not a number.
    ValueError
        If an argument is out of range.

    References
    ----------
    Duchi, Hazan & Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization",
    2011. The defaults are those of PyTorch.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.Adagrad(0.1)
    Adagrad(learning_rate=0.1, lr_decay=0.0, initial_accumulator=0.0, epsilon=1e-10)
    """

    learning_rate: float = number(0.01, at_least=0.0)
    lr_decay: float = number(0.0, at_least=0.0)
    initial_accumulator: float = number(0.0, at_least=0.0)
    epsilon: float = number(1e-10, above=0.0)
