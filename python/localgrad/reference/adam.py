"""The update rules Adam, AdamW, NAdam and Lion.

They use a running mean m of the derivatives, and all but Lion also a running mean v of their squares. Because
m and v are initialized to 0, they are too small at first. Dividing by 1 - β^t, the sum of the weights in the
mean after t steps, corrects this.
"""

import math

from .descent import Step, rule
from .ranges import settings_must_be
from .regression import sign

__all__ = ["Adam", "AdamW", "Lion", "NAdam"]


@rule
class Adam:
    """Adam: steps along a running mean of the derivative, divided by its running root mean square.

    - m ← β₁m + (1 - β₁)g, v ← β₂v + (1 - β₂)g²
    - w ← w - η/(1 - β₁^t) m/(√v/√(1 - β₂^t) + ε)
    - AMSGrad uses the maximum of v so far instead of v

    Kingma, Ba 2015. AMSGrad is from Reddi, Kale, Kumar 2018.

    Parameters
    ----------
    learning_rate : float, default 0.001
        Learning rate η.
    beta1, beta2 : float, default 0.9 and 0.999
        Decay rates β₁ and β₂ of the running means, in [0, 1).
    epsilon : float, default 1e-8
        Constant ε that prevents division by 0, above 0.
    amsgrad : bool, default False
        Whether to use AMSGrad.

    Examples
    --------
    >>> adam = Adam(0.5, beta1=0.5, beta2=0.75, epsilon=1.0)
    >>> adam.update(1.0, 1, 2.0, 4.0, *adam.start())  # m = 2, v = 4; 0.5/0.5 * 2/(2/0.5 + 1)
    (1.6, 2.0, 4.0, 4.0)
    """

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    amsgrad: bool = False

    def __post_init__(self) -> None:
        settings_must_be("finite and at least 0", self, "learning_rate")
        settings_must_be("in [0, 1)", self, "beta1", "beta2")
        settings_must_be("finite and above 0", self, "epsilon")

    def start(self) -> Step:
        """Return the initial values of m, v and the maximum of v."""
        return 0.0, 0.0, 0.0

    def update(self, factor: float, t: int, w: float, g: float, m: float, v: float, largest: float) -> Step:
        """Return the new w, m, v and the maximum of v."""
        eta = factor * self.learning_rate
        m = self.beta1 * m + (1 - self.beta1) * g
        v = self.beta2 * v + (1 - self.beta2) * g * g
        largest = max(largest, v)
        root = math.sqrt(largest if self.amsgrad else v) / math.sqrt(1 - self.beta2**t)
        return w - eta / (1 - self.beta1**t) * m / (root + self.epsilon), m, v, largest


@rule
class AdamW(Adam):
    """AdamW: Adam with weight decay before each step, w ← w (1 - η weight_decay). Loshchilov, Hutter 2019.

    Parameters
    ----------
    learning_rate, beta1, beta2, epsilon, amsgrad
        As in `Adam`.
    weight_decay : float, default 0.01
        Weight decay, at least 0. `fit` applies it; its argument `weight_decay` overrides this setting.

    Examples
    --------
    >>> AdamW(0.5).weight_decay
    0.01
    """

    weight_decay: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        settings_must_be("finite and at least 0", self, "weight_decay")


@rule
class NAdam:
    """NAdam: Adam with Nesterov momentum, where the momentum μ_t increases toward β₁.

    - μ_t = β₁ (1 - ½ 0.96^(tψ)), P_t = μ_1 ⋯ μ_t; m and v as in Adam, d = √(v/(1 - β₂^t)) + ε
    - w ← w - η(1 - μ_t)/(1 - P_t) g/d - ημ_(t+1)/(1 - P_t μ_(t+1)) m/d

    Dozat, "Incorporating Nesterov momentum into Adam", 2016.

    Parameters
    ----------
    learning_rate : float, default 0.002
        Learning rate η.
    beta1, beta2, epsilon
        As in `Adam`.
    momentum_decay : float, default 0.004
        Decay rate ψ in μ_t, at least 0.

    Examples
    --------
    >>> nadam = NAdam(0.5, beta1=0.5, beta2=0.75, epsilon=1.0, momentum_decay=0.0)  # every μ is 1/4
    >>> w, *_ = nadam.update(1.0, 1, 2.0, 4.0, *nadam.start())  # m = 2, v = 4, d = 5
    >>> abs(w - (2 - 0.5 * (4 / 5 + 0.25 / (1 - 0.25**2) * 2 / 5))) < 1e-15
    True
    """

    learning_rate: float = 2e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    momentum_decay: float = 4e-3

    def __post_init__(self) -> None:
        settings_must_be("finite and at least 0", self, "learning_rate", "momentum_decay")
        settings_must_be("in [0, 1)", self, "beta1", "beta2")
        settings_must_be("finite and above 0", self, "epsilon")

    def start(self) -> Step:
        """Return the initial values of m, v and P. P is the same for every parameter."""
        return 0.0, 0.0, 1.0

    def update(self, factor: float, t: int, w: float, g: float, m: float, v: float, product: float) -> Step:
        """Return the new w, m, v and P."""
        eta = factor * self.learning_rate
        mu = self.beta1 * (1 - 0.5 * 0.96 ** (t * self.momentum_decay))
        mu_next = self.beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * self.momentum_decay))
        product *= mu
        m = self.beta1 * m + (1 - self.beta1) * g
        v = self.beta2 * v + (1 - self.beta2) * g * g
        d = math.sqrt(v / (1 - self.beta2**t)) + self.epsilon
        along_slope = (1 - mu) / (1 - product) * g / d
        along_mean = mu_next / (1 - product * mu_next) * m / d
        return w - eta * along_slope - eta * along_mean, m, v, product


@rule
class Lion:
    """Lion: w ← w - η sign(β₁m + (1 - β₁)g), then m ← β₂m + (1 - β₂)g. Chen et al. 2023.

    Parameters
    ----------
    learning_rate : float, default 1e-4
        Learning rate η, the size of every step.
    beta1, beta2 : float, default 0.9 and 0.99
        Weights β₁ and β₂, in [0, 1).
    weight_decay : float, default 0.0
        Weight decay, at least 0; as in `AdamW`.

    Examples
    --------
    >>> Lion(0.25, beta1=0.5, beta2=0.75).update(1.0, 1, 2.0, 4.0, -8.0)
    (2.25, -5.0)
    """

    learning_rate: float = 1e-4
    beta1: float = 0.9
    beta2: float = 0.99
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        settings_must_be("finite and at least 0", self, "learning_rate", "weight_decay")
        settings_must_be("in [0, 1)", self, "beta1", "beta2")

    def start(self) -> Step:
        """Return the initial value of m."""
        return (0.0,)

    def update(self, factor: float, t: int, w: float, g: float, m: float) -> Step:
        """Return the new w and m."""
        eta = factor * self.learning_rate
        direction = sign(self.beta1 * m + (1 - self.beta1) * g)
        return w - eta * direction, self.beta2 * m + (1 - self.beta2) * g
