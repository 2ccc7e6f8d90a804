"""The C interface of the shared library in the package, called from Python by ctypes."""

import ctypes
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_size_t, c_ssize_t, c_void_p, sizeof
from pathlib import Path

import localgrad as lg
import numpy as np
import pytest

OK, INVALID_ARGUMENT, FLOAT32, FLOAT64 = 0, 1, 0, 1


class Rows(ctypes.Structure):
    _fields_ = (
        ("size", c_size_t),
        ("data", c_void_p),
        ("type", c_int),
        ("labels", c_int),
        ("rows", c_size_t),
        ("columns", c_size_t),
        ("row_stride", c_ssize_t),
        ("column_stride", c_ssize_t),
    )


class Matrix(ctypes.Structure):
    _fields_ = (
        ("size", c_size_t),
        ("data", c_void_p),
        ("type", c_int),
        ("rows", c_size_t),
        ("columns", c_size_t),
        ("stride", c_size_t),
    )


def type_of(array):
    return FLOAT32 if array.dtype == np.float32 else FLOAT64


def rows(array):
    return Rows(sizeof(Rows), array.ctypes.data, type_of(array), 0, *array.shape, *array.strides)


def matrix(array):
    stride = array.strides[0] // array.itemsize
    return Matrix(sizeof(Matrix), array.ctypes.data, type_of(array), *array.shape, stride)


@pytest.fixture(scope="module")
def library():
    (file,) = Path(lg.get_include()).parent.glob("lib/liblocalgrad.*")
    library = ctypes.CDLL(str(file))
    library.localgrad_last_error.restype = c_char_p
    library.localgrad_version.restype = c_char_p
    library.localgrad_network_free.argtypes = library.localgrad_trainer_free.argtypes = [c_void_p]
    return library


def test_version(library):
    assert library.localgrad_version().decode() == lg.__version__
    assert library.localgrad_c_api_version() == 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_prediction_and_training_agree_with_python(library, dtype, tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 3)).astype(dtype), rng.normal(size=(20, 2)).astype(dtype)
    net = lg.Network([3, 8, 2], dtype=dtype, seed=1)
    net.save(tmp_path / "net.safetensors")
    file = (tmp_path / "net.safetensors").read_bytes()
    network, trainer, cost = c_void_p(), c_void_p(), c_double()
    assert library.localgrad_network_load_memory(file, c_size_t(len(file)), byref(network)) == OK
    out = np.empty((20, 2), dtype)
    assert library.localgrad_predict(network, byref(rows(x)), byref(matrix(out)), 0) == OK
    np.testing.assert_array_equal(out, net.predict(x))

    create = library.localgrad_trainer_create
    assert create(network, b"Adam", None, c_size_t(8), None, c_size_t(0), byref(trainer)) == OK
    epoch = library.localgrad_trainer_epoch
    assert epoch(trainer, byref(rows(x)), byref(rows(y)), None, 1, None, None, byref(cost)) == OK
    history = net.fit(x, y, epochs=1, batch_size=8, optimizer=lg.Adam())
    assert cost.value == history["cost"][0]
    parameters = np.empty((1, net.num_parameters), dtype)
    assert library.localgrad_network_get_parameters(network, byref(matrix(parameters))) == OK
    np.testing.assert_array_equal(parameters[0], net.parameters)
    library.localgrad_network_free(network)
    library.localgrad_trainer_free(trainer)


def test_messages(library):
    network, sizes = c_void_p(), (c_size_t * 1)(3)
    status = library.localgrad_network_create(FLOAT32, sizes, c_size_t(1), None, byref(network))
    assert status == INVALID_ARGUMENT
    assert library.localgrad_last_error() == b"sizes must have at least 2 elements, got 1"
    assert not network


def test_progress_cancels(library):
    progress = ctypes.CFUNCTYPE(c_int, c_void_p, POINTER(c_size_t))
    stop = progress(lambda user, report: 1)
    sizes, network, trainer = (c_size_t * 2)(1, 1), c_void_p(), c_void_p()
    x = np.zeros((1_000_000, 1), np.float32)
    assert library.localgrad_network_create(FLOAT32, sizes, c_size_t(2), None, byref(network)) == OK
    create = library.localgrad_trainer_create
    assert create(network, b"SGD", None, c_size_t(1), None, c_size_t(0), byref(trainer)) == OK
    epoch = library.localgrad_trainer_epoch
    assert epoch(trainer, byref(rows(x)), byref(rows(x)), None, 0, stop, None, None) in {OK, 6}
    library.localgrad_trainer_free(trainer)
    library.localgrad_network_free(network)
