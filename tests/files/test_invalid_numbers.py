"""Invalid numbers in files and pickles raise an error when they are read."""

import copy
import itertools
import json
import pickle
import struct

import localgrad as lg
import numpy as np
import pytest
from localgrad import _core

X, Y = np.ones((8, 3)), np.zeros((8, 2))
MOST = 2**53
FORBIDDEN_EPOCHS = [MOST + 1, 2**62, 2**63, 2**64 - 2, 2**64 - 1]


def network(dtype="float32"):
    return lg.Network([3, 4, 2], seed=2**64 - 1, dtype=dtype)


def rewritten(path, change):
    """Write the file again with changes to its architecture."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    architecture = json.loads(header["__metadata__"]["architecture"])
    architecture.update(change)
    header["__metadata__"]["architecture"] = json.dumps(architecture)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + size :])


@pytest.fixture(params=["network", "checkpoint"])
def saved(request, tmp_path):
    """Return a path and a function that reads the file."""
    path = tmp_path / request.param
    if request.param == "network":
        network().save(path)
        return path, lambda: lg.load(path)
    network().fit(X, Y, epochs=2, checkpoint=path)
    return path, lambda: network().fit(X, Y, epochs=3, resume=path)


@pytest.mark.parametrize("epochs", [*FORBIDDEN_EPOCHS, 2**64, -1, 1.5, None])
def test_invalid_epochs_in_a_file_raise(saved, epochs):
    path, read = saved
    rewritten(path, {"epochs": epochs})
    with pytest.raises(ValueError, match=r"epochs|integer|unsigned|number|64"):
        read()
    with pytest.raises(ValueError):  # also when a checkpoint is loaded as a network
        lg.load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2**64},
        {"seed": -1},
        {"dropout": [1.0]},
        {"dropout": [1e999]},
        {"input_dropout": -0.5},
        {"input_noise": 1e300},
        {"input_noise": -1.0},
        {"input_scale": 0.0},
        {"input_scale": 1e-60},
        {"input_scale": 1e39},
        {"init_gain": [0.5]},
        {"init_gain": [0.5, -1.0]},
        {"activation": ["leaky_relu(nan)"]},
        {"activation": ["leaky_relu(1e39)"]},
        {"activation": ["elu(-1)"]},
        {"cost": "quantile(0.5, 2)"},
        {"cost": "huber(inf)"},
        {"sizes": [3, 4, 0]},
        {"sizes": [2**32, 2**32, 2]},
        {"sizes": [2**63, 4, 2]},
        {"sizes": [3, 2]},
        {"dtype": "float64"},
        {"dtype": "float16"},
        {"init": "none"},
    ],
    ids=str,
)
def test_other_invalid_numbers_in_a_file_raise(saved, change):
    path, read = saved
    rewritten(path, change)
    with pytest.raises(ValueError):
        read()


@pytest.mark.parametrize("epochs", [0, MOST - 1, MOST])
def test_the_number_of_epochs_is_limited(tmp_path, epochs):
    path = tmp_path / "net"
    network().save(path)
    rewritten(path, {"epochs": epochs})
    for net in (lg.load(path), pickle.loads(pickle.dumps(lg.load(path))), lg.load(path).copy()):
        assert (net.epochs, net.seed) == (epochs, 2**64 - 1)
        left = min(MOST - epochs, 1)
        assert len(net.fit(X, Y, epochs=left)["cost"]) == left
        for too_many in (MOST - epochs + 1, 2**64, 2**70) if left else (1, 2**70):
            for options in (
                {},
                {"callbacks": [lambda epoch, logs: True]},
                {"X": lambda: [(X, Y)], "y": None},
            ):
                with pytest.raises(ValueError, match=f"epochs must be at most .* of at most {MOST} epochs"):
                    net.fit(**{"X": X, "y": Y, "epochs": too_many, "time_limit": 1, **options})
        if not left:
            with pytest.raises(ValueError, match=f"epochs of the network must be below {MOST}"):
                net.partial_fit(X, Y)
            assert net.fit(X, Y, epochs=0)["cost"] == []
            assert net.predict(X).shape == (8, 2)


def test_the_core_limits_the_number_of_epochs():
    native = network()._core_model.native
    for epochs in FORBIDDEN_EPOCHS:
        with pytest.raises(ValueError, match="epochs must be at most 9007199254740992, got"):
            native.epochs = epochs
    assert native.epochs == 0


def test_the_limit_includes_the_epochs_before_a_resume(tmp_path):
    path = tmp_path / "run"
    network().fit(X, Y, epochs=2, checkpoint=path)
    with pytest.raises(ValueError, match="epochs must be at most"):
        network().fit(X, Y, epochs=MOST + 1, resume=path, time_limit=1)
    assert len(network().fit(X, Y, epochs=3, resume=path)["cost"]) == 3


# Parameters


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("array", "index", "at"),
    [("weights", (0, 0), "0, 0"), ("weights", (3, 1), "3, 1"), ("biases", (2,), "2")],
)
def test_nonfinite_parameters_in_a_file_raise(tmp_path, array, index, at, dtype, bad):
    net, path = network(dtype), tmp_path / "net"
    getattr(net, array)[0][index] = bad
    net.save(path)
    place = rf"{array}\.0 must be finite, got {bad} at \[{at}\]"
    with pytest.raises(ValueError, match=place):
        lg.load(path)
    native_state = ("sgd", 0, 1.0, 0, [], None)
    _core.save_checkpoint(bytes(path), net._core_model.native, native_state, {}, {})
    for read in (lambda: lg.load(path), lambda: network(dtype).fit(X, Y, resume=path)):
        with pytest.raises(ValueError, match=place):
            read()
    with pytest.raises(ValueError, match=rf"parameters must be finite, got {bad} at index"):
        pickle.loads(pickle.dumps(net))
    weights, biases = [w.copy() for w in net.weights], [b.copy() for b in net.biases]
    with pytest.raises(ValueError, match=r"init .* must be finite"):
        lg.Network([3, 4, 2], init=(weights, biases), dtype=dtype)
    assert copy.copy(net).parameters.tobytes() == net.parameters.tobytes()


# Pickles

KINDS = {
    "epochs": [*FORBIDDEN_EPOCHS, 2**70, -1, 1.0, True, None, "3", np.nan],
    "dtype": ["float16", "", None, 3, ["float32"], np.dtype("float32")],
    "parameters": [
        None,
        [0.0] * 26,
        np.zeros(25, np.float32),
        np.zeros(26),
        np.zeros((26, 1), np.float32),
        np.zeros(26, object),
        np.zeros(26, ">f4"),
        np.full(26, np.nan, np.float32),
    ],
    "arguments": [None, (), 3, {}, "0123456789", (1,) * 10, ([3, 4, 2],) * 10],
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key in KINDS for value in KINDS[key]])
def test_pickles_with_invalid_values_raise(key, value):
    net = network()
    state = net.__getstate__()
    state["_network"] = {**state["_network"], key: value}
    if key == "parameters" and getattr(value, "dtype", None) == np.dtype(">f4"):
        other = lg.Network.__new__(lg.Network)
        with pytest.raises(ValueError, match="parameters"):
            other.__setstate__(state)
        return
    before = net.__getstate__()
    with pytest.raises((TypeError, ValueError), match=rf"{key}|state of a network|sizes|finite"):
        net.__setstate__(state)
    assert repr(net.__getstate__()) == repr(before)  # unchanged


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("sizes", [3, 4]),
        ("sizes", [2**40, 2**40, 2]),
        ("sizes", [3, -4, 2]),
        ("sizes", 3),
        ("activation", ["leaky_relu(nan)"]),
        ("activation", ["nothing"]),
        ("activation", 3),
        ("output", "softmaxx"),
        ("cost", "custom()"),
        ("init", "random"),
        ("seed", 2**64),
        ("seed", -1),
        ("dropout", [np.nan]),
        ("dropout", [1.0]),
        ("input_dropout", 2.0),
        ("input_noise", np.inf),
        ("input_scale", 0.0),
        ("input_scale", 1e-60),
        ("input_scale", None),
        ("init_gain", [1.0] * 3),
        ("init_gain", [1.0, -1.0]),
        ("scale", 1.0),
    ],
)
def test_pickles_with_invalid_arguments_raise(at, value):
    state = network().__getstate__()
    state["_network"]["arguments"][at] = value
    net = lg.Network.__new__(lg.Network)
    with pytest.raises((TypeError, ValueError)) as caught:
        net.__setstate__(state)
    assert "incompatible function arguments" not in str(caught.value)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (0, np.ones(2)),
        (0, np.array([1, np.nan, 1])),
        (0, np.ones(3, np.float32)),
        (0, [1.0, 1.0, 1.0]),
        (0, np.ones(0)),
        (1, np.array([1, 0.0, 1])),
        (1, np.array([1, np.inf, 1])),
        (1, np.array([1, 1e-310, 1])),
        (2, np.ones((2, 1))),
        (2, np.ones(0)),
        (3, -np.ones(2)),
        (None, "abcd"),
        (None, ()),
        (None, (np.ones(3),) * 2),
    ],
)
def test_pickles_with_an_invalid_standardization_raise(part, value):
    net = lg.Network([3, 4, 2], standardize=True)
    net.fit(X, Y, epochs=1)
    state = net.__getstate__()
    if part is not None:
        parts = list(state["_network"]["standardization"])
        parts[part] = value
        value = tuple(parts)
    state["_network"]["standardization"] = value
    with pytest.raises((TypeError, ValueError), match=r"standardization|_mean|_std"):
        lg.Network.__new__(lg.Network).__setstate__(state)
    plain = network().__getstate__()
    plain["_network"]["standardization"] = net.__getstate__()["_network"]["standardization"]
    with pytest.raises(ValueError, match="standardization requires a network with standardize"):
        lg.Network.__new__(lg.Network).__setstate__(plain)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("input_mean", None),
        ("input_std", np.ones(2)),
        ("input_std", np.zeros(3)),
        ("target_mean", None),
        ("target_mean", np.array([np.nan, 1])),
        ("target_std", np.ones(2, np.float32)),
        ("more", np.ones(3)),
    ],
)
def test_files_with_an_invalid_standardization_raise(tmp_path, name, value):
    safetensors = pytest.importorskip("safetensors.numpy")
    from safetensors import safe_open

    path = tmp_path / "net.safetensors"
    net = lg.Network([3, 4, 2], standardize=True)
    net.fit(X, Y, epochs=1)
    net.save(path)
    with safe_open(path, framework="numpy") as file:
        tensors, metadata = {key: file.get_tensor(key) for key in file.keys()}, file.metadata()  # noqa: SIM118
    safetensors.save_file(tensors, path, metadata)
    assert np.array_equal(lg.load(path).predict(X), net.predict(X))
    if value is None:
        del tensors[f"standardization.{name}"]
    else:
        tensors[f"standardization.{name}"] = value
    safetensors.save_file(tensors, path, metadata)
    with pytest.raises(ValueError, match=r"standardization|_mean|_std"):
        lg.load(path)


def test_incomplete_pickles_raise():
    full = network().__getstate__()
    for count in range(4):
        for keys in itertools.combinations(full["_network"], count):
            state = {**full, "_network": {key: full["_network"][key] for key in keys}}
            with pytest.raises(ValueError, match="the state of a network must have"):
                network().__setstate__(state)
    for state in (None, 3, {}, {**full, "_network": None}, {**full, "history": {}}, {"_network": {}}):
        with pytest.raises((TypeError, ValueError), match="state of a network"):
            network().__setstate__(state)
    with pytest.raises(TypeError, match="cost in the state of a network must be callable"):
        network().__setstate__({**full, "_cost_function": 3})
    with pytest.raises(ValueError, match="cost must be 'custom'"):
        network().__setstate__({**full, "_cost_function": len})
    net = network()
    net.__setstate__({**full, "_sizes": (9, 9), "_guard": None, "more": 1})
    assert (net.sizes, net.more) == ((3, 4, 2), 1)
    net.fit(X, Y, epochs=1)


# Optimizer states


def squares(rule, *, below):
    """Return a native trainer, its state, and its arrays, those in `below` with negative numbers."""
    net = network()
    net.partial_fit(X, Y, optimizer=rule)
    trainer = net._partial_state.trainer
    *head, arrays, _ = trainer.state()
    return trainer, head, [a - 1 if k in below else a for k, a in enumerate(arrays)]


@pytest.mark.parametrize(
    ("rule", "sizes"),
    [
        (lg.Adam(), [1]),
        (lg.Adam(amsgrad=True), [1, 2]),
        (lg.AdamW(), [1]),
        (lg.NAdam(), [1]),
        (lg.RMSprop(), [0]),
        (lg.RMSprop(momentum=0.5, centered=True), [0]),
        (lg.Adagrad(), [0]),
        (lg.Rprop(), [1]),
        (lg.SGD(0.1, 0.9), []),
        (lg.Lion(), []),
    ],
    ids=str,
)
def test_negative_squares_and_steps_raise(rule, sizes):
    for size in sizes:
        trainer, head, arrays = squares(rule, below=[size])
        with pytest.raises(ValueError, match=rf"arrays\[{size}\]\[0\] must be finite and at least 0, got -"):
            trainer.set_state(*head, arrays)
    trainer, head, arrays = squares(rule, below=[k for k in range(3) if k not in sizes])
    trainer.set_state(*head, arrays)
