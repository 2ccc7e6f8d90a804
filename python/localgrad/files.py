"""Networks read back from files."""

import os

from localgrad import _core
from localgrad._check import file_path
from localgrad.network import Network

__all__ = ["load"]


def load(path: str | os.PathLike[str]) -> Network:
    """Read a network that `Network.save` wrote.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    Network
        With the parameters, the functions, the dtype, the seed and the count of epochs that it was saved
        with, and an empty history.

    Raises
    ------
    OSError
        If the file cannot be read; FileNotFoundError if it is not there.
    ValueError
        If it is not a network of localgrad's.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.load("nowhere.safetensors")
    Traceback (most recent call last):
        ...
    FileNotFoundError: [Errno 2] No such file or directory: 'nowhere.safetensors'
    """
    name = file_path(path)
    try:
        native = _core.load(name)
    except ValueError as error:
        raise ValueError(f"path must be a file that Network.save wrote, given {path!r}: {error}") from None
    return Network._from_native(native)
