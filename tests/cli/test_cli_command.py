"""The command `localgrad`: its help, the code shared by subcommands, and the cost of importing it."""

import doctest
import importlib
import json
import os
import subprocess
import sys

import localgrad
import pytest
from localgrad.__main__ import main
from localgrad.cli.errors import CommandError
from localgrad.cli.outputs import check_writable, write

COMMANDS = ["train", "predict", "evaluate", "info", "demo", "bench"]


def python(*arguments, **options):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, **options)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_the_usage(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert f"usage: localgrad {command}" in capsys.readouterr().out


def test_no_command_prints_help_and_version_prints_the_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"localgrad {localgrad.__version__}\n"


def test_info_prints_the_description(capsys):
    assert main(["info"]) == 0
    text = capsys.readouterr().out
    assert main(["info", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert localgrad.info().items() <= facts.items()
    assert all(name in text for name in facts)


def test_the_package_does_not_import_the_command_and_the_command_imports_no_extras():
    code = (
        "import sys, localgrad; assert not [m for m in sys.modules if m.startswith('localgrad.cli')];"
        "import localgrad.__main__;"
        "extras = {'sklearn', 'matplotlib', 'pyarrow', 'torch', 'jax', 'onnxruntime', 'localgrad.reference'};"
        "assert not extras & sys.modules.keys()"
    )
    done = python("-c", code)
    assert done.returncode == 0, done.stderr


def test_a_closed_pipe_prints_no_traceback():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "localgrad", "info"], stdout=gone, stderr=subprocess.PIPE, text=True
        )
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_prints_one_line():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "localgrad", "info"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert (done.returncode, done.stderr) == (1, "localgrad info: error: No space left on device\n")


def test_ctrl_c_prints_one_line(monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("localgrad.cli.info.describe", interrupt)
    assert main(["info"]) == 130
    assert capsys.readouterr().err == "localgrad info: error: interrupted\n"


TABLES = [f"tables.{name}" for name in ("compression", "decimals", "scores", "split")]


@pytest.mark.parametrize("name", ["arguments", "bench", "idx", *TABLES])
def test_docstring_examples_run(name):
    result = doctest.testmod(importlib.import_module(f"localgrad.cli.{name}"))
    assert result.attempted > 0
    assert result.failed == 0


def test_write_replaces_a_file_only_when_complete(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def half(stream):
        stream.write(b"ne")
        raise OSError(28, "No space left on device")

    with pytest.raises(CommandError, match=r"cannot write .*: No space left on device"):
        write(str(path), half)
    assert path.read_bytes() == b"old"
    write(str(path), lambda stream: stream.write(b"new"))
    assert path.read_bytes() == b"new"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_write_follows_a_symbolic_link(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write(str(link), lambda stream: stream.write(b"new"))
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_check_writable_creates_no_file(tmp_path):
    check_writable(str(tmp_path / "new"))
    assert not list(tmp_path.iterdir())


def test_check_writable_checks_permissions(tmp_path, monkeypatch):
    path = tmp_path / "kept"
    path.touch()
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    with pytest.raises(CommandError, match="no permission"):
        check_writable(str(path))
