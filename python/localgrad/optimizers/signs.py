"""Rprop and Lion, which use the sign of the gradient but not its size."""

from localgrad._arguments.settings import number, settings
from localgrad.optimizers.base import MiniBatchRule

__all__ = ["Lion", "Rprop"]  # also the names that the package exports


@settings
class Rprop(MiniBatchRule):
    """Resilient backpropagation (Rprop) optimizer: a separate step size for each parameter.

    Intended for full batches. Let g' be the gradient of the previous step. The step size s of a parameter is
    initialized to η and becomes

    - min(s · `eta_plus`, `max_step`) if g and g' have the same sign,
    - max(s · `eta_minus`, `min_step`) if they have opposite signs; g is then set to 0.

    The update is w ← w - s · sign(g). The factor of a schedule multiplies the update, but not the stored s.

    Parameters
    ----------
    learning_rate : float, default 0.01
        Initial step size η, finite and at least 0.
    eta_minus : float, default 0.5
        Factor by which a step size decreases, in (0, 1).
    eta_plus : float, default 1.2
        Factor by which a step size increases, finite and above 1.
    min_step, max_step : float, default 1e-6 and 50
        Minimum and maximum step size, finite and at least 0; `min_step` must not exceed `max_step`.

    Raises
    ------
    TypeError
        If an argument is not a number.
    ValueError
        If an argument is out of range.

    Notes
    -----
    Use full batches (``batch_size=None``), because gradients of different mini-batches often differ in sign
    by chance.

    References
    ----------
    Riedmiller & Braun, "A direct adaptive method for faster backpropagation learning: the RPROP algorithm",
    1993. As in PyTorch, a step is not reverted when the sign changes. The defaults are those of PyTorch.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.Rprop()
    Rprop(learning_rate=0.01, eta_minus=0.5, eta_plus=1.2, min_step=1e-06, max_step=50.0)
    """

    learning_rate: float = number(0.01, at_least=0.0)
    eta_minus: float = number(0.5, above=0.0, below=1.0)
    eta_plus: float = number(1.2, above=1.0)
    min_step: float = number(1e-6, at_least=0.0)
    max_step: float = number(50.0, at_least=0.0)

    def _check(self) -> None:
        if self.min_step > self.max_step:
            raise ValueError(f"max_step must be at least min_step = {self.min_step}, got {self.max_step}")


@settings
class Lion(MiniBatchRule):
    """Lion optimizer: each step follows the sign of a running mean of the gradient.

    Each step first applies w ← (1 - ηλ)w to the weights, but not to the biases, and then

        w ← w - η · sign(β₁m + (1 - β₁)g)      m ← β₂m + (1 - β₂)g

    It stores one number per parameter, half as many as `Adam`.

    Parameters
    ----------
    learning_rate : float, default 0.0001
        Learning rate η, finite and at least 0. Suitable values are 3 to 10 times smaller than for `AdamW`.
    beta1, beta2 : float, default 0.9 and 0.99
        Weights β₁ and β₂ of the running mean in the update and in m, in [0, 1).
    weight_decay : float, default 0.0
        Weight decay λ, finite and at least 0. Suitable values are 3 to 10 times larger than for `AdamW`. The
        argument `weight_decay` of `Network.fit` overrides it, and can be different for each layer.

    Raises
    ------
    TypeError
        If an argument is not a number.
    ValueError
        If an argument is out of range.

    References
    ----------
    Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023. The defaults are those of the paper.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.Lion(weight_decay=0.1)
    Lion(learning_rate=0.0001, beta1=0.9, beta2=0.99, weight_decay=0.1)
    """

    learning_rate: float = number(1e-4, at_least=0.0)
    beta1: float = number(0.9, at_least=0.0, below=1.0)
    beta2: float = number(0.99, at_least=0.0, below=1.0)
    weight_decay: float = number(0.0, at_least=0.0)
