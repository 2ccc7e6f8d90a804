"""Network(standardize=True): statistics, units, and everything that must carry them along."""

import copy
import json
import math
import pickle

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference
from network_cases import relative_error

RNG = np.random.default_rng(7)
N = 60
X = RNG.normal(size=(N, 3)) * [1, 100, 1e-3] + [5, -1000, 0.1]
Y = RNG.normal(size=(N, 2)) * [10, 0.1] + [1000, 3]
LABELS = np.arange(N) % 2
BOTH = lg.Network, reference.Network
# Cost, output, targets for 2 outputs.
CASES = [
    ("mse", "identity", Y),
    ("mae", "identity", Y),
    ("huber(0.7)", "identity", Y),
    ("log_cosh", "identity", Y),
    ("quantile(0.2, 0.8)", "identity", Y[:, :1]),
    ("gaussian_nll", "identity", Y[:, :1]),
    ("mse", "tanh", np.tanh(Y - [1000, 3])),
    ("mse", "softplus", Y),
    ("mse", "softmax", LABELS),
    ("cross_entropy", "softmax", LABELS),
    ("binary_cross_entropy", "sigmoid", np.stack([LABELS, 1 - LABELS], axis=1)),
    ("hinge", "identity", LABELS),
]


def network(sizes=(3, 5, 2), kind=lg.Network, **settings):
    settings = {"activation": "tanh", "seed": 3, "dtype": "float64", "standardize": True, **settings}
    return kind(list(sizes), **settings)


def fitted(x=X, y=Y, net=None, **arguments):
    net = net or network()
    net.fit(x, y, **{"epochs": 2, "batch_size": 7, **arguments})
    return net


class StopAtBatch(lg.callbacks.Callback):
    def on_batch_end(self, training):
        return training.step == 3


def arrays(net):
    learned = net.standardization
    return [learned.input_mean, learned.input_std, learned.target_mean, learned.target_std]


def assert_equal(net, other):
    for one, two in zip(arrays(net), arrays(other), strict=True):
        assert (one is None and two is None) or one.tobytes() == two.tobytes()
    assert net.parameters.tobytes() == other.parameters.tobytes()


def largest_error(ours, theirs):
    """Return the largest relative error of two equally nested results."""
    if isinstance(theirs, dict):
        return max(largest_error(ours[name], theirs[name]) for name in theirs)
    return relative_error(np.asarray(ours, float), np.asarray(theirs, float))


@pytest.mark.parametrize(("cost", "output", "y"), CASES)
@pytest.mark.parametrize("disturbed", [False, True])
def test_the_core_agrees_with_the_reference(cost, output, y, disturbed):
    settings = {"cost": cost, "output": output, "input_scale": 0.3}
    if disturbed:
        settings |= {"input_noise": 0.2, "input_dropout": 0.1, "dropout": 0.2}
    weights = RNG.integers(0, 3, N).tolist()
    more = {"sample_weight": weights, "validation": (X[:9].tolist(), y[:9].tolist())}
    nets = [network(kind=kind, **settings) for kind in BOTH]
    for net, module in zip(nets, (lg, reference), strict=True):
        before = net.predict(X.tolist()), net.evaluate(X.tolist(), y.tolist())["cost"]
        assert net.standardization is None
        net.fit(X.tolist(), y.tolist(), epochs=2, batch_size=7, optimizer=module.Adam(0.01), **more)
        net.seen = [*before, net.history, net.predict(X.tolist()), net.predict(X[0].tolist())]
        net.seen += [net.parameters, net.evaluate(X.tolist(), y.tolist())]
        net.seen += [one for one in arrays(net) if one is not None]
    for ours, theirs in zip(*(net.seen for net in nets), strict=True):
        assert largest_error(ours, theirs) <= 1e-11
    t, expected = (net.backprop(X.tolist(), y.tolist()) for net in nets)
    for name in ("cost", "gradient", "cost_gradient"):
        assert largest_error(getattr(t, name), getattr(expected, name)) <= 1e-11
    for name in ("weighted_inputs", "activations", "local_gradients", "activation_derivatives"):
        for ours, theirs in zip(getattr(t, name), getattr(expected, name), strict=True):
            assert largest_error(ours, theirs) <= 1e-11
    assert (nets[0].standardization.target_mean is None) == (output != "identity" or cost == "hinge")


