"""Training needs little memory besides the data: measured in a separate process, as counted by the kernel."""

from pathlib import Path

import pytest
from lengths import mostly_slow
from programs import SCRIPTS, run

SLACK = 4 << 20  # more than the mini-batch, the model and the stacks of the threads need; allocators round up

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc/self/status")

# X: dtype, layout, rows, width. A copy of X as float32 would need at least 8 times the limit.
WIDE = [
    ("f8", "C", 200_000, 160),
    ("f8", "F", 200_000, 160),
    ("f8", "step", 100_000, 160),
    ("i4", "C", 200_000, 160),
    ("i8", "F", 100_000, 160),
    ("u1", "C", 200_000, 160),
    ("?", "F", 200_000, 160),
]
# Enough rows for 8 bytes per row to matter: labels copied to 8 bytes each would exceed the limit.
NARROW = [("u1", "C", 4_000_000, 4)]


# A dense copy would need 200 times the limit.
SPARSE = [("f4", 100_000, 2000), ("f8", 200_000, 5000)]


@pytest.mark.parametrize(("dtype", "layout", "n", "width"), mostly_slow(WIDE + NARROW, 7))
@pytest.mark.parametrize(("targets", "options"), [("i1", "shuffle validation"), ("real f8", "in order")])
def test_fit_needs_8_bytes_per_row(dtype, layout, n, width, targets, options):
    done = run(SCRIPTS / "peak_memory_of_fit.py", dtype, layout, n, width, targets, options)
    before, peak_before, peak = map(int, done.stdout.split())
    assert peak_before - before <= SLACK  # otherwise an earlier peak might hide the one of fit
    assert peak - before <= 8 * n + SLACK


@pytest.mark.parametrize(("dtype", "n", "width"), mostly_slow(SPARSE, 1))
def test_sparse_rows_are_made_dense_by_the_mini_batch(dtype, n, width):
    pytest.importorskip("scipy.sparse")
    options = "shuffle validation predict"
    done = run(SCRIPTS / "peak_memory_of_fit.py", dtype, "csr", n, width, "i1", options)
    before, _, peak = map(int, done.stdout.split())
    dense = n * width * int(dtype[1])
    assert peak - before <= dense // 50
