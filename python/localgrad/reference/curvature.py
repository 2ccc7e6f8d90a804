"""Second derivatives of the cost: products with the Hessian and the Gauss-Newton matrix, and their diagonals.

Every quantity of the forward and the backward pass is a function of the parameters. R{q} is the derivative of
q if all parameters change in the direction of a vector (V, v_b) (Pearlmutter 1994). Since R is a derivative,
it obeys the rules for sums and products, and the equations of backpropagation give

    R{z^l} = w^l R{a^(l-1)} + V^l a^(l-1) + v_b^l           R{a^l} = φ'(z^l) ⊙ R{z^l}
    R{δ^L} = B R{z^L}                                       B = ∂²c/∂z^L²
    R{δ^l} = φ'(z^l) ⊙ (wᵀ R{δ^(l+1)} + Vᵀ δ^(l+1)) + φ''(z^l) ⊙ R{z^l} ⊙ wᵀ δ^(l+1)
    R{∂c/∂w^l} = R{δ^l} (a^(l-1))ᵀ + δ^l R{a^(l-1)}ᵀ        R{∂c/∂b^l} = R{δ^l}

The last line is the product of the Hessian and the vector. Without the terms that contain δ, it is the
product with the Gauss-Newton matrix Jᵀ B J (Schraudolph 2002), where J is the Jacobian of z^L with respect to
the parameters, and B is replaced by a matrix without negative eigenvalues.

At a kink, where a first derivative jumps, the second derivative is taken as 0.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .activations import ACTIVATIONS, SELU_ALPHA, SELU_SCALE, sigmoid, softplus
from .classification import smoothed
from .functions import COSTS, Activation, Cost, HiddenActivation, VectorActivation, find
from .matrix import Matrix, Vector, add, dot, hadamard, matmul, outer, total, transpose
from .regression import exp, times_exp
from .steps import Example, Layer

Second = Callable[[float], float]  # φ'' as a function of z


def bell(z: float) -> float:
    """Return s (1 - s) with s = sigmoid(z), the derivative of sigmoid.

    Examples
    --------
    >>> bell(0.0)
    0.25
    """
    return sigmoid(z) * sigmoid(-z)


def gelu_second(z: float) -> float:
    """Return the second derivative of z Φ(z): (2 - z²) p(z) with the normal density p.

    Examples
    --------
    >>> round(gelu_second(0.0), 12) == round(2 / math.sqrt(2 * math.pi), 12)
    True
    """
    density = math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    return (2 - z * z) * density if density else 0.0


def gated_second(z: float, v: float, v1: float, v2: float) -> float:
    """Return the second derivative of z sigmoid(v), where v1 and v2 are the derivatives of v.

    Examples
    --------
    >>> gated_second(0.0, 0.0, 1.0, 0.0)  # silu
    0.5
    """
    slope = bell(v)
    curve = slope * (1 - 2 * sigmoid(v))  # sigmoid''
    return 2 * slope * v1 + z * (curve * v1 * v1 + slope * v2) if slope else 0.0


def gelu_tanh_second(z: float) -> float:
    """Return the second derivative of z sigmoid(2u), u = √(2/π) (z + 0.044715 z³).

    Examples
    --------
    >>> round(gelu_tanh_second(0.0), 12) == round(math.sqrt(2 / math.pi), 12)
    True
    """
    factor, cubic = 2 * math.sqrt(2 / math.pi), 0.044715
    return gated_second(
        z, factor * (z + cubic * z * z * z), factor * (1 + 3 * cubic * z * z), factor * 6 * cubic * z
    )


def mish_second(z: float) -> float:
    """Return the second derivative of z t, t = tanh(softplus(z)), which is 2 t' + z t''.

    Examples
    --------
    >>> round(mish_second(0.0), 12)
    0.64
    """
    t, s = math.tanh(softplus(z)), sigmoid(z)
    slope = (1 - t * t) * s
    return 2 * slope + z * (slope * (1 - s) - 2 * t * slope * s)


def tanh_second(z: float) -> float:
    """Return -2 tanh(z) (1 - tanh(z)²).

    Examples
    --------
    >>> tanh_second(0.0) == 0
    True
    """
    return -2 * math.tanh(z) * (1 - math.tanh(z) ** 2)


def softsign_second(z: float) -> float:
    """Return -2 sign(z) / (1 + abs(z))³.

    Examples
    --------
    >>> softsign_second(1.0), softsign_second(0.0)
    (-0.25, 0.0)
    """
    return math.copysign(2 / (1 + abs(z)) ** 3, -z) if z else 0.0


def elu_second(alpha: float, scale: float = 1.0) -> Second:
    """Return φ'' of elu: scale · alpha e^z for z <= 0, otherwise 0.

    Examples
    --------
    >>> elu_second(2.0)(0.0), elu_second(2.0)(1.0)
    (2.0, 0.0)
    """
    return lambda z: scale * alpha * math.exp(z) if z <= 0 else 0.0


SECOND: dict[str, Callable[..., Second]] = {
    "sigmoid": lambda: lambda z: bell(z) * (1 - 2 * sigmoid(z)),
    "tanh": lambda: tanh_second,
    "elu": elu_second,
    "selu": lambda: elu_second(SELU_ALPHA, SELU_SCALE),
    "gelu": lambda: gelu_second,
    "gelu_tanh": lambda: gelu_tanh_second,
    "silu": lambda: lambda z: gated_second(z, z, 1.0, 0.0),
    "softplus": lambda: bell,
    "softsign": lambda: softsign_second,
    "mish": lambda: mish_second,
}  # of the others, which consist of straight lines, it is 0


def second(text: str) -> Second:
    """Return φ'' of an activation with a name such as "elu(2)".

    Examples
    --------
    >>> second("softplus")(0.0), second("relu")(3.0)
    (0.25, 0.0)
    """
    name, _, parameters = find(text, "activation", ACTIVATIONS)
    name = name.partition("(")[0]
    return SECOND[name](*parameters) if name in SECOND else lambda z: 0.0


def diagonal(v: Vector) -> Matrix:
    """Return the diagonal matrix of the numbers of a vector.

    Examples
    --------
    >>> diagonal([1.0, 2.0])
    [[1.0, 0.0], [0.0, 2.0]]
    """
    return [[v_j if j == k else 0.0 for k in range(len(v))] for j, v_j in enumerate(v)]


def product(a: Matrix, b: Matrix) -> Matrix:
    """Return the product of two matrices.

    Examples
    --------
    >>> product([[1.0, 2.0]], [[3.0], [4.0]])
    [[11.0]]
    """
    columns = transpose(b)
    return [[dot(row, column) for column in columns] for row in a]


@dataclass(frozen=True)
class Output:
    """The output layer: its activation and the cost, by name and as functions.

    Attributes
    ----------
    name, cost_name : str
        Names of the activation and the cost, which may include parameters.
    phi : Activation
        The activation, which may include a conversion to the units of the targets.
    cost : Cost
        The cost.
    """

    name: str
    cost_name: str
    phi: Activation
    cost: Cost

    def jacobian(self, z: Vector, a: Vector) -> Matrix:
        """Return ∂a/∂z."""
        if isinstance(self.phi, VectorActivation):
            return self.phi.jacobian(a)
        return diagonal(self.phi.derivative(z, a))

    def hessian(self, z: Vector, a: Vector, y: Vector) -> Matrix:
        """Return ∂²c/∂z²."""
        found = self._of_logits(z, a, y)
        if found is not None:
            return found
        # The chain rule: Jᵀ (∂²c/∂a²) J + Σ_k ∂c/∂a_k ∂²a_k/∂z².
        of_a = self._through_jacobian(z, a, self._cost_hessian(a, y))
        slopes, n = self.cost.gradient(a, y), range(len(a))
        if not isinstance(self.phi, VectorActivation):
            bends = [slope * second(self.name)(z_j) for slope, z_j in zip(slopes, z, strict=True)]
            return [add(row, bend) for row, bend in zip(of_a, diagonal(bends), strict=True)]
        jacobian = self.phi.jacobian(a)

        def bend(i: int, j: int) -> float:
            # Of softmax, ∂²a_k/∂z_i∂z_j = ∂/∂z_j [a_k ([k = i] - a_i)].
            return total(slopes[k] * (jacobian[k][j] * ((k == i) - a[i]) - a[k] * jacobian[i][j]) for k in n)

        return [[of_a[i][j] + bend(i, j) for j in n] for i in n]

    def gauss_newton(self, z: Vector, a: Vector, y: Vector) -> Matrix:
        """Return B, which has no negative eigenvalues.

        For cross-entropy and poisson, ∂²c/∂z². For gaussian_nll, its expectation if y is distributed as the
        outputs say. For other costs, Jᵀ (∂²c/∂a²) J.
        """
        if self._cost_family() == "gaussian_nll":
            half = len(a) // 2
            precisions = [exp(-s) for s in a[half:]]
            return self._through_jacobian(z, a, diagonal([*precisions, *[0.5] * half]))
        found = self._of_logits(z, a, y)
        return self._through_jacobian(z, a, self._cost_hessian(a, y)) if found is None else found

    def _cost_family(self) -> str:
        return self.cost_name.partition("(")[0]

    def _parameters(self) -> tuple[float, ...]:
        return find(self.cost_name, "cost", COSTS)[2]

    def _through_jacobian(self, z: Vector, a: Vector, of_a: Matrix) -> Matrix:
        jacobian = self.jacobian(z, a)
        return product(transpose(jacobian), product(of_a, jacobian))

    def _of_logits(self, z: Vector, a: Vector, y: Vector) -> Matrix | None:
        """Return ∂²c/∂z² for the costs whose δ has a simple form, otherwise None."""
        family = self._cost_family()
        if family in ("cross_entropy", "binary_cross_entropy"):
            if self.name == "softmax":  # δ_j = a_j Σ_k y_k - y_j
                mass = total(smoothed(y, self._parameters()[0], len(y)))
                return [[mass * v for v in row] for row in self.jacobian(z, a)]
            return diagonal([bell(z_j) for z_j in z])  # δ = a - y
        if family == "poisson":
            if self.name == "identity":  # δ = e^z - y
                return diagonal([exp(z_j) for z_j in z])
            return diagonal([_of_rate(z_j, y_j) for z_j, y_j in zip(z, y, strict=True)])
        return None

    def _cost_hessian(self, a: Vector, y: Vector) -> Matrix:
        """Return ∂²c/∂a²."""
        family = self._cost_family()
        if family == "gaussian_nll":
            return _gaussian_hessian(a, y)
        if family in ("mae", "hinge", "quantile"):
            return diagonal([0.0] * len(a))
        errors = [a_k - y_k for a_k, y_k in zip(a, y, strict=True)]
        if family == "mse":
            return diagonal([1.0] * len(a))
        if family == "huber":
            return diagonal([float(abs(e) <= self._parameters()[0]) for e in errors])
        if family == "log_cosh":
            return diagonal([1 - math.tanh(e) ** 2 for e in errors])
        raise ValueError("cost must have a second derivative, got a custom cost")


def _of_rate(z: float, y: float) -> float:
    """Return the derivative of δ = s - y s/r, with s = sigmoid(z) and r = softplus(z)."""
    s, r = sigmoid(z), softplus(z)
    if z < -20:  # s/r is 1 - e^z/2 + ..
        return s * (1 + 0.5 * y)
    return bell(z) - y * (bell(z) / r - (s / r) ** 2)


def _gaussian_hessian(a: Vector, y: Vector) -> Matrix:
    """Return the second derivatives of ½ Σ_t [s_t + e_t² exp(-s_t)], e = μ - y, of the μ and then the s."""
    half = len(y)
    found = diagonal([0.0] * len(a))
    for t, (mu, s, y_t) in enumerate(zip(a[:half], a[half:], y, strict=True)):
        e = mu - y_t
        found[t][t] = exp(-s)
        found[t][half + t] = found[half + t][t] = -times_exp(e, -s)
        found[half + t][half + t] = 0.5 * times_exp(e, -0.5 * s) ** 2
    return found


def curvature_product(
    e: Example,
    layers: Sequence[Layer],
    hidden: Sequence[tuple[HiddenActivation, Second]],
    output_matrix: Matrix,
    direction: Sequence[Layer],
    scales: Vector | None = None,
    *,
    gauss_newton: bool = False,
) -> list[Layer]:
    """Compute R{∂c/∂w} and R{∂c/∂b} of one example.

    Parameters
    ----------
    e : Example
        What backpropagation computed for it.
    layers, direction : sequence of Layer
        The parameters, and the vector (V, v_b) in the same form.
    hidden : sequence of (HiddenActivation, callable)
        φ of the hidden layers with its second derivative φ''.
    output_matrix : matrix
        B.
    scales : vector, optional
        Input scales s. The last element of `direction` then belongs to them.
    gauss_newton : bool, default False
        Whether to omit the terms with δ.

    Returns
    -------
    list of Layer
        The product of the matrix and the vector; last, that of the input scales, if there are any.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> from localgrad.reference.costs import cost
    >>> from localgrad.reference.steps import backprop
    >>> layers = [Layer([[3.0]], [1.0])]
    >>> e = backprop(layers, [], activation("identity"), cost("mse", "identity"), [2.0], [0.0])
    >>> curvature_product(e, layers, [], [[1.0]], [Layer([[1.0]], [0.0])])
    [Layer(w=[[4.0]], b=[2.0])]
    """
    x = e.activations[0]
    a = [x if scales is None else hadamard(scales, x), *e.activations[1:]]
    r_a = [[0.0] * len(x) if scales is None else hadamard(direction[-1].b, x)]
    r_z: list[Vector] = []
    for i, ((w, _), (v, v_b)) in enumerate(zip(layers, direction, strict=False)):
        r_z.append(add(add(matmul(w, r_a[i]), matmul(v, a[i])), v_b))
        if i < len(hidden):
            r_a.append(hadamard(hidden[i][0].derivative(e.weighted_inputs[i], a[i + 1]), r_z[i]))

    delta = [[0.0] * len(d) for d in e.local_gradients] if gauss_newton else e.local_gradients
    r_delta = [matmul(output_matrix, r_z[-1])]
    for i in reversed(range(len(hidden))):
        z, (phi, bend) = e.weighted_inputs[i], hidden[i]
        w, v = transpose(layers[i + 1].w), transpose(direction[i + 1].w)
        slopes = phi.derivative(z, a[i + 1])
        bends = [bend(z_j) * r_j for z_j, r_j in zip(z, r_z[i], strict=True)]
        straight = hadamard(slopes, add(matmul(w, r_delta[0]), matmul(v, delta[i + 1])))
        r_delta.insert(0, add(straight, hadamard(bends, matmul(w, delta[i + 1]))))

    found = []
    for i in range(len(layers)):
        one, other = outer(r_delta[i], a[i]), outer(delta[i], r_a[i])
        found.append(Layer([add(u, v) for u, v in zip(one, other, strict=True)], r_delta[i]))
    if scales is not None:
        w, v = transpose(layers[0].w), transpose(direction[0].w)
        found.append(Layer([], hadamard(x, add(matmul(w, r_delta[0]), matmul(v, delta[0])))))
    return found


def curvature_diagonal(
    e: Example,
    layers: Sequence[Layer],
    hidden: Sequence[tuple[HiddenActivation, Second]],
    output_matrix: Matrix,
    scales: Vector | None = None,
    *,
    gauss_newton: bool = False,
) -> list[Layer]:
    """Compute the diagonal of the Hessian or the Gauss-Newton matrix of one example.

    With D = diag(φ'(z^l)), the second derivatives with respect to z are H^L = B and

    H^l = D wᵀ H^(l+1) w D + diag(φ''(z^l) ⊙ wᵀ δ^(l+1))

    without the last term for the Gauss-Newton matrix (Botev, Ritter, Barber 2017). Since z_j is a linear
    function of w_jk, with slope a_k, the second derivative with respect to w_jk is H_jj a_k².

    Parameters
    ----------
    e, layers, hidden, output_matrix, scales, gauss_newton
        As for `curvature_product`.

    Returns
    -------
    list of Layer
        The diagonal in the form of the parameters.

    Examples
    --------
    >>> e = Example(0.0, [[7.0]], [[2.0], [7.0]], [[7.0]], [])
    >>> curvature_diagonal(e, [Layer([[3.0]], [1.0])], [], [[1.0]])
    [Layer(w=[[4.0]], b=[1.0])]
    """
    x = e.activations[0]
    a = [x if scales is None else hadamard(scales, x), *e.activations[1:]]
    h = [output_matrix]
    for i in reversed(range(len(hidden))):
        (phi, bend), z, w = hidden[i], e.weighted_inputs[i], layers[i + 1].w
        slopes = diagonal(phi.derivative(z, a[i + 1]))
        of_a = product(transpose(w), product(h[0], w))
        below = product(slopes, product(of_a, slopes))
        if not gauss_newton:
            pull = matmul(transpose(w), e.local_gradients[i + 1])
            bends = diagonal([bend(z_j) * p_j for z_j, p_j in zip(z, pull, strict=True)])
            below = [add(u, v) for u, v in zip(below, bends, strict=True)]
        h.insert(0, below)

    found = []
    for h_l, a_l in zip(h, a, strict=False):
        own = [h_l[j][j] for j in range(len(h_l))]
        found.append(Layer(outer(own, hadamard(a_l, a_l)), own))
    if scales is not None:
        of_inputs = product(transpose(layers[0].w), product(h[0], layers[0].w))
        found.append(Layer([], [x_k * x_k * of_inputs[k][k] for k, x_k in enumerate(x)]))
    return found
