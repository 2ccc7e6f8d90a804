"""The README's example runs and does what it says."""

import re
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_example(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    first, *others = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = {}
    exec(first, names)
    assert names["net"].evaluate(names["X"][1500:], names["y"][1500:])["accuracy"] > 0.95
    assert "accuracy" in capsys.readouterr().out
    assert (tmp_path / "quadrants.safetensors").exists()
    for code in others:  # each goes on from those before
        exec(code, names)
    assert names["net"].evaluate(names["X"][1500:], names["y"][1500:])["accuracy"] > 0.95
