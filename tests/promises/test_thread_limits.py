"""The default number of threads, what limits it, and what happens if the system refuses threads."""

import os
import sys

import localgrad as lg
import pytest
from lengths import mostly_slow
from programs import run

OPENMP = lg.info()["openmp"] != "none"
LINUX = sys.platform == "linux"
TWO = LINUX and OPENMP and len(os.sched_getaffinity(0)) > 1

needs_two = pytest.mark.skipif(not TWO, reason="needs Linux, OpenMP and two processors")


def run_python(code, *arguments, **environment):
    """Run the code with exactly these environment variables of OpenMP."""
    names = ("OMP_", "GOMP_", "KMP_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(names)}
    return run(code, *arguments, environment=clean | environment).stdout


LIMITED = """
    import resource, sys
    import numpy as np
    import localgrad as lg
    from localgrad import _core
    rng = np.random.default_rng(0)
    X = rng.normal(size=(512, 64)).astype(np.float32)
    y = rng.integers(0, 10, 512)
    start = lg.Network([64, 64, 64, 10], activation="relu", output="softmax", seed=0)
    n = int(sys.argv[2]) or None

    def fit(n):
        net = start.copy()
        net.fit(X, y, epochs=2, batch_size=128, n_threads=n)
        return net.parameters.tobytes()

    call = {
        "fit": fit,
        "predict": lambda n: start.predict(X, n_threads=n).tobytes(),
        "evaluate": lambda n: start.evaluate(X, y, n_threads=n),
        "backprop": lambda n: start.backprop(X, y, n_threads=n).gradient.tobytes(),
        "plan": lambda n: start.plan(128, n_threads=n).split and None,
        "machine": lambda n: _core.measure_machine(n or 1, 0.01) and None,
    }[sys.argv[1]]
    expected = call(1)
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (used + 400 * 2**20, hard))  # none for a stack of 512 MB
    for _ in range(2):
        assert call(n) == expected
    print("survived")
"""


@pytest.mark.skipif(not LINUX or not OPENMP, reason="needs Linux and OpenMP")
@pytest.mark.parametrize("n_threads", mostly_slow([0, 2, 4, 1024]))
@pytest.mark.parametrize("what", ["fit", "predict", "evaluate", "backprop", "plan", "machine"])
def test_calls_work_when_the_system_refuses_threads(what, n_threads):
    count = min(n_threads, 3) if what == "machine" else n_threads
    assert run_python(LIMITED, what, count, OMP_STACKSIZE="512M") == "survived\n"


GROWING = """
    import resource, sys, threading
    import numpy as np
    import localgrad as lg
    X = np.random.default_rng(0).random((4000, 13), np.float32)
    net = lg.Network([13, 64, 64, 1], seed=0)
    net.predict(X, n_threads=1)
    count = 6
    together = threading.Barrier(count)

    def work():
        together.wait()
        for n_threads in (8, 1, 12):
            net.predict(X, n_threads=n_threads)

    threading.stack_size(1 << 20)
    threads = [threading.Thread(target=work) for _ in range(count)]
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (used + (count * 80 + int(sys.argv[1])) * 2**20, hard))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("survived")
"""


@pytest.mark.skipif(not LINUX or not OPENMP, reason="needs Linux and OpenMP")
@pytest.mark.parametrize("megabytes", mostly_slow([0, 50, 100, 150, 300], 5))
def test_teams_that_grow_at_the_same_time_do_not_compete(megabytes):
    for _ in range(3):
        assert run_python(GROWING, megabytes) == "survived\n"


FORKED = """
    import os, threading, time
    import numpy as np
    import localgrad as lg
    X = np.ones((200, 13), np.float32)
    net = lg.Network([13, 64, 64, 1], seed=0)
    expected = net.predict(X, n_threads=1).tobytes()
    stop = False

    def grow():
        while not stop:
            net.predict(X, n_threads=1)
            for n_threads in (2, 9):
                net.backprop(X, X[:, :1], n_threads=n_threads)

    growing = [threading.Thread(target=grow) for _ in range(3)]
    for thread in growing:
        thread.start()
    for _ in range(30):
        child = os.fork()
        if child == 0:
            os._exit(net.predict(X, n_threads=2).tobytes() != expected)
        assert os.waitpid(child, 0)[1] == 0
    stop = True
    for thread in growing:
        thread.join()
    print("survived")
"""


@pytest.mark.skipif(not LINUX or not OPENMP, reason="needs Linux and OpenMP")
def test_a_child_forked_while_a_team_grows_works():
    assert run_python(FORKED) == "survived\n"


INFO = "import localgrad as lg; i = lg.info(); print(i['threads'], i['threads_from'], sep=', ')"


@needs_two
@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"OMP_NUM_THREADS": "1"}, "1, OMP_NUM_THREADS"),
        ({"OMP_NUM_THREADS": "2"}, "2, OMP_NUM_THREADS"),
        ({"OMP_NUM_THREADS": "2,1"}, "2, OMP_NUM_THREADS"),
        ({"OMP_THREAD_LIMIT": "1"}, "1, OMP_THREAD_LIMIT"),
        ({"OMP_PROC_BIND": "true", "OMP_NUM_THREADS": "2"}, "2, OMP_NUM_THREADS"),
        ({"OMP_PROC_BIND": "close", "OMP_NUM_THREADS": "1"}, "1, OMP_NUM_THREADS"),
        ({"OMP_PROC_BIND": "master"}, "1, OpenMP places"),
    ],
    ids=str,
)
def test_settings_of_openmp_are_respected(environment, expected):
    assert run_python(INFO, **environment).strip() == expected


@needs_two
@pytest.mark.parametrize(
    "environment",
    [
        {"OMP_PROC_BIND": "true"},
        {"OMP_PROC_BIND": "spread"},
        {"OMP_PLACES": "cores"},
        {"OMP_PLACES": "threads"},
    ],
    ids=str,
)
def test_bound_threads_can_use_all_places(environment):
    """The affinity mask of the main thread contains only its own place."""
    two = f"import os; os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[:2]}); "
    assert run_python(two + INFO, **environment).strip() == "2, OpenMP places"


@needs_two
@pytest.mark.parametrize("bound", [False, True])
def test_an_affinity_mask_is_respected(bound):
    one = f"import os; os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[:1]}); "
    done = run_python(one + INFO, **({"OMP_PROC_BIND": "true"} if bound else {}))
    assert done.strip() == ("1, OpenMP places" if bound else "1, affinity mask")


@needs_two
def test_omp_dynamic_is_reported():
    done = run_python(INFO, OMP_DYNAMIC="true", OMP_NUM_THREADS="2")
    assert done.strip() == "2, OMP_NUM_THREADS, which OMP_DYNAMIC may lower"
