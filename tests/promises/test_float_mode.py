"""The floating-point mode of the caller has no effect on results, in any thread, and is not changed."""

import contextlib
import ctypes
import ctypes.util
import platform
import sys
import threading

import localgrad as lg
import numpy as np
import pytest
from lengths import mostly_slow

if sys.platform == "win32":
    pytest.skip("needs the C library's fesetround", allow_module_level=True)

LIBM = ctypes.CDLL(ctypes.util.find_library("m"))
ENVIRONMENT = ctypes.create_string_buffer(256)  # large enough for any fenv_t
NEAREST = LIBM.fegetround()
ROUNDING = (
    {"down": 0x400, "up": 0x800, "toward zero": 0xC00}
    if platform.machine() in ("x86_64", "AMD64")
    else {"down": 0x800000, "up": 0x400000, "toward zero": 0xC00000}
    if platform.machine() in ("aarch64", "arm64")
    else {}
)
GLIBC_X86 = platform.machine() == "x86_64" and platform.libc_ver()[0] == "glibc"
MXCSR = 28  # the offset of MXCSR in fenv_t of glibc
MODES = [*ROUNDING, *(["flush"] if GLIBC_X86 else [])]

RNG = np.random.default_rng(0)
X = RNG.normal(size=(600, 16)).astype(np.float32)
Y = np.zeros((600, 3), np.float32)
LABELS = RNG.integers(0, 3, 600)
# Arguments are computed in advance, in the default mode.
DOUBLE, LONG, WEIGHTS = X.astype("f8") / 3, X.astype(np.longdouble) / 3, LABELS + 0.1


def state():
    """Return the rounding mode and, where known, the flush and trap bits of MXCSR, without status flags."""
    LIBM.fegetenv(ENVIRONMENT)
    mxcsr = int.from_bytes(ENVIRONMENT.raw[MXCSR : MXCSR + 4], "little") if GLIBC_X86 else 0
    return LIBM.fegetround(), mxcsr & ~0x3F


def set_mode(name):
    if name != "flush":
        assert LIBM.fesetround(ROUNDING[name]) == 0
        return
    LIBM.fegetenv(ENVIRONMENT)
    raw = bytearray(ENVIRONMENT.raw)
    raw[MXCSR : MXCSR + 2] = (int.from_bytes(raw[MXCSR : MXCSR + 2], "little") | 0x8040).to_bytes(2, "little")
    LIBM.fesetenv(ctypes.create_string_buffer(bytes(raw), 256))


@contextlib.contextmanager
def mode(name):
    """Set the mode of this thread, and check at the end that it is unchanged."""
    saved = ctypes.create_string_buffer(256)
    LIBM.fegetenv(saved)
    try:
        set_mode(name)
        before = state()
        yield
        after = state()
    finally:
        LIBM.fesetenv(saved)
    assert after == before


def subnormal_outputs(**options):
    net = lg.Network([16, 100, 3], activation="tanh", seed=1, **options)
    net.weights[1] *= np.float32(1e-38)
    return net


NET = subnormal_outputs()
NOISY = subnormal_outputs(dropout=0.2, input_noise=0.1)
SOFTMAX = lg.Network([16, 20, 3], output="softmax", seed=1)


def of_fit(net, y, n_threads, x=X, **options):
    net = net.copy()
    history = net.fit(x, y, epochs=2, batch_size=64, n_threads=n_threads, **options)
    return net.parameters.tobytes(), np.array(history["cost"]).tobytes()


def of_trace(trace):
    return (trace.gradient.tobytes(), trace.cost, *(a.tobytes() for a in trace.local_gradients))


def of_file(n_threads, path):
    net = lg.Network([3, 2], activation="leaky_relu(0.1)", input_scale=0.1, input_noise=0.3, seed=2)
    net.save(path)
    again = lg.load(path)
    return path.read_bytes(), again.parameters.tobytes(), again.input_scale, again.input_noise


CALLS = {
    "predict": lambda n, path: NET.predict(X, n_threads=n).tobytes(),
    "predict a row": lambda n, path: NET.predict(X[0], n_threads=n).tobytes(),
    "predict float64": lambda n, path: NET.predict(DOUBLE, n_threads=n).tobytes(),
    "predict longdouble": lambda n, path: NET.predict(LONG, n_threads=n).tobytes(),
    "evaluate": lambda n, path: NET.evaluate(X, Y, n_threads=n)["cost"],
    "backprop": lambda n, path: of_trace(NET.backprop(X, Y, n_threads=n)),
    "construct": lambda n, path: lg.Network([16, 100, 3], seed=5).parameters.tobytes(),
    "file": of_file,
    "sgd": lambda n, path: of_fit(NET, Y, n),
    "adam": lambda n, path: of_fit(NET, Y, n, optimizer=lg.Adam(epsilon=1e-30)),
    "lion": lambda n, path: of_fit(NET, Y, n, optimizer=lg.Lion(1e-3)),
    "rprop": lambda n, path: of_fit(NET, Y, n, optimizer=lg.Rprop()),
    "class_weight": lambda n, path: of_fit(SOFTMAX, LABELS, n, class_weight="balanced"),
    "callbacks": lambda n, path: of_fit(NET, Y, n, callbacks=[lambda epoch, logs: None]),
    "validation": lambda n, path: of_fit(NET, Y, n, validation=0.3),
    "schedule": lambda n, path: of_fit(NET, Y, n, schedule=lg.schedules.Cosine()),
    "noise": lambda n, path: of_fit(NOISY, Y, n),
    "norms": lambda n, path: of_fit(SOFTMAX, LABELS, n, clip_norm=0.1, l2=1e-3, max_norm=1.0),
    "lbfgs": lambda n, path: of_fit(SOFTMAX, LABELS, n, optimizer=lg.LBFGS(), sample_weight=WEIGHTS),
}


