"""Imports in several threads: partially imported modules of other libraries are not used."""

import ast
import pathlib
import textwrap

import localgrad as lg
import pytest
from programs import run

PACKAGE = pathlib.Path(lg.__file__).parent
LOADED_LATE = ("callbacks", "metrics", "reference")  # packages that `import localgrad` does not load

USE = """
    import numpy as np, localgrad as lg
    net = lg.Network([2, 3, 2], output="softmax", seed=0)
    X, y = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [0, 1, 1]

    def use():
        net.predict(X)
        net.predict(np.array(X))  # float64 rows of a float32 network
        net.evaluate(X, y)
        net.backprop(X, y)
        twin = net.copy()
        twin.fit(X, y, epochs=1, metrics=["f1"], validation=(X, y), callbacks=[lg.callbacks.EarlyStopping()])
        twin.partial_fit(X, y)
        lg.metrics.accuracy(y, net.predict(X))
"""


def run_python(code):
    """Return the output of a new interpreter."""
    return run(code).stdout.strip()


def test_modules_of_other_libraries_are_not_used():
    touched = run_python(
        textwrap.dedent(USE)
        + textwrap.dedent(
            """
    import sys, types
    touched = []

    class Half(types.ModuleType):
        def __getattribute__(self, name):
            caller = sys._getframe(1).f_globals.get("__name__", "")
            if caller.startswith("localgrad"):
                touched.append((types.ModuleType.__getattribute__(self, "__name__"), name, caller))
            return super().__getattribute__(name)

    for name in ("numpy.ma", "pandas", "polars", "pyarrow", "scipy", "scipy.sparse", "torch", "jax"):
        sys.modules[name] = Half(name)
    use()
    print(touched)
    """
        )
    )
    assert touched == "[]"


def test_a_partially_imported_ipython_is_ignored():
    code = "import sys, types; sys.modules['IPython'] = types.ModuleType('IPython')\n"
    run_python(code + textwrap.dedent(USE) + "net.fit(X, y, verbose=1)\n")


RACE = (
    textwrap.dedent(USE)
    + """
import sys, threading
sys.setswitchinterval(1e-6)
errors, start = [], threading.Barrier(8)

def run(task):
    start.wait()
    try:
        task()
    except BaseException as error:
        errors.append(repr(error))

def imports():
    try:
        import {module}
    except (ImportError, RuntimeError):
        pass  # not there, or CPython's word for two imports that wait for each other

tasks = [imports, *{first_calls}]
tasks += [use] * (8 - len(tasks))
threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(errors)
"""
)
FIRST_CALLS = "[lambda: lg.callbacks.Checkpoint('x'), lambda: lg.metrics.auc, lambda: lg.reference.Network]"


@pytest.mark.parametrize("module", ["numpy.ma", "pandas", "scipy.sparse", "localgrad.callbacks.monitor"])
def test_first_calls_in_eight_threads_succeed(module):
    for first_calls in ("[]", FIRST_CALLS):
        assert run_python(RACE.format(module=module, first_calls=first_calls)) == "[]"


def imported(path):
    """Return the modules that a file imports at run time, not only for types."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node not in for_types and isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif node not in for_types and isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def test_packages_are_imported_before_their_modules():
    # A thread that imports a.b waits for a while it holds the lock of a.b; a thread that imports a holds the
    # lock of a and needs that of a.b. Python then gives one of them an empty module.
    for path in PACKAGE.rglob("*.py"):
        folder = path.relative_to(PACKAGE).parts[0]
        for name in imported(path):
            parts = name.split(".")
            late = len(parts) > 2 and parts[0] == "localgrad" and parts[1] in LOADED_LATE
            assert not late or parts[1] == folder, f"{path.name} imports {name} before localgrad.{parts[1]}"
