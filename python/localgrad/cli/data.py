"""Data sets of images for the demo."""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad.cli.errors import CommandError, reason
from localgrad.cli.idx import read_images


@dataclass(frozen=True)
class Images:
    """Training and test images, one per row with pixels in [0, 1], and their classes."""

    name: str
    X: NDArray[np.float32]
    y: NDArray[np.int64]
    X_test: NDArray[np.float32]
    y_test: NDArray[np.int64]
    shape: tuple[int, int]  # height and width of an image

    @property
    def classes(self) -> int:
        """The number of classes."""
        return 1 + int(max(self.y.max(), self.y_test.max()))


def sklearn_digits(seed: int) -> Images:
    """Return the 1,797 digits of scikit-learn, with 80 % of each class for training and the rest for testing.

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
            'the digits require scikit-learn; install it with: pip install "localgrad[demo]" '
            "(or use other data with --data)",
            status=1,
        ) from None
    digits: Any = load_digits()
    X, X_test, y, y_test = train_test_split(
        (digits.data / digits.data.max()).astype(np.float32),
        digits.target.astype(np.int64),
        test_size=0.2,
        stratify=digits.target,
        random_state=seed % 2**32,  # scikit-learn accepts seeds of at most 32 bits
    )
    height, width = digits.images.shape[1:]
    return Images("scikit-learn digits", X, y, X_test, y_test, (height, width))


def images_in(folder: str) -> Images:
    """Return MNIST, Fashion-MNIST or another data set whose IDX files have the same names.

    Raises
    ------
    CommandError
        If the folder does not contain the four files, or they are malformed or do not match.
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
            f"{folder}: training images have {_size(train)} pixels, but test images have {_size(test)}"
        )
    images = Images(folder, _rows(train), y, _rows(test), y_test, (train.shape[1], train.shape[2]))
    if images.classes < 2:
        raise CommandError(f"{folder}: expected labels of at least 2 classes, got only label 0")
    return images


def _rows(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)


def _size(images: NDArray[np.uint8]) -> str:
    return "x".join(map(str, images.shape[1:]))
