"""Instances of the core's classes are either complete or not created at all."""

import copy
import os
import pickle
import shutil
import subprocess
import sys
import textwrap

import localgrad as lg
import numpy as np
import pytest
from localgrad import _core

CLASSES = [kind for kind in vars(_core).values() if isinstance(kind, type)]
NETWORK = ([3, 4, 2], {"activation": ["tanh"], "seed": 1})
PENALTIES = {"l1": [0.0, 0.0], "l2": [0.0, 0.0], "weight_decay": None, "penalize_biases": False}
PENALTIES |= {"max_norm": 0.0, "clip_value": 0.0, "clip_norm": 0.0}
PENALTIES |= {"weight_lr_factor": [1.0, 1.0], "bias_lr_factor": [1.0, 1.0], "input_scale_lr_factor": 1.0}
LEAST_SQUARES = {"damping": 1e-3, "damping_decrease": 0.1, "damping_increase": 10.0}
LEAST_SQUARES |= {"max_damping": 1e10, "tolerance": 1e-7}
every_class = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


def instances():
    net = _core.Network32(*NETWORK)
    rule = lg.SGD()._native()
    return [
        net,
        _core.Network64(*NETWORK),
        rule,
        _core.Trainer32(net, rule, PENALTIES, 8, 1, False),
        _core.Trainer64(_core.Network64(*NETWORK), rule, PENALTIES, 8, 1, False),
        _core.LevenbergMarquardt(net, LEAST_SQUARES, PENALTIES, 1),
        _core.DefaultFloatMode(),
        _core.CallersFloatMode(),
    ]


def test_the_core_has_these_classes():
    assert {kind.__name__ for kind in CLASSES} == {
        "CallersFloatMode",
        "DefaultFloatMode",
        "LevenbergMarquardt",
        "Network32",
        "Network64",
        "Optimizer",
        "Trainer32",
        "Trainer64",
    }
    assert {type(one) for one in instances()} == set(CLASSES)


@every_class
def test_an_incomplete_instance_cannot_be_created(kind):
    makers = [
        kind,
        lambda: kind.__new__(kind),
        lambda: object.__new__(kind),
        lambda: kind.__mro__[1].__new__(kind),
        lambda: type.__call__(kind),
        lambda: kind.__reduce_ex__(kind, 2),
        lambda: copy.copy(kind).__new__(kind),
        lambda: kind.__new__(kind, None),
        lambda: kind(1, 2, 3),
        lambda: kind(*[None] * 6),
        lambda: kind(*[object()] * 10),
        lambda: kind(nothing=1),
    ]
    for make in makers:
        try:
            made = make()
        except TypeError:
            continue
        # The modes take no arguments, so these instances are complete.
        assert not isinstance(made, kind) or hasattr(kind, "__enter__")
        if isinstance(made, kind):
            with made:
                pass


@every_class
def test_subclasses_cannot_be_created(kind):
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Sub", (kind,), {})


def test_copies_and_pickles_raise():
    for one in instances():
        for copied in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError):
                copied(one)


def test_a_second_call_of_init_changes_nothing():
    for one in instances():
        one.__init__()
        one.__init__(1, x=2)
    net = _core.Network32(*NETWORK)
    before = net.parameters.tobytes()
    net.__init__([1, 1], [], "identity", "mse", "auto", 2)
    assert (net.sizes, net.parameters.tobytes()) == ([3, 4, 2], before)


@every_class
def test_methods_called_with_another_self_raise(kind):
    others = [None, 3, "text", object(), np.zeros(3), *instances()]
    for name, member in vars(kind).items():
        if name.startswith("_"):
            continue
        call = member.fget if isinstance(member, property) else member
        for other in others:
            if not isinstance(other, kind):
                with pytest.raises(TypeError):
                    call(other)


def test_a_trainer_requires_a_network_of_its_dtype():
    rule = lg.SGD()._native()
    for given in (None, 3, rule, _core.Network64(*NETWORK), lg.Network([3, 4, 2])):
        with pytest.raises(TypeError, match=r"network must be a Network32, got "):
            _core.Trainer32(given, rule, PENALTIES, 8, 1, False)


class Forgetful(lg.Network):
    def __init__(self):
        self.other = 1


