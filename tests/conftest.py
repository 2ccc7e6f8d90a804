"""Fixtures of all tests: real data sets, which do not come with the project, and closed figures."""

import os
import signal
import sys
from pathlib import Path

import pytest

# A shell starts background processes with Ctrl-C ignored; many tests send it to themselves.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def no_figures():
    """Close the figures of a test, of which pyplot keeps a list."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


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
