"""Rules that measure a step by the size of the gradients so far."""

from localgrad._arguments.settings import flag, number, settings
from localgrad.optimizers.base import MiniBatchRule

__all__ = ["Adagrad", "RMSprop"]  # of the package


@settings
class RMSprop(MiniBatchRule):
    """RMSprop: steps in units of the gradient's running root mean square.

    v ← αv + (1 - α)g² and d = √v + ε, then

    - w ← w - ηg/d
    - with momentum μ: u ← μu + g/d, then w ← w - ηu

    If `centered`, q ← αq + (1 - α)g and d = √(v - q²) + ε, the running standard deviation.

    Parameters
    ----------
    learning_rate : float, default 0.01
        η, finite and at least 0.
    alpha : float, default 0.99
        α, what the running means keep at each step, in [0, 1).
    epsilon : float, default 1e-8
        ε, finite and above 0.
    momentum : float, default 0.0
        μ, in [0, 1).
    centered : bool, default False
        Whether to measure by the standard deviation.

    Raises
    ------
    TypeError
        If an argument is not a number (or, for `centered`, not a bool).
    ValueError
        If one is out of its range.

    References
    ----------
    Tieleman & Hinton, "Lecture 6.5: RMSprop", Coursera, 2012; centred as in Graves, "Generating Sequences
    With Recurrent Neural Networks", 2013, with ε outside the root. The defaults are PyTorch's.

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
    """Adagrad: steps in units of the root of the sum of all squared gradients.

    s ← s + g², where s starts at `initial_accumulator`, then

        w ← w - η/(1 + (t - 1)d) · g / (√s + ε)      with d the `lr_decay`

    Parameters
    ----------
    learning_rate : float, default 0.01
        η, finite and at least 0.
    lr_decay : float, default 0.0
        d, finite and at least 0.
    initial_accumulator : float, default 0.0
        s at first, finite and at least 0.
    epsilon : float, default 1e-10
        ε, finite and above 0.

    Raises
    ------
    TypeError
        If an argument is not a number.
    ValueError
        If one is out of its range.

    References
    ----------
    Duchi, Hazan & Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization",
    2011. The defaults are PyTorch's.

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
