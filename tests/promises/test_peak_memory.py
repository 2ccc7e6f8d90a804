"""Training needs little memory beside the data: measured in a process of its own, by the kernel's account."""

from pathlib import Path

import pytest
from lengths import mostly_slow
from programs import SCRIPTS, run

SLACK = 4 << 20  # the mini-batch, the model and the threads' stacks are far below; allocators round up

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc/self/status")

# Of X: dtype, layout, rows, width; a copy of X as float32 would take at least 8 times what is allowed.
WIDE = [
    ("f8", "C", 200_000, 160),
    ("f8", "F", 200_000, 160),
    ("f8", "step", 100_000, 160),
    ("i4", "C", 200_000, 160),
    ("i8", "F", 100_000, 160),
    ("u1", "C", 200_000, 160),
    ("?", "F", 200_000, 160),
]
# Many rows, so that 8 bytes a row show: labels copied to 8 bytes each would not fit beside the order.
NARROW = [("u1", "C", 4_000_000, 4)]


@pytest.mark.parametrize(("dtype", "layout", "n", "width"), mostly_slow(WIDE + NARROW, 7))
@pytest.mark.parametrize(("targets", "options"), [("i1", "shuffle validation"), ("real f8", "in order")])
def test_a_fit_takes_8_bytes_a_row(dtype, layout, n, width, targets, options):
    done = run(SCRIPTS / "peak_memory_of_fit.py", dtype, layout, n, width, targets, options)
    before, peak_before, peak = map(int, done.stdout.split())
    assert peak_before - before <= SLACK  # else an earlier peak might hide the one that is looked for
    assert peak - before <= 8 * n + SLACK
