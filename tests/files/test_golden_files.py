"""A network and a checkpoint written by an earlier version, which every later version must read."""

from pathlib import Path

import localgrad as lg
import numpy as np

GOLDEN = Path(__file__).parent / "golden"
EPOCHS = 4  # of the checkpoint


def data():
    x = np.arange(60, dtype=np.float32).reshape(20, 3) % 7 / 7
    return x, np.arange(20) % 2


def trained(epochs, **arguments):
    """Train in the way the network and the checkpoint were trained."""
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


def test_the_network_can_be_loaded():
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


def test_training_resumes_from_the_checkpoint():
    whole = trained(2 * EPOCHS)
    resumed = trained(2 * EPOCHS, resume=GOLDEN / "checkpoint.safetensors")
    assert len(resumed.history["cost"]) == len(whole.history["cost"]) == 2 * EPOCHS
    assert_same(resumed, whole)


if __name__ == "__main__":  # rewrites the files
    trained(EPOCHS, checkpoint=GOLDEN / "checkpoint.safetensors").save(GOLDEN / "network.safetensors")
