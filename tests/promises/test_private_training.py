"""Private training: clipping by its definition, noise, samples, and the secret that they follow from."""

import math
import pickle
import re

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference
from network_cases import relative_error, some_data
from test_agreement import both, largest_error_of_parameters

RNG = np.random.default_rng(3)
SIZES = [5, 7, 4, 3]


def trained(seed=1, sizes=SIZES, n=23, n_threads=1, dtype="float64", network=None, **arguments):
    """Return a network trained on some data."""
    net = lg.Network(sizes, activation="tanh", dtype=dtype, seed=4, **(network or {}))
    x, y = some_data(n, sizes, seed=2)
    settings = {"clip_per_example": 0.5, "noise_multiplier": 1.5, "unsafe_noise_seed": seed}
    settings |= {"epochs": 2, "batch_size": 5, "optimizer": lg.SGD(0.1, momentum=0.5), "n_threads": n_threads}
    net.fit(x, y, **settings | arguments)
    return net


def noise_of_steps(sizes, count, dtype="float64", **arguments):
    """Return the noise of `count` steps: the change of parameters whose gradients are 0."""
    net = lg.Network(sizes, init="zeros", dtype=dtype, seed=0)
    x, y = np.ones((4, sizes[0])), np.zeros((4, sizes[-1]))
    drawn = []

    def changes(epoch, logs):
        drawn.append(net.parameters.copy())
        net.parameters[...] = 0

    settings = {"clip_per_example": 2.0, "noise_multiplier": 3.0, "batch_size": 4, "optimizer": lg.SGD(1.0)}
    net.fit(x, y, epochs=count, callbacks=[changes], **settings | arguments)
    return -4 * np.array(drawn)  # the learning rate is 1, and the sum is divided by 4


@pytest.mark.parametrize("network", [{}, {"learn_input_scale": True}, {"input_scale": 0.5}], ids=str)
@pytest.mark.parametrize("sizes", [SIZES, [4, 6, 1], [3, 2], [6, 5, 2]], ids=str)
def test_the_gradient_of_each_example_is_clipped(sizes, network):
    x, y = some_data(11, sizes, seed=5)
    net = lg.Network(sizes, activation="tanh", init="normal", dtype="float64", seed=1, **network)
    gradients = net.backprop(x, y, per_example=True).per_example_gradients
    norms = np.linalg.norm(gradients, axis=1)
    bound = float(np.median(norms))
    expected = net.parameters - 0.1 * (gradients * np.minimum(1, bound / norms)[:, None]).mean(0)
    net.fit(x, y, epochs=1, batch_size=None, optimizer=lg.SGD(0.1), clip_per_example=bound)
    assert relative_error(net.parameters, expected) <= 1e-12


def test_many_rows_that_are_split_into_chunks_are_clipped_too():
    sizes = [3, 4, 2]
    x, y = some_data(1500, sizes, seed=5)
    net = lg.Network(sizes, activation="tanh", init="normal", dtype="float64", seed=1)
    assert net.plan(batch_size=1500).split == "chunks"
    gradients = net.backprop(x, y, per_example=True).per_example_gradients
    norms = np.linalg.norm(gradients, axis=1)
    bound = float(np.median(norms))
    expected = net.parameters - 0.1 * (gradients * np.minimum(1, bound / norms)[:, None]).mean(0)
    net.fit(x, y, epochs=1, batch_size=None, optimizer=lg.SGD(0.1), clip_per_example=bound)
    assert relative_error(net.parameters, expected) <= 1e-12


def test_frozen_parameters_do_not_count_for_the_norm():
    x, y = some_data(11, SIZES, seed=5)
    net = lg.Network(SIZES, activation="tanh", init="normal", dtype="float64", seed=1)
    gradients = net.backprop(x, y, per_example=True).per_example_gradients
    first, last = 5 * 7 + 7, 4 * 3 + 3
    gradients[:, : 5 * 7] = 0  # the weights of the first layer
    gradients[:, first:-last] = 0
    norms = np.linalg.norm(gradients, axis=1)
    bound = float(np.median(norms))
    expected = net.parameters - 0.1 * (gradients * np.minimum(1, bound / norms)[:, None]).mean(0)
    factors = {"weight_lr_factor": [0, 0, 1], "bias_lr_factor": [1, 0, 1]}
    net.fit(x, y, epochs=1, batch_size=None, optimizer=lg.SGD(0.1), clip_per_example=bound, **factors)
    assert relative_error(net.parameters, expected) <= 1e-12


