"""Importance sampling: the mean of the gradient is kept, and the draws are repeated."""

import localgrad as lg
import numpy as np
import pytest
from localgrad import _core, reference
from network_cases import relative_error, some_data
from test_agreement import both, largest_error_of_parameters

SIZES = [5, 7, 3]


def trained(n_threads=1, dtype="float64", n=23, **arguments):
    net = lg.Network(SIZES, activation="tanh", dtype=dtype, seed=4, dropout=0.2)
    x, y = some_data(n, SIZES, seed=2)
    settings = {"sampler": "importance", "epochs": 3, "batch_size": 5, "n_threads": n_threads}
    net.fit(x, y, **settings | arguments)
    return net


@pytest.mark.parametrize("options", [{}, {"learn_input_scale": True}, {"standardize": True}], ids=str)
@pytest.mark.parametrize("weighted", [False, True])
def test_training_agrees_with_the_reference(options, weighted):
    core, model = both(SIZES, seed=7, scale=0.5, activation="tanh", dropout=0.3, **options)
    x, y = some_data(13, SIZES, seed=3)
    weights = np.linspace(0.1, 2, 13) if weighted else None
    arguments = {"epochs": 4, "batch_size": 4, "sampler": "importance", "sample_weight": weights}
    history = core.fit(x, y, optimizer=lg.SGD(0.1), **arguments)
    arguments["sample_weight"] = None if weights is None else weights.tolist()
    expected = model.fit(x.tolist(), y.tolist(), optimizer=reference.SGD(0.1), **arguments)
    assert relative_error(history["cost"], expected["cost"]) <= 1e-10
    assert largest_error_of_parameters(core, model) <= 1e-10


def test_draws_have_their_probabilities():
    chances = np.array([0.1, 0.0, 0.5, 0.15, 0.25])
    chances = np.repeat(chances / 1000, 1000)
    order = _core.importance_order(chances, 3, 7)
    counts = np.bincount(order // 1000, minlength=5) / 5000
    expected = np.array([0.1, 0.0, 0.5, 0.15, 0.25])
    assert (np.abs(counts - expected) <= 4 * np.sqrt(expected * (1 - expected) / 5000)).all()
    assert not np.array_equal(order, _core.importance_order(chances, 3, 8))
    assert not np.array_equal(order, _core.importance_order(chances, 4, 7))


def test_the_gradient_keeps_its_mean():
    # One step with every seed: the mean of the steps is that of the whole gradient.
    x, y = some_data(40, SIZES, seed=3)
    y[:4] *= 20  # examples with large gradients
    net = lg.Network(SIZES, activation="tanh", dtype="float64", seed=0)
    start, whole = net.parameters.copy(), net.backprop(x, y).gradient
    steps = {"shuffled": [], "importance": []}
    for sampler, of_sampler in steps.items():
        for epoch in range(600):
            net.parameters[...] = start
            net.reset(epoch)
            net.parameters[...] = start
            first = []

            class Stop(lg.callbacks.Callback):
                def on_batch_end(self, training, first=first):
                    first.append(start - training.network.parameters)
                    return True

            net.fit(x, y, epochs=1, batch_size=4, optimizer=lg.SGD(1.0), sampler=sampler, callbacks=[Stop()])
            of_sampler.append(first[0])
    errors = {sampler: np.array(taken) - whole for sampler, taken in steps.items()}
    variance = {sampler: (error**2).sum(1).mean() for sampler, error in errors.items()}
    mean = errors["importance"].mean(0)
    assert (mean**2).sum() < 2 * variance["importance"] / 600
    assert variance["importance"] < 0.5 * variance["shuffled"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_bits_do_not_depend_on_the_number_of_threads(dtype):
    expected = trained(dtype=dtype).parameters.tobytes()
    for threads in (2, 3, 7):
        assert trained(threads, dtype).parameters.tobytes() == expected


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("at", [5, 7])
def test_a_run_that_is_resumed_within_an_epoch_is_bit_identical(tmp_path, dtype, at):
    path = tmp_path / "run.ckpt"

    class Stop(lg.callbacks.Callback):
        def on_batch_end(self, training):
            return training.step == at

        def on_train_end(self, training):
            training.save_checkpoint(path)

    expected = trained(dtype=dtype, validation=0.2)
    trained(dtype=dtype, validation=0.2, callbacks=[Stop()])
    assert (
        trained(dtype=dtype, validation=0.2, resume=path).parameters.tobytes()
        == expected.parameters.tobytes()
    )


def test_metrics_are_those_of_the_validation_data():
    x, labels = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2
    net = lg.Network([3, 2], output="softmax")
    history = net.fit(x, labels, epochs=2, validation=0.25, sampler="importance")
    assert list(history) == ["cost", "val_cost", "val_accuracy"]


def test_examples_without_gradients_are_drawn_uniformly():
    net = lg.Network([2, 1], init="zeros")
    history = net.fit(np.ones((20, 2)), np.zeros(20), epochs=2, sampler="importance")
    assert history["cost"] == [0.0, 0.0]
