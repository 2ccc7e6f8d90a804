"""Differentially private training: clipped gradients of single examples, and noise keyed by a secret.

The secret is a key of 256 bits. For each step and layer, ChaCha20 turns it into the key of a stream of
Philox, from which the normal numbers are drawn. Abadi et al., "Deep learning with differential privacy",
2016.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress

from .layout import flatten, unflatten
from .matrix import Vector
from .random_numbers import MASK32, philox
from .steps import Example, Layer

FOR_NOISE, FOR_SAMPLING = 0, 1  # uses of a block of ChaCha20


def chacha(key: int, block: int, purpose: int, step: int) -> list[int]:
    """Return 16 random 32-bit words of ChaCha20 (RFC 8439).

    Parameters
    ----------
    key : int
        The secret, in [0, 2²⁵⁶).
    block, purpose, step : int
        The last words of the state: two of 32 bits, and one of 64 bits.

    Returns
    -------
    list of 16 int
        The words.

    Examples
    --------
    >>> [f"{word:08x}" for word in chacha(0, 0, 0, 0)[:3]]
    ['ade0b876', '903df1a0', 'e56a5d40']
    """
    start = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574]
    start += [key >> 32 * i & MASK32 for i in range(8)]
    start += [block, purpose, step & MASK32, step >> 32]
    v = list(start)

    def turn(a: int, b: int, c: int, by: int) -> None:
        v[a] = (v[a] + v[b]) & MASK32
        v[c] ^= v[a]
        v[c] = (v[c] << by | v[c] >> (32 - by)) & MASK32

    for _ in range(10):
        for shift in (0, 1):
            for i in range(4):
                a, b, c, d = (4 * row + (i + shift * row) % 4 for row in range(4))
                turn(a, b, d, 16)
                turn(c, d, b, 12)
                turn(a, b, d, 8)
                turn(c, d, b, 7)
    return [(one + other) & MASK32 for one, other in zip(v, start, strict=True)]


def noise(key: int, step: int, layer: int, rows: int, width: int) -> list[Vector]:
    """Draw a number from N(0, 1) for each parameter of one layer, with the Box-Muller method.

    Parameters
    ----------
    key : int
        The secret.
    step : int
        Number of mini-batches before this one.
    layer : int
        Index i of the layer.
    rows, width : int
        fan_in + 1 and fan_out: row k is for the weights from unit k, and the last row for the biases.

    Returns
    -------
    matrix of shape (rows, width)
        The numbers.

    Examples
    --------
    >>> noise(1, 0, 0, 2, 3)[0] == noise(1, 0, 0, 1, 3)[0]
    True
    """
    k0, k1, c2, c3, *_ = chacha(key, layer, FOR_NOISE, step)
    blocks = -(-width // 4)  # rounded up; a block of Philox has four words, enough for 4 numbers
    drawn = []
    for row in range(rows):
        numbers: Vector = []
        for block in range(row * blocks, (row + 1) * blocks):
            r0, r1, r2, r3 = philox((block & MASK32, block >> 32, c2, c3), (k0, k1))
            for first, second in ((r0, r1), (r2, r3)):
                u1, u2 = (first + 1) * 2.0**-32, second * 2.0**-32  # u1 in (0, 1], for its logarithm
                radius, angle = math.sqrt(-2 * math.log(u1)), 2 * math.pi * u2
                numbers += radius * math.cos(angle), radius * math.sin(angle)
        drawn.append(numbers[:width])
    return drawn


def poisson_sample(key: int, step: int, n: int, expected: int) -> list[int]:
    """Draw a mini-batch that has each of n examples with probability expected/n.

    The gaps between the examples have a geometric distribution: P(gap ≥ k) = (1 - expected/n)^k.

    Parameters
    ----------
    key : int
        The secret.
    step : int
        Number of mini-batches before this one.
    n, expected : int
        Number of examples, and the expected number in a mini-batch.

    Returns
    -------
    list of int
        The examples, in ascending order.

    Examples
    --------
    >>> poisson_sample(1, 0, 3, 3)
    [0, 1, 2]
    """
    if expected >= n:
        return list(range(n))
    sample: list[int] = []
    row, block = -1, 0
    while True:
        words = chacha(key, block, FOR_SAMPLING, step)
        for low, high in zip(words[::2], words[1::2], strict=True):
            u = (((low | high << 32) >> 11) + 1) * 2.0**-53
            row += 1 + math.floor(math.log(u) / math.log1p(-expected / n))
            if row >= n:
                return sample
            sample.append(row)
        block += 1


@dataclass(frozen=True)
class PrivateSteps:
    """The settings of private training.

    Attributes
    ----------
    clip : float
        Largest norm C of the gradient of an example.
    noise_multiplier : float
        Standard deviation of the noise, relative to C.
    key : int
        The secret.
    sizes : sequence of int
        Widths of the layers.
    trained : sequence of bool
        Whether each parameter is trained, in the order of `layout`.
    """

    clip: float
    noise_multiplier: float
    key: int
    sizes: Sequence[int]
    trained: Sequence[bool]

    def means(self, examples: Iterable[Example], step: int, expected: int) -> tuple[float, list[Layer]]:
        """Return the cost and the private gradients of a mini-batch of `expected` examples.

        The gradient of each example is multiplied by min(1, C/norm), and noise with the standard deviation
        `noise_multiplier` C is added to each component of their sum.

        Examples
        --------
        >>> from localgrad.reference.steps import Layer
        >>> one = Example(1.0, [], [], [], gradients=[Layer([[3.0]], [4.0])])
        >>> PrivateSteps(1.0, 0.0, 0, [1, 1], [True, True]).means([one], step=0, expected=1)
        (1.0, [Layer(w=[[0.6000000000000001]], b=[0.8])])
        """
        cost, sums = 0.0, [0.0] * len(self.trained)
        for e in examples:
            g = flatten(e.gradients)
            norm = math.hypot(*compress(g, self.trained))
            factor = self.clip / norm if norm > self.clip else 1.0
            cost += e.cost
            sums = [total + factor * g_k for total, g_k in zip(sums, g, strict=True)]
        if self.noise_multiplier > 0:
            scale = self.noise_multiplier * self.clip
            sums = [total + scale * n_k for total, n_k in zip(sums, self._noise(step), strict=True)]
        return cost / expected, unflatten([total / expected for total in sums], self.sizes)

    def _noise(self, step: int) -> Vector:
        shapes = [(fan_in + 1, fan_out) for fan_in, fan_out in zip(self.sizes, self.sizes[1:], strict=False)]
        if len(self.trained) > sum(rows * width for rows, width in shapes):  # input scales
            shapes.append((1, self.sizes[0]))
        return [
            number
            for i, (rows, width) in enumerate(shapes)
            for row in noise(self.key, step, i, rows, width)
            for number in row
        ]


@dataclass(frozen=True)
class PrivateEpoch:
    """The private steps of one epoch.

    Attributes
    ----------
    steps : PrivateSteps
        The settings.
    before : int
        Number of mini-batches before the epoch.
    expected : int, optional
        Expected size of a Poisson sample.
    """

    steps: PrivateSteps
    before: int
    expected: int | None

    def means(self, examples: Sequence[Example], number: int) -> tuple[float, list[Layer]]:
        """Return the cost and the gradients of mini-batch `number`, counted from 1."""
        return self.steps.means(examples, self.before + number - 1, self.expected or len(examples))

    def counted(self, number: int, size: int, n: int) -> int:
        """Return the number of examples for which the cost of a mini-batch counts."""
        return size if self.expected is None else min(self.expected, n - (number - 1) * self.expected)

    def room(self, size: int) -> int:
        """Return the distance to the next mini-batch in the random numbers of dropout and input noise."""
        # A sample may be larger than expected, and has its own numbers all the same.
        return size if self.expected is None else self.expected + int(10 * math.sqrt(self.expected)) + 30
