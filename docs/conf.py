"""Configuration of the documentation: ``sphinx-build -W --keep-going docs docs/_build/html``."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import localgrad
from sphinx.application import Sphinx
from sphinx.errors import ConfigError

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS / "extensions"))
MADE_BY_METHODS = {
    *(f"localgrad.{name}" for name in ("Graph", "Plan", "Sweep", "Trace", "reference.Trace")),
    *(f"localgrad.{name}" for name in ("plan.LayerPlan", "callbacks.Training", "metrics.Metric")),
    *(f"localgrad.{name}" for name in ("trace.ForwardTrace", "reference.ForwardTrace")),
    *(f"localgrad.explain.{name}" for name in ("Explanation", "Update")),
    *(f"localgrad.per_example.{name}" for name in ("GradientNorms", "GradientNoise")),
    *(f"localgrad.diagnosis.{name}" for name in ("Diagnosis", "Finding", "Setup", "DataSummary", "Snapshot")),
    "localgrad.curvature.Eigenvalue",
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
    "mathml",
    "short_names",
]
exclude_patterns = ["_build", "extensions", "pictures"]
templates_path = ["templates"]

# References in single backticks: names of the package become links, and dotted ones must exist.
default_role = "py:obj"
nitpicky = True
C_TYPES = ("ptrdiff_t", "size_t", "int32_t", "uint8_t", "uint32_t", "uint64_t")
# A namespace, a private base class, types of C.
nitpick_ignore = [("cpp:identifier", name) for name in ("localgrad", "Tracked", *C_TYPES)]
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


def setup(app: Sphinx) -> None:
    """Connect the functions above to the events of a build."""
    app.connect("builder-inited", run_doxygen)
    app.connect("builder-inited", draw_pictures)
    app.connect("autodoc-process-docstring", mark_sections)
    app.connect("autodoc-process-signature", hide_signature)
