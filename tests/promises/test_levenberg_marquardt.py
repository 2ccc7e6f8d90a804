"""Levenberg-Marquardt: agreement with the reference and with dense solutions, and the same bits."""

import os
import signal
import subprocess
import sys

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference
from network_cases import ACTIVATIONS, relative_error, some_data

THREADS = (1, 2, 3, 7)


def cases(count):
    """Return random networks: seed, sizes, options, and arguments of fit."""
    result = []
    for k in range(count):
        rng = np.random.default_rng(k)
        sizes = [int(m) for m in rng.integers(1, 8, rng.integers(2, 5))]
        options = {
            "activation": [str(ACTIVATIONS[(k + i) % len(ACTIVATIONS)]) for i in range(len(sizes) - 2)],
            "output": ["identity", "tanh", "sigmoid", "softmax"][k % 4 if sizes[-1] > 1 else k % 3],
            "cost": "mse",
            "seed": k,
            "input_scale": [1.0, -0.5][k % 2],
            "learn_input_scale": k % 3 == 0,
            "standardize": k % 5 == 0,
        }
        arguments = {
            "l2": [0.0, 0.01][k % 2],
            "penalize_biases": k % 4 == 1,
            "weight_lr_factor": [float(i != k % 3) for i in range(len(sizes) - 1)] if k % 3 == 2 else 1.0,
            "bias_lr_factor": 0.0 if k % 7 == 6 else 1.0,
        }
        if len(sizes) == 2:
            arguments["weight_lr_factor"] = 1.0
        weights = rng.uniform(0.0, 2.0, 13) if k % 3 == 1 else None
        result.append((k, sizes, options, {**arguments, "sample_weight": weights}))
    return result


def reference_of(core, sizes, options):
    model = reference.Network(sizes, **options)
    model.parameters = core.parameters.tolist()
    return model


@pytest.mark.parametrize("case", cases(60), ids=lambda case: f"{case[0]}")
def test_iterations_agree_with_the_reference(case):
    k, sizes, options, arguments = case
    core = lg.Network(sizes, dtype="float64", **options)
    model = reference_of(core, sizes, options)
    x, y = some_data(13, sizes, seed=k, cost="mse", output=options["output"])
    weights = arguments["sample_weight"]
    history = core.fit(x, y, epochs=2, optimizer=lg.LevenbergMarquardt(damping=0.1), **arguments)
    arguments["sample_weight"] = None if weights is None else weights.tolist()
    rule = reference.LevenbergMarquardt(damping=0.1)
    expected = model.fit(x.tolist(), y.tolist(), epochs=2, optimizer=rule, **arguments)
    assert relative_error(core.parameters, model.parameters) < 1e-10
    assert len(history["cost"]) == len(expected["cost"])
    np.testing.assert_allclose(history["cost"], expected["cost"], rtol=1e-10)


@pytest.mark.parametrize("sizes", [[1, 10, 1], [3, 8, 5, 2], [5, 40, 3], [2, 30, 30, 4]])
@pytest.mark.parametrize("rows", [7, 300])
def test_a_step_agrees_with_a_dense_solution_of_the_jacobian_of_the_reference(sizes, rows):
    core = lg.Network(sizes, activation="tanh", dtype="float64", seed=3)
    model = reference_of(core, sizes, {"activation": "tanh"})
    x, y = some_data(rows, sizes, seed=1)
    steps = reference.network.linearized
    parts = [
        steps(model._layers(), model._hidden, model._output, a, b)
        for a, b in zip(x.tolist(), y.tolist(), strict=True)
    ]
    jacobian = np.array([row for rows_, _ in parts for row in rows_])
    residuals = np.array([e for _, some in parts for e in some])
    before = core.parameters.copy()
    damping = 1.0  # so large that the first step decreases the cost
    core.fit(x, y, epochs=1, optimizer=lg.LevenbergMarquardt(damping))
    matrix = jacobian.T @ jacobian / rows + damping * np.eye(before.size)
    step = np.linalg.solve(matrix, -jacobian.T @ residuals / rows)
    assert relative_error(core.parameters - before, step) < 1e-8


