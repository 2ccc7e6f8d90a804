"""Files that an earlier version wrote: a network and a checkpoint, which every later one must read."""

from pathlib import Path

import localgrad as lg
import numpy as np

GOLDEN = Path(__file__).parent / "golden"
EPOCHS = 4  # that the checkpoint has seen


def data():
    x = np.arange(60, dtype=np.float32).reshape(20, 3) % 7 / 7
    return x, np.arange(20) % 2


def trained(epochs, **arguments):
    """Train as the network and the checkpoint were trained."""
    x, y = data()
    net = lg.Network([3, 8, 2], activation="tanh", output="softmax", dropout=0.25, seed=12)
    net.fit(
        x,
        y,
        epochs=epochs,
        batch_size=6,
        optimizer=lg.Adam(0.01, amsgrad=True),
        schedule=lg.schedules.ReduceOnPlateau(patience=1, monitor="cost"),
        callbacks=[lg.callbacks.EarlyStopping(patience=50, monitor="cost")],
        l2=0.01,
        **arguments,
    )
    return net


def assert_same(net, expected):
    same = np.array_equal if lg.info()["fused_multiply_add"] else np.allclose
    assert same(net.parameters, expected.parameters)


def test_a_network_loads():
    net = lg.load(GOLDEN / "network.safetensors")
    expected = trained(EPOCHS)
    assert (net.sizes, net.activation, net.output, net.cost) == (
        (3, 8, 2),
        ("tanh",),
        "softmax",
        "cross_entropy",
    )
    assert (net.dropout, net.seed, net.epochs) == ((0.25,), 12, EPOCHS)
    assert_same(net, expected)


def test_a_training_resumes_from_a_checkpoint():
    whole = trained(2 * EPOCHS)
    resumed = trained(2 * EPOCHS, resume=GOLDEN / "checkpoint.safetensors")
    assert len(resumed.history["cost"]) == len(whole.history["cost"]) == 2 * EPOCHS
    assert_same(resumed, whole)


if __name__ == "__main__":  # writes them anew
    trained(EPOCHS, checkpoint=GOLDEN / "checkpoint.safetensors").save(GOLDEN / "network.safetensors")