@pytest.mark.parametrize("name", MODES)
@pytest.mark.parametrize("what", mostly_slow(CALLS))
def test_the_mode_has_no_effect_on_results(what, name, tmp_path):
    if what == "lbfgs":
        pytest.importorskip("scipy")
    call = CALLS[what]
    expected = call(1, tmp_path / "net.safetensors")
    for n_threads in (1, 2, 3):
        found = []

        def run(found=found, n_threads=n_threads):
            with mode(name):
                found.append(call(n_threads, tmp_path / "net.safetensors"))

        run()
        born = threading.Thread(target=run)  # its team of threads is started in the mode
        born.start()
        born.join()
        assert found == [expected, expected]


OUTPUTS = RNG.random((600, 3)) / 3
MEASURED = {
    "of decisions": (LABELS, OUTPUTS, ["accuracy", "balanced_accuracy", "top_k", "f1", "f1_macro", "auc"]),
    "of each score": (LABELS, OUTPUTS, ["f1_micro", "f1_weighted", "precision", "recall", "log_loss"]),
    "of numbers": (OUTPUTS, OUTPUTS[::-1], ["mse", "rmse", "mae", "r2", "pinball"]),
}


@pytest.mark.parametrize("name", MODES)
@pytest.mark.parametrize("what", MEASURED)
def test_the_mode_has_no_effect_on_metrics(what, name):
    y, a, metrics = MEASURED[what]
    for metric in metrics:
        measure = getattr(lg.metrics, metric)
        for scale in (1.0, 1e-308):
            small = a * scale
            for weights in (None, WEIGHTS):
                expected = measure(y, small, sample_weight=weights)
                with mode(name):
                    found = measure(y, small, sample_weight=weights)
                assert found == expected, (metric, scale)


@pytest.mark.parametrize("name", ROUNDING)
def test_the_mode_has_no_effect_on_the_history(name):
    def history():
        net, numbers = SOFTMAX.copy(), {}
        metrics = [metric for _, _, metrics in list(MEASURED.values())[:2] for metric in metrics]
        given = {"sample_weight": WEIGHTS, "validation": 0.3, "metrics": metrics}
        numbers.update(net.fit(X, LABELS, epochs=1, **given))
        numbers["evaluate"] = net.evaluate(X, LABELS, sample_weight=WEIGHTS, metrics=metrics)
        # These metrics take the mean over quantiles, and exponentials of log rates.
        for more, width in ({"cost": "quantile(0.1, 0.5, 0.7)"}, 3), ({"cost": "poisson"}, 1):
            net = lg.Network([16, width], seed=1, **more)
            metric = ["pinball"] if width == 3 else ["rmse", "mae"]
            numbers[more["cost"]] = net.evaluate(X, np.abs(X[:, :1]), metrics=metric)
        return numbers

    expected = history()
    with mode(name):
        found = history()
    assert found == expected


@pytest.mark.parametrize("name", ROUNDING)
@pytest.mark.parametrize("n_threads", [1, 2])
def test_user_functions_run_in_the_mode_of_the_caller(name, n_threads):
    seen = []

    def look(*arguments):
        seen.append(LIBM.fegetround())

    def cost(a, y):
        look()
        return ((a - y) ** 2).sum(axis=1) / 2, a - y

    net = lg.Network([16, 5, 3], cost=cost, seed=1)
    with mode(name):
        net.fit(X, Y, epochs=1, callbacks=[look], n_threads=n_threads, schedule=lambda t: look() or 1.0)
        net.fit(X, Y, epochs=1, metrics=["mse", lambda y, a: look() or 1.0], validation=0.3)
        net.evaluate(X, Y, n_threads=n_threads)
        net.backprop(X, Y, n_threads=n_threads)
    assert len(seen) > 600 // 32
    assert set(seen) == {ROUNDING[name]}


@pytest.mark.parametrize("name", ROUNDING)
def test_results_of_a_custom_cost_are_rounded_alike(name):
    """They are float64 and are converted to the network's dtype by the core."""
    slopes = RNG.normal(size=(600, 3))
    costs = slopes.sum(axis=1) ** 2

    net = lg.Network([16, 5, 3], cost=lambda a, y: (costs[: len(a)], slopes[: len(a)]), seed=1)
    expected = of_fit(net, Y, 1)
    with mode(name):
        found = of_fit(net, Y, 1)
    assert found == expected


@pytest.mark.parametrize("name", ROUNDING)
def test_the_mode_is_restored_after_an_error(name):
    bad = X.copy()
    bad[-1, 0] = np.nan
    for call in (NET.predict, lambda x: NET.evaluate(x, Y), lambda x: NET.copy().fit(x, Y)):
        for n_threads in (1, 2):
            with mode(name), pytest.raises(ValueError, match="row 599"):
                call(bad) if n_threads == 1 else NET.predict(bad, n_threads=2)


def test_a_mode_set_by_a_user_function_is_kept():
    if not ROUNDING:
        pytest.skip("the rounding modes of this processor are unknown")

    def cost(a, y):
        LIBM.fesetround(ROUNDING["up"])
        return np.zeros(len(a)), np.zeros_like(a)

    net = lg.Network([16, 3], cost=cost, seed=1)
    try:
        net.fit(X, Y, epochs=1)
        found = LIBM.fegetround()
    finally:
        LIBM.fesetround(NEAREST)
    assert found == ROUNDING["up"]
