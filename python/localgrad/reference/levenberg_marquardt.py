"""The Levenberg-Marquardt method for the quadratic cost (C): damped least squares over all examples.

The cost of n examples is Σ e² / (2n) over the residuals e = a^L - y of all outputs. With the matrix J of
their derivatives with respect to the parameters, a linear model of the residuals, e + Jd, gives the step d
that minimizes the cost of the model plus ½μ‖d‖².
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress

from .functions import Activation, Cost, HiddenActivation
from .layout import flatten
from .matrix import Matrix, Vector, add, dot, total, transpose
from .ranges import settings_must_be
from .steps import Layer, backprop

__all__ = ["LevenbergMarquardt"]

Linearized = tuple[Matrix, Vector]  # J and e, whose rows are those of all outputs of all examples


@dataclass(frozen=True)
class LevenbergMarquardt:
    """Levenberg-Marquardt method, with the settings of `localgrad.LevenbergMarquardt`.

    - d = -(JᵀJ/n + μI)⁻¹ Jᵀe/n, w ← w + d if the cost decreases
    - μ is multiplied by `damping_decrease` after a step, and by `damping_increase` before another attempt

    Parameters
    ----------
    damping : float, default 1e-3
        Initial μ, above 0.
    damping_decrease, damping_increase : float, default 0.1 and 10.0
        Factors of μ, in (0, 1) and above 1.
    max_damping : float, default 1e10
        Largest μ.
    tolerance : float, default 1e-7
        Training ends when no component of the gradient exceeds this value.

    Examples
    --------
    >>> from localgrad.reference import Network
    >>> net = Network([1, 1], init="zeros")
    >>> history = net.fit([[0.0], [1.0]], [1.0, 3.0], epochs=9, optimizer=LevenbergMarquardt())
    >>> [round(p, 6) for p in net.parameters]
    [2.0, 1.0]
    """

    damping: float = 1e-3
    damping_decrease: float = 0.1
    damping_increase: float = 10.0
    max_damping: float = 1e10
    tolerance: float = 1e-7

    def __post_init__(self) -> None:
        settings_must_be("finite and above 0", self, "damping", "damping_decrease", "max_damping")
        settings_must_be("finite and at least 0", self, "tolerance")


class LeastSquares:
    """The iterations of one fit.

    Parameters
    ----------
    rule : LevenbergMarquardt
        The settings.
    l2 : vector
        Strength of the penalty ½ Σ l2 w² of each parameter.
    trained : list of bool
        Which parameters are trained.
    """

    def __init__(self, rule: LevenbergMarquardt, l2: Vector, trained: list[bool]) -> None:
        self._rule = rule
        self._l2 = list(compress(l2, trained))
        self._trained = trained
        self._mu = rule.damping

    def step(
        self,
        parameters: Vector,
        n: int,
        linearize: Callable[[Vector], Linearized],
        cost: Callable[[Vector], float],
    ) -> Vector | None:
        """Return the parameters after one iteration, or None if training ends.

        Parameters
        ----------
        parameters : vector
            The parameters of the network.
        n : int
            Number of examples.
        linearize : callable
            Function of all parameters that returns J, of all parameters, and e.
        cost : callable
            Function of all parameters that returns the mean cost.

        Returns
        -------
        vector or None
            The new parameters.
        """
        jacobian, residuals = linearize(parameters)
        columns = list(compress(transpose(jacobian), self._trained))
        w = list(compress(parameters, self._trained))
        gradient = [
            dot(column, residuals) / n + l2 * w_p
            for column, l2, w_p in zip(columns, self._l2, w, strict=True)
        ]
        if max(map(abs, gradient)) <= self._rule.tolerance:
            return None
        products = [[dot(one, other) / n for other in columns] for one in columns]
        before, mu = cost(parameters) + self._penalty(w), self._mu
        while mu <= self._rule.max_damping:
            step = damped_step(products, self._l2, gradient, mu)
            if step is not None:
                moved = add(w, step)
                trial = self._filled(parameters, moved)
                if cost(trial) + self._penalty(moved) < before:
                    self._mu = max(mu * self._rule.damping_decrease, 1e-20)
                    return trial
            mu *= self._rule.damping_increase
        return None

    def _penalty(self, w: Vector) -> float:
        return total(l2 * w_p * w_p for l2, w_p in zip(self._l2, w, strict=True)) / 2

    def _filled(self, parameters: Vector, moved: Vector) -> Vector:
        new = iter(moved)
        return [next(new) if t else p for p, t in zip(parameters, self._trained, strict=True)]


def damped_step(products: Matrix, l2: Vector, gradient: Vector, mu: float) -> Vector | None:
    """Solve (JᵀJ/n + diag(l2) + μI) d = -g, or return None if the matrix is not positive definite.

    Parameters
    ----------
    products : matrix
        JᵀJ/n.
    l2, gradient : vectors
        Strength of the penalty of each parameter, and g, which includes the penalty.
    mu : float
        μ.

    Returns
    -------
    vector or None
        The step d.

    Examples
    --------
    >>> damped_step([[3.0, 2.0], [2.0, 4.0]], [0.0, 0.0], [-6.0, -7.0], 1.0)
    [1.0, 1.0]
    """
    damped = [[v + (l2[i] + mu) * (i == j) for j, v in enumerate(row)] for i, row in enumerate(products)]
    factor = cholesky(damped)
    return None if factor is None else solve(factor, [-g for g in gradient])


def cholesky(a: Matrix) -> Matrix | None:
    """Return the lower triangular matrix L with LLᵀ = A, or None if A is not positive definite.

    Parameters
    ----------
    a : matrix
        A symmetric matrix.

    Returns
    -------
    matrix or None
        The rows of L up to the diagonal.

    Examples
    --------
    >>> cholesky([[4.0, 2.0], [2.0, 5.0]])
    [[2.0], [1.0, 2.0]]
    """
    rows: Matrix = []
    for i, wanted in enumerate(a):
        row: Vector = []
        for j in range(i):
            row.append((wanted[j] - dot(row, rows[j][:j])) / rows[j][j])
        square = wanted[i] - dot(row, row)
        if not square > 0:
            return None
        rows.append([*row, math.sqrt(square)])
    return rows


def solve(factor: Matrix, b: Vector) -> Vector:
    """Solve LLᵀ x = b.

    Parameters
    ----------
    factor : matrix
        The rows of L up to the diagonal.
    b : vector
        The right-hand side.

    Returns
    -------
    vector
        x.

    Examples
    --------
    >>> solve([[2.0], [1.0, 2.0]], [6.0, 7.0])
    [1.0, 1.0]
    """
    u: Vector = []
    for i, row in enumerate(factor):  # L u = b
        u.append((b[i] - dot(row[:i], u)) / row[i])
    x = [0.0] * len(b)
    for i in reversed(range(len(b))):  # Lᵀ x = u
        x[i] = (u[i] - total(factor[j][i] * x[j] for j in range(i + 1, len(b)))) / factor[i][i]
    return x


def linearized(
    layers: Sequence[Layer],
    hidden: Sequence[HiddenActivation],
    output: Activation,
    x: Vector,
    y: Vector,
    weight: float = 1.0,
    scales: Vector | None = None,
) -> Linearized:
    """Compute the rows of J and e of one example: one backpropagation for each output.

    The derivatives of output k are the gradient of a cost whose derivative is 1 for a_k and 0 for the others.

    Parameters
    ----------
    layers, hidden, output, x, y, weight, scales
        As for `steps.backprop`.

    Returns
    -------
    matrix and vector
        The derivatives of each output with respect to all parameters, and the residuals, both multiplied by
        the square root of the weight.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> linearized([Layer([[0.5, -1.0]], [0.25])], [], activation("identity"), [1.0, 2.0], [0.25])
    ([[1.0, 2.0, 1.0]], [-1.5])
    """
    root = math.sqrt(weight)
    jacobian: Matrix = []
    residuals: Vector = []
    for k in range(len(y)):
        e = backprop(layers, hidden, output, _of_output(k, len(y)), x, y, root, scales)
        jacobian.append(flatten(e.gradients))
        residuals.append(root * (e.activations[-1][k] - y[k]))
    return jacobian, residuals


def _of_output(k: int, width: int) -> Cost:
    unit = [float(j == k) for j in range(width)]
    return Cost(value=lambda z, a, y: 0.0, gradient=lambda a, y: unit)
