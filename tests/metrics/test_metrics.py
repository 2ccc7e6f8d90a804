"""Metrics agree with those of scikit-learn on many random cases."""

import math

import numpy as np
import pytest
from localgrad import metrics

sklearn = pytest.importorskip("sklearn.metrics")

CASES = [
    (seed, dtype, weighting)
    for seed in range(6)
    for dtype in (np.float32, np.float64)
    for weighting in ("none", "some", "zeros")
]
TOLERANCE = {np.float32: 2e-6, np.float64: 1e-12}
MAIN = ["f1", "precision", "recall"]  # class 1 of two classes, otherwise the macro average
COUNTS = ["accuracy", "balanced_accuracy", "f1_macro", "f1_micro", "f1_weighted"]


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1].__name__}-{case[2]}")
def case(request):
    return Case(*request.param)


class Case:
    """Random labels and outputs; those of odd seeds are coarse, so that there are ties."""

    def __init__(self, seed, dtype, weighting):
        self.rng = np.random.default_rng(seed)
        self.n = int(self.rng.integers(30, 300))
        self.coarse = bool(seed % 2)
        self.dtype = dtype
        self.tolerance = TOLERANCE[dtype]
        self.weights = None if weighting == "none" else self.rng.uniform(0, 3, self.n)
        if weighting == "zeros":
            self.weights[self.rng.random(self.n) < 0.3] = 0

    def labels(self, classes):
        # Each class occurs: scikit-learn requires it.
        return self.rng.permutation(np.arange(self.n) % self.rng.integers(classes, 2 * classes) % classes)

    def outputs(self, width):
        z = self.rng.normal(size=(self.n, width))
        if self.coarse:
            z = z.round()
        return z.astype(self.dtype)

    def probabilities(self, width):
        z = self.outputs(width)
        a = np.exp(z - z.max(axis=1, keepdims=True)) if width > 1 else np.exp(-np.logaddexp(0, -z))
        return (a / a.sum(axis=1, keepdims=True) if width > 1 else a).astype(self.dtype)

    def agree(self, ours, theirs):
        assert type(ours) is float
        assert ours == pytest.approx(theirs, rel=self.tolerance, abs=self.tolerance)


def counted(name, right, predicted, weights, **options):
    if name == "accuracy":
        return sklearn.accuracy_score(right, predicted, sample_weight=weights)
    if name == "balanced_accuracy":
        return sklearn.balanced_accuracy_score(right, predicted, sample_weight=weights)
    score, average = sklearn.f1_score, name[3:] or "binary"
    if name.startswith(("precision", "recall")):
        name, _, average = name.partition("_")
        score = getattr(sklearn, f"{name}_score")
    return score(
        right, predicted, sample_weight=weights, average=average or "binary", zero_division=0, **options
    )


@pytest.mark.parametrize("name", [*COUNTS, *MAIN])
@pytest.mark.parametrize("width", [1, 2])
def test_classification_with_two_classes(case, name, width):
    y, a = case.labels(2), case.probabilities(width)
    predicted = a.argmax(axis=1) if width == 2 else a[:, 0] >= 0.5
    theirs = counted(f"{name}_" if name in MAIN else name, y, predicted.astype(int), case.weights)
    case.agree(getattr(metrics, name)(y, a, sample_weight=case.weights), theirs)


@pytest.mark.parametrize("name", [*COUNTS, *MAIN])
@pytest.mark.parametrize("width", [3, 8])
def test_classification_with_several_classes(case, name, width):
    y, a = case.labels(width), case.outputs(width)
    theirs = counted(f"{name}_macro" if name in MAIN else name, y, a.argmax(axis=1), case.weights)
    case.agree(getattr(metrics, name)(y, a, sample_weight=case.weights), theirs)
    targets = np.eye(width)[y]  # the largest number of a one-hot row is the class
    case.agree(getattr(metrics, name)(targets, a, sample_weight=case.weights), theirs)


