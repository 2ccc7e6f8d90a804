"""`learn_input_scale`: a factor of each input that is trained like the other parameters."""

import pickle
import re

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference
from network_cases import OPTIMIZERS, relative_error, some_data
from test_agreement import both, largest_error_in_trace, largest_error_of_parameters, lists
from test_central_differences import differences

# One layer of weights, also with an output that is stored transposed; panels; an odd number of everything.
SHAPES = [[3, 4], [5, 1], [33, 2], [4, 5, 3], [70, 130, 33, 2], [1, 1], [19, 513, 7]]


def scaled(sizes, dtype="float64", **options):
    """Return a network with scales other than 1."""
    net = lg.Network(
        sizes, **{"activation": "tanh", "seed": 1, **options}, dtype=dtype, learn_input_scale=True
    )
    net.input_scales = np.linspace(0.5, 1.5, sizes[0])
    return net


def test_scales_are_the_end_of_the_parameters():
    net = lg.Network([2, 3, 1], learn_input_scale=True)
    assert net.num_parameters == net.parameters.size == 3 * 3 + 4 + 2
    assert net.input_scales.tolist() == [1, 1]
    assert np.shares_memory(net.input_scales, net.parameters[-2:])
    net.input_scales *= 2
    net.input_scales[1] = 3
    assert net.parameters[-2:].tolist() == [2, 3]
    with pytest.raises(ValueError, match=r"input_scales must have shape \(2,\), got \(3,\)"):
        net.input_scales = [1, 2, 3]
    with pytest.raises(ValueError, match="input_scales must be finite, got nan at index"):
        net.input_scales = [1, np.nan]
    assert "learn input scale" in repr(net)


def test_a_network_without_scales_has_none():
    net = lg.Network([2, 3, 1])
    assert net.input_scales is None
    assert net.num_parameters == 3 * 3 + 4
    assert net.backprop([1, 2], [3]).input_scale_gradient is None
    with pytest.raises(AttributeError, match="input_scales requires a network with learn_input_scale=True"):
        net.input_scales = [1, 1]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [*SHAPES, [3000, 2]], ids=str)
def test_predictions_are_those_of_scaled_inputs(sizes, dtype):
    net, plain = scaled(sizes, dtype), lg.Network(sizes, activation="tanh", dtype=dtype)
    plain.parameters = net.parameters[: -sizes[0]]
    x, y = (array.astype(dtype) for array in some_data(200, sizes))
    expected = plain.predict(x * net.input_scales)
    for n in (1, 2, 31, 33, 97, 200):
        assert net.predict(x[:n]).tobytes() == expected[:n].tobytes()
    assert net.predict(x[0]).tobytes() == expected[0].tobytes()
    assert net.evaluate(x, y) == plain.evaluate(x * net.input_scales, y)
    t = net.backprop(x, y)
    assert t.activations[0].tobytes() == x.tobytes()
    assert t.activations[-1].tobytes() == expected.tobytes()


@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_the_gradient_agrees_with_the_reference(sizes):
    core, model = both(sizes, learn_input_scale=True, input_scale=0.5)
    x, y = some_data(140, sizes)
    for n in (1, 17, 140):
        ours, theirs = core.backprop(x[:n], y[:n]), model.backprop(*lists(x[:n], y[:n]))
        assert largest_error_in_trace(ours, theirs) <= 1e-12
        assert relative_error(ours.input_scale_gradient, theirs.input_scale_gradient) <= 1e-12
        assert np.shares_memory(ours.input_scale_gradient, ours.gradient[-sizes[0] :])
    weights = np.arange(17.0)
    ours = core.backprop(x[:17], y[:17], sample_weight=weights)
    theirs = model.backprop(*lists(x[:17], y[:17]), sample_weight=weights.tolist())
    assert relative_error(ours.input_scale_gradient, theirs.input_scale_gradient) <= 1e-12
    assert relative_error(core.predict(x), model.predict(x.tolist())) <= 1e-12


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("sizes", [[3, 5, 2, 4], [3, 2]], ids=str)
def test_the_gradient_agrees_with_central_differences(sizes, weighted):
    net = scaled(sizes)
    x, y = some_data(7, sizes)
    weights = np.arange(7.0) if weighted else None
    gradient = net.backprop(x, y, sample_weight=weights).gradient
    expected = differences(net, x, y, weights)
    assert relative_error(gradient[-3:], expected[-3:]) <= 1e-7
    assert relative_error(gradient, expected) <= 1e-7


