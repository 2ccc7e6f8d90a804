"""A training that is killed or interrupted loses nothing that was in its checkpoint."""

import os
import signal

import pytest
from programs import SCRIPTS, run


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_fifty_kills_lose_nothing():
    done = run(SCRIPTS / "kill_and_resume.py", "--kills", 50)
    kills, _, rest = done.stdout.partition(" kills, ")
    assert int(kills) == 50
    assert int(rest.split()[0]) >= 1


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs signal.setitimer")
def test_a_hundred_interruptions_leave_whole_epochs_and_lose_nothing():
    done = run(SCRIPTS / "interrupt_and_resume.py", "--times", 100)
    interrupted, _, rest = done.stdout.partition(" interruptions, ")
    assert int(interrupted) >= 100
    assert int(rest.split()[0]) >= 10
