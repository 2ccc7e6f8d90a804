"""Column names of data frames are stored by fit and checked by later calls."""

import copy
import pickle

import localgrad as lg
import numpy as np
import pytest
from container_stand_ins import Batches, CountingColumn, PandasFrame, PolarsFrame, Table

X = np.array([[0.5, 1.0], [2.0, 3.0], [4.0, 5.0]])
Y = np.array([0, 1, 1])


def frame(*names, kind=PandasFrame):
    return kind({name: CountingColumn(X[:, k % 2]) for k, name in enumerate(names)})


def network():
    return lg.Network([2, 2], output="softmax", seed=0)


@pytest.fixture
def net():
    net = network()
    net.fit(frame("a", "b"), Y, epochs=1)
    return net


PATHS = {
    "predict": ("X", lambda net, X: net.predict(X)),
    "predict out": ("X", lambda net, X: net.predict(X, out=np.empty((3, 2), np.float32))),
    "evaluate": ("X", lambda net, X: net.evaluate(X, Y)),
    "backprop": ("x", lambda net, X: net.backprop(X, Y)),
    "partial_fit": ("X", lambda net, X: net.partial_fit(X, Y)),
    "validation": (
        "validation X",
        lambda net, X: net.fit(frame("a", "b"), Y, epochs=1, validation=(X, Y)),
    ),
}


@pytest.mark.parametrize(("name", "path"), PATHS.values(), ids=PATHS)
def test_other_columns_raise(net, name, path):
    before = net.parameters.tobytes(), net.epochs
    for columns, parts in (
        (("b", "a"), ["'b' instead of 'a' (column 0)", "X[list(net.feature_names)]"]),
        (("a", "c"), ["'c' instead of 'b' (column 1)"]),
        (("a", "b", "id"), ["3 instead of 2, including 'id'", "X[list(net.feature_names)]"]),
        (("b",), ["1 instead of 2, missing 'a'"]),
    ):
        with pytest.raises(ValueError) as caught:
            path(net, frame(*columns))
        message = str(caught.value)
        assert message.startswith(f"{name} must have the columns that the network was trained on")
        for part in parts:
            assert part in message
    assert (net.parameters.tobytes(), net.epochs) == before


@pytest.mark.parametrize("path", [path for _, path in PATHS.values()], ids=PATHS)
def test_the_same_columns_and_arrays_without_names_are_accepted(net, path):
    for kind in (PandasFrame, PolarsFrame, Table):
        path(net, frame("a", "b", kind=kind))
    for array in (X, X.astype(np.float32), X.tolist(), frame(0, 1)):
        path(net, array)


@pytest.mark.parametrize("kind", [PandasFrame, PolarsFrame, Table])
def test_fit_stores_the_names_of_the_last_data_frame(kind):
    net = network()
    assert net.feature_names is None
    net.fit(frame("a", "b", kind=kind), Y, epochs=1)
    assert net.feature_names == ("a", "b")
    net.fit(frame("b", "a", kind=kind), Y, epochs=1)
    assert net.feature_names == ("b", "a")
    net.fit(frame("c", "a"), Y, epochs=0)  # no epochs: nothing changes
    assert net.feature_names == ("b", "a")
    net.fit(X, Y, epochs=1)
    assert net.feature_names is None


def test_a_fit_that_raises_keeps_the_names(net):
    with pytest.raises(ValueError, match="finite"):
        net.fit(PandasFrame({"c": CountingColumn([1.0, np.nan, 2.0]), "d": CountingColumn([1, 2, 3])}), Y)
    with pytest.raises(ValueError, match="labels"):
        net.fit(frame("c", "d"), Y + 1)
    assert net.feature_names == ("a", "b")


def test_names_that_are_not_text_are_ignored():
    for names in ((0, 1), ("a", 1), ("a", "\ud800")):
        net = network()
        net.fit(frame(*names), Y, epochs=1)
        assert net.feature_names is None


def test_partial_fit_stores_the_names_of_the_first_data_frame():
    net = network()
    net.partial_fit(X, Y)
    assert net.feature_names is None
    net.partial_fit(frame("a", "b"), Y)
    assert net.feature_names == ("a", "b")


def test_the_names_are_available_during_fit():
    net, seen = network(), []
    net.fit(frame("a", "b"), Y, epochs=1, callbacks=[lambda epoch, logs: seen.append(net.feature_names)])
    assert seen == [("a", "b")]


def test_the_names_of_blocks_are_stored_and_checked():
    net = network()
    net.fit(Batches((frame("a", "b"), Y), (frame("a", "b"), Y)), epochs=2, validation=(frame("a", "b"), Y))
    assert net.feature_names == ("a", "b")
    with pytest.raises(ValueError, match=r"^block 2 of the source: X must .* 'b' instead"):
        net.fit(Batches((frame("a", "b"), Y), (frame("b", "a"), Y)), epochs=1)
    with pytest.raises(ValueError, match=r"^block 1 of the source: X must .* 'a' instead"):
        net.fit(Batches((frame("a", "b"), Y)), epochs=1, validation=(frame("b", "a"), Y))
    assert net.feature_names == ("a", "b")
    net.fit(lambda: [(X, Y)], epochs=1)
    assert net.feature_names is None


def test_copies_pickles_files_and_checkpoints_keep_the_names(net, tmp_path):
    net.save(tmp_path / "net.safetensors")
    saved = tmp_path / "checkpoint"
    net.fit(frame("a", "ß \"'\\\0"), Y, epochs=1, checkpoint=saved)
    assert lg.load(saved).feature_names == ("a", "ß \"'\\\0") == net.copy().feature_names
    for twin in (copy.copy(net), copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert twin.feature_names == net.feature_names
        twin.fit(X, Y, epochs=1)
        assert net.feature_names is not None
    again = lg.load(tmp_path / "net.safetensors")
    assert again.feature_names == ("a", "b")
    with pytest.raises(ValueError, match=r"^X must have the columns"):
        again.predict(frame("b", "a"))


def test_damaged_names_in_files_raise(net, tmp_path):
    path = tmp_path / "net.safetensors"
    net.save(path)
    written = path.read_bytes()
    names = rb"[\"a\",\"b\"]"
    assert names in written
    for damage in (rb"[\"a\",1234]", rb"[\"a ,b\"] ", rb"{\"a\":\"b\"}", rb"         1234"):
        path.write_bytes(written.replace(names, damage[: len(names)].ljust(len(names))))
        with pytest.raises(ValueError, match=r"^path must be a file written by Network.save"):
            lg.load(path)
    path.write_bytes(written.replace(names, b"[]".ljust(len(names))))
    assert lg.load(path).feature_names is None


def test_the_core_requires_as_many_names_as_inputs():
    native = network()._core_model.native
    for names in (["a"], ["a", "b", "c"]):
        with pytest.raises(ValueError, match=f"feature_names must have 2 names, .*got {len(names)}"):
            native.feature_names = names
    assert native.feature_names == []
