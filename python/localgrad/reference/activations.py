"""Activation functions φ with their derivatives. `ACTIVATIONS` is their list: a new one is a new entry.

Each is right, and no number overflows, however large |z| is. At a kink the derivative is that of PyTorch.
"""

import math

from .functions import Activation, Family, UnitActivation, VectorActivation, find
from .matrix import Matrix, Vector, total
from .ranges import must_be

# Of selu: with these, means 0 and variances 1 are a fixed point from layer to layer.
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


def sigmoid(z: float) -> float:
    """1 / (1 + e^-z), written so that exp never overflows.

    Examples
    --------
    >>> sigmoid(0.0), sigmoid(-1e4)
    (0.5, 0.0)
    """
    if z >= 0:
        return 1 / (1 + math.exp(-z))
    e = math.exp(z)
    return e / (1 + e)


def softplus(z: float) -> float:
    """log(1 + e^z), written so that exp never overflows.

    Examples
    --------
    >>> softplus(1e4), softplus(-1e4)
    (10000.0, 0.0)
    """
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def softmax(z: Vector) -> Vector:
    """a_j = e^z_j / Σ_k e^z_k. Subtracting the largest z changes nothing but keeps exp from overflowing.

    Examples
    --------
    >>> softmax([1e4, 1e4])
    [0.5, 0.5]
    """
    largest = max(z)
    exponentials = [math.exp(z_j - largest) for z_j in z]
    denominator = total(exponentials)
    return [e / denominator for e in exponentials]


def softmax_jacobian(a: Vector) -> Matrix:
    """∂a_j/∂z_k = a_j (1 - a_k) where j = k, -a_j a_k elsewhere.

    Examples
    --------
    >>> softmax_jacobian([0.5, 0.5])
    [[0.25, -0.25], [-0.25, 0.25]]
    """
    return [[a_j * ((j == k) - a_k) for k, a_k in enumerate(a)] for j, a_j in enumerate(a)]


def leaky_relu(slope: float) -> UnitActivation:
    """Z where z > 0, else slope z. Maas, Hannun, Ng 2013.

    Examples
    --------
    >>> leaky_relu(0.25).value([2.0, -2.0]), leaky_relu(0.25).derivative([2.0, 0.0], [2.0, 0.0])
    ([2.0, -0.5], [1.0, 0.25])
    """
    must_be("at least 0", slope, "the slope of leaky_relu")
    return UnitActivation(
        lambda z: z if z > 0 else slope * z, lambda z, a: 1.0 if z > 0 else slope, init="he"
    )


def elu(alpha: float, scale: float = 1.0, init: str = "he") -> UnitActivation:
    """Scale times z where z > 0, else alpha (e^z - 1). Clevert, Unterthiner, Hochreiter 2016.

    Examples
    --------
    >>> elu(2.0).value([3.0, -1e4]), elu(2.0).derivative([3.0, 0.0], [3.0, 0.0])
    ([3.0, -2.0], [1.0, 2.0])
    """
    must_be("above 0", alpha, "the alpha of elu")
    return UnitActivation(
        lambda z: scale * (z if z > 0 else alpha * math.expm1(z)),
        lambda z, a: scale * (1.0 if z > 0 else alpha * math.exp(z)),
        init,
    )


def normal_distribution(z: float) -> float:
    """Φ(z), the share of a standard normal variable below z.

    Examples
    --------
    >>> normal_distribution(0.0)
    0.5
    """
    return 0.5 * math.erfc(-z / math.sqrt(2))


def gelu_prime(z: float, a: float) -> float:
    """(z Φ(z))' = Φ(z) + z φ(z) with the normal density φ. Hendrycks, Gimpel 2016.

    Examples
    --------
    >>> gelu_prime(0.0, 0.0)
    0.5
    """
    return normal_distribution(z) + z * math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def gelu_tanh(z: float) -> float:
    """½ z (1 + tanh u) = z sigmoid(2u) with u = √(2/π) (z + 0.044715 z³). Hendrycks, Gimpel 2016.

    Examples
    --------
    >>> gelu_tanh(1e4), gelu_tanh(-1e4)
    (10000.0, -0.0)
    """
    return z * sigmoid(2 * math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z))


