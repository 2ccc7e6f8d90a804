"""`Network.plan` describes the computation correctly and changes nothing."""

import localgrad as lg
import pytest


def test_a_plan_describes_the_mini_batch():
    plan = lg.Network([784, 128, 64, 10], seed=0).plan(64, n_threads=2)
    assert (plan.batch_size, plan.threads, plan.fixed) == (64, 2, True)
    assert plan.operations == 64 * (4 * 784 * 128 + 6 * 128 * 64 + 6 * 64 * 10)
    assert [(layer.fan_in, layer.fan_out) for layer in plan.layers] == [(784, 128), (128, 64), (64, 10)]
    assert all(layer.panels * layer.tile_columns >= layer.fan_out for layer in plan.layers)
    assert not any(layer.transposed for layer in plan.layers)
    assert [layer.transposed for layer in lg.Network([9, 5, 1]).plan(3).layers] == [False, True]
    assert plan.seconds > 0
    assert plan.bound in ("arithmetic", "bandwidth", "handover")
    assert plan.update == "fused"


@pytest.mark.parametrize(
    ("sizes", "batch_size", "n_threads", "split"),
    [
        ([784, 100, 10], 20, 2, "units"),
        ([40, 17, 900], 50, 2, "rows"),  # most weights are those of the output layer
        ([4, 32, 16, 4], 10_000, 2, "chunks"),
        ([4, 32, 16, 4], 10_000, 1, "chunks"),  # independent of the number of threads
    ],
)
def test_the_split_depends_on_the_sizes(sizes, batch_size, n_threads, split):
    plan = lg.Network(sizes).plan(batch_size, n_threads=n_threads)
    assert plan.split == split
    assert (plan.chunks > 1) == (split == "chunks")


def test_the_workspace_grows_with_rows_state_and_dtype():
    net = lg.Network([784, 100, 10])
    few, many = (net.plan(rows, optimizer="sgd", n_threads=1) for rows in (20, 200))
    assert many.workspace - few.workspace >= 180 * 4 * (784 + 2 * 100 + 2 * 10)
    momentum = net.plan(20, optimizer=lg.SGD(0.1, momentum=0.9), n_threads=1)
    assert momentum.workspace - few.workspace >= 4 * net.num_parameters
    wide = lg.Network([784, 100, 10], dtype="float64").plan(20, optimizer="sgd", n_threads=1)
    assert wide.workspace > 1.5 * few.workspace


def test_the_default_number_of_threads_depends_on_the_work():
    plan = lg.Network([784, 512, 512, 10]).plan(128)
    assert not plan.fixed
    assert 1 <= plan.threads <= lg.info()["threads"]
    assert lg.Network([2, 3, 1]).plan(4).threads == 1


def test_a_plan_prints_a_readable_text():
    text = str(lg.Network([784, 30, 10]).plan(10, n_threads=3))
    for word in (
        "10 rows",
        "958,800 floating-point operations",
        "bytes of workspace",
        "predicted",
        "GFLOP/s",
    ):
        assert word in text
    assert "threads: 3, as requested" in text
    assert "784 -> 30" in text
    text = str(lg.Network([4, 32, 16, 4]).plan(10_000, n_threads=1))
    assert "gradients of 80 chunks added up in order" in text


def test_the_requested_number_of_threads_is_used():
    assert lg.Network([4, 32, 16, 4]).plan(1000, n_threads=50).threads == 50


def test_a_plan_changes_nothing():
    net = lg.Network([5, 4, 3], seed=1)
    before = net.parameters.tobytes()
    net.plan(7)
    assert net.parameters.tobytes() == before
    assert net.epochs == 0


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        ([0], {}, ValueError, ["batch_size", "at least 1", "got 0"]),
        (["8"], {}, TypeError, ["batch_size", "int", "'8'"]),
        ([2**40], {}, ValueError, ["batch_size", "below", str(2**40)]),
        ([8], {"n_threads": 0}, ValueError, ["n_threads", "at least 1", "got 0"]),
        ([8], {"optimizer": 0.1}, TypeError, ["optimizer", "SGD", "0.1"]),
        ([2**31], {}, MemoryError, ["workspace", "bytes"]),
    ],
)
def test_invalid_arguments_raise(arguments, options, error, words):
    with pytest.raises(error) as caught:
        lg.Network([1000, 1000, 1000]).plan(*arguments, **options)
    for word in words:
        assert word in str(caught.value)
