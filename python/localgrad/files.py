"""Networks read back from files."""

from __future__ import annotations  # help() then shows ArrayLike by its name

import os

from localgrad import _core
from localgrad._check import file_path, shown
from localgrad._functions import CustomCost
from localgrad._names.keywords import other_names
from localgrad.network import Network

__all__ = ["load"]


@other_names
def load(path: str | os.PathLike[str], *, cost: CustomCost | None = None) -> Network:
    """Read a network that `Network.save` wrote, or the network of a checkpoint.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    cost : callable, optional
        The function again that the network had as `cost`, which the file does not hold. Without it such a
        network only predicts.

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
        If it is not a network of localgrad's, if it holds numbers that training could not go on with
        (parameters that are not finite, more than 2⁵³ epochs, options out of their range), or if `cost` is
        given for a network whose cost has a name.
    TypeError
        If `path` or `cost` is of the wrong kind.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.load("nowhere.safetensors")
    Traceback (most recent call last):
        ...
    FileNotFoundError: [Errno 2] No such file or directory: 'nowhere.safetensors'
    """
    name = file_path(path)
    if cost is not None and not callable(cost):
        raise TypeError(f"cost must be a callable or None, got {shown(cost)}")
    try:
        native = _core.load(name)
    except ValueError as error:
        raise ValueError(f"path must be a file that Network.save wrote, got {path!r}: {error}") from None
    if cost is not None and native.cost != "custom":
        raise ValueError(f"cost must be None for a network of cost {native.cost!r}, got {shown(cost)}")
    return Network._from_native(native, cost)
