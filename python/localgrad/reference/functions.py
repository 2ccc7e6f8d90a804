"""The interface of activation functions φ and costs c, and how names such as "huber(0.5)" are parsed."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from .matrix import Matrix, Vector


class HiddenActivation(Protocol):
    """The interface of activations used in (F) and (D2): φ and φ' of a whole layer."""

    def value(self, z: Vector) -> Vector:
        """Return a = φ(z)."""

    def derivative(self, z: Vector, a: Vector) -> Vector:
        """Return φ'(z) from z and a = φ(z)."""


@dataclass(frozen=True)
class UnitActivation:
    """An elementwise activation: a_j = φ(z_j).

    Attributes
    ----------
    phi : callable
        φ of one weighted input z.
    phi_prime : callable
        φ' as a function of z and a = φ(z). Many derivatives are simpler in terms of a, which the forward pass
        has already computed.
    init : str
        Initialization that "auto" selects for a layer with this activation. "relu" stands for xavier in the
        first layer and he in the others.

    Examples
    --------
    >>> square = UnitActivation(phi=lambda z: z * z, phi_prime=lambda z, a: 2 * z)
    >>> square.value([1.0, 3.0])
    [1.0, 9.0]
    """

    phi: Callable[[float], float]
    phi_prime: Callable[[float, float], float]
    init: str = "xavier"

    def value(self, z: Vector) -> Vector:
        """Return a = φ(z)."""
        return [self.phi(z_j) for z_j in z]

    def derivative(self, z: Vector, a: Vector) -> Vector:
        """Return φ'(z) from z and a = φ(z)."""
        return [self.phi_prime(z_j, a_j) for z_j, a_j in zip(z, a, strict=True)]


@dataclass(frozen=True)
class VectorActivation:
    """An activation of a whole layer, in which every a_j depends on every z_k. For output layers only.

    Attributes
    ----------
    value : callable
        a = φ(z), a function from vector to vector.
    jacobian : callable
        The matrix of ∂a_j/∂z_k as a function of a.
    init : str
        Initialization that "auto" selects for a layer with this activation. "relu" stands for xavier in the
        first layer and he in the others.

    Examples
    --------
    >>> from localgrad.reference.activations import activation
    >>> activation("softmax").value([0.0, 0.0])
    [0.5, 0.5]
    """

    value: Callable[[Vector], Vector]
    jacobian: Callable[[Vector], Matrix]
    init: str = "xavier"


Activation = UnitActivation | VectorActivation


def same_class(a: Vector, y: Vector, threshold: float = 0.5) -> float:
    """Return 1 if the largest output is that of the correct class, otherwise 0.

    A single output predicts class 1 if it is at least `threshold`.

    Examples
    --------
    >>> same_class([0.25, 0.75], [0.0, 1.0]), same_class([0.5], [0.0])
    (1.0, 0.0)
    """
    if len(a) == 1:
        return float((a[0] >= threshold) == (y[0] >= threshold))
    return float(a.index(max(a)) == y.index(max(y)))


@dataclass(frozen=True)
class Cost:
    """The cost c of one example.

    Attributes
    ----------
    value : callable
        c(z, a, y). It receives z in addition to a, because a may be rounded to 0 or 1, and its logarithm
        would then be inaccurate.
    gradient : callable
        ∇_a c(a, y), the first factor of (D1).
    local_gradient : callable, optional
        δ^L(z, a, y), for costs and output activations whose product in (D1) has a simpler and more accurate
        form.
    heads : int
        Number of output units per target. With m targets, output h m + t is head h of target t.
    labels : (float, float), optional
        Target values that represent the incorrect classes and the correct class, for classifiers.
    labels_of_many : bool
        Whether a label can be used if there is more than one output.
    limits : (float, float)
        Smallest and largest target that the cost supports.
    correct : callable
        Function of a and y in [0, 1] whose mean is the accuracy: 1 if a is correct, 0 if not.

    Examples
    --------
    >>> from localgrad.reference.costs import cost
    >>> cost("mse", "identity").value([3.0], [3.0], [1.0])
    2.0
    """

    value: Callable[[Vector, Vector, Vector], float]
    gradient: Callable[[Vector, Vector], Vector]
    local_gradient: Callable[[Vector, Vector, Vector], Vector] | None = None
    heads: int = 1
    labels: tuple[float, float] | None = None
    labels_of_many: bool = True
    limits: tuple[float, float] = (-math.inf, math.inf)
    correct: Callable[[Vector, Vector], float] = same_class


