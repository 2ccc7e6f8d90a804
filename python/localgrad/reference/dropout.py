"""Dropout and input noise, which are applied during training only.

Dropout sets random activations to 0 and multiplies the others by 1/(1 - rate), so that their expected values
do not change and predictions need no correction ("inverted dropout"). Which units are dropped depends only on
the seed of the network, the epoch, and the position of the example in it. Srivastava, Hinton, Krizhevsky,
Sutskever, Salakhutdinov, "Dropout: a simple way to prevent neural networks from overfitting", 2014.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .functions import HiddenActivation
from .matrix import Vector, add, hadamard
from .random_numbers import FOR_NOISE, MASK32, philox
from .ranges import must_be


def purpose_of_layer(l: int) -> int:  # noqa: E741
    """Return the number that identifies the random numbers for activations[l], where l = 0 is the input.

    Examples
    --------
    >>> purpose_of_layer(0), purpose_of_layer(1)
    (2, 258)
    """
    return 2 + 256 * l


def _block(index: int, seed: int, epoch: int, purpose: int) -> tuple[int, int, int, int]:
    return philox((index & MASK32, index >> 32, epoch & MASK32, purpose), (seed & MASK32, seed >> 32))


def mask(width: int, rate: float, seed: int, epoch: int, position: int, l: int) -> Vector:  # noqa: E741
    """Draw the factors of a layer's activations for one example: 0 or 1/(1 - rate).

    The rate is rounded to T/65536. There are 16 random bits per unit; it is dropped if they are less than T.

    Parameters
    ----------
    width : int
        Number of units of the layer.
    rate : float
        Probability with which a unit is dropped, in [0, 1).
    seed : int
        Seed of the network.
    epoch : int
        Number of epochs the network has been trained for.
    position : int
        Position of the example in the order of the epoch, starting from 0.
    l : int
        Index of the layer's activations; 0 is the input.

    Returns
    -------
    vector
        The factors.

    Examples
    --------
    >>> mask(9, 0.5, seed=0, epoch=0, position=0, l=0)
    [2.0, 2.0, 2.0, 2.0, 0.0, 2.0, 2.0, 2.0, 2.0]
    """
    threshold = min(math.floor(rate * 65536 + 0.5), 65535)
    kept = 1 / (1 - threshold / 65536)
    blocks = -(-width // 8)  # rounded up; a block of Philox has 128 bits, enough for 8 units
    factors: Vector = []
    for block in range(position * blocks, (position + 1) * blocks):
        for word in _block(block, seed, epoch, purpose_of_layer(l)):
            factors += [0.0 if bits < threshold else kept for bits in (word & 0xFFFF, word >> 16)]
    return factors[:width]


def noise(width: int, seed: int, epoch: int, position: int) -> Vector:
    """Draw a number from N(0, 1) for each input of one example, with the Box-Muller method.

    Parameters
    ----------
    width : int
        Number of inputs.
    seed, epoch, position : int
        As for `mask`.

    Returns
    -------
    vector
        The numbers.

    Examples
    --------
    >>> noise(3, seed=1, epoch=0, position=0) == noise(4, seed=1, epoch=0, position=0)[:3]
    True
    """
    blocks = -(-width // 4)  # rounded up; a block has four 32-bit words, enough for 4 inputs
    draws: Vector = []
    for block in range(position * blocks, (position + 1) * blocks):
        r0, r1, r2, r3 = _block(block, seed, epoch, FOR_NOISE)
        for first, second in ((r0, r1), (r2, r3)):
            u1, u2 = (first + 1) * 2.0**-32, second * 2.0**-32  # u1 in (0, 1], because its logarithm is taken
            radius, angle = math.sqrt(-2 * math.log(u1)), 2 * math.pi * u2
            draws += radius * math.cos(angle), radius * math.sin(angle)
    return draws[:width]


@dataclass(frozen=True)
class Dropped:
    """An activation with dropout: a = mask ⊙ φ(z), with the derivative mask ⊙ φ'(z).

    Backpropagation needs no change for dropout: it uses this activation in (F), (D2) and (G1) instead of φ.

    Attributes
    ----------
    phi : HiddenActivation
        The activation φ without dropout.
    factors : vector
        The mask.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> Dropped(activation("relu"), [0.0, 2.0]).value([3.0, 3.0])
    [0.0, 6.0]
    """

    phi: HiddenActivation
    factors: Vector

    def value(self, z: Vector) -> Vector:
        """Return mask ⊙ φ(z)."""
        return hadamard(self.factors, self.phi.value(z))

    def derivative(self, z: Vector, a: Vector) -> Vector:
        """Return mask ⊙ φ'(z). φ' is computed from φ(z), because `a` includes the mask."""
        return hadamard(self.factors, self.phi.derivative(z, self.phi.value(z)))


@dataclass(frozen=True)
class Disturbance:
    """The dropout and input noise of a network.

    Parameters
    ----------
    dropout : sequence of float
        Dropout rate of each hidden layer.
    input_dropout : float
        Dropout rate of the input.
    input_noise : float
        Standard deviation σ of the noise that is added to each input, before dropout.
    seed : int
        Seed of the network.

    Examples
    --------
    >>> Disturbance([], 0.0, 0.0, seed=0).of_input([1.0, 2.0], epoch=0, position=0)
    [1.0, 2.0]
    """

    dropout: Sequence[float]
    input_dropout: float
    input_noise: float
    seed: int

    def scaled(self, factor: float) -> "Disturbance":
        """Return the same disturbance with dropout rates multiplied by a factor.

        Examples
        --------
        >>> Disturbance([0.5], 0.25, 0.0, seed=0).scaled(0.5)
        Disturbance(dropout=[0.25], input_dropout=0.125, input_noise=0.0, seed=0)
        """
        input_dropout, *dropout = [
            must_be("in [0, 1)", factor * rate, "dropout times the factor of its schedule")
            for rate in (self.input_dropout, *self.dropout)
        ]
        return replace(self, dropout=dropout, input_dropout=input_dropout)

    def of_input(self, x: Vector, epoch: int, position: int) -> Vector:
        """Return a^1 = mask ⊙ (x + σ n) with noise n."""
        if self.input_noise > 0:
            draws = noise(len(x), self.seed, epoch, position)
            x = add(x, [self.input_noise * n_k for n_k in draws])
        if self.input_dropout > 0:
            x = hadamard(mask(len(x), self.input_dropout, self.seed, epoch, position, 0), x)
        return x

    def of_hidden(
        self, phis: Sequence[HiddenActivation], widths: Sequence[int], epoch: int, position: int
    ) -> list[HiddenActivation]:
        """Return the activations of the hidden layers, with the dropout masks of one example."""
        return [
            Dropped(phi, mask(width, rate, self.seed, epoch, position, i + 1)) if rate > 0 else phi
            for i, (phi, width, rate) in enumerate(zip(phis, widths, self.dropout, strict=True))
        ]
