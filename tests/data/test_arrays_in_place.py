"""Arrays are read in place: without copies, converted as by a cast, with errors that name the position."""

import localgrad as lg
import numpy as np
import pytest
from array_layouts import INTEGERS, NATIVE, VIEWS
from localgrad._arrays import rows as _arrays

N, IN, OUT = 23, 5, 4
FLOATS = ["float32", "float64"]
LABELS = np.arange(N) * 7 % OUT


def numbers(dtype):
    return (np.arange(N * IN) * 7 % 13).reshape(N, IN).astype(dtype)


def extremes(dtype):
    """Return values that a cast to a smaller type rounds, up to the largest."""
    if dtype == "?":
        return np.array([0, 1, 2, 255], np.uint8).view(bool)  # for NumPy, any byte but 0 is true
    if dtype[0] == "f":
        top = np.finfo("f4").max
        return np.array([0.1, -0.0, 1e-310, -1e-42, 1 + 2**-24, 1 + 3 * 2**-24, top, -top]).astype(dtype)
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    near = [k + d for k in (2**24, 2**25, 2**53, 2**54, 2**62) for d in (-3, -1, 1, 3) if k + d <= high]
    return np.array([low, low + 1, 0, 1, high - 1, high, *near], dtype)


@pytest.mark.parametrize("dtype", NATIVE)
@pytest.mark.parametrize("layout", VIEWS)
def test_arrays_are_not_copied(layout, dtype):
    x = VIEWS[layout](numbers(dtype))
    rows, single = _arrays.examples(x, "X", IN, np.dtype("float32"))
    assert np.shares_memory(rows, x)
    assert (rows.strides, single) == (x.strides, False)
    options = {"single": False, "x_name": "X"}
    y = _arrays.targets(x, "y", N, IN, np.dtype("float32"), classes=True, **options)
    assert np.shares_memory(y, x)
    y = _arrays.targets(x[:, 0], "y", N, 1, np.dtype("float32"), classes=False, **options)
    assert np.shares_memory(y, x)
    if dtype in INTEGERS:
        labels = _arrays.targets(x[:, 0], "y", N, 99, np.dtype("float32"), classes=True, **options)
        assert np.shares_memory(labels, x)


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("layout", VIEWS)
@pytest.mark.parametrize("dtype", NATIVE)
def test_numbers_are_converted_as_by_astype(dtype, layout, kind):
    values = extremes(dtype)
    x = VIEWS[layout](np.array([np.roll(values, k) for k in range(len(values))]))
    width = len(values)
    net = lg.Network([width, 1], init="zeros", dtype=kind)
    expected = np.array(x, dtype=kind, order="C").tobytes()
    assert net.backprop(x, np.zeros(width)).activations[0].tobytes() == expected
    targets = lg.Network([1, width], init="zeros", dtype=kind).backprop(np.zeros((width, 1)), x)
    assert (-targets.local_gradients[0] + 0.0).tobytes() == (
        np.array(x, dtype=kind, order="C") + 0.0
    ).tobytes()


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("layout", [*VIEWS, "byte-swapped", "list"])
@pytest.mark.parametrize("dtype", INTEGERS)
def test_labels_give_the_same_result_as_one_hot_rows(dtype, layout, kind):
    views = {**VIEWS, "byte-swapped": lambda a: a.astype(a.dtype.newbyteorder()), "list": np.ndarray.tolist}
    x = numbers(kind)
    cases = [("softmax", OUT, "mse"), ("softmax", OUT, None), ("sigmoid", OUT, "mse"), ("sigmoid", 1, "mse")]
    for output, width, cost in [*cases, ("sigmoid", OUT, "cross_entropy"), ("sigmoid", 1, "cross_entropy")]:
        labels = views[layout]((LABELS % max(2, width)).astype(dtype))
        plain = np.array(labels, dtype=np.int64)
        rows = plain[:, np.newaxis] if width == 1 else np.eye(width)[plain]
        net = lg.Network([IN, 3, width], output=output, cost=cost, seed=1, dtype=kind)
        assert net.evaluate(x, labels) == net.evaluate(x, rows)
        one, other = net.backprop(x, labels), net.backprop(x, rows)
        assert one.gradient.tobytes() == other.gradient.tobytes()
        assert one.cost_gradient.tobytes() == other.cost_gradient.tobytes()
        single = net.backprop(x[1], labels[1]), net.backprop(x[1], rows[1])
        assert single[0].gradient.tobytes() == single[1].gradient.tobytes()
        one, other = net.copy(), net.copy()
        history = one.fit(x, labels, epochs=2, batch_size=4, validation=(x, labels))
        assert history == other.fit(x, rows, epochs=2, batch_size=4, validation=(x, rows))
        assert one.parameters.tobytes() == other.parameters.tobytes()


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("layout", VIEWS)
@pytest.mark.parametrize("dtype", NATIVE)
def test_flat_targets_give_the_same_result_as_a_column(dtype, layout, kind):
    y = VIEWS[layout](np.arange(N).astype(dtype))
    x = numbers(kind)
    for output in ("identity", "sigmoid"):
        if output == "sigmoid" and dtype in INTEGERS:
            continue  # integers are labels
        net = lg.Network([IN, 3, 1], output=output, seed=1, dtype=kind)
        rows = y[:, np.newaxis].astype(kind)
        assert net.evaluate(x, y) == net.evaluate(x, rows)
        one, other = net.copy(), net.copy()
        assert one.fit(x, y, epochs=2, batch_size=4) == other.fit(x, rows, epochs=2, batch_size=4)
        assert one.parameters.tobytes() == other.parameters.tobytes()


