"""Feedforward neural networks trained by backpropagation, with a C++ core and a NumPy interface.

The main class is `Network`. `load` reads a saved network, `info` describes the build and the machine.

Examples
--------
>>> import localgrad as lg
>>> net = lg.Network([2, 8, 1], activation="tanh", output="sigmoid", cost="cross_entropy", seed=1)
>>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
>>> history = net.fit(X, y, epochs=500, batch_size=4, optimizer=lg.SGD(0.5, momentum=0.9))
>>> net.evaluate(X, y)["accuracy"]
1.0
"""

import os
from typing import TYPE_CHECKING, Any

from localgrad import _core, optimizers, schedules
from localgrad._arguments.names.attributes import missing_from_module
from localgrad._core import __version__
from localgrad._support.late import import_late
from localgrad.blocks import Blocks
from localgrad.costs import check_cost
from localgrad.errors import BadExample
from localgrad.fleet import Fleet
from localgrad.graph import Graph
from localgrad.history import History
from localgrad.hold_out import HoldOut
from localgrad.lr_finder import Sweep
from localgrad.network import Network, load
from localgrad.optimizers import *
from localgrad.plan import Plan
from localgrad.standardization import Standardization
from localgrad.trace import Trace
from localgrad.verification import check

if TYPE_CHECKING:
    from localgrad import callbacks, inspect, metrics, plot, reference, warnings

# A literal list, because type checkers do not evaluate expressions.
__all__ = [
    "LBFGS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "BadExample",
    "Blocks",
    "Fleet",
    "Graph",
    "History",
    "HoldOut",
    "LevenbergMarquardt",
    "Lion",
    "NAdam",
    "Network",
    "Optimizer",
    "Plan",
    "RMSprop",
    "Rprop",
    "Standardization",
    "Sweep",
    "Trace",
    "__version__",
    "callbacks",
    "check",
    "check_cost",
    "get_cmake_dir",
    "get_include",
    "info",
    "inspect",
    "load",
    "metrics",
    "optimizers",
    "plot",
    "reference",
    "schedules",
    "warnings",
]
__all__ += sorted({*optimizers.__all__}.difference(__all__))


def get_include() -> str:
    """Return the folder of the C and C++ headers, for compilers.

    Returns
    -------
    str
        A folder of the installed package. The library of these headers is in the folder ``lib`` beside it.

    See Also
    --------
    get_cmake_dir : The folder for CMake, which adds the headers and the library.

    Examples
    --------
    >>> import os
    >>> import localgrad as lg
    >>> os.listdir(lg.get_include())
    ['localgrad']
    """
    return _folder_of_core("include")


def get_cmake_dir() -> str:
    """Return the folder of the CMake package, for C and C++ programs that use the library of this package.

    Returns
    -------
    str
        A folder of the installed package, for ``cmake -Dlocalgrad_DIR=...``.

    See Also
    --------
    get_include : The folder of the headers.

    Examples
    --------
    >>> import os
    >>> import localgrad as lg
    >>> "localgradConfig.cmake" in os.listdir(lg.get_cmake_dir())
    True
    """
    return _folder_of_core("lib", "cmake", "localgrad")


def _folder_of_core(*parts: str) -> str:
    """Return a folder beside the extension module, which an editable installation has elsewhere."""
    return os.path.join(os.path.dirname(os.path.abspath(_core.__file__)), *parts)


def info() -> dict[str, Any]:
    """Return information about this build of localgrad and about the machine.

    Returns
    -------
    dict
        Information under these keys:

        - ``"version"``: version of localgrad.
        - ``"isa"``: instruction set in use. The environment variable ``LOCALGRAD_ISA``, read at import,
          selects another one.
        - ``"isa_available"``: instruction sets that this build and this machine support.
        - ``"fused_multiply_add"``: whether that instruction set has fused multiply-add, which rounds only
          once. All instruction sets that have it give the same results, bit for bit.
        - ``"threads"``: default number of threads.
        - ``"threads_from"``: what limits the default number of threads: ``"processors"``,
          ``"affinity mask"``, ``"OpenMP places"`` (``OMP_PROC_BIND``, ``OMP_PLACES``), ``"cgroup quota"``,
          ``"OMP_NUM_THREADS"``, ``"OMP_THREAD_LIMIT"``, ``"omp_set_num_threads"``,
          ``"parallel region of the caller"``, ``"forked process"``, ``"built without threads"`` or
          ``"OpenMP"``.
        - ``"threading"``: the threads that localgrad was built with: ``"openmp"``, ``"std"`` (a pool of its
          own) or ``"none"``.
        - ``"openmp"``: version of the OpenMP specification, or ``"none"``.
        - ``"compiler"``: compiler of the core.

    Examples
    --------
    >>> import localgrad as lg
    >>> lg.info()["version"] == lg.__version__
    True
    >>> lg.info()["isa"] in lg.info()["isa_available"]
    True
    """
    return _core.info()


def __getattr__(name: str) -> Any:
    # Loaded on first use: programs that only predict do not need these modules.
    if name in ("callbacks", "inspect", "metrics", "plot", "reference", "warnings"):
        return import_late(f"localgrad.{name}")
    # Private names are looked up by tools such as pickle and IPython, and need no suggestion.
    raise missing_from_module(__name__, name, __all__, {} if name.startswith("_") else _elsewhere())


def _elsewhere() -> dict[str, str]:
    """Return where to find names that users look for in the package, for error messages."""
    from localgrad import callbacks, metrics

    found = {name: f"Network(activation={name!r})" for name in _core.names()["activations"]}
    for module in (metrics, optimizers, schedules, callbacks):
        found |= {name: f"{module.__name__}.{name}" for name in module.__all__}
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