@pytest.mark.parametrize(("cost", "output", "y"), CASES)
def test_backprop_is_the_gradient_of_evaluate(cost, output, y):
    net = fitted(y=y, net=network(cost=cost, output=output))
    weights = RNG.uniform(0.5, 2, N)
    t = net.backprop(X, y, sample_weight=weights)
    assert t.cost == pytest.approx(net.evaluate(X, y, sample_weight=weights)["cost"], rel=1e-13)
    assert np.array_equal(t.activations[-1], net.predict(X))
    found = []
    for k in range(net.num_parameters):
        costs = []
        for step in (1e-6, -1e-6):
            near = net.copy()
            near.parameters[k] += step
            costs.append(near.evaluate(X, y, sample_weight=weights)["cost"])
        found.append((costs[0] - costs[1]) / 2e-6)
    assert relative_error(t.gradient, np.array(found)) <= 1e-6


def test_a_trace_does_not_change_with_the_network():
    net = fitted()
    t, other = net.backprop(X, Y), net.backprop(X, Y)
    expected = t.cost_gradient, *t.activation_derivatives
    net.reset()
    for one, two in zip((other.cost_gradient, *other.activation_derivatives), expected, strict=True):
        assert one.tobytes() == two.tobytes()
    np.testing.assert_allclose(expected[0] * expected[-1], other.local_gradients[-1], rtol=1e-13)


def test_statistics_far_from_0_are_accurate():
    x = 1e8 + 1e-3 * np.random.default_rng(0).normal(size=(1_000_000, 2))
    net = fitted(x, np.zeros(len(x)), network([2, 1]), epochs=1, batch_size=None)
    mean = np.array([column[0] + math.fsum(column - column[0]) / len(x) for column in x.T])
    apart = (x - x[0]) - (x - x[0]).mean(axis=0)  # exact differences
    assert np.array_equal(net.standardization.input_mean, mean)
    np.testing.assert_allclose(net.standardization.input_std, apart.std(axis=0), rtol=1e-12)
    z = net.backprop(x[:5], np.zeros(5)).activations[0]
    np.testing.assert_allclose(z, (x[:5] - mean) / net.standardization.input_std, atol=1e-4)


def test_float32_networks_keep_the_precision_of_float64_rows():
    seconds = 1.6e9 + np.arange(100.0)[:, None]
    net = fitted(seconds, np.arange(100.0), network([1, 1], dtype="float32"))
    z = net.backprop(seconds, np.zeros(100)).activations[0]
    expected = (seconds - seconds.mean()) / seconds.std()
    np.testing.assert_allclose(z, expected, atol=1e-6)
    swapped = seconds.astype(seconds.dtype.newbyteorder())
    assert net.backprop(swapped, np.zeros(100)).activations[0].tobytes() == z.tobytes()


@pytest.mark.parametrize("width", [1, 7, 16, 37])
def test_float32_networks_read_equal_numbers_of_any_type_alike(width):
    rows = RNG.normal(size=(N, width)) * (RNG.random((N, width)) < 0.5) + (RNG.random((N, width)) < 0.3)
    net = fitted(rows, np.zeros(N), network([width, 1], dtype="float32"))
    z = net.backprop(rows, np.zeros(N)).activations[0]
    in_float32 = net.backprop(rows.astype(np.float32), np.zeros(N)).activations[0]
    exact = rows == rows.astype(np.float32)
    assert 0 < exact.sum() < exact.size
    assert z[exact].tobytes() == in_float32[exact].tobytes()
    learned = net.standardization
    in_float64 = ((rows - learned.input_mean) * (1 / learned.input_std)).astype(np.float32)
    assert z[~exact].tobytes() == in_float64[~exact].tobytes()


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, -1e-300, 1e8 / 3, 7e12])
def test_constant_columns_get_a_deviation_of_1(value):
    x = np.full((N, 3), value)
    x[::2, 1] = np.nextafter(value, 2 * value + 1) if abs(value) > 1e-200 else value  # rounding errors
    x[:, 2] = np.arange(N)
    net = fitted(x, np.full(N, value), network([3, 1]))
    learned = net.standardization
    assert learned.input_std[:2].tolist() == [1, 1]
    assert learned.input_std[2] == pytest.approx(np.arange(N).std())
    assert (learned.target_mean.tolist(), learned.target_std.tolist()) == ([value], [1])
    model = network([3, 1], reference.Network)
    model.fit(x.tolist(), [value] * N, epochs=1)
    assert model.standardization.input_std[:2] == [1, 1]


