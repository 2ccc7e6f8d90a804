"""`parameters`, `weights` and `biases` are writable views of one buffer and can be assigned."""

import gc
from collections.abc import Sequence

import localgrad as lg
import numpy as np
import pytest


@pytest.fixture(params=["float32", "float64"])
def net(request):
    return lg.Network([3, 4, 2], activation="sigmoid", seed=1, init="normal", dtype=request.param)


def test_all_parameters_are_in_one_buffer(net):
    p, start = net.parameters, 0
    assert p.shape == (net.num_parameters,)
    for i, (fan_in, fan_out) in enumerate([(3, 4), (4, 2)]):
        w, b = net.weights[i], net.biases[i]
        assert w.shape == (fan_out, fan_in)
        assert b.shape == (fan_out,)
        np.testing.assert_array_equal(w.T.ravel(), p[start : start + fan_in * fan_out])
        np.testing.assert_array_equal(b, p[start + fan_in * fan_out : start + (fan_in + 1) * fan_out])
        assert np.shares_memory(w, p)
        assert np.shares_memory(b, p)
        start += (fan_in + 1) * fan_out
    assert start == p.size


def test_the_buffer_is_aligned_and_never_moves(net):
    address = net.parameters.__array_interface__["data"][0]
    assert address % 64 == 0
    net.fit(np.ones((5, 3)), np.ones((5, 2)), epochs=2)
    net.parameters = np.ones(net.num_parameters)
    assert net.parameters.__array_interface__["data"][0] == address


def test_the_network_uses_values_written_to_views(net):
    x = np.ones(3)
    net.parameters[:] = 0
    assert not net.predict(x).any()
    net.biases[1][:] = [5, 6]
    np.testing.assert_array_equal(net.predict(x), [5, 6])
    net.weights[1][1, 0] = 1
    np.testing.assert_array_equal(net.predict(x), [5, 6.5])


def test_in_place_arithmetic_changes_the_buffer(net):
    p = net.parameters
    before = p.copy()
    net.parameters -= 1
    np.testing.assert_array_equal(p, before - 1)
    net.parameters *= np.arange(net.num_parameters)
    np.testing.assert_array_equal(p, (before - 1) * np.arange(net.num_parameters, dtype=p.dtype))
    w = net.weights[0].copy()
    net.weights[0] -= np.ones((4, 3))
    net.weights[-2] += 3
    np.testing.assert_array_equal(net.weights[0], w - 1 + 3)
    net.biases[1] /= 2
    assert np.shares_memory(net.parameters, p)


def test_assignment_copies_and_converts(net):
    w = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]]
    net.weights[0] = w
    np.testing.assert_array_equal(net.weights[0], w)
    source = np.arange(net.num_parameters)[::-1]
    net.parameters = source
    np.testing.assert_array_equal(net.parameters, source)
    source[0] = 99
    assert net.parameters[0] != 99
    net.biases[np.int64(0)] = np.array([True, False, True, True])
    np.testing.assert_array_equal(net.biases[0], [1, 0, 1, 1])


def test_assignment_from_overlapping_memory_is_correct(net):
    before = net.parameters.copy()
    net.parameters = net.parameters[::-1]
    np.testing.assert_array_equal(net.parameters, before[::-1])
    square = lg.Network([3, 3], seed=1)
    w = square.weights[0].copy()
    square.weights[0] = square.weights[0].T
    np.testing.assert_array_equal(square.weights[0], w.T)


def test_weights_and_biases_are_sequences(net):
    for views in (net.weights, net.biases):
        assert isinstance(views, Sequence)
        assert len(views) == 2
        assert np.shares_memory(views[-1], views[1])
        assert [v.shape for v in views] == [views[0].shape, views[1].shape]
        assert [v.shape for v in reversed(views)] == [views[1].shape, views[0].shape]
        assert [v.shape for v in views[:1]] == [views[0].shape]
        assert np.shares_memory(views[::-1][0], net.parameters)
    assert repr(net.weights) == "<weights of shapes (4, 3), (2, 4)>"


def test_views_outlive_the_network(net):
    views = [net.parameters, net.weights[0], net.biases[1], net.weights[1][:, 0], net.weights]
    expected = [np.copy(v) for v in views[:4]]
    del net
    gc.collect()
    noise = [np.full(1000, np.nan) for _ in range(100)]
    for view, values in zip(views, expected, strict=False):
        np.testing.assert_array_equal(view, values)
    views[0][:] = 7
    assert (views[1] == 7).all()
    assert views[4][0].shape == (4, 3)
    assert len(noise) == 100


def test_a_view_cannot_be_resized(net):
    with pytest.raises(ValueError, match="resize"):
        net.parameters.resize(10**6)