def test_a_class_with_only_weights_of_0_counts():
    y, a = [0, 1, 2, 2], np.eye(3)[[0, 0, 1, 2]]
    for weights in ([1, 1, 0, 0], [0, 1, 1, 0]):
        theirs = counted("f1_macro", y, a.argmax(axis=1), weights)
        assert metrics.f1_macro(y, a, sample_weight=weights) == pytest.approx(theirs)
    assert metrics.f1_macro([0, 1], np.eye(3)[[0, 1]]) == 1.0  # class 2 neither occurs nor is predicted


@pytest.mark.parametrize("name", [*MAIN, *COUNTS[2:]])
def test_multi_label_classification(case, name):
    y, a = (case.outputs(4) > 0.3).astype(int), case.outputs(4)
    theirs = counted(f"{name}_macro" if name in MAIN else name, y, a >= 0.5, case.weights)
    case.agree(getattr(metrics, name)(y, a, sample_weight=case.weights, multi_label=True), theirs)


def test_multi_label_accuracy_is_the_fraction_of_correct_labels(case):
    y, a = (case.outputs(4) > 0.3).astype(int), case.outputs(4)
    weights = None if case.weights is None else np.repeat(case.weights, 4)
    theirs = sklearn.accuracy_score(y.ravel(), (a >= 0.5).ravel(), sample_weight=weights)
    case.agree(metrics.accuracy(y, a, sample_weight=case.weights, multi_label=True), theirs)


def test_threshold_for_a_single_output(case):
    y, a = case.labels(2), case.outputs(1)
    for name in ("accuracy", "f1", "precision", "recall", "balanced_accuracy"):
        theirs = counted(f"{name}_" if name in MAIN else name, y, (a[:, 0] >= 0).astype(int), case.weights)
        ours = getattr(metrics, name)
        case.agree(ours(y, a, sample_weight=case.weights, threshold=0), theirs)
        signs = 2.0 * y - 1  # the same threshold for targets of -1 and 1
        case.agree(ours(signs, a, sample_weight=case.weights, threshold=0), theirs)


@pytest.mark.parametrize("k", [1, 2, 3, 6])
def test_top_k_accuracy(case, k):
    y, a = case.labels(7), case.outputs(7)
    theirs = sklearn.top_k_accuracy_score(y, a, k=k, sample_weight=case.weights, labels=range(7))
    case.agree(metrics.top_k(y, a, k, sample_weight=case.weights), theirs)


def test_top_k_of_all_classes_is_1():
    assert metrics.top_k([0, 1, 2], np.zeros((3, 3)), 3) == 1.0


def test_auc(case):
    weights = case.weights
    y = case.labels(2)
    for a in (case.outputs(1), case.outputs(2)):
        theirs = sklearn.roc_auc_score(y, a[:, -1], sample_weight=weights)
        case.agree(metrics.auc(y, a, sample_weight=weights), theirs)
    y, a = case.labels(5), case.probabilities(5)
    rest = [sklearn.roc_auc_score(y == j, a[:, j], sample_weight=weights) for j in range(5)]
    case.agree(metrics.auc(y, a, sample_weight=weights), np.mean(rest))
    if weights is None:  # scikit-learn warns about weights of 0
        case.agree(metrics.auc(y, a), sklearn.roc_auc_score(y, a, multi_class="ovr"))
    y, a = case.outputs(4) > 0.3, case.outputs(4)
    y[:2] = [[False] * 4, [True] * 4]
    if weights is not None:
        weights[:2] = 1
    theirs = sklearn.roc_auc_score(y.astype(int), a, sample_weight=weights)
    case.agree(metrics.auc(y, a, sample_weight=weights, multi_label=True), theirs)


def test_auc_of_a_single_class_is_nan():
    for y in ([0, 0, 0], [1, 1, 1]):
        assert math.isnan(metrics.auc(y, [0.1, 0.2, 0.3]))
        assert math.isnan(metrics.auc(y, np.zeros((3, 2)), sample_weight=[1, 2, 3]))
    assert math.isnan(metrics.auc([0, 1, 0], [0.1, 0.2, 0.3], sample_weight=[1, 0, 1]))
    assert math.isnan(metrics.auc([0, 1, 1], np.zeros((3, 3))))  # no example of class 2
    assert math.isnan(metrics.auc([0, 1, 1], [0.1, np.nan, 0.3]))


