"""Real data sets, for tests that need them; they do not come with the project."""

import os
import signal
from pathlib import Path

import pytest

# A shell starts background processes with Ctrl-C ignored; many tests send it to themselves.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def data_folder():
    """The folder of data sets, LOCALGRAD_TEST_DATA in the environment."""
    folder = os.environ.get("LOCALGRAD_TEST_DATA")
    if not folder:
        pytest.skip("LOCALGRAD_TEST_DATA is not set")
    assert Path(folder).is_dir(), f"LOCALGRAD_TEST_DATA must be a folder, got {folder!r}"
    return Path(folder)


@pytest.fixture(scope="session")
def mnist_folder(data_folder):
    """The folder with the four files of MNIST as distributed."""
    folder = data_folder / "mnist"
    if not folder.is_dir():
        pytest.skip(f"{folder.name} is missing from LOCALGRAD_TEST_DATA")
    return folder
