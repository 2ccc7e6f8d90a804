"""Data of the training runs: real sets of scikit-learn, and synthetic ones of random shape."""

import math
from collections.abc import Callable

import numpy as np
import sklearn.datasets

Rng = np.random.Generator
Data = tuple[np.ndarray, np.ndarray]


def _standard(X: np.ndarray) -> np.ndarray:
    std = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(std > 0, std, 1)


def _real(name: str, classes: bool) -> Callable[[Rng], Data]:
    def load(rng: Rng) -> Data:
        X, y = getattr(sklearn.datasets, f"load_{name}")(return_X_y=True)
        order = rng.permutation(len(X))
        X, y = X[order], y[order]
        return X / 16 if name == "digits" else _standard(X), y if classes else _standard(y[:, None])

    return load


def _blobs(rng: Rng) -> Data:
    n, m, classes = int(rng.integers(300, 1500)), int(rng.integers(2, 20)), int(rng.integers(2, 6))
    centers = rng.normal(0, 2, (classes, m))
    y = rng.integers(0, classes, n)
    return _standard(centers[y] + rng.normal(0, 1, (n, m))), y


def _moons(rng: Rng) -> Data:
    X, y = sklearn.datasets.make_moons(
        int(rng.integers(300, 1500)), noise=0.15, random_state=int(rng.integers(1e6))
    )
    return _standard(X), y


def _teacher(rng: Rng) -> Data:
    n, m, outputs = int(rng.integers(500, 2000)), int(rng.integers(3, 30)), int(rng.integers(1, 4))
    X = rng.normal(0, 1, (n, m))
    hidden = np.tanh(X @ rng.normal(0, 1, (m, 5)) / math.sqrt(m) * 1.5)
    return X, _standard(hidden @ rng.normal(0, 1, (5, outputs)) + rng.normal(0, 0.1, (n, outputs)))


def _friedman(rng: Rng) -> Data:
    n = int(rng.integers(500, 2000))
    X, y = sklearn.datasets.make_friedman1(n, noise=0.5, random_state=int(rng.integers(1e6)))
    return _standard(X), _standard(y[:, None])


def _wave(rng: Rng) -> Data:
    X = rng.uniform(-1, 1, (int(rng.integers(300, 1000)), 1))
    return X * math.sqrt(3), _standard(np.sin(rng.uniform(3, 6) * X) + rng.normal(0, 0.05, X.shape))


CLASSES = {
    "digits": _real("digits", True),
    "iris": _real("iris", True),
    "wine": _real("wine", True),
    "breast_cancer": _real("breast_cancer", True),
    "blobs": _blobs,
    "moons": _moons,
}
VALUES = {
    "diabetes": _real("diabetes", False),
    "teacher": _teacher,
    "friedman": _friedman,
    "wave": _wave,
}
