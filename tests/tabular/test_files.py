"""Files of estimators: round trips, and errors for all others."""

import contextlib
import json
import struct
from fractions import Fraction

import localgrad as lg
import numpy as np
import pytest
from localgrad.tabular import TabularClassifier, TabularRegressor, load
from sklearn.exceptions import NotFittedError
from test_tabular_estimators import SMALL, mixed

X, Y = mixed(200)
CASES = {
    "regressor": (TabularRegressor(**SMALL, n_ensemble=2), Y),
    "intervals": (TabularRegressor(**SMALL, coverage=0.8), Y),
    "texts": (TabularClassifier(**SMALL, calibrate=True), np.where(Y > 1, "é", "low")),
    "short integers": (TabularClassifier(**SMALL), np.digitize(Y, [0, 1]).astype(np.int8)),
    "short floats": (TabularClassifier(**SMALL), np.digitize(Y, [0, 1]).astype(np.float32)),
    "objects": (TabularClassifier(**SMALL), np.where(Y > 1, "high", "low").astype(object)),
    "booleans": (TabularClassifier(**SMALL, class_weight={True: 2.0}), Y > 1),
    "numbers": (
        TabularClassifier(**SMALL, columns={"word": "identifier", 1: "numeric"}),
        np.digitize(Y, [0, 1]),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_saved_estimators_predict_the_same(name, tmp_path):
    model, y = CASES[name]
    model.fit(X, y)
    path = tmp_path / "model.safetensors"
    model.save(path)
    again = load(path)
    assert type(again) is type(model)
    assert again.get_params() == {**model.get_params(), "hidden_layer_sizes": (32, 32)}
    assert again.columns_ == model.columns_
    assert again.feature_names_in_.tolist() == list(X.columns)
    for method in ("predict", "predict_proba", "predict_interval"):
        if hasattr(model, method) and (method != "predict_interval" or model.coverage):
            found, expected = getattr(again, method)(X), getattr(model, method)(X)
            np.testing.assert_array_equal(found, expected)
            assert found.dtype == expected.dtype
    again.save(tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()


def test_arguments_of_other_types_are_saved(tmp_path):
    arguments = {"learning_rate": Fraction(1, 20), "hidden_layer_sizes": range(8, 10), "epochs": np.int8(2)}
    model = TabularRegressor(**{**SMALL, **arguments}).fit(X, Y)
    model.save(tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert (again.learning_rate, again.hidden_layer_sizes, again.epochs) == (0.05, (8, 9), 2)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_the_first_network_is_an_ordinary_network(tmp_path):
    model = TabularRegressor(**SMALL).fit(X, Y)
    model.save(tmp_path / "model.safetensors")
    network = lg.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(network.parameters, model.ensemble_.networks[0].parameters)


def test_only_fitted_estimators_can_be_saved(tmp_path):
    with pytest.raises(NotFittedError):
        TabularRegressor().save(tmp_path / "model.safetensors")
    assert not list(tmp_path.iterdir())


def test_other_files_raise_errors(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.safetensors")
    lg.Network([2, 1]).save(tmp_path / "net.safetensors")
    with pytest.raises(ValueError, match=r"path must be a file written by a tabular estimator, got .*net"):
        load(tmp_path / "net.safetensors")
    lg.Network([2, 1]).fit([[0, 1]], [1.0], epochs=1, checkpoint=tmp_path / "checkpoint.safetensors")
    with pytest.raises(ValueError, match="contains a network, but no estimator"):
        load(tmp_path / "checkpoint.safetensors")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "model.safetensors"
    TabularClassifier(**{**SMALL, "n_ensemble": 2}).fit(X, Y > 1).save(path)
    return path.read_bytes()


def changed(data, change):
    """Return a file with another description."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    notes = json.loads(header["__metadata__"]["notes"])
    note = json.loads(notes["tabular"])
    change(note)
    header["__metadata__"]["notes"] = json.dumps({"tabular": json.dumps(note)})
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data[8 + length :]


CHANGES = [
    (lambda note: note.update(version=2), "version must be 1, got 2"),
    (lambda note: note.update(version=True), "version must be of type int, got bool"),
    (lambda note: note.update(estimator="Other"), "estimator must be one of"),
    (lambda note: note.update(estimator="TabularRegressor"), "TabularRegressor"),
    (lambda note: note.update(networks=[]), "networks must describe each array"),
    (lambda note: note["networks"][0].pop(), "networks must describe each array"),
    (lambda note: note["networks"][0][1].update(dtype="float64"), "parameters"),
    (lambda note: note["networks"][0][1]["arguments"]["sizes"].append(3), "parameters"),
    (lambda note: note["columns"].pop(), "n_features must be 5, got 6"),
    (lambda note: note["columns"][1].update(kind="words"), "kind must be one of"),
    (lambda note: note["columns"][1].pop("encoder"), "must have 'encoder'"),
    (lambda note: note["columns"][1]["encoder"].update(median="1"), "median must be of type float or int"),
    (lambda note: note["columns"][1]["encoder"].update(scale=10**400), "scale must be finite"),
    (lambda note: note["columns"][1]["encoder"].update(edges=[3, 2, 1]), "edges must increase"),
    (lambda note: note["columns"][1]["encoder"].update(edges=[1, 2, 3, 4]), "networks must have .* inputs"),
    (
        lambda note: note["columns"][2]["encoder"].update(names=["a", "a"]),
        "names must be a list of different",
    ),
    (lambda note: note["targets"].update(classes=[False]), "at least 2 labels"),
    (lambda note: note["targets"].update(classes=["a", "b"]), "classes must be a list of the dtype"),
    (lambda note: note.update(temperature=0.0), "temperature must be above 0"),
    (lambda note: note.update(feature_names=["a"]), "feature_names must have 6 names"),
    (lambda note: note["networks"][0][0]["arguments"].update(dropout="much"), "arguments"),
    (lambda note: note["arguments"].update(n_threads="many"), "n_threads must be an int"),
    (lambda note: note["arguments"].update(dropout=None), "dropout must be a number"),
    (lambda note: note["targets"].update(dtype="i", itemsize=1, classes=[1, 300]), "classes must fit"),
    (lambda note: note["arguments"].update(color="red"), "arguments must be those of"),
]


@pytest.mark.parametrize(("change", "match"), CHANGES)
def test_wrong_descriptions_raise_errors(change, match, written, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(changed(written, change))
    with pytest.raises(ValueError, match=f"path must be a file written by a tabular estimator.*{match}"):
        load(path)


def test_damaged_files_raise_errors(written, tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "model.safetensors"
    messages = []
    (length,) = struct.unpack("<Q", written[:8])
    for _ in range(300):
        data = bytearray(written)
        for place in rng.integers(0, 8 + length, rng.integers(1, 4)):
            data[place] = rng.integers(256)
        path.write_bytes(data[: rng.integers(len(data))] if rng.random() < 0.2 else data)
        try:
            model = load(path)
        except ValueError as error:
            messages.append(str(error))
            continue
        with contextlib.suppress(ValueError):  # another name of a column, or another kind
            model.predict(X[:2])
    assert len(messages) > 100
    assert all(str(path) in message for message in messages)