@pytest.mark.parametrize(
    "use",
    [
        lambda net: net.predict([[1.0]]),
        lambda net: net.fit([[1.0]], [1.0]),
        lambda net: net.partial_fit([[1.0]], [1.0]),
        lambda net: net.evaluate([[1.0]], [1.0]),
        lambda net: net.backprop([[1.0]], [1.0]),
        lambda net: net.lr_finder([[1.0]], [1.0]),
        lambda net: net.plan(8),
        lambda net: net.graph(),
        lambda net: net.save("nowhere"),
        lambda net: net.parameters,
        lambda net: net.weights[0],
        lambda net: setattr(net, "parameters", [0.0]),
        lambda net: (net.sizes, net.epochs),
        lambda net: net.dtype,
        lambda net: net.history,
        repr,
        copy.copy,
        copy.deepcopy,
        pickle.dumps,
    ],
)
@pytest.mark.parametrize("make", [Forgetful, lambda: lg.Network.__new__(lg.Network)])
def test_an_uninitialized_network_raises_with_the_cause(make, use):
    with pytest.raises(RuntimeError, match=r"__init__ must call super\(\).__init__\(sizes, \.\.\.\), got"):
        use(make())


def test_other_missing_attributes_raise_attribute_error():
    for net in (Forgetful(), lg.Network([1, 1])):
        with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
            net.nothing  # noqa: B018
        assert not hasattr(net, "__array__")


FAILING_MALLOC = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <stddef.h>

    static long at, seen;
    void fail_at(long n) { at = n, seen = 0; }
    long count_calls(void) { at = 0; return seen; }
    static int fails(void) { return at && ++seen == at; }

    #define NEXT(name, ...)                                           \\
      static void* (*real)(__VA_ARGS__);                              \\
      if (!real) *(void**)&real = dlsym(RTLD_NEXT, name)
    void* malloc(size_t n) { NEXT("malloc", size_t); return fails() ? 0 : real(n); }
    void* realloc(void* p, size_t n) { NEXT("realloc", void*, size_t); return fails() ? 0 : real(p, n); }
    void* aligned_alloc(size_t a, size_t n) {
      NEXT("aligned_alloc", size_t, size_t);
      return fails() ? 0 : real(a, n);
    }
"""
ALLOCATIONS = """
    import ctypes, gc, os, sys
    import localgrad as lg
    from localgrad import _core
    malloc_library = ctypes.CDLL(sys.argv[1])
    malloc_library.count_calls.restype = ctypes.c_long
    net = lg.Network([3, 4, 2], seed=1)
    native, rule = net._core_model.native, lg.Adam()._native()
    penalties = {"l1": [0.0] * 2, "l2": [0.0] * 2, "weight_decay": None, "penalize_biases": False}
    penalties.update({"max_norm": 0.0, "clip_value": 0.0, "clip_norm": 0.0})
    penalties.update({"weight_lr_factor": [1.0] * 2, "bias_lr_factor": [1.0] * 2})
    penalties.update({"input_scale_lr_factor": 1.0})
    net.save(sys.argv[2])
    path = os.fsencode(sys.argv[2])
    arguments = [3, 4, 2], {"activation": ["tanh"], "seed": 1}
    calls = [
        lambda: _core.Network32(*arguments),
        lambda: _core.Network64(*arguments),
        lambda: native.copy(),
        lambda: _core.Trainer32(native, rule, penalties, 8, 1, False),
        lambda: lg.Adam()._native(),
        lambda: _core.load(path),
        lambda: (native.parameters, native.weights(0), native.biases(1)),
    ]
    outcomes = {"made": 0, "failed": 0}
    for call in calls:
        call()
        for n in range(1, 1000):
            malloc_library.fail_at(n)
            try:
                call()
                outcome = "made"
            except MemoryError:
                outcome = "failed"
            count = malloc_library.count_calls()
            outcomes[outcome] += 1
            if count < n:
                break
        else:
            raise AssertionError("never made")
        call()
    gc.collect()
    print(outcomes["failed"] > 100, outcomes["made"] >= len(calls))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="preloads a library")
def test_a_failed_allocation_raises_memory_error(tmp_path):
    """Fail each allocation in turn, for everything that creates an instance."""
    compiler = shutil.which("cc") or pytest.skip("no C compiler")
    source, library, script = tmp_path / "malloc.c", tmp_path / "malloc.so", tmp_path / "calls.py"
    source.write_text(textwrap.dedent(FAILING_MALLOC))
    script.write_text(textwrap.dedent(ALLOCATIONS))
    subprocess.run([compiler, "-shared", "-fPIC", source, "-o", library, "-ldl"], check=True)
    done = subprocess.run(
        [sys.executable, script, library, tmp_path / "net"],
        env={**os.environ, "LD_PRELOAD": str(library), "PYTHONMALLOC": "malloc", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout == "True True\n", f"exit code {done.returncode}: {done.stderr}"
