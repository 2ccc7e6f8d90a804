"""Units that are left out at random while training, and noise on the input.

Which units an example loses depends on the network's seed, the epoch and the example's position in it alone.
Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout: a simple way to prevent neural networks
from overfitting", 2014; the units that stay are scaled up, so that a trained network needs no change.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .functions import HiddenActivation
from .matrix import Vector, add, hadamard
from .random_numbers import FOR_NOISE, MASK32, philox


def purpose_of_layer(l: int) -> int:  # noqa: E741
    """Purpose of the random numbers for activations[l], 0 being the input.

    Examples
    --------
    >>> purpose_of_layer(0), purpose_of_layer(1)
    (2, 258)
    """
    return 2 + 256 * l


def _block(index: int, seed: int, epoch: int, purpose: int) -> tuple[int, int, int, int]:
    return philox((index & MASK32, index >> 32, epoch & MASK32, purpose), (seed & MASK32, seed >> 32))


def mask(width: int, rate: float, seed: int, epoch: int, position: int, l: int) -> Vector:  # noqa: E741
    """Draw the factors of a layer's activations for one example: 0 or, so that means stay, 1/(1 - rate).

    The rate is rounded to T/65536: each unit has 16 random bits, and is dropped if they are below T.

    Parameters
    ----------
    width : int
        Units of the layer.
    rate : float
        Share of the units that are dropped, in [0, 1).
    seed : int
        Of the network.
    epoch : int
        Epochs the network has finished.
    position : int
        Where in the epoch's order the example stands, from 0.
    l : int
        Index of the layer's activations; 0 is the input.

    Returns
    -------
    vector

    Examples
    --------
    >>> mask(9, 0.5, seed=0, epoch=0, position=0, l=0)
    [2.0, 2.0, 2.0, 2.0, 0.0, 2.0, 2.0, 2.0, 2.0]
    """
    threshold = min(math.floor(rate * 65536 + 0.5), 65535)
    kept = 1 / (1 - threshold / 65536)
    blocks = -(-width // 8)
    factors: Vector = []
    for block in range(position * blocks, (position + 1) * blocks):
        for word in _block(block, seed, epoch, purpose_of_layer(l)):
            factors += [0.0 if bits < threshold else kept for bits in (word & 0xFFFF, word >> 16)]
    return factors[:width]


def noise(width: int, seed: int, epoch: int, position: int) -> Vector:
    """Draw from N(0, 1) for each input of one example, by Box and Muller's method.

    Parameters
    ----------
    width : int
        Units of the input.
    seed, epoch, position : int
        As for `mask`.

    Returns
    -------
    vector

    Examples
    --------
    >>> noise(3, seed=1, epoch=0, position=0) == noise(4, seed=1, epoch=0, position=0)[:3]
    True
    """
    blocks = -(-width // 4)
    draws: Vector = []
    for block in range(position * blocks, (position + 1) * blocks):
        r0, r1, r2, r3 = _block(block, seed, epoch, FOR_NOISE)
        for first, second in ((r0, r1), (r2, r3)):
            u1, u2 = (first + 1) * 2.0**-32, second * 2.0**-32  # u1 in (0, 1], for the logarithm's sake
            radius, angle = math.sqrt(-2 * math.log(u1)), 2 * math.pi * u2
            draws += radius * math.cos(angle), radius * math.sin(angle)
    return draws[:width]


@dataclass(frozen=True)
class Dropped:
    """An activation some of whose units are left out: a = mask ⊙ φ(z), hence a' = mask ⊙ φ'(z).

    (F) feeds this a to the next layer, (G1) multiplies by it, and (D2) takes its derivative.

    Attributes
    ----------
    phi : HiddenActivation
        φ.
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
        """Return mask ⊙ φ'(z), with φ' from what φ(z) was before the mask."""
        return hadamard(self.factors, self.phi.derivative(z, self.phi.value(z)))


@dataclass(frozen=True)
class Disturbance:
    """What training does to an example on its way through the network.

    Parameters
    ----------
    dropout : sequence of float
        The rate of each hidden layer.
    input_dropout : float
        The rate of the input.
    input_noise : float
        Standard deviation of what is added to each input, before the dropout.
    seed : int
        Of the network.

    Examples
    --------
    >>> Disturbance([], 0.0, 0.0, seed=0).of_input([1.0, 2.0], epoch=0, position=0)
    [1.0, 2.0]
    """

    dropout: Sequence[float]
    input_dropout: float
    input_noise: float
    seed: int

    def of_input(self, x: Vector, epoch: int, position: int) -> Vector:
        """Return a^1 = mask ⊙ (x + σ n)."""
        if self.input_noise > 0:
            draws = noise(len(x), self.seed, epoch, position)
            x = add(x, [self.input_noise * n_k for n_k in draws])
        if self.input_dropout > 0:
            x = hadamard(mask(len(x), self.input_dropout, self.seed, epoch, position, 0), x)
        return x

    def of_hidden(
        self, phis: Sequence[HiddenActivation], widths: Sequence[int], epoch: int, position: int
    ) -> list[HiddenActivation]:
        """Return the hidden layers' activations with the units left out that this example loses."""
        return [
            Dropped(phi, mask(width, rate, self.seed, epoch, position, i + 1)) if rate > 0 else phi
            for i, (phi, width, rate) in enumerate(zip(phis, widths, self.dropout, strict=True))
        ]
