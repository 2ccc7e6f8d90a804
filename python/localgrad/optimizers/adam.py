"""Adam and its variants AdamW and NAdam."""

from localgrad._arguments.settings import flag, number, settings
from localgrad.optimizers.base import MiniBatchRule

__all__ = ["Adam", "AdamW", "NAdam"]  # also the names that the package exports


@settings
class Adam(MiniBatchRule):
    """Adam optimizer: divides a running mean of the gradient by its running root mean square.

    With m ← β₁m + (1 - β₁)g and v ← β₂v + (1 - β₂)g², the update is

        w ← w - η/(1 - β₁ᵗ) · m / (√v/√(1 - β₂ᵗ) + ε)

    Parameters
    ----------
    learning_rate : float, default 0.001
        Learning rate η, finite and at least 0.
    beta1, beta2 : float, default 0.9 and 0.999
        Decay rates β₁ and β₂ of the running means of the gradient and of its square, in [0, 1).
    epsilon : float, default 1e-8
        Constant ε added to the denominator for numerical stability, finite and above 0.
    amsgrad : bool, default False
        Whether to use the AMSGrad variant, which replaces v in the update by its maximum so far.

    Raises
    ------
    TypeError
        If an argument is not a number, or `amsgrad` is not a bool.
    ValueError
        If an argument is out of range.

    References
    ----------
    Kingma & Ba, "Adam: A Method for Stochastic Optimization", 2015. AMSGrad is from Reddi, Kale & Kumar, "On
    the Convergence of Adam and Beyond", 2018. The defaults are those of PyTorch.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.Adam()
    Adam(learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08, amsgrad=False)

    The first step changes every parameter by η, regardless of the size of its gradient:

    >>> net = lg.Network([1, 1], init="zeros", dtype="float64")
    >>> history = net.fit([[3.0]], [100.0], epochs=1, optimizer=lg.Adam(0.25))
    >>> net.parameters.round(6)
    array([0.25, 0.25])
    """

    learning_rate: float = number(1e-3, at_least=0.0)
    beta1: float = number(0.9, at_least=0.0, below=1.0)
    beta2: float = number(0.999, at_least=0.0, below=1.0)
    epsilon: float = number(1e-8, above=0.0)
    amsgrad: bool = flag()


@settings
class AdamW(MiniBatchRule):
    """AdamW optimizer: Adam with decoupled weight decay.

    Each step first applies w ← (1 - ηλ)w to the weights, but not to the biases, and then the update of
    `Adam`.

    Parameters
    ----------
    learning_rate : float, default 0.001
        Learning rate η, finite and at least 0.
    beta1, beta2 : float, default 0.9 and 0.999
        As in `Adam`.
    epsilon : float, default 1e-8
        As in `Adam`.
    weight_decay : float, default 0.01
        Weight decay λ, finite and at least 0. The argument `weight_decay` of `Network.fit` overrides it, and
        can be different for each layer.
    amsgrad : bool, default False
        As in `Adam`.

    Raises
    ------
    TypeError
        If an argument is not a number, or `amsgrad` is not a bool.
    ValueError
        If an argument is out of range.

    References
    ----------
    Loshchilov & Hutter, "Decoupled Weight Decay Regularization", 2019. The defaults are those of PyTorch.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.AdamW(weight_decay=0.1)
    AdamW(learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08, weight_decay=0.1, amsgrad=False)

    If the gradient is 0, weights decay and biases do not:

    >>> net = lg.Network([1, 1], init=([[[1.0]]], [[1.0]]), dtype="float64")
    >>> history = net.fit([[0.0]], [1.0], epochs=1, optimizer=lg.AdamW(0.5, weight_decay=0.5))
    >>> net.parameters
    array([0.75, 1.  ])
    """

    learning_rate: float = number(1e-3, at_least=0.0)
    beta1: float = number(0.9, at_least=0.0, below=1.0)
    beta2: float = number(0.999, at_least=0.0, below=1.0)
    epsilon: float = number(1e-8, above=0.0)
    weight_decay: float = number(0.01, at_least=0.0)
    amsgrad: bool = flag()


@settings
class NAdam(MiniBatchRule):
    """NAdam optimizer: Adam with Nesterov momentum.

    With m and v as in `Adam`, μ_t = β₁(1 - ½ · 0.96^(tψ)), P_t = μ_1 ⋯ μ_t and d = √(v/(1 - β₂ᵗ)) + ε, the
    update is

        w ← w - η(1 - μ_t)/(1 - P_t) · g/d - ημ_(t+1)/(1 - P_t μ_(t+1)) · m/d

    The momentum μ_t increases toward β₁.

    Parameters
    ----------
    learning_rate : float, default 0.002
        Learning rate η, finite and at least 0.
    beta1, beta2 : float, default 0.9 and 0.999
        As in `Adam`.
    epsilon : float, default 1e-8
        As in `Adam`.
    momentum_decay : float, default 0.004
        Decay rate ψ of the momentum schedule μ_t, finite and at least 0.

    Raises
    ------
    TypeError
        If an argument is not a number.
    ValueError
        If an argument is out of range.

    References
    ----------
    Dozat, "Incorporating Nesterov Momentum into Adam", 2016. The defaults are those of PyTorch.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.NAdam()
    NAdam(learning_rate=0.002, beta1=0.9, beta2=0.999, epsilon=1e-08, momentum_decay=0.004)
    """

    learning_rate: float = number(2e-3, at_least=0.0)
    beta1: float = number(0.9, at_least=0.0, below=1.0)
    beta2: float = number(0.999, at_least=0.0, below=1.0)
    epsilon: float = number(1e-8, above=0.0)
    momentum_decay: float = number(4e-3, at_least=0.0)
