"""Configuration of the documentation: ``sphinx-build -W --keep-going docs docs/_build/html``."""

import shutil
import subprocess
import sys
from pathlib import Path

import localgrad
from sphinx.application import Sphinx
from sphinx.errors import ConfigError

DOCS = Path(__file__).parent

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

# References in single backticks: names of the package become links; dotted ones must exist.
default_role = "py:obj"
nitpicky = True
nitpick_ignore_regex = [("py:obj", r"\w+")]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autosummary_generate = True
autosummary_ignore_module_all = False
autodoc_typehints = "none"  # the docstrings have them
autodoc_member_order = "bysource"
numpydoc_show_class_members = False  # the template lists them
add_module_names = False

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

breathe_projects = {"localgrad": str(DOCS / "_build" / "doxygen" / "xml")}
breathe_default_project = "localgrad"

html_theme = "pydata_sphinx_theme"
html_title = "localgrad"
html_static_path = ["static"]
html_css_files = ["localgrad.css"]
html_copy_source = False
html_theme_options = {
    "header_links_before_dropdown": 6,
    "navigation_with_keys": False,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}


def run_doxygen(app: Sphinx) -> None:
    """Turn the comments of the C++ headers into XML, which Breathe reads."""
    if not (DOCS / "Doxyfile").exists():
        return
    if shutil.which("doxygen") is None:
        raise ConfigError("doxygen was not found; install it with: apt-get install doxygen")
    subprocess.run(["doxygen", "Doxyfile"], cwd=DOCS, check=True)


def draw_pictures(app: Sphinx) -> None:
    """Draw the pictures in docs/images from real runs."""
    if (DOCS / "pictures").exists():
        subprocess.run([sys.executable, "-m", "pictures"], cwd=DOCS, check=True)


def setup(app: Sphinx) -> None:
    """Call what must happen before pages are read."""
    app.connect("builder-inited", run_doxygen)
    app.connect("builder-inited", draw_pictures)
