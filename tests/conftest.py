"""Real data sets, for tests that need them; they do not come with the project."""

import os
import signal
from pathlib import Path

import pytest

# A shell starts background processes with Ctrl-C ignored; many tests send it to themselves.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def data_folder():
    """The folder of data sets: LOCALGRAD_TEST_DATA, or `shared/data` next to the project."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("LOCALGRAD_TEST_DATA", beside))
    if not folder.is_dir():
        pytest.skip("no real data: LOCALGRAD_TEST_DATA is not a folder")
    return folder


@pytest.fixture(scope="session")
def mnist_folder(data_folder):
    """The four files of MNIST as distributed."""
    folder = data_folder / "mnist"
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder.name} is missing from the folder of data sets")
    return folder
