"""The forward pass, (F), and the cost, (C), with the numbers put in."""

from __future__ import annotations

import math
from collections.abc import Iterator

from localgrad._arrays.rows import FloatArray
from localgrad._support.functions import function_of
from localgrad.explain import activations, costs
from localgrad.explain.functions import Call, Sigma, exp
from localgrad.explain.quantities import Quantities
from localgrad.explain.sections import Equation, Section
from localgrad.explain.symbols import Symbol
from localgrad.explain.terms import Number, Sum, Term

NAN = math.nan


def generic(letter: str, layer: str | None = None, units: tuple[str, ...] = ()) -> Symbol:
    """Return a symbol without a value, for definitions."""
    return Symbol(letter, NAN, layer, units)


def output_formulas(q: Quantities, layer: int, j: int) -> tuple[Term | None, Term | None]:
    """Return a = φ(z) and φ′(z) of a unit, in the units of the targets for a standardizing network."""
    z = q.z(layer, j)
    standardization = q.model.standardization
    if layer == q.last and standardization is not None and standardization.target_std is not None:
        means, widths = standardization.target_mean, standardization.target_std
        assert means is not None
        t = j % len(widths)
        sigma = Symbol("σ", float(widths[t]), None, (t,))
        if q.model.cost.startswith("gaussian_nll") and j >= len(widths):
            return z + 2 * costs.log(sigma), Number(1)
        return Symbol("μ", float(means[t]), None, (t,)) + sigma * z, sigma
    return activations.formulas(q.functions[layer - 2], z, q.a(layer, j))


def inputs(q: Quantities, x: FloatArray) -> Iterator[Section]:
    """Explain how the inputs are scaled and standardized, if they are."""
    scale, standardization = q.model.options["input_scale"], q.model.standardization
    if scale == 1 and standardization is None:
        return
    section = Section("", "Inputs as the network reads them")
    for k in q.shown(q.sizes[0]):
        read: Term = q.x(k, x) if scale == 1 else Number(scale) * q.x(k, x)
        if standardization is not None:
            mean = Symbol("μ", float(standardization.input_mean[k]), None, (k,))
            read = (read - mean) / Symbol("σ", float(standardization.input_std[k]), None, (k,))
        section.lines.append(Equation(q.a(1, k), [read], q.a(1, k).value))
    section.lines.extend(q.hidden(q.sizes[0], "inputs"))
    yield section


def feed_forward(q: Quantities) -> Iterator[Section]:
    """Explain (F), layer by layer."""
    for layer in range(2, q.last + 1):
        width = q.sizes[layer - 1]
        function = q.functions[layer - 2]
        section = Section("(F)", f"Feed forward, layer {layer}, {function}", _definitions(q, layer))
        for j in q.shown(width):
            section.lines.extend(_unit(q, layer, j))
        section.lines.extend(q.hidden(width))
        yield section


def _unit(q: Quantities, layer: int, j: int) -> Iterator[Equation]:
    z, a = q.z(layer, j), q.a(layer, j)
    weighted = q.sum_over(q.sizes[layer - 2], lambda k: q.w(layer, j, k) * q.below(layer, k), [q.b(layer, j)])
    yield Equation(z, [weighted], z.value)
    if q.functions[layer - 2] == "softmax":
        phi: Term | None = exp(z) / Sum(q.sum_over(q.sizes[-1], lambda k: exp(q.z(layer, k))).terms)
    else:
        phi, _ = output_formulas(q, layer, j)
    yield Equation(a, [] if phi is None else [phi], a.value)


def _definitions(q: Quantities, layer: int) -> list[Equation]:
    z, a = generic("z", "l", ("j",)), generic("a", "l-1", ("k",))
    read: Term = a if layer > 2 or q.model.input_scales is None else generic("s", None, ("k",)) * a
    weighted = Sigma("k", generic("w", "l", ("j", "k")) * read) + generic("b", "l", ("j",))
    function = q.functions[layer - 2]
    found = [Equation(z, [weighted])]
    if function == "softmax":
        z_j, z_k = generic("z", None, ("j",)), generic("z", None, ("k",))
        return [*found, Equation(generic("a", None, ("j",)), [exp(z_j) / Sigma("k", exp(z_k))])]
    z = generic("z")
    phi, _ = activations.formulas(function, z, generic("a"))
    if phi is not None:
        found.append(Equation(Call("φ", float, z), [phi]))
    return found


def cost_formulas(q: Quantities) -> tuple[list[Term], list[Term]] | None:
    """Return the terms of the cost and ∂c/∂a of each output; None for a custom cost."""
    width = q.sizes[-1]
    a = [q.a(q.last, j) for j in range(width)]
    y = [smoothed(q, k) for k in range(q.model.target_width)]
    return costs.formulas(q.model.cost, a, y, q.model.output)


def smoothed(q: Quantities, k: int) -> Symbol:
    """Return the target y_k, or ỹ_k, with label smoothing."""
    smoothing = costs.smoothing_of(q.model.cost)
    return Symbol("ỹ", _smooth(q, k, smoothing).value, None, (k,)) if smoothing else q.y(k)


def _smooth(q: Quantities, k: int, smoothing: float) -> Term:
    classes = q.sizes[-1] if q.of_softmax else 2
    return (1 - smoothing) * q.y(k) + Number(smoothing) / classes


def cost(q: Quantities) -> Section:
    """Explain (C): the targets with label smoothing, the terms of the cost, and their sum."""
    section = Section("(C)", f"Cost, {q.model.cost}", _of_one_output(q))
    smoothing, found = costs.smoothing_of(q.model.cost), cost_formulas(q)
    if smoothing:
        for k in q.shown(q.model.target_width):
            section.lines.append(Equation(smoothed(q, k), [_smooth(q, k, smoothing)], smoothed(q, k).value))
        section.lines.extend(q.hidden(q.model.target_width, "targets"))
    terms = found[0] if found else []
    c = Symbol("c", q.trace.cost)
    if len(terms) == 1:
        section.lines.append(Equation(c, terms, c.value))
    elif not terms or not all(math.isfinite(one.value) for one in terms):
        # By a formula that does not overflow, or by a function of the user.
        name = Call(function_of(q.model.cost)[0], float, generic("a", str(q.last)), generic("y"))
        section.lines.append(Equation(c, [name], None))
        section.lines.append(Equation(c, [], c.value))
    else:
        parts = [Symbol("c", one.value, None, (k,)) for k, one in enumerate(terms)]
        section.lines.extend(Equation(parts[k], [terms[k]], terms[k].value) for k in q.shown(len(terms)))
        section.lines.extend(q.hidden(len(terms), "terms"))
        section.lines.append(Equation(c, [Sum(q.sum_over(len(terms), parts.__getitem__).terms)], c.value))
    return section


def _of_one_output(q: Quantities) -> list[Equation]:
    """Return the definition of the cost as a sum over the outputs, if it is one."""
    cost = q.model.cost
    if function_of(cost)[0] in ("quantile", "gaussian_nll"):
        return []
    target = generic("ỹ" if costs.smoothing_of(cost) else "y", None, ("k",))
    found = costs.formulas(cost, [generic("a", "L", ("k",))], [target], q.model.output)
    return [] if found is None else [Equation(generic("c"), [Sigma("k", found[0][0])])]
