"""The result of `check`."""

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["CheckResult", "Comparison"]


@dataclass(frozen=True)
class Comparison:
    """The largest errors of one quantity of one layer.

    Attributes
    ----------
    layer : int or None
        Layer, counted from 1, the input; None for the cost C.
    quantity : str
        Symbol of the quantity, as in ``print(trace)``.
    reference : float or None
        Largest difference between the core and the reference, relative to the largest number of the quantity
        in this layer, or of the terms whose sum or difference it is; None if it was not compared.
    differences : float or None
        Largest difference between a derivative and a central difference, relative to the largest of them;
        None if it was not compared or if the differences are all rounding errors.
    ok : bool
        Whether both are within their tolerances.

    Examples
    --------
    >>> import localgrad as lg
    >>> result = lg.check(lg.Network([2, 1], seed=0), [[1.0, 2.0]], [3.0], verbose=0)
    >>> result["δ", 2].ok
    True
    """

    layer: int | None
    quantity: str
    reference: float | None
    differences: float | None
    ok: bool


@dataclass(frozen=True)
class CheckResult:
    """Result of `check`; ``print(result)`` shows the table, ``result["δ", 2]`` is one of its lines.

    Attributes
    ----------
    network : str
        Description of the network.
    comparisons : tuple of Comparison
        The lines of the table.
    rows : tuple of int
        Rows that were used.
    left_out : tuple of int
        Rows of these that were not compared with the reference, because a unit or the cost is so close to a
        kink that rounding decides on which side it is.
    corners : tuple of int
        Rows that were not compared with central differences, because several units are at a kink.
    elements : dict of str to (int, int)
        Of the weights, biases and inputs, how many were compared with central differences, and of how many.
    kinks : int
        Number of derivatives at a kink, such as that of relu at 0, which were accepted because they are
        between the slopes on both sides.
    tolerance, difference_tolerance : float
        Largest errors allowed, of the reference and of central differences.

    Examples
    --------
    >>> import localgrad as lg
    >>> result = lg.check(lg.Network([2, 3, 1], seed=0), [[1.0, 2.0]], [3.0], verbose=0)
    >>> result.ok, result.rows, result.elements["weights"]
    (True, (0,), (9, 9))
    >>> print(result)  # doctest: +ELLIPSIS
    check of 2-3-1, relu, identity, mse, float32
    1 row; central differences of 9 of 9 weights, 4 of 4 biases, 2 of 2 inputs
    layer  quantity      reference  differences
           C ...
    """

    network: str
    comparisons: tuple[Comparison, ...]
    rows: tuple[int, ...]
    left_out: tuple[int, ...]
    corners: tuple[int, ...]
    elements: dict[str, tuple[int, int]]
    kinks: int
    tolerance: float
    difference_tolerance: float

    @property
    def ok(self) -> bool:
        """Whether all errors are within their tolerances."""
        return all(one.ok for one in self.comparisons)

    def __getitem__(self, which: tuple[str, int | None]) -> Comparison:
        quantity, layer = which
        for one in self.comparisons:
            if (one.quantity, one.layer) == (quantity, layer):
                return one
        raise KeyError(which)

    def __repr__(self) -> str:
        return f"<CheckResult of {self.network}: {'ok' if self.ok else 'failed'}>"

    def __str__(self) -> str:
        lines = [("layer", "quantity", "reference", "differences", "")]
        shown: int | None = None
        for one in self.comparisons:
            layer = "" if one.layer is None or one.layer == shown else str(one.layer)
            shown = one.layer
            reference, differences = map(_number, (one.reference, one.differences))
            lines.append((layer, one.quantity, reference, differences, "" if one.ok else "<- failed"))
        width = max(len(line[1]) for line in lines)
        table = [f"{a:>5}  {b:<{width}}  {c:>9}  {d:>11}  {e}".rstrip() for a, b, c, d, e in lines]
        return "\n".join([f"check of {self.network}", self._scope(), *table, *self._verdict()])

    def _scope(self) -> str:
        parts = [f"{some} of {every} {name}" for name, (some, every) in self.elements.items()]
        count = "1 row" if len(self.rows) == 1 else f"{len(self.rows)} rows"
        if len(self.rows) > 1 and self.rows != tuple(range(len(self.rows))):
            count += f" ({', '.join(map(str, self.rows))})"
        return f"{count}; central differences of {', '.join(parts)}"

    def _verdict(self) -> Iterator[str]:
        if self.left_out:
            rows = ", ".join(map(str, self.left_out))
            yield f"not compared with the reference, because rounding decides the side of a kink: rows {rows}"
        if self.corners:
            rows = ", ".join(map(str, self.corners))
            yield f"not compared with central differences, because several units are at a kink: rows {rows}"
        if self.kinks:
            yield f"derivatives at a kink, between the slopes on both sides: {self.kinks}"
        if all(one.reference is None for one in self.comparisons):
            yield "not compared with the reference"
        limits = f"{self.tolerance:.0e} (reference) and {self.difference_tolerance:.0e} (differences)"
        if self.ok:
            yield f"ok: all errors are at most {limits}"
            return
        bad = [one for one in self.comparisons if not one.ok]
        where = ", ".join(one.quantity + (f" of layer {one.layer}" if one.layer else "") for one in bad)
        yield f"failed: errors above {limits} in {where}"
        if any(one.quantity == "∇_a c" for one in bad):
            yield "the gradient of the custom cost contradicts its values; localgrad.check_cost shows where"


def _number(error: float | None) -> str:
    return "" if error is None else f"{error:.1e}"