def test_rounding_errors_of_huge_numbers_do_not_become_huge_inputs():
    x = np.full((N, 1), 1e20)
    x[::2] += np.spacing(1e20)
    expected = [np.spacing(1e20) / 2]  # thousands: divided by 1, they would be huge
    assert fitted(x, np.zeros(N), network([1, 1])).standardization.input_std.tolist() == expected
    model = network([1, 1], reference.Network)
    model.fit(x.tolist(), [0.0] * N, epochs=1)
    assert model.standardization.input_std == expected


def test_weights_count_examples():
    weights = np.arange(N) % 4
    weighted, repeated = fitted(sample_weight=weights), fitted(X.repeat(weights, 0), Y.repeat(weights, 0))
    for one, other in zip(arrays(weighted), arrays(repeated), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13)
    huge = fitted(sample_weight=weights * (1e308 / 4))
    for one, other in zip(arrays(huge), arrays(weighted), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13)
    outlier = X.copy()
    outlier[0] = 1e12  # of weight 0
    for one, other in zip(arrays(fitted(outlier, sample_weight=weights)), arrays(weighted), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13)


@pytest.mark.parametrize("weights", [None, np.arange(N) % 4])
def test_class_weights_do_not_count(weights):
    def of(**arguments):
        net = network(output="softmax")
        return fitted(y=LABELS, net=net, sample_weight=weights, **arguments).standardization.input_mean

    np.testing.assert_allclose(of(class_weight={0: 9.0}), of(), rtol=1e-14)
    model = network(kind=reference.Network, output="softmax")
    model.fit(X.tolist(), LABELS.tolist(), class_weight={0: 9.0}, sample_weight=weights, epochs=1)
    np.testing.assert_allclose(of(class_weight={0: 9.0}), model.standardization.input_mean, rtol=1e-14)


