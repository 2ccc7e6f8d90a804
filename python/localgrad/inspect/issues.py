"""The result of `label_issues`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localgrad._arrays.rows import FloatArray

_SHOWN = 10  # rows of the table


@dataclass(frozen=True, eq=False)
class LabelIssues:
    """Result of `label_issues`. ``print(issues)`` shows the most suspicious rows.

    All quantities of a row are those of a network that was not trained on it.

    Attributes
    ----------
    order : ndarray of int of shape (n,)
        All rows, the most suspicious first: in descending order of `scores`, equal scores in the order of the
        rows.
    scores : ndarray of float64 of shape (n,)
        How suspicious each row is; higher is worse. For labels, the log odds of the best other class against
        the label: max over k ≠ y of z_k, minus z_y, with the weighted inputs z of the output layer. It is
        above 0 if the network predicts another class. For a regression, the norm of the residual a - y, in
        units of the root mean square of the residuals of each target: about 1 for a typical row with one
        target.
    outputs : ndarray of shape (n, sizes[-1])
        Outputs of the network: probabilities of the classes for softmax and sigmoid outputs, predictions for
        a regression.
    labels : ndarray of shape (n,) or (n, sizes[-1])
        The labels or targets `y` that were passed.
    suggested : ndarray of the same shape
        What the network predicts instead: the most probable class, or the predictions of a regression.
    issues : ndarray of bool of shape (n,) or None
        Rows whose label is probably wrong: the first rows of `order`, as many as confident learning
        (Northcutt et al. 2021) estimates. None for a regression.
    epochs : tuple of int
        Number of epochs after which the network of each fold was used.

    Examples
    --------
    >>> import localgrad as lg
    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> y = (X.ravel() > 0).astype(int)
    >>> y[[20, 90]] = 1, 0
    >>> net = lg.Network([1, 8, 2], output="softmax", seed=0)
    >>> found = lg.inspect.label_issues(net, X, y, epochs=60)
    >>> sorted(found.order[:2].tolist())
    [20, 90]
    >>> print(found)  # doctest: +ELLIPSIS
    LabelIssues of 100 rows, ... probably wrong
    row  label  suggested  ...
     90      0          1  ...
    """

    order: NDArray[np.intp]
    scores: NDArray[np.float64]
    outputs: FloatArray
    labels: NDArray[Any]
    suggested: NDArray[Any]
    issues: NDArray[np.bool_] | None
    epochs: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.order)

    def __repr__(self) -> str:
        found = "" if self.issues is None else f", {np.count_nonzero(self.issues)} probably wrong"
        return f"<{type(self).__name__} of {len(self)} rows{found}>"

    def __str__(self) -> str:
        heads = ("row", "label", "suggested", "score")
        lines = [heads, *(self._line(row) for row in self.order[:_SHOWN].tolist())]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        table = ("  ".join(f"{cell:>{w}}" for cell, w in zip(line, widths, strict=True)) for line in lines)
        rest = ["..."] if len(self) > _SHOWN else []
        return "\n".join([repr(self).strip("<>"), *table, *rest])

    def _line(self, row: int) -> tuple[str, ...]:
        return (str(row), _text(self.labels[row]), _text(self.suggested[row]), f"{self.scores[row]:.4g}")


def _text(value: Any) -> str:
    """Return a label, or numbers with few digits."""
    numbers = [f"{number:.4g}" for number in np.ravel(value)]
    return numbers[0] if len(numbers) == 1 else f"[{', '.join(numbers)}]"