def test_auc_counts_ties_as_one_half():
    assert metrics.auc([0, 1], [0.5, 0.5]) == 0.5
    assert metrics.auc([0, 0, 1], [0.2, 0.5, 0.5]) == 0.75
    assert metrics.auc([0, 0, 1], [0.2, 0.5, 0.5], sample_weight=[3, 1, 2]) == 0.875


@pytest.mark.parametrize("width", [1, 2, 3, 10])
def test_log_loss(case, width):
    y, a = case.labels(max(width, 2)), case.probabilities(width)
    a[:3] = np.eye(width)[[0, width - 1, 0]] if width > 1 else [[0], [1], [0]]  # clipped
    theirs = sklearn.log_loss(y, a, sample_weight=case.weights)
    case.agree(metrics.log_loss(y, a, sample_weight=case.weights), theirs)
    targets = np.eye(width)[y] if width > 1 else y.astype(float)
    case.agree(metrics.log_loss(targets, a, sample_weight=case.weights), theirs)


def test_multi_label_log_loss(case):
    y, a = case.labels(2), case.probabilities(1)
    z, b = case.labels(2), case.probabilities(1)
    theirs = [sklearn.log_loss(u, v, sample_weight=case.weights) for u, v in ((y, a), (z, b))]
    both = np.stack([y, z], axis=1), np.concatenate([a, b], axis=1)
    case.agree(metrics.log_loss(*both, sample_weight=case.weights, multi_label=True), np.mean(theirs))


def test_log_loss_normalizes_the_probabilities():
    a = [[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]]
    assert metrics.log_loss([0, 1], np.multiply(a, [[0.5], [1]])) == pytest.approx(
        metrics.log_loss([0, 1], a)
    )
    assert metrics.log_loss([0], [[0.0, 0.0]]) == pytest.approx(-math.log(np.finfo(float).eps))


REGRESSION = {
    "mse": "mean_squared_error",
    "rmse": "root_mean_squared_error",
    "mae": "mean_absolute_error",
    "r2": "r2_score",
}


@pytest.mark.parametrize("name", REGRESSION)
@pytest.mark.parametrize("width", [1, 3])
def test_regression_metrics(case, name, width):
    y, a = case.outputs(width) * 3 + 5, case.outputs(width) + 5
    theirs = getattr(sklearn, REGRESSION[name])(y.astype(float), a.astype(float), sample_weight=case.weights)
    case.agree(getattr(metrics, name)(y, a, sample_weight=case.weights), theirs)


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_pinball(case, q):
    y, a = case.outputs(2), case.outputs(2)
    theirs = sklearn.mean_pinball_loss(y.astype(float), a.astype(float), sample_weight=case.weights, alpha=q)
    case.agree(metrics.pinball(y, a, q, sample_weight=case.weights), theirs)


def test_regression_metrics_of_many_rows():
    rng = np.random.default_rng(0)
    y, a = rng.normal(size=(2, 70_003, 3))
    weights = rng.uniform(0, 2, 70_003)
    for name, theirs in REGRESSION.items():
        expected = getattr(sklearn, theirs)(y, a, sample_weight=weights)
        assert getattr(metrics, name)(y, a, sample_weight=weights) == pytest.approx(expected, rel=1e-12)


def test_r2_of_a_constant():
    y = np.full((5, 2), 0.1)
    assert metrics.r2(y, y) == sklearn.r2_score(y, y) == 1.0
    a = y + np.array([0.0, 1.0])
    assert metrics.r2(y, a) == sklearn.r2_score(y, a) == 0.5
    assert math.isnan(metrics.r2([1.0], [1.0]))


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.uint64, bool])
def test_labels_of_every_type(kind):
    y = np.array([0, 1, 1, 0]).astype(kind)
    for a in (np.array([0.2, 0.7, 0.4, 0.1]), np.array([[0.8, 0.2], [0.3, 0.7], [0.6, 0.4], [0.9, 0.1]])):
        assert metrics.accuracy(y, a) == 0.75
        assert metrics.balanced_accuracy(y, a) == 0.75
        assert metrics.f1(y, a) == pytest.approx(2 / 3)
        assert metrics.auc(y, a) == 1.0
        assert metrics.log_loss(y, a) == pytest.approx(-np.log([0.8, 0.7, 0.4, 0.9]).mean())


