"""Checkpoint files as the core writes and reads them."""

import errno
import os
import signal
import subprocess
import sys
import time

import localgrad as lg
import numpy as np
import pytest
from localgrad import _core
from safetensors.numpy import load_file

DTYPES = ["float32", "float64"]
NOTES = {"history": '{"cost": [0.5, 1e-3]}', "": "", "text": 'ä\n\0"\\網'}


def network(dtype, **options):
    net = lg.Network([4, 5, 3], output="softmax", dtype=dtype, seed=2**64 - 1, **options)
    net.fit(np.ones((6, 4)), [0, 1, 2, 0, 1, 2], epochs=3)
    return net


SUMS = np.array([1, np.nan, np.inf, 1e300])  # of the diagnostics


def state(net, count):
    rng = np.random.default_rng(count)
    arrays = [rng.normal(size=net.num_parameters).astype(net.dtype) for _ in range(count)]
    return "adam", 2**64 - 1, 0.1, 96, arrays, SUMS


def save(path, net, count=2, notes=NOTES, arrays=None):
    _core.save_checkpoint(os.fsencode(path), net._core_model.native, state(net, count), notes, arrays or {})


def load(path):
    return _core.load_checkpoint(os.fsencode(path))


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("dtype", DTYPES)
def test_saved_values_are_loaded(dtype, count, tmp_path):
    net = network(dtype, input_scale=0.5)
    arrays = {
        "best": np.array([1, np.nan, np.inf], dtype),
        "": np.array([], dtype),
        "optimizer.0": net.parameters,
    }
    save(tmp_path / "c", net, count, arrays=arrays)
    native, (rule, t, mu_product, position, states, sums), notes, loaded = load(tmp_path / "c")
    assert type(native) is type(net._core_model.native)
    assert native.parameters.tobytes() == net.parameters.tobytes()
    assert (native.epochs, native.seed, native.options["input_scale"]) == (3, 2**64 - 1, 0.5)
    expected = state(net, count)[4]
    assert (rule, t, mu_product, position, len(states)) == ("adam", 2**64 - 1, 0.1, 96, count)
    for ours, theirs in zip(states, expected, strict=True):
        assert (ours.dtype, ours.tobytes()) == (theirs.dtype, theirs.tobytes())
    assert sums.tobytes() == SUMS.tobytes()
    assert notes == NOTES
    assert loaded.keys() == arrays.keys()
    for name, array in loaded.items():
        assert (array.shape, array.tobytes()) == (arrays[name].shape, arrays[name].tobytes())
        assert array.dtype == dtype


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_checkpoint_can_be_loaded_as_a_network(dtype, tmp_path):
    net = network(dtype)
    save(tmp_path / "c", net)
    again = lg.load(tmp_path / "c")
    assert again.parameters.tobytes() == net.parameters.tobytes()
    assert again.epochs == 3


def test_safetensors_can_read_the_tensors(tmp_path):
    net = network("float32")
    save(tmp_path / "c", net, arrays={"best": net.parameters})
    tensors = load_file(tmp_path / "c")
    layers = [f"{what}.{i}" for what in ("weights", "biases") for i in (0, 1)]
    assert sorted(tensors) == sorted([*layers, "optimizer.0", "optimizer.1", "arrays.best", "diagnostics"])
    assert tensors["optimizer.1"].tobytes() == state(net, 2)[4][1].tobytes()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"arrays": [np.zeros(42, "f4")]},
            ValueError,
            "array 0 of the trainer must have 43 numbers, got 42",
        ),
        ({"arrays": [np.zeros(43)]}, TypeError, "must have dtype float32, got float64"),
        ({"arrays": [np.zeros(86, "f4")[::2]]}, ValueError, "C-contiguous"),
        ({"arrays": [np.zeros((43, 1), "f4")]}, ValueError, "1 dimensions, got 2"),
        ({"mu_product": float("nan")}, ValueError, "nan"),
        ({"t": -1}, TypeError, "incompatible"),
        ({"rule": None}, TypeError, "incompatible"),
        ({"notes": {"a": 1}}, TypeError, "incompatible"),
        ({"notes": {"a": "x" * 100_000_001}}, ValueError, "100000000 bytes"),
        ({"more": {"a": np.zeros(3)}}, TypeError, "array 'a' must have dtype float32, got float64"),
    ],
)
def test_invalid_values_raise_and_leave_the_file_unchanged(change, error, message, tmp_path):
    net, path = network("float32"), tmp_path / "c"
    path.write_text("old")
    keys = ("rule", "t", "mu_product", "position", "arrays", "diagnostics")
    given = tuple(change.get(key, value) for key, value in zip(keys, state(net, 2), strict=True))
    with pytest.raises(error, match=message):
        _core.save_checkpoint(
            os.fsencode(path), net._core_model.native, given, change.get("notes", {}), change.get("more", {})
        )
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["c"]


