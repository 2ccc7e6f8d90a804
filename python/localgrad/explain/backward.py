"""The backward pass, (D1) and (D2), and the gradients, (G1) and (G2), with the numbers put in."""

from __future__ import annotations

from collections.abc import Iterator

from localgrad._support.functions import function_of
from localgrad.explain import activations
from localgrad.explain.forward import NAN, cost_formulas, generic, output_formulas, smoothed
from localgrad.explain.functions import Cases, Comparison, Sigma
from localgrad.explain.quantities import Quantities
from localgrad.explain.sections import Equation, Section
from localgrad.explain.symbols import Partial, Prime, Symbol
from localgrad.explain.terms import Product, Sum, Term


def output_layer(q: Quantities) -> Section:
    """Explain (D1): ∂c/∂a, φ′(z) and δ of the output layer."""
    layer, width = q.last, q.sizes[-1]
    section = Section("(D1)", f"Local gradients of the output layer, layer {layer}", _definitions(q))
    found = cost_formulas(q)
    for j in q.shown(width):
        slope, delta = q.slope(layer, j), q.delta(layer, j)
        section.lines.append(Equation(slope, [found[1][j]] if found else [], slope.value))
        if q.of_softmax:
            section.lines.append(Equation(delta, _by_jacobian(q, j), delta.value))
            continue
        section.lines.append(_prime(q, layer, j))
        forms: list[Term] = [slope * q.prime(layer, j)]
        if _simplifies(q):
            forms.append(q.a(layer, j) - smoothed(q, j))
        section.lines.append(Equation(delta, forms, delta.value))
    section.lines.extend(q.hidden(width))
    return section


def _simplifies(q: Quantities) -> bool:
    return function_of(q.model.cost)[0] in ("cross_entropy", "binary_cross_entropy")


def _definitions(q: Quantities) -> list[Equation]:
    z, a, delta = (generic(letter, "L", ("j",)) for letter in "zaδ")
    if not q.of_softmax:
        slope = Partial(a, NAN) * Prime(z, NAN)
        return [Equation(delta, [slope]), *_definition_of_prime(q, q.last)]
    a_k = generic("a", "L", ("k",))
    partial = Partial(z, NAN, a_k)
    j, k = generic("j"), generic("k")
    pieces = Cases((a * (1 - a), Comparison(j, "=", k)), (-(a_k * a), Comparison(j, "≠", k)))
    return [Equation(delta, [Sigma("k", Partial(a_k, NAN) * partial)]), Equation(partial, [pieces])]


def _by_jacobian(q: Quantities, j: int) -> list[Term]:
    """Return the forms of δ_j of a softmax output, in which every a_k depends on z_j."""
    width = q.sizes[-1]
    chain = q.sum_over(width, lambda k: q.slope(q.last, k) * q.jacobian(j, k))
    if not _simplifies(q):
        return [chain]
    mass = sum(smoothed(q, k).value for k in range(width))
    a, y = q.a(q.last, j), smoothed(q, j)
    if abs(mass - 1) < 1e-6:
        return [chain, a - y]
    return [chain, a * Sum(q.sum_over(width, lambda k: smoothed(q, k)).terms) - y]


def _definition_of_prime(q: Quantities, layer: int) -> list[Equation]:
    z = generic("z")
    _, prime = activations.formulas(q.functions[layer - 2], z, generic("a"))
    return [] if prime is None else [Equation(Prime(z, NAN), [prime])]


def _prime(q: Quantities, layer: int, j: int) -> Equation:
    prime = q.prime(layer, j)
    _, formula = output_formulas(q, layer, j)
    return Equation(prime, [] if formula is None else [formula], prime.value)


def hidden_layers(q: Quantities) -> Iterator[Section]:
    """Explain (D2), from the last hidden layer back to the first."""
    for layer in range(q.last - 1, 1, -1):
        width = q.sizes[layer - 1]
        a = generic("a", "l", ("j",))
        next_w, next_delta = generic("w", "l+1", ("k", "j")), generic("δ", "l+1", ("k",))
        definitions = [
            Equation(Partial(a, NAN), [Sigma("k", next_w * next_delta)]),
            Equation(generic("δ", "l", ("j",)), [Prime(generic("z", "l", ("j",)), NAN) * Partial(a, NAN)]),
            *_definition_of_prime(q, layer),
        ]
        section = Section("(D2)", f"Local gradients of the hidden layer {layer}", definitions)
        for j in q.shown(width):
            section.lines.extend(_hidden_unit(q, layer, j))
        section.lines.extend(q.hidden(width))
        yield section


def _hidden_unit(q: Quantities, layer: int, j: int) -> Iterator[Equation]:
    slope, delta = q.slope(layer, j), q.delta(layer, j)
    terms = q.sum_over(q.sizes[layer], lambda k: q.w(layer + 1, k, j) * q.delta(layer + 1, k))
    yield _prime(q, layer, j)
    yield Equation(slope, [terms], slope.value)
    yield Equation(delta, [q.prime(layer, j) * slope], delta.value)


def gradients(q: Quantities) -> Iterator[Section]:
    """Explain (G1) and (G2) of every layer, from the output back, and the gradient of the input scales."""
    for layer in range(q.last, 1, -1):
        width, fan_in = q.sizes[layer - 1], q.sizes[layer - 2]
        delta, a = generic("δ", "l", ("j",)), generic("a", "l-1", ("k",))
        scaled = layer == 2 and q.model.input_scales is not None
        read: Term = generic("s", None, ("k",)) * a if scaled else a
        section = Section(
            "(G1), (G2)",
            f"Gradients of layer {layer}",
            [
                Equation(Partial(generic("w", "l", ("j", "k")), NAN), [delta * read]),
                Equation(Partial(generic("b", "l", ("j",)), NAN), [delta]),
            ],
        )
        for j in q.shown(width):
            for k in q.shown(fan_in):
                of_weight = q.gradient_of(q.w(layer, j, k))
                form = q.delta(layer, j) * q.below(layer, k)
                section.lines.append(Equation(of_weight, [form], of_weight.value))
            section.lines.extend(q.hidden(fan_in, "weights of this unit"))
            of_bias = q.gradient_of(q.b(layer, j))
            section.lines.append(Equation(of_bias, [q.delta(layer, j)], of_bias.value))
        section.lines.extend(q.hidden(width))
        yield section
    if q.model.input_scales is not None:
        yield _of_scales(q)


def _of_scales(q: Quantities) -> Section:
    section = Section("", "Gradient of the input scales")
    section.lines.extend(_of_scale(q, k) for k in q.shown(q.sizes[0]))
    section.lines.extend(q.hidden(q.sizes[0], "inputs"))
    return section


def _of_scale(q: Quantities, k: int) -> Equation:
    terms = q.sum_over(q.sizes[1], lambda j: q.w(2, j, k) * q.delta(2, j)).terms
    gradient = q.gradient_of_scale(k)
    return Equation(gradient, [Product([Sum(terms), q.a(1, k)])], gradient.value)


def parameters(q: Quantities, layer: int) -> Iterator[tuple[Symbol, Symbol] | str]:
    """Yield the weights and biases of a layer with their gradients, and lines about what is left out."""
    width, fan_in = q.sizes[layer - 1], q.sizes[layer - 2]
    for j in q.shown(width):
        for k in q.shown(fan_in):
            yield q.w(layer, j, k), q.gradient_of(q.w(layer, j, k))
        yield from q.hidden(fan_in, "weights of this unit")
        yield q.b(layer, j), q.gradient_of(q.b(layer, j))
    yield from q.hidden(width)
