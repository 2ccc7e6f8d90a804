"""Ordinary training runs, drawn at random."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import localgrad as lg
import numpy as np

from training_runs.data import CLASSES, VALUES, Rng

USUAL = ("relu", "relu", "tanh", "leaky_relu", "elu", "gelu", "silu", "softplus", "sigmoid", "selu", "mish")


@dataclass(frozen=True)
class Case:
    """One training run: data, a network, and the arguments of fit."""

    data: str
    X: np.ndarray
    y: np.ndarray
    sizes: list[int]
    network: dict[str, Any]
    fit: dict[str, Any]
    bias: float | None = None  # of all hidden units, instead of 0
    shift: float | None = None  # of the weights of all hidden units, in standard deviations

    def train(self, **options: Any) -> lg.History:
        """Train the network, and return the history, also of a run that diverges."""
        net = lg.Network(self.sizes, **self.network)
        for w, b in zip(net.weights[:-1], net.biases[:-1], strict=True):
            if self.shift is not None:
                w += self.shift * w.std()
            if self.bias is not None:
                b[:] = self.bias
        with suppress(FloatingPointError):
            net.fit(self.X, self.y, **self.fit, **options)
        return net.history

    def __str__(self) -> str:
        sizes = "-".join(map(str, self.sizes))
        fit = {name: value for name, value in self.fit.items() if name != "validation"}
        own = {"bias": self.bias, "shift": self.shift}
        return f"{self.data} {sizes} {self.network} {fit} { {k: v for k, v in own.items() if v is not None} }"


def ordinary(
    rng: Rng, hidden: tuple[int, int] = (1, 3), activations: tuple[str, ...] = (), classes: bool | None = None
) -> Case:
    """Draw a run with usual settings: data, network, optimizer and batch size."""
    classes = bool(rng.random() < 0.5) if classes is None else classes
    kinds = CLASSES if classes else VALUES
    name = str(rng.choice(list(kinds)))
    X, y = kinds[name](rng)
    depth = int(rng.integers(hidden[0], hidden[1] + 1))
    activation = str(rng.choice(activations or USUAL))
    if activation == "sigmoid":  # which is unusual in deep networks, because δ vanishes
        depth = min(depth, 2) if not activations else depth
    width = int(2 ** rng.uniform(4, 7))
    network: dict[str, Any] = {"activation": activation, "seed": int(rng.integers(1e6))}
    if classes:
        outputs = int(y.max()) + 1
        network |= {"output": "softmax"}
        if outputs == 2 and rng.random() < 0.7:
            outputs, network["output"] = 1, "sigmoid"
            network["cost"] = "cross_entropy"
    else:
        outputs = y.shape[1]
        network["cost"] = str(rng.choice(["mse", "mse", "mse", "huber", "log_cosh"]))
    optimizer: Any
    kind = str(rng.choice(["Adam", "Adam", "AdamW", "NAdam", "RMSprop", "SGD", "SGD", "momentum"]))
    if kind == "SGD":
        optimizer = lg.SGD(float(10 ** rng.uniform(-1.7, -1)))
    elif kind == "momentum":
        optimizer = lg.SGD(float(10 ** rng.uniform(-2.5, -2)), momentum=0.9)
    else:
        optimizer = getattr(lg, kind)(float(10 ** rng.uniform(-3, -2.3)))
    batch = int(2 ** rng.integers(3, 7))
    steps = float(rng.uniform(800, 2500)) * (2 if kind == "SGD" else 1)
    n = len(X)
    held = n // 4 if rng.random() < 0.5 else 0
    epochs = int(np.clip(steps / -(-(n - held) // batch), 10, 150))
    fit = {"epochs": epochs, "batch_size": batch, "optimizer": optimizer}
    if held:
        fit["validation"] = (X[-held:], y[-held:])
        X, y = X[:-held], y[:-held]
    return Case(name, X, y, [X.shape[1], *[width] * depth, outputs], network, fit)


def healthy(rng: Rng) -> Case:
    """Draw a healthy run: if there is validation data, it ends at the best epoch."""
    case = ordinary(rng)
    if "validation" in case.fit:
        case.fit["restore_best"] = True
    return case
