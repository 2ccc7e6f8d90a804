"""Killed and interrupted training runs lose nothing that is in their checkpoint."""

import os
import signal

import pytest
from lengths import mostly_slow
from programs import SCRIPTS, run


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.parametrize("count", mostly_slow([5, 50]))
def test_killed_runs_resume_from_their_checkpoint(count):
    done = run(SCRIPTS / "kill_and_resume.py", "--kills", count)
    kills, _, rest = done.stdout.partition(" kills, ")
    assert int(kills) == count
    assert int(rest.split()[0]) >= 1


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs signal.setitimer")
@pytest.mark.parametrize("count", mostly_slow([10, 100]))
def test_interrupted_runs_resume_from_their_checkpoint(count):
    done = run(SCRIPTS / "interrupt_and_resume.py", "--times", count)
    interrupted, _, rest = done.stdout.partition(" interruptions, ")
    assert int(interrupted) >= count
    assert int(rest.split()[0]) >= count // 10
