"""MNIST: bit-identical results, and the accuracy that such networks are known to reach."""

import os
import subprocess
import sys
from pathlib import Path

import localgrad as lg
import numpy as np
import pytest
from localgrad.cli.idx import read_images

pytestmark = pytest.mark.slow


def rows_and_labels(folder, part):
    images, labels = read_images(folder, part)
    return images.reshape(len(images), -1).astype(np.float32) / 256, labels


@pytest.fixture(scope="module")
def mnist(mnist_folder):
    """Return the first 50,000 training images with labels, and the test images with labels."""
    x, y = rows_and_labels(mnist_folder, "train")
    return (x[:50_000], y[:50_000]), rows_and_labels(mnist_folder, "t10k")


def trained(data, *, hidden=30, init="normal", seed=0, epochs=3, **options):
    """Return a sigmoid network with quadratic cost, b = 10 and η = 3, after training, and its history."""
    net = lg.Network([784, hidden, 10], output="sigmoid", cost="mse", init=init, seed=seed)
    history = net.fit(*data, epochs=epochs, batch_size=10, optimizer=lg.SGD(3.0), **options)
    return net, history


@pytest.fixture(scope="module")
def three_epochs(mnist):
    net, history = trained(mnist[0], n_threads=1)
    # Check that training worked. With N(0, 1), one digit may not be learned yet.
    assert net.evaluate(*mnist[1])["accuracy"] > 0.8
    return net, history


@pytest.mark.parametrize("n_threads", [2, 3, 7])
def test_the_result_does_not_depend_on_the_number_of_threads(mnist, three_epochs, n_threads):
    net, history = trained(mnist[0], n_threads=n_threads)
    assert net.parameters.tobytes() == three_epochs[0].parameters.tobytes()
    assert history == three_epochs[1]
    assert net.predict(mnist[1][0]).tobytes() == three_epochs[0].predict(mnist[1][0]).tobytes()


@pytest.mark.parametrize("isa", ["avx2", "avx512"])
def test_the_result_does_not_depend_on_the_instruction_set(mnist_folder, three_epochs, isa, tmp_path):
    """Each instruction set is compared with the one in use."""
    if isa not in lg.info()["isa_available"]:
        pytest.skip(f"this machine or build has no {isa}")
    if not lg.info()["fused_multiply_add"]:
        pytest.skip(f"{lg.info()['isa']} is in use, which does not fuse multiplication and addition")
    path = tmp_path / "parameters"
    environment = os.environ | {"LOCALGRAD_ISA": isa}
    subprocess.run([sys.executable, __file__, mnist_folder, path], env=environment, check=True, timeout=300)
    assert path.read_bytes() == isa.encode() + three_epochs[0].parameters.tobytes()


def best_accuracies(mnist, hidden, init):
    """Return, for three seeds, the test accuracy of the best of 30 epochs."""
    best = []
    for seed in range(3):
        options = {"validation": mnist[1], "n_threads": 1}  # not slowed down by other processes
        _, history = trained(mnist[0], hidden=hidden, init=init, seed=seed, epochs=30, **options)
        best.append(max(history["val_accuracy"]))
    return best


def test_784_30_10_reaches_the_known_accuracy(mnist):
    """Nielsen, Neural Networks and Deep Learning, chapter 1, reports 95.42 % for the best of three runs."""
    best = best_accuracies(mnist, 30, "normal")
    assert max(best) >= 0.947, best


def test_784_100_10_reaches_the_known_accuracy(mnist):
    best = best_accuracies(mnist, 100, "xavier")
    assert min(best) >= 0.975, best


if __name__ == "__main__":
    net, _ = trained([data[:50_000] for data in rows_and_labels(sys.argv[1], "train")])
    Path(sys.argv[2]).write_bytes(lg.info()["isa"].encode() + net.parameters.tobytes())