ARGUMENTS = {
    "plain": {},
    "poisson": {"sampler": "poisson"},
    "adam": {"optimizer": (lg.Adam(0.01), reference.Adam(0.01))},
    "penalties": {"l2": 0.1, "l1": 0.01, "weight_decay": 0.1, "max_norm": 2.0, "clip_norm": 0.7},
    "clip_value": {"clip_value": 0.02, "sampler": "poisson"},
    "frozen": {"weight_lr_factor": [0, 1, 0.5], "bias_lr_factor": [0, 0, 1]},
    "schedule": {"schedule": lambda t: 1 / (1 + t)},
}
NETWORKS = {
    "plain": {},
    "dropout": {"dropout": 0.3, "input_noise": 0.1, "input_dropout": 0.1},
    "scales": {"learn_input_scale": True},
}


@pytest.mark.parametrize("network", NETWORKS, ids=str)
@pytest.mark.parametrize("name", ARGUMENTS)
@pytest.mark.parametrize("sizes", [SIZES, [4, 6, 5, 1]], ids=str)
def test_training_agrees_with_the_reference(name, network, sizes):
    core, model = both(sizes, seed=7, scale=0.5, activation="tanh", **NETWORKS[network])
    x, y = some_data(13, sizes, seed=3)
    private = {"clip_per_example": 0.5, "noise_multiplier": 1.5, "unsafe_noise_seed": 99}
    arguments = {"epochs": 3, "batch_size": 4, **private, **ARGUMENTS[name]}
    ours, theirs = arguments.pop("optimizer", (lg.SGD(0.1, momentum=0.5), reference.SGD(0.1, momentum=0.5)))
    history = core.fit(x, y, optimizer=ours, **arguments)
    expected = model.fit(x.tolist(), y.tolist(), optimizer=theirs, **arguments)
    assert relative_error(history["cost"], expected["cost"]) <= 1e-10
    assert largest_error_of_parameters(core, model) <= 1e-10


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sampler", ["shuffled", "poisson"])
@pytest.mark.parametrize(("n", "batch"), [(23, 5), (2000, 900)])
def test_the_bits_do_not_depend_on_the_number_of_threads(sampler, dtype, n, batch):
    arguments = {"sampler": sampler, "dtype": dtype, "n": n, "batch_size": batch}
    expected = trained(**arguments).parameters.tobytes()
    for threads in (2, 3, 7):
        assert trained(n_threads=threads, **arguments).parameters.tobytes() == expected


