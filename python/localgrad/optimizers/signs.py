"""Rules that follow the sign of a gradient and not its size."""

from localgrad._arguments.settings import number, settings
from localgrad.optimizers.base import MiniBatchRule

__all__ = ["Lion", "Rprop"]  # of the package


@settings
class Rprop(MiniBatchRule):
    """Resilient backpropagation: each parameter has a step of its own. For full batches.

    With g' the gradient of the step before, the step s of a parameter starts at η and becomes

    - min(s · `eta_plus`, `max_step`) where g and g' have the same sign,
    - max(s · `eta_minus`, `min_step`) where they have not; there the gradient then counts as 0,

    and w ← w - s · sign(g). A schedule's factor multiplies the step that is taken, not the s that is kept.

    Parameters
    ----------
    learning_rate : float, default 0.01
        η, finite and at least 0.
    eta_minus, eta_plus : float, default 0.5 and 1.2
        In (0, 1), and finite and above 1.
    min_step, max_step : float, default 1e-6 and 50
        Bounds of the steps, finite and at least 0, in this order.

    Raises
    ------
    TypeError
        If an argument is not a number.
    ValueError
        If one is out of its range.

    Notes
    -----
    Signs of gradients of different mini-batches differ by chance: use ``batch_size=None``.

    References
    ----------
    Riedmiller & Braun, "A direct adaptive method for faster backpropagation learning: the RPROP algorithm",
    1993, as in PyTorch (without going back a step). The defaults are PyTorch's.

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
            raise ValueError(f"max_step must be at least min_step, {self.min_step}, got {self.max_step}")


@settings
class Lion(MiniBatchRule):
    """Lion: the sign of a running mean of the gradient, and one number of state a parameter.

    w ← (1 - ηλ)w first, for weights and not for biases, then

        w ← w - η · sign(β₁m + (1 - β₁)g)      m ← β₂m + (1 - β₂)g

    Parameters
    ----------
    learning_rate : float, default 0.0001
        η, finite and at least 0; 3 to 10 times smaller than for `AdamW`.
    beta1, beta2 : float, default 0.9 and 0.99
        β₁ and β₂, in [0, 1).
    weight_decay : float, default 0.0
        λ, finite and at least 0; 3 to 10 times larger than for `AdamW`. The argument of the same name of
        `Network.fit` takes its place, and may differ from layer to layer.

    Raises
    ------
    TypeError
        If an argument is not a number.
    ValueError
        If one is out of its range.

    References
    ----------
    Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023, and its defaults.

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
