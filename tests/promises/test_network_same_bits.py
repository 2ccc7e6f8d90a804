"""Same seed, data and build, same bits: for any number of threads and on any path with fused multiply-add."""

import hashlib
import json
import os
import subprocess
import sys

import localgrad as lg
import numpy as np
import pytest

# Widths and batches that divide nothing, wide and narrow layers, plain and with all that training may add.
DISTURBED = {"dropout": 0.3, "input_dropout": 0.1, "input_noise": 0.1}
LIMITED = {"l1": 1e-4, "l2": 1e-3, "max_norm": 1.2, "clip_value": 0.1, "clip_norm": 0.5}
NETWORKS = {
    "784-30-10, 10": ([784, 30, 10], "sigmoid", "sigmoid", "mse", 10, lg.SGD(0.05), {}, {}),
    "33-70-17-5, 7": (
        *([33, 70, 17, 5], "tanh", "softmax", "cross_entropy", 7),
        *(lg.SGD(0.05, momentum=0.9), {}, {}),
    ),
    "13-64-64-1, 32": (
        *([13, 64, 64, 1], "relu", "identity", "mse", 32),
        *(lg.SGD(0.05, momentum=0.5, nesterov=True), {}, {}),
    ),
    "3-2-1, 1": ([3, 2, 1], "identity", "sigmoid", "cross_entropy", 1, lg.SGD(0.05), {}, {}),
    "70-513-3, all": ([70, 513, 3], "tanh", "softmax", "mse", None, lg.SGD(0.05, momentum=0.9), {}, {}),
    "784-30-10, 10, disturbed": (
        *([784, 30, 10], "relu", "softmax", "cross_entropy(0.1)", 10),
        *(lg.Adam(0.01), DISTURBED, {}),
    ),
    "33-70-17-5, 7, limited": ([33, 70, 17, 5], "silu", "identity", "huber", 7, lg.AdamW(0.01), {}, LIMITED),
    "13-64-64-1, 32, both": (
        *([13, 64, 64, 1], "gelu", "identity", "log_cosh", 32),
        *(lg.RMSprop(0.001, momentum=0.5, centered=True), DISTURBED, LIMITED),
    ),
    "70-513-3, all, both": (
        [70, 513, 3],
        "mish",
        "softplus",
        "poisson",
        None,
        lg.NAdam(0.001),
        DISTURBED,
        LIMITED,
    ),
    "3-2-1, all, both": ([3, 2, 1], "elu", "tanh", "hinge", None, lg.Rprop(0.001), DISTURBED, LIMITED),
}


def train(name, dtype, n_threads):
    """Hash all that a short training computes."""
    sizes, activation, output, cost, batch_size, rule, settings, arguments = NETWORKS[name]
    rng = np.random.default_rng(5)
    x, y = rng.random((203, sizes[0])), rng.random((203, sizes[-1]))
    net = lg.Network(sizes, activation=activation, output=output, cost=cost, dtype=dtype, seed=3, **settings)
    digest = hashlib.sha256()
    history = net.fit(x, y, epochs=3, batch_size=batch_size, optimizer=rule, n_threads=n_threads, **arguments)
    digest.update(net.parameters.tobytes())
    digest.update(np.array(history["cost"]).tobytes())
    digest.update(net.predict(x, n_threads=n_threads).tobytes())
    digest.update(np.float64(net.evaluate(x, y, n_threads=n_threads)["cost"]).tobytes())
    trace = net.backprop(x, y, n_threads=n_threads)
    for array in (trace.gradient, *trace.weighted_inputs, *trace.activations, *trace.local_gradients):
        digest.update(array.tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NETWORKS)
def test_any_number_of_threads(name, dtype):
    expected = train(name, dtype, 1)
    for n_threads in (2, 3, 7, None):
        assert train(name, dtype, n_threads) == expected, n_threads


@pytest.fixture(scope="module")
def on_each_isa():
    """What every available instruction set computes, each in a process of its own."""
    code = f"import json, {__name__} as m; print(json.dumps(m.train_all()))"
    results = {}
    for isa in lg.info()["isa_available"]:
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "LOCALGRAD_ISA": isa, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=True,
        )
        results[isa] = json.loads(done.stdout)
    return results


def train_all():
    hashes = {
        f"{name} {dtype}": train(name, dtype, 1) for name in NETWORKS for dtype in ("float32", "float64")
    }
    return {"isa": lg.info()["isa"], "fused": lg.info()["fused_multiply_add"], "hashes": hashes}


def test_the_forced_instruction_set_is_the_one_in_use(on_each_isa):
    for isa, result in on_each_isa.items():
        assert result["isa"] == isa


def test_any_instruction_set_with_fused_multiply_add(on_each_isa):
    fused = [result["hashes"] for result in on_each_isa.values() if result["fused"]]
    if len(fused) < 2:
        pytest.skip("this machine has one such instruction set at most")
    for other in fused[1:]:
        assert other == fused[0]


@pytest.mark.parametrize("isa", ["sse9", "", "AVX2"])
def test_an_unknown_instruction_set_is_an_error(isa):
    done = subprocess.run(
        [sys.executable, "-c", "import localgrad"],
        env={**os.environ, "LOCALGRAD_ISA": isa, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    if isa == "":  # as if it were not set
        assert done.returncode == 0
    else:
        assert done.returncode != 0
        assert "LOCALGRAD_ISA" in done.stderr
        assert "portable" in done.stderr
