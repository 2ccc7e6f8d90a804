"""Random numbers that depend on nothing but where they are used: initial parameters and shuffles.

The generator is a function, not a state. Its key is the network's seed; its counter says which block of
numbers is wanted, for which layer or epoch, and for which purpose. The native core draws the same numbers.
"""

import math
from collections.abc import Callable, Iterator

from .functions import Activation
from .matrix import Matrix, Vector

MASK32 = 0xFFFFFFFF
FOR_INITIALISATION, FOR_SHUFFLE, FOR_NOISE = 0, 1, 3

# The standard deviation of the first weights, from fan_in and fan_out. "auto" is the activation's own choice.
INITS: dict[str, Callable[[int, int], float]] = {
    "he": lambda fan_in, fan_out: math.sqrt(2 / fan_in),
    "xavier": lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
    "lecun": lambda fan_in, fan_out: math.sqrt(1 / fan_in),
    "normal": lambda fan_in, fan_out: 1.0,
    "zeros": lambda fan_in, fan_out: 0.0,
}


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Philox4x32-10: ten rounds that turn a counter and a key into four random 32-bit words.

    J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.

    Parameters
    ----------
    counter : four 32-bit words
    key : two 32-bit words

    Returns
    -------
    four 32-bit words

    Examples
    --------
    >>> [f"{word:08x}" for word in philox((0, 0, 0, 0), (0, 0))]
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & MASK32, (p0 >> 32) ^ c3 ^ k1, p0 & MASK32
        k0, k1 = (k0 + 0x9E3779B9) & MASK32, (k1 + 0xBB67AE85) & MASK32
    return c0, c1, c2, c3


def _words(seed: int, where: int, purpose: int) -> Iterator[int]:
    """64-bit words, two a block, without end. `where` is the layer index i or the epoch."""
    key = seed & MASK32, seed >> 32
    block = 0
    while True:
        r0, r1, r2, r3 = philox((block & MASK32, block >> 32, where & MASK32, purpose), key)
        yield r0 | r1 << 32
        yield r2 | r3 << 32
        block += 1


def normals(count: int, seed: int, layer: int) -> Vector:
    """Draw from N(0, 1) by Box and Muller's method, two numbers from two words.

    Parameters
    ----------
    count : int
        How many.
    seed : int
        Of the network, 0 <= seed < 2**64.
    layer : int
        The index i of the layer they are for.

    Returns
    -------
    vector of `count` numbers

    Examples
    --------
    >>> normals(3, seed=1, layer=0)[:2] == normals(2, seed=1, layer=0)
    True
    """
    words = _words(seed, layer, FOR_INITIALISATION)
    draws: Vector = []
    while len(draws) < count:
        u1 = ((next(words) >> 11) + 1) * 2.0**-53  # in (0, 1], for the logarithm's sake
        u2 = (next(words) >> 11) * 2.0**-53
        radius, angle = math.sqrt(-2 * math.log(u1)), 2 * math.pi * u2
        draws += radius * math.cos(angle), radius * math.sin(angle)
    return draws[:count]


def shuffled(n: int, seed: int, epoch: int) -> list[int]:
    """Order in which the n examples are visited in an epoch (Fisher and Yates' shuffle), for (M).

    Parameters
    ----------
    n : int
        Number of examples.
    seed : int
        Of the network.
    epoch : int
        Epochs the network has finished.

    Returns
    -------
    list of 0..n-1 in random order

    Examples
    --------
    >>> sorted(shuffled(5, seed=1, epoch=0))
    [0, 1, 2, 3, 4]
    """
    words = _words(seed, epoch, FOR_SHUFFLE)
    order = list(range(n))
    for t in range(n - 1, 0, -1):
        j = (next(words) * (t + 1)) >> 64
        order[t], order[j] = order[j], order[t]
    return order


def initial_layer(
    fan_in: int, fan_out: int, activation: Activation, init: str, seed: int, layer: int
) -> tuple[Matrix, Vector]:
    """Draw the first weights and biases of one layer.

    Parameters
    ----------
    fan_in, fan_out : int
        Widths of the layer before and of the layer itself.
    activation : Activation
        Of the layer itself; "auto" goes by it.
    init : str
        "auto" or one of `INITS`.
    seed : int
        Of the network.
    layer : int
        The index i.

    Returns
    -------
    weights : matrix of shape (fan_out, fan_in)
        N(0, 2/fan_in) for "he", N(0, 2/(fan_in + fan_out)) for "xavier", N(0, 1/fan_in) for "lecun", N(0, 1)
        for "normal".
    biases : vector of fan_out numbers
        N(0, 1) for "normal", else 0.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> initial_layer(2, 1, activation("tanh"), "zeros", seed=0, layer=0)
    ([[0.0, 0.0]], [0.0])
    """
    std = INITS[activation.init if init == "auto" else init](fan_in, fan_out)
    if std == 0:
        return [[0.0] * fan_in for _ in range(fan_out)], [0.0] * fan_out
    draws = [std * draw for draw in normals((fan_in + 1) * fan_out, seed, layer)]
    weights = [[draws[k * fan_out + j] for k in range(fan_in)] for j in range(fan_out)]
    biases = draws[fan_in * fan_out :] if init == "normal" else [0.0] * fan_out
    return weights, biases