def gelu_tanh_prime(z: float, a: float) -> float:
    """(z s)' = s + z s (1 - s) 2u' with s = sigmoid(2u); where s is 0 or 1, its slope is 0 whatever u' is.

    Examples
    --------
    >>> gelu_tanh_prime(0.0, 0.0), gelu_tanh_prime(1e200, 1e200)
    (0.5, 1.0)
    """
    two_u = 2 * math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z)
    s, bell = sigmoid(two_u), sigmoid(two_u) * sigmoid(-two_u)
    if bell == 0:
        return s
    return s + z * bell * 2 * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * z * z)


def silu_prime(z: float, a: float) -> float:
    """(z s)' = s + z s (1 - s) with s = sigmoid(z). Elfwing, Uchibe, Doya 2018.

    Examples
    --------
    >>> silu_prime(0.0, 0.0), silu_prime(-1e4, 0.0)
    (0.5, 0.0)
    """
    return sigmoid(z) + z * sigmoid(z) * sigmoid(-z)


def mish_prime(z: float, a: float) -> float:
    """(z t)' = t + z (1 - t²) sigmoid(z) with t = tanh(softplus(z)). Misra 2020.

    Examples
    --------
    >>> round(mish_prime(0.0, 0.0), 12)  # tanh(log 2) = (4 - 1)/(4 + 1)
    0.6
    """
    t = math.tanh(softplus(z))
    return t + z * (1 - t * t) * sigmoid(z)


ACTIVATIONS: dict[str, Family[Activation]] = {
    "identity": Family(lambda: UnitActivation(lambda z: z, lambda z, a: 1.0)),
    "sigmoid": Family(lambda: UnitActivation(sigmoid, lambda z, a: a * (1 - a))),
    "tanh": Family(lambda: UnitActivation(math.tanh, lambda z, a: 1 - a * a)),
    "relu": Family(lambda: UnitActivation(lambda z: max(z, 0.0), lambda z, a: float(z > 0), init="he")),
    "leaky_relu": Family(leaky_relu, (0.01,)),
    "elu": Family(elu, (1.0,)),
    "selu": Family(lambda: elu(SELU_ALPHA, SELU_SCALE, init="lecun")),  # Klambauer et al. 2017
    "gelu": Family(lambda: UnitActivation(lambda z: z * normal_distribution(z), gelu_prime, init="he")),
    "gelu_tanh": Family(lambda: UnitActivation(gelu_tanh, gelu_tanh_prime, init="he")),
    "silu": Family(lambda: UnitActivation(lambda z: z * sigmoid(z), silu_prime, init="he")),
    "softplus": Family(lambda: UnitActivation(softplus, lambda z, a: sigmoid(z))),
    "softsign": Family(
        lambda: UnitActivation(lambda z: z / (1 + abs(z)), lambda z, a: (1 / (1 + abs(z))) ** 2)
    ),
    "mish": Family(lambda: UnitActivation(lambda z: z * math.tanh(softplus(z)), mish_prime, init="he")),
    "hard_sigmoid": Family(
        lambda: UnitActivation(
            lambda z: min(max(z + 3, 0.0), 6.0) / 6, lambda z, a: 1 / 6 if -3 < z < 3 else 0.0
        )
    ),
    "hard_tanh": Family(
        lambda: UnitActivation(lambda z: min(max(z, -1.0), 1.0), lambda z, a: float(-1 < z < 1))
    ),
    "softmax": Family(lambda: VectorActivation(softmax, softmax_jacobian)),
}


def activation(text: str, argument: str = "activation") -> Activation:
    """Find an activation by its name, with its parameters if it has any.

    Parameters
    ----------
    text : str
        Such as "tanh" or "leaky_relu(0.2)".
    argument : str
        What an error message calls it.

    Returns
    -------
    Activation

    Examples
    --------
    >>> activation("leaky_relu(0.5)").value([-1.0])
    [-0.5]
    """
    _, family, parameters = find(text, argument, ACTIVATIONS)
    return family.make(*parameters)