@pytest.mark.parametrize("layout", [name for name in VIEWS if "repeated" not in name and name != "read-only"])
@pytest.mark.parametrize(
    ("dtype", "value", "shown"), [("f4", np.nan, "nan"), ("f8", -np.inf, "-inf"), ("f8", 1e39, "inf")]
)
def test_errors_name_the_position_of_an_invalid_number(layout, dtype, value, shown):
    x = VIEWS[layout](numbers(dtype))
    x[17, 3] = value
    net = lg.Network([IN, OUT], output="softmax", seed=1)
    other = lg.Network([1, IN], seed=1)
    good = np.ones((N, 1))
    for call in (
        lambda: net.predict(x),
        lambda: net.evaluate(x, LABELS),
        lambda: net.fit(x, LABELS, batch_size=4),
        lambda: net.fit(numbers("f4"), LABELS, validation=(x, LABELS)),
    ):
        with pytest.raises(ValueError, match=f"X must be finite as float32, got {shown} at row 17, column 3"):
            call()
    with pytest.raises(ValueError, match=f"x must be finite as float32, got {shown} at row 17, column 3"):
        net.backprop(x, LABELS)
    for call in (other.evaluate, other.backprop, other.fit):
        with pytest.raises(ValueError, match=f"y must be finite as float32, got {shown} at row 17, column 3"):
            call(good, x)


@pytest.mark.parametrize("layout", ["C", "strided", "reversed", "packed records"])
@pytest.mark.parametrize("dtype", INTEGERS)
def test_errors_name_the_position_of_a_label_out_of_range(layout, dtype):
    info = np.iinfo(dtype)
    for width, most in ((OUT, OUT - 1), (1, 1)):
        net = lg.Network([IN, width], output="sigmoid", seed=1)
        before = net.parameters.tobytes()
        for value in {info.min, -1, most + 1, info.max} - {0}:
            if value < info.min:
                continue
            labels = VIEWS[layout]((LABELS % max(2, width)).astype(dtype))
            labels[11] = value
            for call in (net.evaluate, net.backprop, net.fit):
                with pytest.raises(
                    ValueError, match=rf"y must be labels in 0\.\.{most}, got {value} at row 11"
                ):
                    call(numbers("f4"), labels)
            with pytest.raises(ValueError, match=rf"validation y must .*got {value} at row 11"):
                net.fit(numbers("f4"), LABELS % max(2, width), validation=(numbers("f4"), labels))
        assert net.parameters.tobytes() == before
