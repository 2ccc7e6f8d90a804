"""Activation functions φ and their derivatives φ'. To add one, add an entry to `ACTIVATIONS`.

The formulas are arranged so that nothing overflows and no digits are lost, however large z is. At a kink,
where the derivative does not exist, it is defined as in PyTorch.
"""

import math

from .functions import Activation, Family, UnitActivation, VectorActivation, find
from .matrix import Matrix, Vector, total
from .ranges import must_be

# The constants of selu. They are chosen such that activations of mean 0 and variance 1 keep this mean and
# variance from layer to layer.
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


def sigmoid(z: float) -> float:
    """Return 1 / (1 + e^-z).

    For z < 0, the equal form e^z / (1 + e^z) is used, because e^-z would overflow.

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
    """Return log(1 + e^z), as max(z, 0) + log(1 + e^-abs(z)), in which exp cannot overflow.

    Examples
    --------
    >>> softplus(1e4), softplus(-1e4)
    (10000.0, 0.0)
    """
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def softmax(z: Vector) -> Vector:
    """Return a with a_j = e^z_j / Σ_k e^z_k.

    The largest z is subtracted from all z_j first. This divides numerator and denominator by the same factor,
    so it does not change the result, but it prevents exp from overflowing.

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
    """Return the matrix of ∂a_j/∂z_k, which is a_j (1 - a_j) for j = k and -a_j a_k otherwise.

    It is not diagonal: increasing z_k takes probability from all other classes j.

    Examples
    --------
    >>> softmax_jacobian([0.5, 0.5])
    [[0.25, -0.25], [-0.25, 0.25]]
    """
    return [[a_j * ((j == k) - a_k) for k, a_k in enumerate(a)] for j, a_j in enumerate(a)]


def leaky_relu(slope: float) -> UnitActivation:
    """Return the activation φ(z) = z for z > 0, slope · z otherwise. Maas, Hannun, Ng 2013.

    Examples
    --------
    >>> leaky_relu(0.25).value([2.0, -2.0]), leaky_relu(0.25).derivative([2.0, 0.0], [2.0, 0.0])
    ([2.0, -0.5], [1.0, 0.25])
    """
    must_be("at least 0", slope, "the slope of leaky_relu")
    return UnitActivation(
        lambda z: z if z > 0 else slope * z, lambda z, a: 1.0 if z > 0 else slope, init="relu"
    )


def elu(alpha: float, scale: float = 1.0, init: str = "he") -> UnitActivation:
    """Return the activation φ(z) = scale · z for z > 0, scale · alpha (e^z - 1) otherwise.

    Clevert, Unterthiner, Hochreiter 2016.

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
    """Return Φ(z), the probability that a standard normal variable is below z.

    Examples
    --------
    >>> normal_distribution(0.0)
    0.5
    """
    return 0.5 * math.erfc(-z / math.sqrt(2))


def gelu_prime(z: float, a: float) -> float:
    """Return the derivative of z Φ(z): Φ(z) + z p(z) with the normal density p = Φ'. Hendrycks, Gimpel 2016.

    Examples
    --------
    >>> gelu_prime(0.0, 0.0)
    0.5
    """
    return normal_distribution(z) + z * math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def gelu_tanh(z: float) -> float:
    """Return ½ z (1 + tanh u) with u = √(2/π) (z + 0.044715 z³), an approximation of z Φ(z).

    It is computed as z sigmoid(2u), which is equal. Hendrycks, Gimpel 2016.

    Examples
    --------
    >>> gelu_tanh(1e4), gelu_tanh(-1e4)
    (10000.0, -0.0)
    """
    return z * sigmoid(2 * math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z))


def gelu_tanh_prime(z: float, a: float) -> float:
    """Return the derivative of z s with s = sigmoid(2u), which is s + z s (1 - s) 2u'.

    If s is rounded to 0 or 1, then s (1 - s) is 0, but u' may be infinite. The product is taken as 0 in this
    case.

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
    """Return the derivative of z s with s = sigmoid(z): s + z s (1 - s). Elfwing, Uchibe, Doya 2018.

    Examples
    --------
    >>> silu_prime(0.0, 0.0), silu_prime(-1e4, 0.0)
    (0.5, 0.0)
    """
    return sigmoid(z) + z * sigmoid(z) * sigmoid(-z)


def mish_prime(z: float, a: float) -> float:
    """Return the derivative of z t with t = tanh(softplus(z)): t + z (1 - t²) sigmoid(z). Misra 2020.

    Examples
    --------
    >>> round(mish_prime(0.0, 0.0), 12)  # tanh(log 2) = (4 - 1)/(4 + 1)
    0.6
    """
    t = math.tanh(softplus(z))
    return t + z * (1 - t * t) * sigmoid(z)


# Each derivative is a function of z and a = φ(z); that of sigmoid, a (1 - a), is simplest in terms of a.
ACTIVATIONS: dict[str, Family[Activation]] = {
    "identity": Family(lambda: UnitActivation(lambda z: z, lambda z, a: 1.0)),
    "sigmoid": Family(lambda: UnitActivation(sigmoid, lambda z, a: a * (1 - a))),
    "tanh": Family(lambda: UnitActivation(math.tanh, lambda z, a: 1 - a * a)),
    "relu": Family(lambda: UnitActivation(lambda z: max(z, 0.0), lambda z, a: float(z > 0), init="relu")),
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
    """Return the activation of a name, which may include parameters.

    Parameters
    ----------
    text : str
        Name, such as "tanh" or "leaky_relu(0.2)".
    argument : str
        Name of the argument for error messages.

    Returns
    -------
    Activation
        The activation.

    Examples
    --------
    >>> activation("leaky_relu(0.5)").value([-1.0])
    [-0.5]
    """
    _, family, parameters = find(text, argument, ACTIVATIONS)
    return family.make(*parameters)