F = TypeVar("F")
CostMaker = Callable[..., Cost]


@dataclass(frozen=True)
class Family(Generic[F]):
    """A family of functions with parameters, such as "huber(0.5)" and "huber(2)".

    Attributes
    ----------
    make : callable
        Returns the function for given parameters.
    defaults : tuple of float
        Default parameters, used for the name without parentheses.
    any_number : bool
        Whether the number of parameters is variable.

    Examples
    --------
    >>> Family(lambda p: UnitActivation(lambda z: p * z, lambda z, a: p), (2.0,)).make(3.0).value([1.0])
    [3.0]
    """

    make: Callable[..., F]
    defaults: tuple[float, ...] = ()
    any_number: bool = False


COSTS: dict[str, Family[Cost]] = {}


def a_cost(*defaults: float, any_number: bool = False) -> Callable[[CostMaker], CostMaker]:
    """Register a function that returns a `Cost` under its name in `COSTS`, with default parameters.

    Examples
    --------
    >>> from localgrad.reference.regression import huber
    >>> COSTS["huber"] == Family(huber, (1.0,))
    True
    """

    def put(make: CostMaker) -> CostMaker:
        COSTS[make.__name__] = Family(make, defaults, any_number)
        return make

    return put


def find(
    text: str, argument: str, known: Mapping[str, Family[F]]
) -> tuple[str, Family[F], tuple[float, ...]]:
    """Parse a name with or without parameters.

    Parameters
    ----------
    text : str
        Name, such as "huber" or "huber(0.5)".
    argument : str
        Name of the argument for error messages.
    known : mapping of str to Family
        The known names.

    Returns
    -------
    canonical : str
        The name without parameters if all have their defaults; otherwise with all parameters, in the shortest
        form.
    family : Family
        The family of this name.
    parameters : tuple of float
        The parameters, including defaults.

    Raises
    ------
    ValueError
        If the name is unknown or its parameters are invalid.

    Examples
    --------
    >>> huber = {"huber": Family(lambda delta: None, (1.0,))}
    >>> find("huber( 0.50 )", "cost", huber)[::2], find("huber(1)", "cost", huber)[::2]
    (('huber(0.5)', (0.5,)), ('huber', (1.0,)))
    """
    name, bracket, rest = text.partition("(")
    if name not in known:
        raise ValueError(f"{argument} must be one of {', '.join(known)}, got {text!r}")
    family = known[name]
    if not bracket:
        return name, family, family.defaults
    numbers = []
    for part in rest.strip().removesuffix(")").split(","):
        try:
            numbers.append(float(part))
        except ValueError:
            numbers.append(math.nan)
    if not rest.strip().endswith(")") or not all(map(math.isfinite, numbers)):
        raise ValueError(f"{argument} must be {name} or {name}(p, ...) with numbers p, got {text!r}")
    if len(numbers) > len(family.defaults) and not family.any_number:
        count = len(family.defaults)
        raise ValueError(
            f"number of parameters of {name} must be at most {count}, got {len(numbers)} in {text!r}"
        )
    parameters = tuple(numbers) if family.any_number else (*numbers, *family.defaults[len(numbers) :])
    if parameters == family.defaults:
        return name, family, parameters
    return f"{name}({', '.join(repr(p).removesuffix('.0') for p in parameters)})", family, parameters