@pytest.mark.parametrize("sizes", [[30, 40, 10], [300, 2], [300, 1]], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_noise_of_a_sum_is_normal_with_its_standard_deviation(sizes, dtype):
    draws = noise_of_steps(sizes, 400, dtype)
    if len(sizes) > 2:  # units whose weights are 0 have no gradient, but noise all the same
        assert draws.shape[1] == 30 * 40 + 40 + 40 * 10 + 10
    expected, count = 6.0, draws.size
    assert abs(draws.mean()) < 4 * expected / math.sqrt(count)
    assert abs(draws.std() / expected - 1) < 4 / math.sqrt(2 * count)
    assert abs(np.mean(np.abs(draws) < expected) - 0.682689) < 4 * 0.4654 / math.sqrt(count)
    of_each = draws.std(0) / expected  # every parameter has its own noise
    assert abs(of_each - 1).max() < 6 / math.sqrt(2 * len(draws))
    assert len(np.unique(draws)) > 0.99 * count


def test_noise_is_not_correlated_between_steps_or_parameters():
    draws = noise_of_steps([20, 10], 300)
    draws = draws / draws.std()
    products = draws[1:] * draws[:-1]
    assert abs(products.mean()) < 4 / math.sqrt(products.size)
    neighbors = draws[:, 1:] * draws[:, :-1]
    assert abs(neighbors.mean()) < 4 / math.sqrt(neighbors.size)


def test_two_runs_differ_and_a_known_seed_repeats_them():
    assert not np.array_equal(trained(seed=None).parameters, trained(seed=None).parameters)
    assert trained(seed=5).parameters.tobytes() == trained(seed=5).parameters.tobytes()
    assert not np.array_equal(trained(seed=5).parameters, trained(seed=6).parameters)


def test_without_noise_the_seed_of_the_noise_has_no_effect():
    one, other = (trained(seed=seed, noise_multiplier=0.0).parameters for seed in (None, 3))
    assert one.tobytes() == other.tobytes()


def test_a_large_bound_without_noise_gives_the_plain_gradient():
    private = trained(seed=None, clip_per_example=1e6, noise_multiplier=0.0)
    plain = trained(seed=None, clip_per_example=None, noise_multiplier=0.0)
    assert relative_error(private.parameters, plain.parameters) <= 1e-13


@pytest.mark.parametrize("sampler", ["shuffled", "poisson"])
@pytest.mark.parametrize("every", [1, 3])
def test_a_resumed_run_is_bit_identical(tmp_path, sampler, every):
    path = tmp_path / "run.ckpt"

    arguments = {"sampler": sampler, "epochs": 4}
    expected = trained(**arguments)
    trained(**arguments | {"epochs": every}, checkpoint=path)
    resumed = trained(seed=None, **arguments, resume=path)
    assert resumed.parameters.tobytes() == expected.parameters.tobytes()
    assert resumed.history.privacy.steps == expected.history.privacy.steps == 20


CHANGES = {"optimizer": lg.SGD(0.2, momentum=0.5), "l2": 0.1, "schedule": lambda t: 0.5}


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_other_steps_from_a_checkpoint_have_a_new_secret(tmp_path, monkeypatch, change):
    path, again = tmp_path / "run.ckpt", tmp_path / "again.ckpt"
    keys = [bytes([k] * 32) for k in (1, 2, 3)]
    monkeypatch.setattr("secrets.token_bytes", lambda count: keys.pop(0))
    trained(seed=None, epochs=1, checkpoint=path)
    trained(seed=None, epochs=2, resume=path, checkpoint=again)
    assert (b"01" * 32) in again.read_bytes()  # the same run
    trained(seed=None, epochs=2, resume=path, checkpoint=again, **{change: CHANGES[change]})
    assert (b"03" * 32) in again.read_bytes()


def test_other_data_from_a_checkpoint_has_a_new_secret(tmp_path):
    path, again = tmp_path / "run.ckpt", tmp_path / "again.ckpt"
    x, y = np.ones((50, 2)), np.ones(50)
    private = {"clip_per_example": 1.0, "noise_multiplier": 1.0, "resume": path}
    lg.Network([2, 1], seed=0).fit(x, y, epochs=1, **private | {"resume": None}, checkpoint=path)
    for row in (0, 1, 49):  # every row counts
        other = y.copy()
        other[row] = 0
        secrets = []
        for targets in (y, other):
            lg.Network([2, 1], seed=0).fit(x, targets, epochs=2, **private, checkpoint=again)
            secrets.append(re.search(rb"[0-9a-f]{64}", again.read_bytes())[0])
        assert secrets[0] in path.read_bytes()
        assert secrets[1] not in path.read_bytes()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            {"clip_per_example": None, "noise_multiplier": 0.0, "seed": None},
            {},
            "clip_per_example 0.5, because",
        ),
        (
            {},
            {"clip_per_example": None, "noise_multiplier": 0.0, "seed": None},
            "clip_per_example None, because",
        ),
        (
            {"noise_multiplier": 0.1},
            {},
            "noise_multiplier 1.5, because its steps count for the privacy too, got 0.1",
        ),
        ({"sampler": "poisson"}, {}, "sampler 'shuffled', because its steps count"),
        ({"batch_size": 4}, {}, "batch_size 5, because"),
        ({"n": 22}, {}, "number of examples 23, because"),
    ],
)
def test_a_guarantee_does_not_continue_that_of_other_steps(tmp_path, before, after, message):
    path = tmp_path / "run.ckpt"
    trained(checkpoint=path, **before)
    with pytest.raises(ValueError, match="resume must be the checkpoint of a fit with " + message):
        trained(resume=path, epochs=3, **after)


