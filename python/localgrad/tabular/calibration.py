"""Temperatures of probabilities."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

_BOUNDS = (np.log(0.05), np.log(20.0))


def softened(probabilities: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Return probabilities whose logarithms are divided by a temperature; rows sum to 1."""
    if temperature != 1.0:
        logs = np.log(np.maximum(probabilities, np.finfo(float).tiny)) / temperature
        probabilities = np.exp(logs - logs.max(axis=1, keepdims=True))
    result: NDArray[np.float64] = probabilities / probabilities.sum(axis=1, keepdims=True)
    return result


def temperature_of(
    probabilities: NDArray[np.float64], y: NDArray[np.int64], weights: NDArray[np.float64] | None
) -> float:
    """Return the temperature with the lowest log loss (Guo et al. 2017, "On Calibration")."""

    def loss(log_temperature: float) -> float:
        right = softened(probabilities, float(np.exp(log_temperature)))[np.arange(len(y)), y]
        return -float(np.average(np.log(np.maximum(right, np.finfo(float).tiny)), weights=weights))

    return float(np.exp(minimize_scalar(loss, bounds=_BOUNDS, method="bounded").x))
