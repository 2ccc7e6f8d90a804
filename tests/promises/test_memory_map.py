"""Training from a memory map holds next to nothing of it: measured in a process of its own."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / "scripts" / "memory_map.py"
MEGABYTES = 100

status = Path("/proc/self/status")
pytestmark = pytest.mark.skipif(
    not status.exists() or "RssAnon" not in status.read_text(), reason="no RssAnon in /proc/self/status"
)


def test_anonymous_memory(tmp_path):
    arguments = [str(tmp_path), "--gigabytes", str(MEGABYTES / 1000)]
    done = subprocess.run([sys.executable, PROGRAM, *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = re.search(r"([\d.]+) MB before the training, ([\d.]+) MB at its peak", done.stdout)
    before, peak = map(float, found.groups())
    assert 0 < before <= peak < before + MEGABYTES / 10
    assert re.search(r"rows a second: [\d,]+ from the map, [\d,]+ from memory, ratio \d", done.stdout)
    assert not list(tmp_path.iterdir())
