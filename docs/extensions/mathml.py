"""Formulas as MathML, which browsers draw without a script or a font from the network."""

import re
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging


def with_spaces(formula: str) -> str:
    """Space the names of functions and absolute values in MathML as TeX does."""
    space = '<mspace width="0.17em"/>'
    formula = formula.replace('<mo class="mathopen">|</mo>', '<mo form="prefix" stretchy="false">|</mo>')
    formula = formula.replace("<mo>|</mo>", '<mo form="postfix" stretchy="false">|</mo>')
    formula = re.sub(r"<mo>(max|min)</mo>", r"<mi>\1</mi><mo>&ApplyFunction;</mo>", formula)
    name = r"<mi[^>]*>\w\w+</mi>\s*<mo>&ApplyFunction;</mo>"
    formula = re.sub(rf"(</(?:mi|mn|msub|msup)>)(?=\s*{name})", rf"\1{space}", formula)
    return re.sub(rf"({name})(?!\s*<mo)", rf"\1{space}", formula)


def write_math(writer: Any, node: nodes.math | nodes.math_block) -> None:
    """Write a formula as MathML."""
    try:
        formula = with_spaces(tex2mathml(node.astext()))
    except ValueError as error:
        logging.getLogger(__name__).warning("%s: %s", error, node.astext(), location=node)
        raise nodes.SkipNode from error
    if isinstance(node, nodes.math_block):
        formula = formula.replace("<math ", '<math display="block" ', 1)
    writer.body.append(formula)
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the renderer that `html_math_renderer` names."""
    app.add_html_math_renderer("mathml", (write_math, None), (write_math, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