def test_held_out_rows_do_not_count():
    net = fitted(validation=0.25, shuffle=False)
    kept = fitted(X[:45], Y[:45])
    assert all(map(np.array_equal, arrays(net), arrays(kept)))
    wild = X.copy()
    wild[45:] *= 1e6
    assert all(map(np.array_equal, arrays(fitted(wild, validation=0.25, shuffle=False)), arrays(kept)))
    weights = np.arange(N) % 3 + 1.0
    net = fitted(validation=0.25, shuffle=False, sample_weight=weights)
    kept = fitted(X[:45], Y[:45], sample_weight=weights[:45])
    assert all(map(np.array_equal, arrays(net), arrays(kept)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_type_and_layout_of_the_data_do_not_matter(dtype):
    pixels = RNG.integers(0, 256, (N, 3)).astype(np.uint8)
    nets = []
    for kind in (np.uint8, np.int16, np.int32, np.int64, np.uint64, np.float32, np.float64):
        rows = pixels.astype(kind)
        for x in (rows, np.asfortranarray(rows), np.repeat(rows, 2, axis=1)[:, ::2]):
            net = fitted(x, Y, network(dtype=dtype))
            assert net.predict(x).tobytes() == net.predict(pixels).tobytes()
            nets.append(net)
    for net in nets[1:]:
        assert_equal(net, nets[0])


def test_sparse_rows_are_like_dense_ones():
    scipy_sparse = pytest.importorskip("scipy.sparse")
    x = np.where(RNG.random((N, 3)) < 0.5, X, 0)
    sparse = scipy_sparse.csr_matrix(x)
    dense, other = fitted(x), fitted(sparse)
    assert_equal(dense, other)
    assert other.predict(sparse).tobytes() == dense.predict(x).tobytes()
    backwards = sparse.copy()
    for r in range(N):
        part = slice(*backwards.indptr[r : r + 2])
        for array in (backwards.data, backwards.indices):
            array[part] = array[part][::-1].copy()
    assert other.predict(backwards).tobytes() == dense.predict(x).tobytes()


def test_blocks_are_read_once_more():
    passes = []

    def blocks():
        passes.append(0)
        for start in range(0, N, 13):
            part = slice(start, start + 13)
            yield X[part], Y[part], (np.arange(N) % 3)[part]

    net = network()
    net.fit(blocks, epochs=2)
    assert len(passes) == 3
    expected = arrays(fitted(sample_weight=np.arange(N) % 3))
    for one, other in zip(arrays(net), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)
    net.fit(blocks, epochs=1)
    assert len(passes) == 4


@pytest.mark.parametrize(("row", "block", "within"), [(3, 1, 3), (14, 2, 1), (40, 4, 1)])
def test_invalid_numbers_in_blocks_are_located(row, block, within):
    x = X.copy()
    x[row, 1] = np.nan
    net = network()
    before = net.parameters.copy()
    with pytest.raises(lg.BadExample, match="must be finite, got nan") as caught:
        net.fit(lambda: ((x[k : k + 13], Y[k : k + 13]) for k in range(0, N, 13)), epochs=1)
    assert (caught.value.block, caught.value.row, caught.value.column) == (block, within, 1)
    assert (net.standardization, net.epochs, net.feature_names) == (None, 0, None)
    assert np.array_equal(net.parameters, before)


def fit(net, x, y, **more):
    net.fit(x, y, epochs=2, **more)


def partial_fit(net, x, y, **more):
    net.partial_fit(x, y, **more)


@pytest.mark.parametrize("train", [fit, partial_fit])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("which", ["X", "y"])
def test_invalid_numbers_leave_the_network_unchanged(train, dtype, value, which):
    x, y = X.copy(), Y.copy()
    {"X": x, "y": y}[which][37, 1] = value
    net = network(dtype=dtype)
    before = net.parameters.copy()
    with pytest.raises(lg.BadExample, match=f"{which} must be finite.* at row 37, column 1"):
        train(net, x, y)
    assert (net.standardization, net.epochs) == (None, 0)
    assert np.array_equal(net.parameters, before)
    if dtype == "float32":  # finite as float64 only
        x, y = X.copy(), Y.copy()
        {"X": x, "y": y}[which][37, 1] = 1e39
        with pytest.raises(lg.BadExample, match="finite as float32, got inf at row 37, column 1"):
            train(net, x, y)
        assert net.standardization is None


@pytest.mark.parametrize("train", [fit, partial_fit])
def test_errors_before_the_first_update_leave_it_unstandardized(train):
    def fails(a, y):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        train(net := network(cost=fails), X, Y)
    assert net.standardization is None
    net = network()
    net.parameters[:] = 1e200
    with pytest.raises(FloatingPointError):
        train(net, X, Y)
    assert net.standardization is None


def test_a_deviation_that_overflows_raises():
    x = X.copy()
    x[::2, 1] = 1e300
    net = network()
    with pytest.raises(ValueError, match=r"X must have columns with a finite standard deviation.*column 1"):
        net.fit(x, Y)
    assert net.standardization is None


def test_the_first_call_decides_until_reset():
    net = fitted()
    first = net.standardization
    net.fit(10 * X, Y, epochs=1)
    net.partial_fit(10 * X, Y)
    assert np.array_equal(net.standardization.input_mean, first.input_mean)
    net.reset()
    assert net.standardization is None
    net.partial_fit(X[:20], Y[:20])
    np.testing.assert_allclose(net.standardization.input_mean, X[:20].mean(axis=0))
    net.fit(X, Y, epochs=0)
    assert net.reset().fit(X, Y, epochs=0) is not None
    assert net.standardization is None  # nothing was trained
    assert_equal(fitted(net=net), fitted())


def test_partial_fit_is_one_epoch_of_fit():
    one, other = network(), fitted()
    for _ in range(2):
        one.partial_fit(X, Y, batch_size=7)
    assert_equal(one, other)


def test_the_cost_of_training_is_in_standardized_units():
    y = Y[:, 0]
    net, plain = network([3, 5, 1]), network([3, 5, 1], standardize=False)
    history = net.fit(X, y, epochs=3, batch_size=7, validation=(X[:20], y[:20]), metrics=["rmse"])
    z, t = (X - X.mean(axis=0)) / X.std(axis=0), (y - y.mean()) / y.std()
    expected = plain.fit(z, t, epochs=3, batch_size=7, validation=(z[:20], t[:20]), metrics=["rmse"])
    for name in ("cost", "val_cost"):
        np.testing.assert_allclose(history[name], expected[name], rtol=1e-9)
    for name in ("rmse", "val_rmse"):
        np.testing.assert_allclose(history[name], y.std() * np.array(expected[name]), rtol=1e-9)
    found = net.evaluate(X[:20], y[:20], metrics="rmse")
    assert found["cost"] == pytest.approx(history["val_cost"][-1] * y.var(), rel=1e-12)
    assert found["rmse"] == pytest.approx(history["val_rmse"][-1], rel=1e-12)
    np.testing.assert_allclose(net.predict(X), plain.predict(z) * y.std() + y.mean(), rtol=1e-11)


def test_outputs_of_gaussian_nll_are_means_and_log_variances():
    y = Y[:, 0]
    net = fitted(y=y, net=network([3, 2], cost="gaussian_nll"))
    z = net.backprop(X, y).weighted_inputs[-1]
    a = net.predict(X)
    np.testing.assert_allclose(a[:, 0], z[:, 0] * y.std() + y.mean(), rtol=1e-12)
    np.testing.assert_allclose(np.exp(a[:, 1] / 2), np.exp(z[:, 1] / 2) * y.std(), rtol=1e-12)


@pytest.mark.parametrize("sizes", [(3, 5, 2), (3, 2500, 2), (3, 5, 5, 1), (3, 7)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_ways_to_predict_agree(sizes, dtype):
    y = RNG.normal(size=(N, sizes[-1])) * 10 + 500
    net = fitted(y=y, net=network(sizes, dtype=dtype), epochs=1)
    x = X.astype(dtype)
    expected = net.predict(x)
    for n in (1, 2, 3, 5, 40):
        assert np.array_equal(net.predict(x[:n]), expected[:n])
        out = np.empty((n, sizes[-1]), dtype)
        assert np.array_equal(net.predict(x[:n], out=out), expected[:n])
    assert np.array_equal(net.predict(x[4]), expected[4])
    assert np.array_equal(net.predict(x.tolist()), expected)
    assert np.array_equal(net.backprop(x, y).activations[-1], expected)


def test_custom_costs_are_trained_on_standardized_targets():
    seen = []

    def quadratic(a, y):
        if len(a) in (4, 7, N):  # others are rows of the check of the gradient
            seen.append(np.abs(y).max())
        return ((a - y) ** 2).sum(axis=1) / 2, a - y

    net = fitted(net=network(cost=quadratic))
    assert max(seen) < 10
    assert_equal(net, fitted())
    seen.clear()
    expected = fitted()
    assert net.evaluate(X, Y)["cost"] == pytest.approx(expected.evaluate(X, Y)["cost"], rel=1e-12)
    assert relative_error(net.backprop(X, Y).gradient, expected.backprop(X, Y).gradient) <= 1e-12
    assert min(seen) > 900
    history = fitted(net=network(cost=quadratic), validation=(X, Y)).history
    np.testing.assert_allclose(history["val_cost"], fitted(validation=(X, Y)).history["val_cost"], rtol=1e-12)


def test_lbfgs_minimizes_the_standardized_cost():
    pytest.importorskip("scipy")
    net, plain = network(), network(standardize=False)
    z, t = (X - X.mean(axis=0)) / X.std(axis=0), (Y - Y.mean(axis=0)) / Y.std(axis=0)
    history = net.fit(X, Y, epochs=5, optimizer=lg.LBFGS(), l2=0.01)
    expected = plain.fit(z, t, epochs=5, optimizer=lg.LBFGS(), l2=0.01)
    np.testing.assert_allclose(history["cost"], expected["cost"], rtol=1e-6)
    assert history["cost"][-1] < 2


def test_lr_finder_trains_a_standardized_copy():
    net, plain = network(), network(standardize=False)
    z, t = (X - X.mean(axis=0)) / X.std(axis=0), (Y - Y.mean(axis=0)) / Y.std(axis=0)
    found, expected = net.lr_finder(X, Y, steps=20), plain.lr_finder(z, t, steps=20)
    np.testing.assert_allclose(found.costs, expected.costs, rtol=1e-9)
    assert net.standardization is None


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_resumed_run_continues_with_the_same_bits(tmp_path, dtype):
    path = tmp_path / "checkpoint.safetensors"
    more = {"validation": 0.2, "metrics": ["mae"], "optimizer": "adam"}
    whole = fitted(net=network(dtype=dtype), epochs=5, **more)
    fitted(net=network(dtype=dtype), epochs=3, checkpoint=path, **more)
    resumed = fitted(net=network(dtype=dtype), epochs=5, resume=path, **more)
    assert_equal(resumed, whole)
    assert resumed.history == whole.history
    assert_equal(lg.load(path), fitted(net=network(dtype=dtype), epochs=3, **more))
    with pytest.raises(ValueError, match="resume must be the checkpoint of a network with standardize"):
        fitted(net=network(dtype=dtype, standardize=False), epochs=5, resume=path)
    inside = tmp_path / "inside.safetensors"
    fitted(net=network(dtype=dtype), epochs=5, checkpoint=inside, callbacks=[StopAtBatch()], **more)
    assert_equal(fitted(net=network(dtype=dtype), epochs=5, resume=inside, **more), whole)


def test_restore_best_and_early_stopping():
    stop = lg.callbacks.EarlyStopping(patience=2)
    net = fitted(epochs=30, validation=0.3, callbacks=[stop], restore_best=True, optimizer=lg.SGD(0.5))
    best = net.history["val_cost"][net.history.best_epoch - 1]
    assert best == min(net.history["val_cost"])
    assert net.standardization is not None


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_copies_pickles_and_files_keep_it(tmp_path, dtype):
    net = fitted(net=network(dtype=dtype))
    path = tmp_path / "net.safetensors"
    net.save(path)
    again = lg.load(path)
    for other in (net.copy(), copy.deepcopy(net), pickle.loads(pickle.dumps(net)), again):
        assert_equal(other, net)
        assert other.standardize
        assert np.array_equal(other.predict(X), net.predict(X))
        other.reset()
        assert net.standardization is not None
    second = tmp_path / "second.safetensors"
    lg.load(path).save(second)
    assert second.read_bytes() == path.read_bytes()
    unfitted = network(dtype=dtype)
    unfitted.save(path)
    assert lg.load(path).standardize
    assert lg.load(path).standardization is None
    assert pickle.loads(pickle.dumps(unfitted)).standardization is None


def header(path):
    data = path.read_bytes()
    return json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])


def test_files(tmp_path):
    path = tmp_path / "net.safetensors"
    fitted(net=network(dtype="float32")).save(path)
    found = header(path)
    assert found["__metadata__"]["localgrad"] == "3"
    assert json.loads(found["__metadata__"]["architecture"])["standardize"] is True
    for name, width in (("input_mean", 3), ("input_std", 3), ("target_mean", 2), ("target_std", 2)):
        entry = found[f"standardization.{name}"]
        assert (entry["dtype"], entry["shape"]) == ("F64", [width])
    network(standardize=False).save(path)
    found = header(path)
    assert found["__metadata__"]["localgrad"] == "1"
    assert "standardize" not in json.loads(found["__metadata__"]["architecture"])
    assert not any(name.startswith("standardization") for name in found)


def test_attributes():
    net = network()
    assert net.standardize
    assert "standardize" in repr(net).splitlines()[0]
    assert "standardize" not in repr(network(standardize=False))
    learned = fitted(net=net).standardization
    assert isinstance(learned, lg.Standardization)
    assert not any(array.flags.writeable for array in arrays(net))
    with pytest.raises(AttributeError):
        learned.input_mean = X
    np.testing.assert_allclose(learned.target_std, Y.std(axis=0))
    scaled = fitted(net=network(input_scale=-0.5)).standardization
    np.testing.assert_allclose(scaled.input_mean, -0.5 * X.mean(axis=0))
    np.testing.assert_allclose(scaled.input_std, 0.5 * X.std(axis=0))


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("output", ["identity", "softplus"])
def test_poisson_is_refused(kind, output):
    with pytest.raises(ValueError, match="the cost 'poisson' does not support standardize"):
        kind([2, 1], cost="poisson", output=output, standardize=True)


def test_no_warning_of_the_scale(recwarn):
    x, y = 1e4 + 1e3 * X, 1e5 * Y
    fitted(x, y)
    assert not [one for one in recwarn if issubclass(one.category, lg.warnings.ScaleWarning)]
    with pytest.warns(lg.warnings.ScaleWarning):
        network(standardize=False).fit(x, y, epochs=0 + 1, optimizer=lg.SGD(1e-30))
