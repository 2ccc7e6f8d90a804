"""Importing in a subinterpreter, as with mod_wsgi, raises an ImportError with the remedy and never hangs."""

import sys
import textwrap

import pytest
from programs import run

try:
    import _interpreters as interpreters  # Python 3.13
except ImportError:
    interpreters = pytest.importorskip("_xxsubinterpreters")

MAKERS = ["create(isolated=False)", "create(isolated=True)"]
if sys.version_info >= (3, 13):
    MAKERS = ["create('legacy')", "create('isolated')"]

HELPERS = """
    import faulthandler
    faulthandler.dump_traceback_later(300, exit=True)
    try:
        import _interpreters as interpreters
    except ImportError:
        import _xxsubinterpreters as interpreters

    IMPORTS = '''
    for _ in range(2):
        for name in ("localgrad._core", "localgrad", "localgrad.network"):
            try:
                __import__(name)
            except ImportError as error:
                assert CHECK in str(error), error
            else:
                raise AssertionError(name + " was imported")
    '''

    def check(sub, words):
        failure = interpreters.run_string(sub, IMPORTS.replace("CHECK", repr(words)))
        assert failure is None, failure

    def used():
        import localgrad as lg
        net = lg.Network([2, 3, 1], cost=lambda a, y: ((a - y)[:, 0] ** 2 / 2, a - y))
        net.fit([[1.0, 2.0]] * 8, [1.0] * 8, epochs=2, callbacks=[lambda epoch, logs: None])
        assert net.predict([1.0, 2.0]).shape == (1,)
"""

ORDERS = {
    "sub only": "check(sub, WORDS)",
    "sub first": "check(sub, WORDS); used()",
    "sub second": "used(); check(sub, WORDS); used()",
    "two": "check(sub, WORDS); check(interpreters.MAKER, WORDS); used(); check(sub, WORDS)",
    "destroyed": "check(sub, WORDS); interpreters.destroy(sub); used()",
    "in a thread": """
        import threading
        for work in (lambda: check(sub, WORDS), used):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        used()
    """,
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("maker", MAKERS)
def test_import_raises_in_a_subinterpreter_and_not_in_the_main_one(maker, order):
    # Python itself rejects the import in a subinterpreter with its own GIL.
    own_gil = sys.version_info >= (3, 12) and maker in ("create(isolated=True)", "create('isolated')")
    words = "subinterpreter" if own_gil else "WSGIApplicationGroup %{GLOBAL}"
    script = textwrap.dedent(HELPERS) + f"WORDS = {words!r}\nsub = interpreters.{maker}\n"
    script += textwrap.dedent(ORDERS[order]).replace("MAKER", maker) + "\nprint('fine')\n"
    assert run(script).stdout == "fine\n"


def test_threads_of_the_main_interpreter_can_import_in_parallel():
    run(
        """
        import threading
        nets = []
        def use():
            import localgrad as lg
            nets.append(lg.Network([2, 1], seed=1).predict([1.0, 2.0]).tolist())
        threads = [threading.Thread(target=use) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        assert len(nets) == 8 and all(net == nets[0] for net in nets)
        """
    )
