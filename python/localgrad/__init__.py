"""Feedforward networks trained by backpropagation: a C++ core with a NumPy face.

Examples
--------
>>> import localgrad as lg
>>> net = lg.Network([2, 8, 1], activation="tanh", output="sigmoid", cost="cross_entropy", seed=1)
>>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
>>> history = net.fit(X, y, epochs=500, batch_size=4, optimizer=lg.SGD(0.5, momentum=0.9))
>>> net.evaluate(X, y)["accuracy"]
1.0
"""

from typing import TYPE_CHECKING, Any

from localgrad import _core, optimizers, schedules
from localgrad._arguments.names.attributes import missing_from_module
from localgrad._core import __version__
from localgrad._support.late import import_late
from localgrad.blocks import Blocks
from localgrad.costs import check_cost
from localgrad.errors import BadExample
from localgrad.graph import Graph
from localgrad.history import History
from localgrad.hold_out import HoldOut
from localgrad.lr_finder import Sweep
from localgrad.network import Network, load
from localgrad.optimizers import *
from localgrad.plan import Plan
from localgrad.trace import Trace

if TYPE_CHECKING:
    from localgrad import callbacks, metrics, reference, warnings

# Type checkers read this list alone.
__all__ = [
    "LBFGS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "BadExample",
    "Blocks",
    "Graph",
    "History",
    "HoldOut",
    "Lion",
    "NAdam",
    "Network",
    "Optimizer",
    "Plan",
    "RMSprop",
    "Rprop",
    "Sweep",
    "Trace",
    "__version__",
    "callbacks",
    "check_cost",
    "info",
    "load",
    "metrics",
    "optimizers",
    "reference",
    "schedules",
    "warnings",
]
__all__ += sorted({*optimizers.__all__}.difference(__all__))


def info() -> dict[str, Any]:
    """Describe this build of localgrad and what it found on this machine.

    Returns
    -------
    dict
        ``version``; ``isa``, the instruction set in use (the environment variable ``LOCALGRAD_ISA``, read
        once at import, forces one of ``isa_available``); ``fused_multiply_add``, whether that instruction set
        keeps the promise of equal bits; ``threads``, the default number of threads, and ``threads_from``,
        what limits it: ``"processors"``, ``"affinity mask"``, ``"OpenMP places"`` (``OMP_PROC_BIND``,
        ``OMP_PLACES``), ``"cgroup quota"``, ``"OMP_NUM_THREADS"``, ``"OMP_THREAD_LIMIT"``,
        ``"omp_set_num_threads"``, ``"parallel region of the caller"``, ``"forked process"``,
        ``"built without OpenMP"`` or ``"OpenMP"``; ``openmp``, the version of its run time or ``"none"``;
        ``compiler``.

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
    # Who only predicts need not load these.
    if name in ("callbacks", "metrics", "reference", "warnings"):
        return import_late(f"localgrad.{name}")
    raise missing_from_module(__name__, name, __all__, {} if name.startswith("_") else _elsewhere())


def _elsewhere() -> dict[str, str]:
    """Return where names are that users look for here: in a module, or nowhere but in an argument."""
    from localgrad import callbacks, metrics

    found = {name: f"Network(activation={name!r})" for name in _core.names()["activations"]}
    for module in (metrics, optimizers, schedules, callbacks):
        found |= {name: f"{module.__name__}.{name}" for name in module.__all__}
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