def test_only_checkpoints_contain_the_secret(tmp_path, monkeypatch):
    secret = bytes(range(100, 132))
    monkeypatch.setattr("secrets.token_bytes", lambda count: secret[:count])
    path, checkpoint = tmp_path / "net.safetensors", tmp_path / "run.ckpt"
    net = trained(seed=None, checkpoint=checkpoint)
    net.save(path)
    loaded = lg.load(checkpoint)
    loaded.save(tmp_path / "again.safetensors")
    traces = (secret, secret.hex().encode(), secret[:8], secret.hex()[:16].encode())
    public = [path.read_bytes(), (tmp_path / "again.safetensors").read_bytes()]
    public += [pickle.dumps(net), pickle.dumps(net.history), pickle.dumps(loaded)]
    public += [repr(one).encode() for one in (net, net.history, net.history.privacy, vars(net.history))]
    assert not [trace for trace in traces for text in public if trace in text]
    assert secret.hex().encode() in checkpoint.read_bytes()


def test_poisson_samples_have_random_sizes_and_every_example_equally_often():
    n, batch, epochs = 40, 10, 300
    net = lg.Network([n, 1], init="zeros", dtype="float64")
    x, y = np.eye(n), np.ones(n)
    drawn_steps = []

    class Each(lg.callbacks.Callback):
        def on_batch_end(self, training):
            drawn_steps.append(net.weights[0][0] != 0)  # an example changes its own weight
            net.parameters[...] = 0

    arguments = {"clip_per_example": 1.0, "sampler": "poisson", "unsafe_noise_seed": 8}
    arguments["optimizer"] = lg.SGD(1.0)
    net.fit(x, y, epochs=epochs, batch_size=batch, callbacks=[Each()], **arguments)
    drawn = np.array(drawn_steps)
    assert len(drawn) == epochs * n // batch
    sizes, q = drawn.sum(1), batch / n
    assert abs(sizes.mean() - batch) < 4 * math.sqrt(n * q * (1 - q) / len(sizes))
    assert abs(sizes.var() / (n * q * (1 - q)) - 1) < 4 * math.sqrt(2 / len(sizes))
    assert abs(drawn.mean(0) - q).max() < 4.5 * math.sqrt(q * (1 - q) / len(drawn))


def test_empty_samples_take_a_step_with_noise_only():
    net = lg.Network([2, 1], init="zeros", dtype="float64")
    seen = []

    class Each(lg.callbacks.Callback):
        def on_batch_end(self, training):
            seen.append((training.batch_cost, np.count_nonzero(net.parameters)))
            net.parameters[...] = 0

    private = {"clip_per_example": 1.0, "noise_multiplier": 1.0, "unsafe_noise_seed": 1}
    settings = {"sampler": "poisson", "optimizer": lg.SGD(1.0), "batch_size": 1, "epochs": 4}
    net.fit(np.ones((20, 2)), np.ones(20), callbacks=[Each()], **private, **settings)
    empty = [changed for cost, changed in seen if cost == 0]
    assert len(seen) == 80
    assert 15 <= len(empty) <= 45  # 0.95^20 of the 80 samples, that is 29, are expected to be empty
    assert set(empty) == {3}


def test_poisson_sampling_uses_the_training_part_of_a_split():
    n = 30
    net = lg.Network([n, 1], init="zeros", dtype="float64")
    arguments = {"clip_per_example": 1.0, "sampler": "poisson", "unsafe_noise_seed": 8, "epochs": 30}
    history = net.fit(np.eye(n), np.ones(n), batch_size=4, validation=0.4, **arguments)
    assert np.count_nonzero(net.weights[0]) == 18
    assert history.privacy.examples == 18
    assert len(history["val_cost"]) == 30


def test_huge_gradients_are_clipped():
    for dtype, large in (("float32", 1e18), ("float64", 1e150)):  # whose squares are finite
        net = lg.Network([2, 1], init="zeros", dtype=dtype)
        x, y = np.full((4, 2), 1.0, dtype), np.full(4, large, dtype)
        net.fit(x, y, epochs=1, optimizer=lg.SGD(1.0), clip_per_example=1.0, batch_size=4)
        assert np.linalg.norm(net.parameters) == pytest.approx(1.0, rel=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rounding_of_tiny_factors_does_not_lengthen_gradients(dtype):
    info = np.finfo(dtype)
    large = float(info.max) / 8
    for bound in 1.5 * info.smallest_subnormal * large * np.array([1.0, 1.7, 5.0]):
        net = lg.Network([1, 1], init="zeros", cost="mae", dtype=dtype)
        net.fit(
            [[large]], [1.0], epochs=1, optimizer=lg.SGD(1.0), clip_per_example=float(bound), batch_size=1
        )
        assert np.linalg.norm(net.parameters) <= 1.000001 * bound