def test_the_gradient_is_the_product_of_the_local_gradient_and_the_inputs():
    net = scaled([4, 6, 2])
    x, y = some_data(5, [4, 2])
    t = net.backprop(x, y)
    expected = (t.local_gradients[0] @ net.weights[0] * x).mean(axis=0)
    np.testing.assert_allclose(t.input_scale_gradient, expected, rtol=1e-13)
    np.testing.assert_allclose(t.weight_gradients[0], t.local_gradients[0].T @ (x * net.input_scales) / 5)


@pytest.mark.parametrize("rule", OPTIMIZERS)
@pytest.mark.parametrize(
    ("sizes", "n", "batch_size"), [([4, 5, 2], 13, 4), ([3, 1], 9, 1), ([4, 8, 3], 700, None)], ids=str
)
def test_training_agrees_with_the_reference(rule, sizes, n, batch_size):
    """The last case is summed in pieces."""
    options = {"activation": "tanh", "input_noise": 0.1, "input_dropout": 0.1, "learn_input_scale": True}
    core, model = both(sizes, **options)
    x, y = some_data(n, sizes)
    arguments = {"epochs": 3, "batch_size": batch_size, "optimizer": OPTIMIZERS[rule]}
    core.fit(x, y, **arguments)
    model.fit(*lists(x, y), **arguments)
    assert abs(core.input_scales - 0.25).max() > 1e-4
    assert largest_error_of_parameters(core, model) <= 1e-11


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("sizes", "batch_size"),
    [([19, 513, 7], 1), ([70, 33, 2], 20), ([300, 2], 50), ([4, 8, 3], None), ([1003, 201, 5], 16)],
    ids=str,
)
@pytest.mark.parametrize("more", [{}, {"clip_norm": 0.1, "max_norm": 0.8}, {"clip_value": 0.01}], ids=str)
def test_training_gives_the_same_bits_for_any_number_of_threads(sizes, batch_size, more, dtype):
    x, y = some_data({None: 700, 1: 30}.get(batch_size, 120), sizes)

    def trained(n_threads):
        net = scaled(sizes, dtype, dropout=0.2, input_dropout=0.1)
        arguments = {"epochs": 2, "batch_size": batch_size, "optimizer": lg.Adam(0.01), **more}
        net.fit(x, y, n_threads=n_threads, **arguments)
        return net.parameters.tobytes() + net.backprop(x, y, n_threads=n_threads).gradient.tobytes()

    expected = trained(1)
    assert all(trained(n_threads) == expected for n_threads in (2, 3, 7, None))


def test_penalties_and_norms_do_not_act_on_scales():
    x, y = np.zeros((5, 3)), np.zeros((5, 2))
    net = scaled([3, 4, 2])
    before = net.input_scales.copy()
    net.weights[0][...] = 2.0
    strengths = {"l1": 0.1, "l2": 0.1, "weight_decay": 0.1, "penalize_biases": True, "max_norm": 0.01}
    net.fit(x, y, optimizer=lg.SGD(0.1), **strengths)
    assert net.input_scales.tobytes() == before.tobytes()
    assert abs(net.weights[0]).max() <= 0.01


