"""Sample weights and class weights: w_i in C = (1/n) Σ_i w_i c_i, with mean 1."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .matrix import Vector
from .ranges import must_be


def sample_weights(value: Any, n: int, name: str = "sample_weight") -> Vector:
    """Convert sample weights to a list of floats.

    Parameters
    ----------
    value : iterable of real numbers, optional
        The weights. By default, all are 1.
    n : int
        Number of examples.
    name : str
        Name of the argument for error messages.

    Returns
    -------
    vector
        A copy of the weights.

    Raises
    ------
    ValueError
        If their number is not n, if one is negative or not finite, or if all are 0.

    Examples
    --------
    >>> sample_weights(None, 2), sample_weights([1, 3], 2)
    ([1.0, 1.0], [1.0, 3.0])
    """
    if value is None:
        return [1.0] * n
    weights = [float(w) for w in value]
    if len(weights) != n:
        raise ValueError(f"{name} must have {n} entries, one for each example, got {len(weights)}")
    for w in weights:
        must_be("finite and at least 0", w, name)
    if not any(weights):
        raise ValueError(f"{name} must not be all 0, got {n} zeros")
    return weights


def relative(weights: Vector) -> Vector:
    """Divide weights by their mean, so that only their ratios matter.

    The learning rate then has the same meaning with and without weights, and a weight of 2 has the same
    effect as two copies of the example.

    Parameters
    ----------
    weights : vector
        Weights, finite, at least 0 and not all 0.

    Returns
    -------
    vector
        Weights with mean 1.

    Examples
    --------
    >>> relative([1e-300, 3e-300]), relative([0.1, 0.1, 0.1])
    ([0.5, 1.5], [1.0, 1.0, 1.0])
    """
    highest = max(weights)
    if min(weights) == highest:
        return [1.0] * len(weights)
    shares = [w / highest for w in weights]  # so that their sum does not overflow
    mean = math.fsum(shares) / len(shares)
    return [share / mean for share in shares]


def class_weights(
    value: str | Mapping[int, float] | Sequence[float], labels: Sequence[int], classes: int
) -> Vector:
    """Return the weight of the class of each example.

    Parameters
    ----------
    value : mapping from labels to weights, sequence with one weight per class, or "balanced"
        Class weights. Classes missing from a mapping have weight 1. "balanced" is n/(K count), where K is the
        number of classes that occur, so that all of these have the same total weight.
    labels : sequence of int
        Classes of the examples.
    classes : int
        Number of classes.

    Returns
    -------
    vector
        One weight per example.

    Raises
    ------
    ValueError
        If the number of weights is wrong, or one is negative or not finite.

    Examples
    --------
    >>> class_weights("balanced", [0, 0, 0, 2], classes=3)
    [0.6666666666666666, 0.6666666666666666, 0.6666666666666666, 2.0]
    >>> class_weights({2: 5.0}, [0, 2], classes=3), class_weights([1, 2, 3], [0, 2], classes=3)
    ([1.0, 5.0], [1.0, 3.0])
    """
    if isinstance(value, str):
        if value != "balanced":
            raise ValueError(f"class_weight must be 'balanced', a dict or a sequence, got {value!r}")
        counts = {label: list(labels).count(label) for label in set(labels)}
        of_class = {label: len(labels) / (len(counts) * count) for label, count in counts.items()}
    elif isinstance(value, Mapping):
        of_class = {int(label): float(w) for label, w in value.items()}
        for label in of_class:
            if not 0 <= label < classes:
                raise ValueError(f"class_weight must have labels 0..{classes - 1}, got {label}")
    else:
        of_class = {label: float(w) for label, w in enumerate(value)}
        if len(of_class) != classes:
            raise ValueError(f"class_weight must have {classes} weights, got {len(of_class)}")
    for w in of_class.values():
        must_be("finite and at least 0", w, "class_weight")
    return [of_class.get(label, 1.0) for label in labels]
