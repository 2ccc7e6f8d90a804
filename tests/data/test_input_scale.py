"""`input_scale` multiplies the inputs as they are read and has no other effect."""

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference
from network_cases import relative_error

SCALE = 1 / 255
TYPES = ["bool", "uint8", "int16", "uint64", "float16", "float32", "float64"]
LAYOUTS = {
    "rows": np.ascontiguousarray,
    "columns": np.asfortranarray,
    "every other": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "backwards": lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
}


def pair(sizes=(19, 9, 3), **options):
    """Return a network that scales its inputs, and one that receives scaled inputs."""
    options = {"output": "softmax", "seed": 3, **options}
    return lg.Network(sizes, input_scale=SCALE, **options), lg.Network(sizes, **options)


def data(kind, dtype, n=70, width=19):
    """Return inputs, the same inputs scaled in the dtype of the network, and labels."""
    rng = np.random.default_rng(5)
    x = rng.integers(0, 2 if kind == "bool" else 256, (n, width)).astype(kind)
    return x, x.astype(dtype) * np.dtype(dtype).type(SCALE), rng.integers(0, 3, n)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_result_is_that_of_scaled_data_bit_for_bit(dtype, kind, layout):
    x, scaled, y = data(kind, dtype)
    net, other = pair(dtype=dtype, dropout=0.1, input_dropout=0.2, input_noise=0.1)
    x = layout(x)
    net.fit(x, y, epochs=2, batch_size=8, validation=(x, y))
    other.fit(scaled, y, epochs=2, batch_size=8, validation=(scaled, y))
    assert net.parameters.tobytes() == other.parameters.tobytes()
    assert net.history == other.history
    assert net.predict(x).tobytes() == other.predict(scaled).tobytes()
    assert net.predict(x[0]).tobytes() == other.predict(scaled[0]).tobytes()
    assert net.evaluate(x, y) == other.evaluate(scaled, y)
    t, expected = net.backprop(x, y), other.backprop(scaled, y)
    assert t.activations[0].tobytes() == scaled.tobytes()
    assert t.gradient.tobytes() == expected.gradient.tobytes()


@pytest.mark.parametrize(
    ("sizes", "batch_size"), [((19, 3), 1), ((19, 300, 200, 3), 64), ((19, 40, 3), 70)], ids=str
)
@pytest.mark.parametrize("n_threads", [1, 3])
def test_the_result_does_not_depend_on_threads(sizes, batch_size, n_threads):
    x, scaled, y = data("uint8", "float32")
    net, other = pair(sizes)
    net.fit(x, y, epochs=2, batch_size=batch_size, n_threads=n_threads, optimizer=lg.Adam())
    other.fit(scaled, y, epochs=2, batch_size=batch_size, n_threads=1, optimizer=lg.Adam())
    assert net.parameters.tobytes() == other.parameters.tobytes()


def test_noise_is_added_after_scaling():
    """The noise is not scaled."""
    x = np.full((3000, 4), 1.0)
    net = lg.Network([4, 4], init="zeros", input_noise=0.5, input_scale=1e-20, seed=1, dtype="float64")
    net.fit(x, np.ones((3000, 4)), epochs=1, batch_size=None, optimizer=lg.SGD(1.0))
    # w is the mean of x y over the examples, for noise of standard deviation 0.5, not 1e-20.
    assert 1e-4 < np.abs(net.weights[0]).max() < 0.05


@pytest.mark.parametrize("scale", [SCALE, -3.0, 1e-3])
def test_the_reference_agrees(scale):
    options = {"output": "softmax", "activation": "tanh", "seed": 8, "input_scale": scale}
    core, model = lg.Network([5, 4, 3], dtype="float64", **options), reference.Network([5, 4, 3], **options)
    x, _, y = data("uint8", "float64", n=9, width=5)
    assert relative_error(core.predict(x), model.predict(x.tolist())) < 1e-12
    t, expected = core.backprop(x, y), model.backprop(x.tolist(), y.tolist())
    assert relative_error(t.activations[0], expected.activations[0]) == 0
    assert relative_error(t.gradient, expected.gradient) < 1e-12
    ours, theirs = (net.evaluate(a, b) for net, a, b in ((core, x, y), (model, x.tolist(), y.tolist())))
    assert ours["cost"] == pytest.approx(theirs["cost"], rel=1e-12)
    assert ours["accuracy"] == theirs["accuracy"]


@pytest.mark.parametrize("scale", [0.0, float("inf"), float("nan")])
def test_the_reference_rejects_invalid_scales(scale):
    with pytest.raises(ValueError, match="input_scale must be finite and not 0, got"):
        reference.Network([2, 1], input_scale=scale)


def test_an_overflow_by_scaling_raises():
    net = lg.Network([3, 1], input_scale=1e38)
    for x in (np.array([[1, 2, 3], [1, 200, 3]], "uint8"), [[1.0, 2.0, 3.0], [1.0, 200.0, 3.0]]):
        for call in (net.predict, lambda x: net.evaluate(x, [1, 1]), lambda x: net.fit(x, [1, 1])):
            with pytest.raises(
                ValueError,
                match="X times input_scale must be finite as float32, got inf at row 1, column 1",
            ):
                call(x)
    with pytest.raises(ValueError, match="X must be finite as float32, got nan at row 0, column 2"):
        net.predict([[1.0, 2.0, np.nan]])
    with pytest.raises(ValueError, match="X times input_scale must be finite"):
        reference.Network([1, 1], input_scale=1e308).predict([[100.0]])


def test_pickles_from_before_the_option_can_be_read(tmp_path):
    net = lg.Network([2, 1], seed=1)
    state = net.__getstate__()
    state["_network"]["arguments"] = ([2, 1], [], "identity", "mse", "auto", 1, [], 0.0, 0.25)
    other = lg.Network.__new__(lg.Network)
    other.__setstate__(state)
    assert (other.input_noise, other.input_scale, other.seed) == (0.25, 1, 1)


def test_property_and_repr_show_the_scale():
    net = lg.Network([4, 2], seed=1, input_scale=np.float32(0.25), input_noise=0.5)
    assert net.input_scale == 0.25
    assert repr(net).splitlines()[0] == (
        "Network(4-2, 10 parameters, float32, mse, input noise 0.5, input scale 0.25, seed 1)"
    )
    assert lg.Network([4, 2]).input_scale == 1
    assert "scale" not in repr(lg.Network([4, 2]))
    with pytest.raises(AttributeError):
        net.input_scale = 1.0