def trained(dtype="float64", sizes=(4, 23, 11, 3), rows=700, threads=1, epochs=4, **arguments):
    net = lg.Network(list(sizes), activation="tanh", dtype=dtype, seed=5)
    x, y = some_data(rows, list(sizes), seed=2)
    net.fit(x, y, epochs=epochs, optimizer=lg.LevenbergMarquardt(), n_threads=threads, **arguments)
    return net.parameters.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [(1, 5, 1), (4, 23, 11, 3), (3, 20, 10, 2)])
def test_the_bits_do_not_depend_on_the_number_of_threads(dtype, sizes):
    # 700 rows with 3 outputs are several chunks of the Jacobian.
    results = {trained(dtype, sizes, threads=threads) for threads in (*THREADS, None)}
    assert len(results) == 1


def test_the_bits_do_not_depend_on_the_instruction_set():
    available = [one for one in lg.info()["isa_available"] if one != "portable"]
    program = (
        "import hashlib, sys, numpy as np, localgrad as lg\n"
        "net = lg.Network([4, 23, 11, 3], activation='tanh', dtype='float64', seed=5)\n"
        "x = np.sin(np.arange(2800.0)).reshape(700, 4)\n"
        "net.fit(x, np.cos(x[:, :3] * 2), epochs=4, optimizer=lg.LevenbergMarquardt())\n"
        "print(lg.info()['isa'], hashlib.sha256(net.parameters).hexdigest())\n"
    )
    found = {}
    for isa in available:
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "LOCALGRAD_ISA": isa},
            capture_output=True,
            text=True,
            check=True,
        )
        name, digest = done.stdout.split()
        assert name == isa
        found[isa] = digest
    assert len(set(found.values())) <= 1


PROGRAM = """
import sys, time
import localgrad as lg
import numpy as np

net = lg.Network([2, 12, 1], activation="tanh", dtype="float64", seed=1)
x = np.sin(np.arange(400.0)).reshape(200, 2)
y = np.sin(3 * x[:, 0]) * x[:, 1]


def wait(epoch, logs):
    print(epoch, flush=True)
    time.sleep(0.05)


net.fit(x, y, epochs=40, optimizer=lg.LevenbergMarquardt(), checkpoint=sys.argv[1], callbacks=[wait])
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_run_resumes_with_the_same_bits(tmp_path):
    path = tmp_path / "run.safetensors"
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(path)], stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if int(line) >= 5:
            break
    process.kill()
    process.wait()
    process.stdout.close()
    x = np.sin(np.arange(400.0)).reshape(200, 2)
    y = np.sin(3 * x[:, 0]) * x[:, 1]

    def network():
        return lg.Network([2, 12, 1], activation="tanh", dtype="float64", seed=1)

    saved = lg.load(path).epochs
    assert 1 <= saved < 40
    resumed, whole = network(), network()
    resumed.fit(x, y, epochs=40, optimizer=lg.LevenbergMarquardt(), resume=path)
    whole.fit(x, y, epochs=40, optimizer=lg.LevenbergMarquardt())
    assert resumed.parameters.tobytes() == whole.parameters.tobytes()
    assert resumed.history == whole.history


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs signal.setitimer")
def test_ctrl_c_stops_within_an_iteration():
    net = lg.Network([10, 60, 60, 8], activation="tanh", dtype="float64", seed=1)  # 4,808 parameters
    x = np.sin(np.arange(40000.0)).reshape(4000, 10)

    def interrupt(number, frame):
        raise KeyboardInterrupt

    class Alarm(lg.callbacks.Callback):
        def on_train_begin(self, training):
            signal.setitimer(signal.ITIMER_REAL, 0.3)

    before, old = net.parameters.tobytes(), signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            net.fit(x, x[:, :8] ** 2, epochs=1, optimizer=lg.LevenbergMarquardt(), callbacks=[Alarm()])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    assert net.history.stopped == "interrupted"
    assert net.epochs == len(net.history["cost"]) == 0
    assert net.parameters.tobytes() == before