def test_system_errors_are_raised(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        load(tmp_path / "nothing")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOENT, str(tmp_path / "nothing"))
    with pytest.raises(FileNotFoundError) as caught:
        save(tmp_path / "no" / "c", network("float32"))
    assert caught.value.filename == str(tmp_path / "no" / "c")


KILLED = """
import sys
import numpy as np
from localgrad import Network, _core
net = Network([300, 300], seed=1)
arrays = [np.zeros(net.num_parameters, "float32")] * 2
for t in range(1_000_000):
    for array in arrays:
        array[:] = t
    state = "adam", t, 1.0, 0, arrays, None
    _core.save_checkpoint(sys.argv[1].encode(), net._core_model.native, state, {}, {})
    print(t, flush=True)
"""


def test_a_killed_process_leaves_a_complete_checkpoint_and_the_next_save_cleans_up(tmp_path):
    """The checkpoint is the one before the interrupted save."""
    path = tmp_path / "a name longer than a string holds in itself"
    moments = [*np.random.default_rng(0).uniform(0, 0.03, 4), None]
    while moments:
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout.readline()  # the first checkpoint is written
            time.sleep(moments[0] or 0)
            while moments[0] is None and len(os.listdir(tmp_path)) < 2:
                pass
            process.send_signal(signal.SIGKILL)
        _, (_, t, _, _, states, _), _, _ = load(path)
        assert all((array == t).all() for array in states)
        if moments[0] is not None or len(os.listdir(tmp_path)) == 2:  # one temporary file is left
            moments.pop(0)
    network("float32").save(path)
    assert os.listdir(tmp_path) == [path.name]


LOADED = """
import sys
from localgrad import Network, _core
def number(file, name):
    with open("/proc/self/" + file) as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))
load = getattr(_core, sys.argv[1])
load(sys.argv[2].encode())  # a first call, whose memory does not count
bytes_read, peak = number("io", "rchar"), number("status", "VmRSS")
loaded = load(sys.argv[3].encode())
print(number("io", "rchar") - bytes_read, 1024 * (number("status", "VmHWM") - peak))
"""


@pytest.mark.skipif(not os.access("/proc/self/io", os.R_OK), reason="needs /proc/self/io")
@pytest.mark.parametrize(("load", "arrays"), [("load", 0), ("load_checkpoint", 3)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_file_is_read_once(dtype, load, arrays, tmp_path):
    for name, width in ("small", 2), ("large", 1500):
        net = lg.Network([width, width], dtype=dtype, seed=0)
        save(tmp_path / name, net, arrays, {})
    size = os.stat(tmp_path / "large").st_size
    answer = subprocess.check_output(
        [sys.executable, "-c", LOADED, load, str(tmp_path / "small"), str(tmp_path / "large")], text=True
    )
    bytes_read, peak = map(int, answer.split())
    assert size <= bytes_read < 1.01 * size + 10_000
    assert peak < 2.2 * size + 5_000_000  # the file and the result


@pytest.mark.parametrize("place", ["header", "data", "end"])
def test_damaged_files_raise(place, tmp_path):
    path = tmp_path / "c"
    save(path, network("float32"))
    content = bytearray(path.read_bytes())
    if place == "end":
        del content[-1]
    elif place == "header":
        content[9] ^= 1
    else:
        content += b"\0"
    path.write_bytes(content)
    for read in (load, lambda path: _core.load(os.fsencode(path))):
        with pytest.raises(ValueError, match="safetensors file"):
            read(path)
