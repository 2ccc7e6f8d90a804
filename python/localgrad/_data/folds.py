"""Masks of training rows for cross-fitting."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

import localgrad._core as _core
from localgrad._arguments.check import integer


def training_rows(n: int, n_folds: int, seed: int, stratify: ArrayLike | None) -> NDArray[np.bool_]:
    """Return a mask for each fold, False for its rows; the arguments are those of `Fleet.folds`."""
    count = integer(n, "n", at_least=2, below=2**32)
    folds = integer(n_folds, "n_folds", at_least=2, below=count + 1)
    order = _core.split_order(count, integer(seed, "seed", at_least=0, below=2**64))
    if stratify is not None:
        classes = np.asarray(stratify)
        if classes.shape != (count,):
            raise ValueError(f"stratify must have shape ({count},), got {classes.shape}")
        order = order[np.argsort(np.unique(classes, return_inverse=True)[1][order], kind="stable")]
    masks = np.ones((folds, count), bool)
    masks[np.arange(count) % folds, order] = False
    return masks