def test_lists_and_integers_are_accepted():
    y, a = [[1], [2]], [[1], [4]]
    assert metrics.mse(y, a) == 2.0
    assert metrics.mse(np.array(y, np.uint8), np.array(a, np.float16)) == 2.0
    assert metrics.mae(np.array(y, bool), a) == 1.5


def test_arguments_are_not_modified():
    rng = np.random.default_rng(1)
    y, a, targets, weights = np.arange(20) % 3, rng.random((20, 3)), rng.random((20, 3)), rng.random(20)
    for array in (y, a, targets, weights):
        array.flags.writeable = False
    for name in metrics.names.HIGHER_IS_BETTER:
        regression = name in (*REGRESSION, "pinball")
        value = getattr(metrics, name)(targets if regression else y, a, sample_weight=weights)
        assert math.isfinite(value)


@pytest.mark.parametrize(
    ("name", "y", "a", "options", "error", "parts"),
    [
        ("accuracy", [0, 3], np.zeros((2, 3)), {}, ValueError, ["y", "0..2", "3", "row 1"]),
        ("f1", [0, -1], np.zeros(2), {}, ValueError, ["y", "0..1", "-1", "row 1"]),
        ("accuracy", [0, 1, 1], np.zeros((2, 3)), {}, ValueError, ["y", "2", "3"]),
        ("accuracy", [0.0, 1.0], np.zeros((2, 3)), {}, ValueError, ["y", "(2, 3)", "(2,)"]),
        ("f1", [0, 1], np.zeros((2, 3)), {"multi_label": True}, ValueError, ["y", "(2, 3)", "(2,)"]),
        ("mse", np.zeros((2, 2)), np.zeros((2, 3)), {}, ValueError, ["y", "(2, 3)", "(2, 2)"]),
        ("mse", [1, 2], np.zeros((2, 2, 1)), {}, ValueError, ["a", "(n, m_L)", "(2, 2, 1)"]),
        ("rmse", [], [], {}, ValueError, ["a", "1 row", "0"]),
        ("mae", ["x"], [1.0], {}, TypeError, ["y", "real numbers"]),
        ("mae", [1.0], [1j], {}, TypeError, ["a", "real numbers"]),
        ("mae", [1.0], [1.0], {"sample_weight": [1, 2]}, ValueError, ["sample_weight", "(1,)", "(2,)"]),
        ("auc", [0, 1], [0.5, 0.6], {"sample_weight": [1, -1]}, ValueError, ["sample_weight", "-1"]),
        ("top_k", [0, 1], np.zeros((2, 3)), {"k": 4}, ValueError, ["k", "4"]),
        ("top_k", [0, 1], np.zeros((2, 3)), {"k": 0}, ValueError, ["k", "1", "0"]),
        ("top_k", [0, 1], np.zeros((2, 3)), {"k": 1.0}, TypeError, ["k", "int", "1.0"]),
        ("top_k", [0, 1], np.zeros((2, 1)), {}, ValueError, ["a", "2 columns", "1"]),
        ("pinball", [0, 1], [0, 1], {"q": 1}, ValueError, ["q", "(0.0, 1.0)", "1"]),
        ("log_loss", [0, 1], [0.5, 1.5], {}, ValueError, ["a", "[0, 1]", "1.5", "row 1, column 0"]),
    ],
)
def test_invalid_arguments_raise(name, y, a, options, error, parts):
    with pytest.raises(error) as caught:
        getattr(metrics, name)(y, a, **options)
    for part in parts:
        assert part in str(caught.value)
