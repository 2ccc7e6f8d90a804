"""What an activation function φ and a cost c are, and how one is found by its name and its parameters."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from .matrix import Matrix, Vector


class HiddenActivation(Protocol):
    """What (F) and (D2) ask of an activation: φ and φ' of a whole layer."""

    def value(self, z: Vector) -> Vector:
        """Return a = φ(z)."""

    def derivative(self, z: Vector, a: Vector) -> Vector:
        """Return φ'(z), got z and a = φ(z)."""


@dataclass(frozen=True)
class UnitActivation:
    """An activation that acts unit by unit: a_j = φ(z_j).

    Attributes
    ----------
    phi : callable
        φ of one weighted input z.
    phi_prime : callable
        φ'(z), given z and a = φ(z), for it is often shorter in a.
    init : str
        The initialisation that "auto" stands for before this activation.

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
        """Return φ'(z), got z and a = φ(z)."""
        return [self.phi_prime(z_j, a_j) for z_j, a_j in zip(z, a, strict=True)]


@dataclass(frozen=True)
class VectorActivation:
    """An activation of a whole layer, where every a_j depends on every z_k. For output layers only.

    Attributes
    ----------
    value : callable
        a = φ(z), vector to vector.
    jacobian : callable
        The matrix of ∂a_j/∂z_k, given a.
    init : str
        The initialisation that "auto" stands for before this activation.

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
    """1 if the largest output is that of the right class, else 0; a single unit says yes from `threshold` on.

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
        c(z, a, y). Given z as well, since a may have been rounded to 0 or 1 and its logarithm lost.
    gradient : callable
        ∇_a c(a, y), the first factor of (D1).
    local_gradient : callable, optional
        δ^L(z, a, y), where the two factors of (D1) collapse into something simpler and more accurate.
    heads : int
        How many output units stand for one target; unit h m + t is head h of target t, of m.
    labels : (float, float), optional
        The targets of the other classes and of the right one, if the outputs stand for classes.
    labels_of_many : bool
        Whether a label may stand for a row of more than one target.
    limits : (float, float)
        The least and the largest target that the cost has a meaning for.
    correct : callable
        How much of the answer a is right, given a and y, in [0, 1]: what accuracy is the mean of.

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
    """Functions that differ in the numbers behind their name, as "huber(0.5)" and "huber(2)" do.

    Attributes
    ----------
    make : callable
        Gives the function for these numbers.
    defaults : tuple of float
        The numbers that the bare name stands for.
    any_number : bool
        Whether there may be more of them.

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
    """Put a function that makes a cost for an output on the list of costs, with the defaults of its numbers.

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
    """Read a name with or without parameters.

    Parameters
    ----------
    text : str
        Such as "huber" or "huber(0.5)".
    argument : str
        What an error message calls it.
    known : mapping of names to families

    Returns
    -------
    canonical : str
        The bare name if every parameter has its default, else with all of them, in the shortest form.
    family : Family
    parameters : tuple of float

    Raises
    ------
    ValueError
        If the name is unknown, or what follows it is not its parameters.

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
        raise ValueError(f"{name} must have {count} parameters at most, got {len(numbers)} in {text!r}")
    parameters = tuple(numbers) if family.any_number else (*numbers, *family.defaults[len(numbers) :])
    if parameters == family.defaults:
        return name, family, parameters
    return f"{name}({', '.join(repr(p).removesuffix('.0') for p in parameters)})", family, parameters
