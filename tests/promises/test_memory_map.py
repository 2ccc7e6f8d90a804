"""Training from a memory map keeps almost none of it in memory, measured in a separate process."""

import re
from pathlib import Path

import pytest
from programs import SCRIPTS, run

MEGABYTES = 100

status = Path("/proc/self/status")
pytestmark = pytest.mark.skipif(
    not status.exists() or "RssAnon" not in status.read_text(), reason="no RssAnon in /proc/self/status"
)


def test_anonymous_memory_stays_small(tmp_path):
    done = run(SCRIPTS / "memory_map.py", tmp_path, "--gigabytes", MEGABYTES / 1000)
    found = re.search(r"([\d.]+) MB before training, ([\d.]+) MB at the peak", done.stdout)
    before, peak = map(float, found.groups())
    assert 0 < before <= peak < before + MEGABYTES / 10
    assert re.search(r"rows per second: [\d,]+ from the map, [\d,]+ from memory, ratio \d", done.stdout)
    assert not list(tmp_path.iterdir())
