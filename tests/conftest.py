"""Real data for tests, where there is any: it does not come with the project."""

import os
import signal
from pathlib import Path

import pytest

# A shell starts what it runs in the background without Ctrl-C, which many tests send to themselves.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def data_folder():
    """The folder of data sets: LOCALGRAD_TEST_DATA, or `shared/data` beside the project."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("LOCALGRAD_TEST_DATA", beside))
    if not folder.is_dir():
        pytest.skip("no real data: LOCALGRAD_TEST_DATA names no folder")
    return folder


@pytest.fixture(scope="session")
def mnist_folder(data_folder):
    """The four files of MNIST as distributed."""
    folder = data_folder / "mnist"
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder.name} is missing from the folder of data sets")
    return folder
