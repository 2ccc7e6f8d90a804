"""Programs in new interpreters, which no other test affects."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "scripts"
PATIENCE = 600  # seconds; generous, because other processes may keep the machine busy


def run(program, *arguments, status=0, environment=None):
    """Run a file or Python code, check the exit status, and return the completed process."""
    program = [program] if isinstance(program, Path) else ["-c", textwrap.dedent(program)]
    done = subprocess.run(
        [sys.executable, *program, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=environment or dict(os.environ),
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done
