"""`label_issues`: which labels of a data set are probably wrong."""

from __future__ import annotations  # keeps aliases such as ArrayLike short in help()

from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arguments.check import integer, shown
from localgrad._arguments.names.keywords import other_names
from localgrad._arguments.regularization import Regularization, regularized
from localgrad._arrays.rows import label_remedy, numeric
from localgrad._arrays.weights import ClassWeight
from localgrad._data.examples import Examples
from localgrad._data.folds import training_rows
from localgrad._model.model import Model
from localgrad.blocks import blocks_like
from localgrad.inspect.cross_fit import cross_fit, out_of_sample
from localgrad.inspect.issues import LabelIssues
from localgrad.inspect.scores import margins, number_of_errors, residual_sizes, two_columns
from localgrad.network import Network
from localgrad.optimizers import Optimizer
from localgrad.schedules.argument import AnySchedule

# Costs of a regression whose outputs are predictions of the targets.
_REGRESSION = ("mse", "mae", "huber", "log_cosh", "custom")


@other_names
@regularized
def label_issues(
    net: Network,
    X: ArrayLike,
    y: ArrayLike,
    *,
    n_folds: int = 5,
    seed: int = 0,
    epochs: int | None = None,
    batch_size: int | None = 32,
    optimizer: Optimizer | str | None = None,
    schedule: AnySchedule | Mapping[str, AnySchedule] | None = None,
    sample_weight: ArrayLike | None = None,
    class_weight: ClassWeight | None = None,
    n_threads: int | None = None,
    verbose: int = 0,
    **regularization: Unpack[Regularization],
) -> LabelIssues:
    """Find the rows of a data set whose label is probably wrong.

    Copies of the network are trained as a `Fleet`, each without the rows of one fold, which it then judges. A
    network that was trained on a wrong label may have learned it.

    Parameters
    ----------
    net : Network
        Network whose sizes, options and seed are used; it is not changed. Its parameters do not matter: the
        copies start from its untrained state, as after `Network.reset`.
    X : array_like of shape (n, sizes[0])
        Examples, as in `Fleet.fit`.
    y : array_like of shape (n,)
        Labels. For a regression with the cost mse, mae, huber, log_cosh or a custom one, targets of shape
        (n, sizes[-1]) or (n,).
    n_folds : int, default 5
        Number of folds and networks, from 2 to n. The folds of labels are stratified.
    seed : int, default 0
        Seed of the division into folds. With the same seeds and arguments, the result is the same.
    epochs : int, optional
        Number of epochs. By default, each network is trained until the cost of its fold has not fallen for 3
        epochs, at most for 100, and the parameters of the best epoch are used.
    batch_size, optimizer, schedule, sample_weight, class_weight, n_threads, verbose
        As in `Fleet.fit`, the same for all folds.
    l1, l2, weight_decay, penalize_biases, max_norm, clip_value, clip_norm, weight_lr_factor, \
bias_lr_factor, input_scale_lr_factor
        As in `Network.fit`.

    Returns
    -------
    LabelIssues
        The rows in order, the most suspicious first, with scores, outputs and suggested labels.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid, a number is not finite, a class has only one row, the rows have only one
        class, or the network has targets other than those above.
    FloatingPointError
        If training diverges.

    Notes
    -----
    With softmax outputs and cross-entropy, δ of the output layer is p - y, so the label and the class that
    competes with it are in its largest components. The score is the logarithm of the ratio of their
    probabilities. On MNIST, letter recognition and four small data sets with 5 % of the labels flipped, it
    found as many of them as the probability of the label, within one row in a thousand, and more than
    p_max - p_y or the norm of δ. It still distinguishes rows whose probabilities are rounded to 0 and 1.

    A high score means that the network disagrees with the label. Look at the rows: some are wrong, others are
    rare or ambiguous. The choice of the epoch, if `epochs` is None, uses one number of the fold, its cost.

    References
    ----------
    C. G. Northcutt, L. Jiang and I. L. Chuang, "Confident Learning: Estimating Uncertainty in Dataset
    Labels", Journal of Artificial Intelligence Research 70, 2021.

    Examples
    --------
    >>> import localgrad as lg
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 2))
    >>> y = (X[:, 0] > 0).astype(int)
    >>> wrong = np.flatnonzero(abs(X[:, 0]) > 0.8)[:5]
    >>> y[wrong] = 1 - y[wrong]
    >>> net = lg.Network([2, 16, 2], output="softmax", seed=0)
    >>> found = lg.inspect.label_issues(net, X, y, epochs=20)
    >>> sorted(found.order[:5]) == sorted(wrong)
    True
    """
    if not isinstance(net, Network):
        raise TypeError(f"net must be a Network, got {shown(net)}")
    if blocks_like(X) is not None:
        raise TypeError(f"X must be an array, got {shown(X)}")
    model = net._core_model
    if epochs is not None:
        epochs = integer(epochs, "epochs", at_least=1)
    folds = integer(n_folds, "n_folds", at_least=2)
    model.check_columns(X, "X")
    data = Examples.of(model, X, y, only_batch=True)
    _check_targets(model, data, y)
    labels = data.targets.astype(np.intp) if data.targets.ndim == 1 else None
    if labels is not None:
        _check_classes(labels)
    rows = training_rows(len(data), folds, seed, labels)
    fit = {
        "epochs": epochs,
        "batch_size": batch_size,
        "optimizer": optimizer,
        "schedule": schedule,
        "sample_weight": sample_weight,
        "class_weight": class_weight,
        "n_threads": n_threads,
        "verbose": verbose,
        "regularization": regularization,
    }
    fleet = cross_fit(net, X, y, rows, fit)
    z, a = out_of_sample(fleet, data, rows, n_threads)
    used = tuple(one.best_epoch or len(one["cost"]) for one in fleet.histories)
    if labels is None:
        wanted, scores = data.targets, residual_sizes(a, data.targets)
        return LabelIssues(_order(scores), scores, a, wanted, a, None, used)
    by_class = a
    if a.shape[1] == 1:
        z, by_class = two_columns(z, zero=0.0), two_columns(a, zero=-a if model.cost == "hinge" else 1 - a)
    scores = margins(z, labels)
    order, issues = _order(scores), np.zeros(len(data), bool)
    issues[order[: number_of_errors(by_class, labels)]] = True
    return LabelIssues(order, scores, a, labels, z.argmax(axis=1), issues, used)


