"""A counter-based random number generator, initial parameters, and the order of the examples.

The generator has no state: it is a function of a key and a counter. The key is the seed of the network; the
counter contains the index of a block of numbers, the layer or epoch, and the purpose. Random numbers
therefore do not depend on the order in which they are drawn, and the C++ core draws the same numbers with any
number of threads.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate

from .functions import Activation
from .matrix import Matrix, Vector

MASK32 = 0xFFFFFFFF
FOR_INITIALIZATION, FOR_SHUFFLE, FOR_NOISE, FOR_IMPORTANCE = (
    0,
    1,
    3,
    6,
)  # purposes; dropout has the numbers 2 + 256 l

# Standard deviation of the initial weights, as a function of fan_in and fan_out. "he", "xavier" and "lecun"
# keep the size of activations and local gradients about the same from layer to layer: with smaller weights
# they would vanish, with larger weights they would grow. "auto" selects one of these three by the activation.
INITS: dict[str, Callable[[int, int], float]] = {
    "he": lambda fan_in, fan_out: math.sqrt(2 / fan_in),
    "xavier": lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
    "lecun": lambda fan_in, fan_out: math.sqrt(1 / fan_in),
    "normal": lambda fan_in, fan_out: 1.0,
    "zeros": lambda fan_in, fan_out: 0.0,
}


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return four random 32-bit words for a counter and a key, with the generator Philox4x32-10.

    J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.

    Parameters
    ----------
    counter : four 32-bit words
        The counter.
    key : two 32-bit words
        The key.

    Returns
    -------
    four 32-bit words
        The random numbers.

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
    """Yield an endless sequence of 64-bit words, two per block. `where` is the layer index i or the epoch."""
    key = seed & MASK32, seed >> 32
    block = 0
    while True:
        r0, r1, r2, r3 = philox((block & MASK32, block >> 32, where & MASK32, purpose), key)
        yield r0 | r1 << 32
        yield r2 | r3 << 32
        block += 1


def normals(count: int, seed: int, layer: int) -> Vector:
    """Draw numbers from N(0, 1) with the Box-Muller method, which makes two of them from two uniform numbers.

    Parameters
    ----------
    count : int
        Number of draws.
    seed : int
        Seed of the network, in [0, 2⁶⁴).
    layer : int
        Index i of the layer.

    Returns
    -------
    vector of `count` numbers
        The numbers.

    Examples
    --------
    >>> normals(3, seed=1, layer=0)[:2] == normals(2, seed=1, layer=0)
    True
    """
    words = _words(seed, layer, FOR_INITIALIZATION)
    draws: Vector = []
    while len(draws) < count:
        u1 = ((next(words) >> 11) + 1) * 2.0**-53  # in (0, 1], because its logarithm is taken
        u2 = (next(words) >> 11) * 2.0**-53
        radius, angle = math.sqrt(-2 * math.log(u1)), 2 * math.pi * u2
        draws += radius * math.cos(angle), radius * math.sin(angle)
    return draws[:count]


def shuffled(n: int, seed: int, epoch: int) -> list[int]:
    """Return the order of n examples in an epoch, which divides them into random mini-batches for (M).

    Parameters
    ----------
    n : int
        Number of examples.
    seed : int
        Seed of the network.
    epoch : int
        Number of epochs the network has been trained for.

    Returns
    -------
    list of int
        The numbers 0..n-1 in random order.

    Examples
    --------
    >>> sorted(shuffled(5, seed=1, epoch=0))
    [0, 1, 2, 3, 4]
    """
    # The Fisher-Yates shuffle: swap each element with a random one up to its own position.
    words = _words(seed, epoch, FOR_SHUFFLE)
    order = list(range(n))
    for t in range(n - 1, 0, -1):
        j = (next(words) * (t + 1)) >> 64  # in 0..t
        order[t], order[j] = order[j], order[t]
    return order


def drawn_by_chance(chances: Vector, seed: int, epoch: int) -> list[int]:
    """Draw as many examples as there are, with replacement, for an epoch of importance sampling.

    Parameters
    ----------
    chances : vector
        The probability of each example.
    seed : int
        Seed of the network.
    epoch : int
        Number of epochs the network has been trained for.

    Returns
    -------
    list of int
        The examples.

    Examples
    --------
    >>> set(drawn_by_chance([0.5, 0.0, 0.5], seed=1, epoch=0)) <= {0, 2}
    True
    """
    words = _words(seed, epoch, FOR_IMPORTANCE)
    until = list(accumulate(chances))
    draws = [(next(words) >> 11) * 2.0**-53 * until[-1] for _ in chances]
    return [bisect_right(until, u, hi=len(until) - 1) for u in draws]


def initial_layer(
    fan_in: int, fan_out: int, activation: Activation, init: str, seed: int, layer: int
) -> tuple[Matrix, Vector]:
    """Draw the initial weights and biases of one layer.

    Parameters
    ----------
    fan_in, fan_out : int
        Widths of the previous layer and of this layer.
    activation : Activation
        Activation of this layer, which determines the meaning of "auto".
    init : str
        "auto" or one of `INITS`.
    seed : int
        Seed of the network.
    layer : int
        Index i of the layer.

    Returns
    -------
    weights : matrix of shape (fan_out, fan_in)
        N(0, 2/fan_in) for "he", N(0, 2/(fan_in + fan_out)) for "xavier", N(0, 1/fan_in) for "lecun", N(0, 1)
        for "normal", 0 for "zeros".
    biases : vector of fan_out numbers
        N(0, 1) for "normal", otherwise 0.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> initial_layer(2, 1, activation("tanh"), "zeros", seed=0, layer=0)
    ([[0.0, 0.0]], [0.0])
    """
    if init == "auto":
        # He's 2 makes up for the relu of the layer before, and inputs have passed none.
        init = "xavier" if activation.init == "relu" and layer == 0 else activation.init.replace("relu", "he")
    std = INITS[init](fan_in, fan_out)
    if std == 0:
        return [[0.0] * fan_in for _ in range(fan_out)], [0.0] * fan_out
    draws = [std * draw for draw in normals((fan_in + 1) * fan_out, seed, layer)]
    weights = [[draws[k * fan_out + j] for k in range(fan_in)] for j in range(fan_out)]
    biases = draws[fan_in * fan_out :] if init == "normal" else [0.0] * fan_out
    return weights, biases