def test_clipping_acts_on_scales():
    x, y = some_data(20, [3, 2])
    options = {"epochs": 1, "batch_size": None, "optimizer": lg.SGD(1.0)}

    def moved(**clipping):
        net = scaled([3, 2])
        before = net.parameters.copy()
        net.fit(100 * x, y, **options, **clipping)
        return before - net.parameters

    assert np.isclose(abs(moved(clip_value=0.01)[-3:]), 0.01).all()
    g = moved()
    np.testing.assert_allclose(moved(clip_norm=0.5), g * 0.5 / (np.linalg.norm(g) + 1e-6), rtol=1e-9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", ["plain", "adam", "rmsprop centered", "rprop"])
def test_training_resumes_bit_for_bit(rule, dtype, tmp_path):
    x, y = some_data(90, [6, 2])
    arguments = {"epochs": 6, "batch_size": 20, "optimizer": OPTIMIZERS[rule]}

    def make(seed=3):
        return scaled([6, 8, 2], dtype, dropout=0.2, input_noise=0.1, seed=seed)

    whole, first, second = make(), make(), make(seed=None)
    whole.fit(x, y, **arguments)
    first.fit(x, y, checkpoint=tmp_path / "c", callbacks=[lambda epoch, logs: epoch == 3], **arguments)
    second.fit(x, y, resume=tmp_path / "c", **arguments)
    assert second.parameters.tobytes() == whole.parameters.tobytes()
    assert first.parameters.tobytes() != whole.parameters.tobytes()


def test_partial_fit_continues_bit_for_bit():
    x, y = some_data(40, [6, 2])
    one, other = scaled([6, 8, 2]), scaled([6, 8, 2])
    one.fit(x, y, epochs=1, batch_size=10, shuffle=False)
    for start in range(0, 40, 10):
        other.partial_fit(x[start : start + 10], y[start : start + 10])
    assert one.parameters.tobytes() == other.parameters.tobytes()


def test_files_pickles_copies_and_reset_keep_scales(tmp_path):
    net = scaled([3, 4, 2], init=([np.ones((4, 3)), np.ones((2, 4))], [np.ones(4), np.ones(2)]))
    net.save(tmp_path / "net")
    for twin in (lg.load(tmp_path / "net"), pickle.loads(pickle.dumps(net)), net.copy()):
        assert twin.parameters.tobytes() == net.parameters.tobytes()
        assert twin.input_scales.tolist() == [0.5, 1, 1.5]
    assert b"input_scales" in (tmp_path / "net").read_bytes()
    assert net.reset().input_scales.tolist() == [1, 1, 1]
    assert scaled([3, 2], init="zeros").reset().input_scales.tolist() == [1, 1, 1]


def test_files_of_other_networks_do_not_mention_scales(tmp_path):
    lg.Network([3, 4, 2]).save(tmp_path / "net")
    assert b"learn_input_scale" not in (tmp_path / "net").read_bytes()


def test_lbfgs_learns_scales_without_a_penalty():
    pytest.importorskip("scipy")
    x, y = some_data(40, [3, 2])
    net = scaled([3, 5, 2])
    before = net.input_scales.copy()
    cost = net.fit(x, y, epochs=20, optimizer=lg.LBFGS(), l2=0.01)["cost"]
    assert cost[-1] < cost[0]
    assert (net.input_scales != before).all()
    net.input_scales = before
    net.fit(0 * x, y, epochs=20, optimizer=lg.LBFGS(), l2=0.1)
    assert net.input_scales.tobytes() == before.tobytes()
    assert abs(net.weights[0]).max() < 0.1


def test_lr_finder_and_plan_accept_scales():
    x, y = some_data(40, [3, 2])
    net, plain = scaled([3, 5, 2]), lg.Network([3, 5, 2], dtype="float64")
    assert len(net.lr_finder(x, y, steps=10).learning_rates) == 10
    assert net.plan(10).operations == plain.plan(10).operations + 2 * 10 * 3 * 5
    assert net.plan(10).workspace > plain.plan(10).workspace


def test_the_graph_and_the_table_of_a_trace_have_scales():
    net = scaled([3, 2])
    graph = net.graph()
    assert graph.nodes["s"] == {"kind": "input_scales", "layer": 1, "shape": (3,), "formula": None}
    assert graph.nodes["z^2"]["formula"] == "w^2 (s ⊙ x) + b^2"
    assert [u for u, v in graph.edges if v == "z^2"] == ["x", "s", "w^2", "b^2"]
    assert re.search(r"∂C/∂s +\(3,\)", str(net.backprop([1, 2, 3], [1, 2])))


def test_the_reference_resets_scales():
    net = reference.Network([2, 1], learn_input_scale=True, seed=0)
    assert net.parameters[-2:] == net.input_scales == [1.0, 1.0]
    net.fit([[1.0, 2.0]], [[3.0]])
    assert net.input_scales != [1.0, 1.0]
    assert net.reset().input_scales == [1.0, 1.0]


@pytest.mark.parametrize("factor", [6.0, 0.5, 0.0])
@pytest.mark.parametrize("rule", ["momentum", "adam", "adamw", "lion"])
@pytest.mark.parametrize(("n", "batch_size"), [(13, 4), (700, None)], ids=str)
@pytest.mark.parametrize("more", [{}, {"clip_norm": 0.1, "l2": 0.1}], ids=str)
def test_the_factor_of_the_learning_rate_agrees_with_the_reference(factor, rule, n, batch_size, more):
    core, model = both([4, 5, 2], activation="tanh", learn_input_scale=True)
    x, y = some_data(n, [4, 2])
    arguments = {"epochs": 3, "batch_size": batch_size, "optimizer": OPTIMIZERS[rule], **more}
    core.fit(x, y, input_scale_lr_factor=factor, **arguments)
    model.fit(*lists(x, y), input_scale_lr_factor=factor, **arguments)
    assert largest_error_of_parameters(core, model) <= 1e-11
    assert (core.input_scales == 0.25).all() == (factor == 0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("more", [{}, {"clip_norm": 0.1, "max_norm": 0.8}], ids=str)
def test_frozen_scales_are_those_of_the_data(more, dtype):
    net = scaled([6, 8, 2], dtype)
    plain = lg.Network([6, 8, 2], activation="tanh", seed=1, dtype=dtype)
    plain.parameters = net.parameters[:-6]
    x, y = (array.astype(dtype) for array in some_data(60, [6, 2]))
    one = net.fit(x, y, optimizer=lg.Adam(0.01), input_scale_lr_factor=0, **more)
    two = plain.fit(x * net.input_scales, y, optimizer=lg.Adam(0.01), **more)
    assert one["cost"] == two["cost"]
    assert net.parameters[:-6].tobytes() == plain.parameters.tobytes()
    assert net.input_scales.tolist() == scaled([6, 8, 2], dtype).input_scales.tolist()


@pytest.mark.parametrize("sizes", [[6, 8, 5, 2], [6, 1]], ids=str)
def test_scales_alone_can_be_trained(sizes):
    core, model = both(sizes, activation="tanh", learn_input_scale=True)
    x, y = some_data(40, sizes)
    before = core.parameters.copy()
    arguments = {"epochs": 3, "batch_size": 7, "weight_lr_factor": 0, "bias_lr_factor": 0}
    core.fit(x, y, input_scale_lr_factor=2, **arguments)
    model.fit(*lists(x, y), input_scale_lr_factor=2, **arguments)
    assert core.parameters[:-6].tobytes() == before[:-6].tobytes()
    assert (core.input_scales != before[-6:]).all()
    assert largest_error_of_parameters(core, model) <= 1e-11


def test_frozen_scales_cost_nothing():
    net = scaled([3, 5, 2])
    plain = lg.Network([3, 5, 2], dtype="float64")
    assert net.plan(10, input_scale_lr_factor=0).operations == plain.plan(10).operations
    assert net.lr_finder(*some_data(40, [3, 2]), input_scale_lr_factor=6).suggestion > 0
    net.partial_fit([[1, 2, 3]], [[4, 5]], input_scale_lr_factor=0)
    assert net.input_scales.tolist() == [0.5, 1, 1.5]


def test_lbfgs_keeps_frozen_scales():
    pytest.importorskip("scipy")
    net = scaled([3, 5, 2])
    net.fit(*some_data(40, [3, 2]), optimizer=lg.LBFGS(), input_scale_lr_factor=0)
    assert net.input_scales.tolist() == [0.5, 1, 1.5]


@pytest.mark.parametrize("n_threads", [1, 2])
def test_scales_act_on_standardized_inputs(n_threads, tmp_path):
    core, model = both([4, 5, 2], activation="tanh", learn_input_scale=True, standardize=True)
    x, y = some_data(40, [4, 2])
    x, y = 3 + 5 * x, 100 * y - 7
    arguments = {"epochs": 3, "batch_size": 7, "optimizer": OPTIMIZERS["adam"]}
    core.fit(x, y, n_threads=n_threads, **arguments)
    model.fit(*lists(x, y), **arguments)
    assert largest_error_of_parameters(core, model) <= 1e-11
    for rows in (x, x[:1]):
        assert relative_error(core.predict(rows), model.predict(rows.tolist())) <= 1e-12
    ours, theirs = core.backprop(x, y), model.backprop(*lists(x, y))
    assert relative_error(ours.input_scale_gradient, theirs.input_scale_gradient) <= 1e-11
    core.save(tmp_path / "net")
    assert lg.load(tmp_path / "net").predict(x).tobytes() == core.predict(x).tobytes()
