"""Images of handwritten digits to train on, and to test what was learnt."""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad.cli.errors import CommandError, reason
from localgrad.cli.idx import read_images


@dataclass(frozen=True)
class Images:
    """Images with their classes, one image a row of pixels between 0 and 1."""

    name: str
    X: NDArray[np.float32]
    y: NDArray[np.int64]
    X_test: NDArray[np.float32]
    y_test: NDArray[np.int64]
    shape: tuple[int, int]  # height and width of an image

    @property
    def classes(self) -> int:
        """The number of classes, which are counted from 0."""
        return 1 + int(max(self.y.max(), self.y_test.max()))


def sklearn_digits(seed: int) -> Images:
    """Return the 1,797 digits that come with scikit-learn, 80 % of each class to train on, the rest to test.

    Raises
    ------
    CommandError
        If scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split
    except ImportError:
        raise CommandError(
            'the digits come with scikit-learn: pip install "localgrad[demo]", or give IDX files by --data',
            status=1,
        ) from None
    digits: Any = load_digits()
    X, X_test, y, y_test = train_test_split(
        (digits.data / digits.data.max()).astype(np.float32),
        digits.target.astype(np.int64),
        test_size=0.2,
        stratify=digits.target,
        random_state=seed % 2**32,  # as many bits as scikit-learn takes
    )
    height, width = digits.images.shape[1:]
    return Images("scikit-learn's digits", X, y, X_test, y_test, (height, width))


def images_in(folder: str) -> Images:
    """Return MNIST, Fashion-MNIST or another set of IDX files of the same names.

    Raises
    ------
    CommandError
        If the folder does not hold four good files that belong together.
    """
    if not os.path.isdir(folder):
        what = "is not a folder" if os.path.exists(folder) else "no such folder"
        raise CommandError(f"{folder}: {what}")
    try:
        train, y = read_images(folder, "train")
        test, y_test = read_images(folder, "t10k")
    except OSError as error:
        raise CommandError(reason(error)) from None
    except ValueError as error:
        raise CommandError(str(error)) from None
    if train.shape[1:] != test.shape[1:]:
        raise CommandError(
            f"{folder}: images for training are {_size(train)} pixels, for the test {_size(test)}"
        )
    images = Images(folder, _rows(train), y, _rows(test), y_test, (train.shape[1], train.shape[2]))
    if images.classes < 2:
        raise CommandError(f"{folder}: expected labels of at least 2 classes, all are 0")
    return images


def _rows(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)


def _size(images: NDArray[np.uint8]) -> str:
    return "x".join(map(str, images.shape[1:]))