def _order(scores: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.argsort(-scores, kind="stable")


def _check_targets(model: Model, data: Examples, y: ArrayLike) -> None:
    """Raise a ValueError for targets that have no score."""
    if model.takes_labels:
        if data.targets.ndim == 2:
            array = numeric(y, "y")
            raise ValueError(
                f"y must be integer labels of shape ({len(data)},) for label_issues, got shape {array.shape} "
                f"of dtype {array.dtype}{label_remedy(array, 'y') or _one_hot_remedy(data.targets)}"
            )
    elif model.classifies or model.cost.partition("(")[0] not in _REGRESSION:
        raise ValueError(
            f"net must have one class per row, or a cost among {', '.join(_REGRESSION)}, for label_issues, "
            f"got the cost {model.cost!r} and {model.sizes[-1]} {model.output} outputs"
        )


def _one_hot_remedy(targets: NDArray[Any]) -> str:
    one_hot = np.isin(targets, (0, 1)).all() and (targets.sum(axis=1) == 1).all()
    return "; y.argmax(axis=1) converts one-hot rows to labels" if one_hot else ""


def _check_classes(labels: NDArray[np.intp]) -> None:
    """Raise a ValueError unless each class that occurs remains in training when a row of it is held out."""
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2:
        raise ValueError(f"y must have at least 2 classes, got only {classes[0]}")
    if counts.min() < 2:
        alone = classes[counts < 2]
        more = f" and {len(alone) - 1} others" if len(alone) > 1 else ""
        raise ValueError(
            f"y must have at least 2 rows of each class, so that one can be trained on when another is held "
            f"out, got 1 row of class {alone[0]}{more}"
        )
