"""Training on values and slopes (Sobolev training; Czarnecki et al. 2017), for one example at a time.

The cost of an example is c(a, y) + ½ weight Σ_jk (∂a_j/∂x_k - S_jk)². The derivatives of z and a in the
direction of input k are the tangents z' and a':

    z'^l = w^l a'^(l-1)      a'^l = φ'(z^l) ⊙ z'^l      a'^1 = the direction

With e = ∂c/∂z' and d = ∂c/∂z, of which the cost of the values contributes δ^L to d^L, the chain rule gives

    e^L = φ' ⊙ weight (a'^L - S)        d^L = δ^L + φ'' ⊙ z' ⊙ weight (a'^L - S)
    e^l = φ' ⊙ wᵀ e^(l+1)               d^l = φ' ⊙ wᵀ d^(l+1) + φ'' ⊙ z' ⊙ wᵀ e^(l+1)
    ∂c/∂w^l = d^l aᵀ + e^l a'ᵀ          ∂c/∂b^l = d^l

Since all of it is linear in δ and e, the directions are computed one after the other, with δ in the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .curvature import Second
from .functions import HiddenActivation
from .matrix import Matrix, Vector, add, dot, hadamard, matmul, outer, transpose
from .steps import Example, Layer


@dataclass(frozen=True)
class SlopeCost:
    """The part of the cost that compares slopes.

    Attributes
    ----------
    weight : float
        Its weight.
    directions : vector
        Length of the direction of each input in the units of the network.
    units : matrix of shape (m_L, m_1)
        Factors that convert the desired slopes to those of the network.
    """

    weight: float
    directions: Vector
    units: Matrix

    def add_to(
        self,
        e: Example,
        layers: Sequence[Layer],
        phis: Sequence[tuple[HiddenActivation, Second]],
        wanted: Matrix,
        example_weight: float = 1.0,
        scales: Vector | None = None,
    ) -> Example:
        """Add the cost of the slopes and its gradient to those of an example.

        Parameters
        ----------
        e : Example
            The example, with the cost of its values only, multiplied by its weight.
        layers : sequence of Layer
            Weights and biases.
        phis : sequence of (HiddenActivation, function)
            φ and φ'' of each layer.
        wanted : matrix of shape (m_L, m_1)
            The desired slopes.
        example_weight : float, default 1.0
            Weight of the example.
        scales : vector, optional
            Input scales.

        Returns
        -------
        Example
            The example with the whole cost and gradient.

        Examples
        --------
        >>> from localgrad.reference.activations import activation
        >>> e = Example(1.0, [[7.0]], [[2.0], [7.0]], [[0.0]], [Layer([[0.0]], [0.0])])
        >>> identity = activation("identity"), lambda z: 0.0
        >>> slopes = SlopeCost(1.0, [1.0], [[1.0]])
        >>> both = slopes.add_to(e, [Layer([[3.0]], [1.0])], [identity], [[5.0]])
        >>> both.cost, both.gradients
        (3.0, [Layer(w=[[-2.0]], b=[0.0])])
        """
        weight, cost, gradients = self.weight * example_weight, e.cost, e.gradients
        for k in range(len(self.directions)):
            targets = [units[k] * row[k] for units, row in zip(self.units, wanted, strict=True)]
            squares, own = self._of_direction(k, e, layers, phis, targets, weight, scales)
            cost += 0.5 * weight * squares
            gradients = [_sum(total, g) for total, g in zip(gradients, own, strict=True)]
        return e._replace(cost=cost, gradients=gradients)

    def _of_direction(
        self,
        k: int,
        e: Example,
        layers: Sequence[Layer],
        phis: Sequence[tuple[HiddenActivation, Second]],
        targets: Vector,
        weight: float,
        scales: Vector | None,
    ) -> tuple[float, list[Layer]]:
        """Return the sum of squares of direction k, and its gradient."""
        x = e.activations[0]
        start = [self.directions[k] if j == k else 0.0 for j in range(len(x))]
        a = [x if scales is None else hadamard(scales, x), *e.activations[1:]]
        tangents = [start if scales is None else hadamard(scales, start)]
        slopes, bends = [], []  # φ' and φ'' ⊙ z' of each layer
        for i, (phi, second) in enumerate(phis):
            z, of_z = e.weighted_inputs[i], matmul(layers[i].w, tangents[-1])
            slopes.append(phi.derivative(z, a[i + 1]))
            bends.append([second(z_j) * t_j for z_j, t_j in zip(z, of_z, strict=True)])
            tangents.append(hadamard(slopes[-1], of_z))
        errors = [a_j - s_j for a_j, s_j in zip(tangents[-1], targets, strict=True)]
        pull, pulled = [weight * error for error in errors], [0.0] * len(errors)  # ∂c/∂a' and ∂c/∂a
        gradients: list[Layer] = []
        for i in reversed(range(len(phis))):
            straight = hadamard(slopes[i], pull)
            d = add(hadamard(slopes[i], pulled), hadamard(bends[i], pull))
            rows = zip(outer(d, a[i]), outer(straight, tangents[i]), strict=True)
            gradients.insert(0, Layer([add(one, other) for one, other in rows], d))
            w = transpose(layers[i].w)
            pull, pulled = matmul(w, straight), matmul(w, d)
        if scales is not None:
            gradients.append(Layer([], add(hadamard(pulled, x), hadamard(pull, start))))
        return dot(errors, errors), gradients


def _sum(one: Layer, other: Layer) -> Layer:
    w = [add(u, v) for u, v in zip(one.w, other.w, strict=True)]
    return Layer(w, add(one.b, other.b))
