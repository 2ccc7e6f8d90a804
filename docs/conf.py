"""Configuration of the documentation: ``sphinx-build -W --keep-going docs docs/_build/html``."""

import re
import shutil
import subprocess
import sys
from operator import attrgetter
from pathlib import Path
from typing import Any

import localgrad
from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.errors import ConfigError
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

DOCS = Path(__file__).parent
MADE_BY_METHODS = {
    *(f"localgrad.{name}" for name in ("Graph", "Plan", "Sweep", "Trace", "reference.Trace")),
    *(f"localgrad.{name}" for name in ("plan.LayerPlan", "callbacks.Training", "metrics.Metric")),
}
shutil.rmtree(DOCS / "api" / "generated", ignore_errors=True)  # autosummary leaves pages of removed names

project = "localgrad"
author = "localgrad developers"
copyright = "localgrad developers"
version = release = localgrad.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_design",
    "breathe",
]
exclude_patterns = ["_build", "pictures"]
templates_path = ["templates"]

# References in single backticks: names of the package become links, and dotted ones must exist.
default_role = "py:obj"
nitpicky = True
nitpick_ignore = [("cpp:identifier", "localgrad")]  # the namespace
nitpick_ignore_regex = [("py:obj", r"(?!(localgrad|callbacks|metrics|schedules|[A-Z]\w+)\.\w+).*")]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autosummary_generate = True
autosummary_ignore_module_all = False
autodoc_typehints = "none"  # the docstrings have them
autodoc_member_order = "bysource"
numpydoc_show_class_members = False  # the template lists them
add_module_names = False
toc_object_entries_show_parents = "hide"
smartquotes = False

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

breathe_projects = {"localgrad": str(DOCS / "_build" / "doxygen" / "xml")}
breathe_default_project = "localgrad"

html_theme = "pydata_sphinx_theme"
html_title = "localgrad"
html_static_path = ["static"]
html_css_files = ["localgrad.css"]
html_copy_source = False
html_math_renderer = "mathml"
without_sidebar = ["index", "notation", "engine", "benchmark", "contributing", "changelog"]
html_sidebars = {page: [] for page in without_sidebar}
html_theme_options = {
    "header_links_before_dropdown": 7,
    "navbar_persistent": ["search-button"],
    "navigation_with_keys": False,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}


def run_doxygen(app: Sphinx) -> None:
    """Turn the comments of the C++ headers into XML, which Breathe reads."""
    if shutil.which("doxygen") is None:
        raise ConfigError("doxygen was not found; install it with: apt-get install doxygen")
    (DOCS / "_build").mkdir(exist_ok=True)  # Doxygen makes one level of folders only
    subprocess.run(["doxygen", "Doxyfile"], cwd=DOCS, check=True)


def draw_pictures(app: Sphinx) -> None:
    """Draw the pictures in docs/images from real runs."""
    subprocess.run([sys.executable, "-m", "pictures"], cwd=DOCS, check=True)


def mark_sections(app: Sphinx, kind: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Make headings of the sections of a module's docstring, which numpydoc leaves as they are."""
    if kind == "module":
        text = re.sub(r"^(\w+)\n-+$", r".. rubric:: \1\n", "\n".join(lines), flags=re.MULTILINE)
        lines[:] = text.split("\n")


def hide_signature(app: Sphinx, kind: str, name: str, *_: Any) -> tuple[str, None] | None:
    """Show classes without a constructor if only the package makes their instances."""
    return ("", None) if kind == "class" and name in MADE_BY_METHODS else None


def find_short_name(app: Sphinx, env: Any, node: Any, content: Any) -> Any:
    """Resolve a reference such as `Network.fit`, `EarlyStopping` or `fit` by the end of the full name."""
    target = node["reftarget"]
    if node.get("refdomain") != "py":
        return None
    in_reference = str(node.get("py:module")).startswith("localgrad.reference")

    def entries(end: str) -> list[tuple[str, Any]]:
        plain = end.islower() and "." not in end  # often a parameter: only functions and methods of Network
        return [
            (name, entry)
            for name, entry in env.domains["py"].objects.items()
            if name.endswith(f".{end}")
            and not entry.aliased
            and (
                not plain
                or entry.objtype == "function"
                or (entry.objtype == "method" and ".Network." in name)
            )
            and (in_reference or not name.startswith("localgrad.reference."))
        ]

    found = entries(target)
    owner, _, attribute = target.rpartition(".")
    if not found and owner:  # an attribute that only the docstring of its class lists
        found = [
            one for one in entries(owner) if attribute in str(attrgetter(one[0][10:])(localgrad).__doc__)
        ]
    if len(found) != 1:
        return None
    name, entry = found[0]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, content, name)


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
    """Write a formula as MathML, which browsers draw without a script or a font from the network."""
    try:
        formula = with_spaces(tex2mathml(node.astext()))
    except ValueError as error:
        logging.getLogger(__name__).warning("%s: %s", error, node.astext(), location=node)
        raise nodes.SkipNode from error
    if isinstance(node, nodes.math_block):
        formula = formula.replace("<math ", '<math display="block" ', 1)
    writer.body.append(formula)
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Connect the functions above to the events of a build."""
    app.add_html_math_renderer("mathml", (write_math, None), (write_math, None))
    app.connect("builder-inited", run_doxygen)
    app.connect("builder-inited", draw_pictures)
    app.connect("autodoc-process-docstring", mark_sections)
    app.connect("autodoc-process-signature", hide_signature)
    app.connect("missing-reference", find_short_name)
