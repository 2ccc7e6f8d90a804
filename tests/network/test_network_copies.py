"""Copies, pickles and files contain the same network and are independent of it."""

import copy
import os
import pathlib
import pickle

import localgrad as lg
import numpy as np
import pytest

X = np.linspace(-1, 1, 20).reshape(5, 4)
Y = np.arange(5) % 3


@pytest.fixture(params=["float32", "float64"])
def net(request):
    settings = {"dropout": [0.3, 0.1], "input_dropout": 0.2, "input_noise": 0.7, "input_scale": 1 / 255}
    settings["learn_input_scale"] = True
    activation = ["tanh", "relu"]
    net = lg.Network(
        [4, 5, 3, 3], activation=activation, output="softmax", dtype=request.param, seed=2**63 + 1, **settings
    )
    net.fit(X, Y, epochs=3)
    return net


def check_equal(one, other):
    assert type(one) is type(other)
    names = "sizes activation output cost init dtype dropout input_dropout input_noise input_scale"
    for name in f"{names} learn_input_scale seed epochs num_parameters".split():
        assert getattr(one, name) == getattr(other, name), name
    assert one.parameters.tobytes() == other.parameters.tobytes()
    assert not np.shares_memory(one.parameters, other.parameters)


TWINS = {
    "copy": lambda net: net.copy(),
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    **{
        f"pickle {k}": lambda net, k=k: pickle.loads(pickle.dumps(net, k))
        for k in range(pickle.HIGHEST_PROTOCOL + 1)
    },
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_copies_are_equal_and_independent(net, twin):
    other = twin(net)
    check_equal(net, other)
    assert other.history == net.history
    assert other.history is not net.history
    assert type(other.history) is lg.History
    before = net.parameters.tobytes()
    other.fit(X, Y, epochs=1)
    assert net.parameters.tobytes() == before
    assert (net.epochs, len(net.history["cost"])) == (3, 3)
    net.fit(X, Y, epochs=1)
    assert net.parameters.tobytes() == other.parameters.tobytes()  # epoch 4 has the same order


class Named(lg.Network):
    """A derived class with an additional attribute."""

    notes = None


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_copies_of_a_derived_class_keep_its_attributes(twin):
    net = Named([2, 1])
    net.notes = ["first"]
    other = twin(net)
    check_equal(net, other)
    assert other.notes == ["first"]


def test_deepcopy_keeps_shared_references():
    net = Named([2, 1])
    net.notes = [net]
    one, other = copy.deepcopy([net, net])
    assert one is other
    assert one.notes[0] is one


def test_a_network_can_be_copied_during_training():
    net, copies = lg.Network([4, 3], seed=1), []
    net.fit(X, np.eye(3)[Y], epochs=2, callbacks=[lambda epoch, logs: copies.append(copy.deepcopy(net))])
    copies[-1].fit(X, np.eye(3)[Y], epochs=1)
    assert [c.epochs for c in copies] == [1, 3]


@pytest.mark.parametrize("kind", [str, pathlib.Path, os.fsencode])
def test_a_saved_network_is_loaded(net, tmp_path, kind):
    path = kind(tmp_path / "net äöü 網.safetensors")
    assert net.save(path) is None
    again = lg.load(path)
    check_equal(net, again)
    assert again.history == {}
    assert again.predict(X).tobytes() == net.predict(X).tobytes()
    again.fit(X, Y, epochs=1)
    net.fit(X, Y, epochs=1)
    assert again.parameters.tobytes() == net.parameters.tobytes()


def test_save_replaces_an_existing_file(net, tmp_path):
    path = tmp_path / "net.safetensors"
    path.write_text("old")
    net.save(path)
    check_equal(lg.load(path), net)
    assert os.listdir(tmp_path) == ["net.safetensors"]


def test_a_file_name_need_not_be_text(net, tmp_path):
    path = os.fsencode(tmp_path) + b"/net-\xff"
    try:
        net.save(path)
    except OSError:
        pytest.skip("this file system requires names that are text")
    check_equal(lg.load(os.fsdecode(path)), net)


def test_saving_to_an_invalid_path_raises(net, tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        net.save(tmp_path / "no" / "net")
    assert caught.value.filename == str(tmp_path / "no" / "net")
    with pytest.raises(OSError):  # the error depends on the system
        net.save(tmp_path)
    assert os.listdir(tmp_path) == []


def test_loading_a_missing_file_raises(tmp_path):
    path = tmp_path / "nothing"
    with pytest.raises(FileNotFoundError) as caught:
        lg.load(path)
    assert caught.value.filename == str(path)
    assert caught.value.errno == 2


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"hello", bytes(8), b"\xff" * 100, b"\x02" + bytes(7) + b"{}"]
)
def test_loading_another_file_raises(tmp_path, content):
    path = tmp_path / "bad"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"."):
        lg.load(path)


def test_loading_a_truncated_file_raises(net, tmp_path):
    path = tmp_path / "net"
    net.save(path)
    whole = path.read_bytes()
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        with pytest.raises(ValueError, match=r"."):
            lg.load(path)
