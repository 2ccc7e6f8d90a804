"""The code, commands and links of the documentation work, and its API pages are complete."""

import builtins
import doctest
import importlib
import re
import shlex
import tomllib
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path

import localgrad as lg
import localgrad.diagnosis
import localgrad.errors
import localgrad.explain
import localgrad.inspect
import localgrad.sklearn
import localgrad.tabular
import pytest
from localgrad.__main__ import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINKED = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
PUBLIC_MODULES = [
    "localgrad",
    "localgrad.blocks",
    "localgrad.callbacks",
    "localgrad.costs",
    "localgrad.curvature",
    "localgrad.diagnosis",
    "localgrad.errors",
    "localgrad.explain",
    "localgrad.fleet",
    "localgrad.graph",
    "localgrad.history",
    "localgrad.hold_out",
    "localgrad.inspect",
    "localgrad.lr_finder",
    "localgrad.metrics",
    "localgrad.network",
    "localgrad.optimizers",
    "localgrad.per_example",
    "localgrad.plan",
    "localgrad.plot",
    "localgrad.reference",
    "localgrad.schedules",
    "localgrad.sklearn",
    "localgrad.tabular",
    "localgrad.trace",
    "localgrad.verification",
    "localgrad.warnings",
]


def name_of(path):
    return str(path.relative_to(ROOT))


def blocks(path, *languages):
    """Return (language, line, text) of the fenced blocks of a page."""
    text = path.read_text("utf-8")
    fence = re.compile(rf"^```({'|'.join(languages)})\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    return [(m[1], text.count("\n", 0, m.start()) + 1, m[2]) for m in fence.finditer(text)]


def commands(path):
    """Return the command lines of a page, without comments; indented ones only if they install something."""
    lines = [line for _, _, text in blocks(path, "console") for line in text.splitlines()]
    lines += re.findall(r"^ {4}.*pip install.*$", path.read_text("utf-8"), re.MULTILINE)
    return [re.sub(r"\s+# .*", "", line.strip().removeprefix("$ ")) for line in lines]


def run_session(text, path, line, names):
    """Run a block of `>>>` lines and compare what it prints."""
    test = doctest.DocTestParser().get_doctest(text, names, path.name, name_of(path), line)
    test.globs = names  # not a copy
    runner, failures = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS), []
    runner.run(test, out=failures.append, clear_globs=False)
    assert not failures, "".join(failures)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("path", [path for path in PAGES if blocks(path, "python")], ids=name_of)
def test_code_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.setenv("MPLBACKEND", "agg")
    names = {"__name__": "__main__"}
    for _, line, text in blocks(path, "python"):
        if "import torch" in text and not find_spec("torch"):  # too large for the test extra
            continue
        if text.startswith(">>>"):
            run_session(text, path, line, names)
        else:  # the empty lines let tracebacks name the line of the page
            exec(compile("\n" * line + text, path, "exec"), names)


@pytest.mark.parametrize("path", [path for path in LINKED if commands(path)], ids=name_of)
def test_commands_run(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    for command in commands(path):
        for names in re.findall(r"pip install .*?(?:localgrad|\.)\[([\w,-]+)\]", command):
            assert set(names.split(",")) <= set(extras), command
        program, *arguments = shlex.split(command) or [""]
        if program != "localgrad":
            continue
        if arguments[0] == "bench" or "--data" in arguments:  # too long, or data that is not here: only parse
            with pytest.raises(SystemExit) as end:
                main([*arguments, "--help"])
            assert not end.value.code, command
        else:
            assert main(arguments) == 0, command


def anchors(path):
    """Return what a link to a page may name after the #: headings, as GitHub and MyST write them."""
    text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ +(.*)$", text, re.MULTILINE)
    explicit = re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings} | {
        *explicit
    }


@pytest.mark.parametrize("path", LINKED, ids=name_of)
def test_links_between_files(path):
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"", text):
        target = "".join(target)
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


def test_every_public_name_has_its_place_in_the_api():
    pages = [page.read_text("utf-8") for page in (ROOT / "docs" / "api").glob("*.md")]
    tables = re.findall(r"^\.\. autosummary::\n(?: +:.*\n)*\n((?: .*\n)+)", "".join(pages), re.MULTILINE)
    names = "".join(tables).split() + re.findall(r"py:data:: localgrad\.(.*)", "".join(pages))
    listed = {id(attrgetter(name)(lg)) for name in names}
    for name in PUBLIC_MODULES:
        module = importlib.import_module(name)
        for public in module.__all__:
            thing = getattr(module, public)
            if not isinstance(thing, str | type(re)):  # the version, modules
                assert id(thing) in listed, f"{name}.{public}"


def test_all_warnings_and_errors_are_explained():
    headings = re.findall(r"^### (.*)$", (ROOT / "docs" / "errors.md").read_text("utf-8"), re.MULTILINE)
    raised = re.compile(r"^ +raise ([A-Z]\w+)\(", re.MULTILINE)
    parts = ("_arguments", "_arrays", "_data", "_model", "_network", "_training")
    parts += ("callbacks", "costs", "metrics")
    sources = [path for part in parts for path in (ROOT / "python" / "localgrad" / part).rglob("*.py")]
    expected = {name for path in sources for name in raised.findall(path.read_text("utf-8"))}
    expected |= {*lg.errors.__all__, *lg.warnings.__all__} - {"LocalgradWarning"}
    for name in expected:
        bases = {base.__name__ for base in getattr(builtins, name, object).__mro__[:2]}
        assert any({name, *bases} & {*heading.split(", ")} for heading in headings), name


@pytest.mark.parametrize("command", ["train", "predict", "evaluate", "info", "demo", "bench"])
def test_all_options_of_the_command_are_listed(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    page = (ROOT / "docs" / "command_line.md").read_text("utf-8")
    for option in {*re.findall(r"--[a-z][\w-]+", capsys.readouterr().out)} - {"--help"}:
        assert f"`{option}" in page, option


def test_links_of_the_built_site(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    from check_links import broken_links

    (tmp_path / "a.html").write_text('<a href="b.html#here"></a><a href="#top"></a><img src="no.png">')
    (tmp_path / "b.html").write_text('<a id="here" href="https://example.org"></a><a href="a.html#no"></a>')
    assert broken_links(tmp_path) == ["a.html: no.png", "b.html: a.html#no"]
