"""Plots of predictions: confusion matrix, calibration, decision boundary, and targets of a regression."""

import localgrad as lg
import numpy as np
import pytest

pytest.importorskip("matplotlib")

from localgrad import plot
from matplotlib.figure import Figure


@pytest.fixture
def ax():
    figure = Figure()
    yield figure.add_subplot()
    figure.canvas.draw()  # the figure can be drawn


def labels(ticks):
    return [text.get_text() for text in ticks]


def counts(ax):
    return [int(text.get_text().replace(",", "")) for text in ax.texts]


def test_the_confusion_matrix_is_that_of_scikit_learn(ax):
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    y, a = rng.integers(0, 4, 3000), rng.random((3000, 4))
    plot.confusion_matrix(y, a, ax=ax)
    assert counts(ax) == metrics.confusion_matrix(y, a.argmax(axis=1)).ravel().tolist()


@pytest.mark.parametrize("classes", [["b", "a"], np.array(["b", "a"])])
def test_classes_are_labels_in_order_or_names_of_integers(classes, ax):
    plot.confusion_matrix(["a", "b", "b"], ["a", "a", "b"], classes=classes, ax=ax)
    assert counts(ax) == [1, 1, 0, 1]
    ax.clear()
    plot.confusion_matrix([1, 0, 0], [[0, 1], [0, 1], [1, 0]], classes=classes, ax=ax)
    assert counts(ax) == [1, 1, 0, 1]
    assert labels(ax.get_xticklabels()) == ["b", "a"]


def test_many_classes_have_colors_without_numbers(ax):
    y = np.arange(26)
    plot.confusion_matrix(y, y, classes=[chr(65 + k) for k in y], ax=ax)
    assert not ax.texts
    assert labels(ax.get_yticklabels())[:2] == ["A", "B"]
    assert len(ax.figure.axes) == 2  # with the color bar


def test_labels_that_do_not_fit_raise(ax):
    with pytest.raises(ValueError, match="y must have 1 entries, one for each row of predicted, got 2"):
        plot.confusion_matrix([0, 1], [0], ax=ax)
    with pytest.raises(ValueError, match="predicted must contain classes only, got 'c'"):
        plot.confusion_matrix(["a"], ["c"], classes=["a", "b"], ax=ax)
    with pytest.raises(ValueError, match="y must have at least one row, got none"):
        plot.confusion_matrix([], [], ax=ax)


def test_points_of_calibration_are_those_of_scikit_learn(ax):
    calibration = pytest.importorskip("sklearn.calibration")
    rng = np.random.default_rng(0)
    p = rng.random(1000)
    y = (rng.random(1000) < p**2).astype(int)
    plot.calibration(y, p, bins=5, ax=ax)
    share, mean = calibration.calibration_curve(y, p, n_bins=5, strategy="quantile")
    assert np.allclose(ax.lines[1].get_xydata(), np.stack([mean, share], axis=1), atol=0.01)


def test_calibration_of_two_columns_is_that_of_the_second(ax):
    p = np.array([0.1, 0.7, 0.4, 0.9])
    plot.calibration([0, 1, 0, 1], p, bins=2, ax=ax)
    plot.calibration(["no", "yes"] * 2, np.stack([1 - p, p], axis=1), classes=["no", "yes"], bins=2, ax=ax)
    one, other = (line.get_xydata() for line in ax.lines if line.get_marker() == "o")
    assert np.allclose(one, [[0.25, 0], [0.8, 1]])
    assert np.allclose(one, other)
    assert ax.get_ylabel() == "frequency of yes"


def test_calibration_of_many_classes_is_that_of_the_predicted_one(ax):
    plot.calibration([0, 1], [[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]], bins=1, ax=ax)
    assert np.allclose(ax.lines[1].get_xydata(), [[0.6, 0.5]])
    assert ax.get_title() == "expected calibration error 0.1"


def test_numbers_that_are_not_probabilities_raise(ax):
    for bad in (1.5, -0.1, np.nan):
        with pytest.raises(ValueError, match=r"probabilities must be in \[0, 1\], got"):
            plot.calibration([0, 1], [0.5, bad], ax=ax)


@pytest.mark.parametrize("outputs", [1, 2])
def test_the_boundary_is_where_the_classes_are_equally_likely(outputs, ax):
    weights = [[0.0, 8.0]] if outputs == 1 else [[0.0, -4.0], [0.0, 4.0]]
    kind = {"output": "sigmoid", "cost": "cross_entropy"} if outputs == 1 else {"output": "softmax"}
    net = lg.Network([2, outputs], init=([weights], [[-2.0] if outputs == 1 else [1.0, -1.0]]), **kind)
    plot.decision_boundary(net, [[-1, -1], [1, 1]], [0, 1], resolution=50, ax=ax)
    paths = [path for lines in ax.collections for path in lines.get_paths() if len(path.vertices)]
    assert paths
    assert all(np.allclose(path.vertices[:, 1], 0.25, atol=1e-3) for path in paths)
    assert [line.get_xydata().tolist() for line in ax.lines] == [[[-1, -1]], [[1, 1]]]
    assert len({line.get_marker() for line in ax.lines}) == 2


def test_two_of_many_features_can_be_chosen(ax):
    rows = []

    def model(X):
        rows.append(X)
        return X[:, 3] > 0

    X = np.array([[0.0, 5.0, 1.0, -1.0], [2.0, 7.0, 3.0, 1.0], [1.0, 9.0, 2.0, 0.5]])
    plot.decision_boundary(model, X, features=(3, 0), resolution=4, ax=ax)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("feature 3", "feature 0")
    assert np.unique(rows[0][:, 1:3], axis=0).tolist() == [[7.0, 2.0]]  # the medians
    assert len(np.unique(rows[0][:, 3])) == len(np.unique(rows[0][:, 0])) == 4


def test_estimators_and_their_classes_can_be_plotted(ax):
    sklearn = pytest.importorskip("localgrad.sklearn")
    X, y = np.array([[0.0, 0.0], [1.0, 1.0]] * 10), ["no", "yes"] * 10
    model = sklearn.MLPClassifier((4,), solver="lbfgs", random_state=0).fit(X, y)
    plot.decision_boundary(model, X, y, resolution=5, ax=ax)
    assert labels(ax.get_legend().get_texts()) == ["no", "yes"]


def test_names_of_many_classes_are_written_into_their_regions(ax):
    net = lg.Network([2, 16, 26], output="softmax", seed=0)
    X = np.random.default_rng(0).normal(size=(100, 2)) * 5
    plot.decision_boundary(net, X, classes=[chr(65 + k) for k in range(26)], resolution=30, ax=ax)
    assert ax.get_legend() is None
    predicted = {chr(65 + k) for k in net.predict(X).argmax(axis=1)}
    assert predicted <= set(labels(ax.texts))


def test_arguments_of_the_boundary_are_checked(ax):
    net = lg.Network([2, 2], output="softmax", seed=0)
    for name, change, message in (
        ("X", [[1.0], [2.0]], r"X must have shape \(n, m\) with n > 0 and m > 1, got \(2, 1\)"),
        ("features", (0, 2), "features must be below 2, got 2"),
        ("features", (0, 1, 1), "features must be two columns of X, got 3"),
        ("classes", ["a"], "classes must be 2, one for each output, got 1"),
        ("y", [0], "y must have 2 entries, one for each row of X, got 1"),
        ("y", [0, 2], "y must contain classes only, got 2"),
    ):
        arguments = {"X": [[0.0, 0.0], [1.0, 1.0]], "y": [0, 1]} | {name: change}
        with pytest.raises(ValueError, match=message):
            plot.decision_boundary(net, **arguments, ax=ax)


def test_predictions_are_drawn_against_targets(ax):
    plot.predictions([[1.0], [2.0], [3.0]], np.array([1.5, 2.0, 2.5]), name="mass (g)", ax=ax)
    assert ax.collections[0].get_offsets().tolist() == [[1, 1.5], [2, 2], [3, 2.5]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("actual mass (g)", "predicted mass (g)")
    assert ax.get_title() == "R² 0.75, RMSE 0.408"
    assert ax.get_xlim() == ax.get_ylim()


def test_many_predictions_are_thinned_out(ax):
    y = np.arange(12_001.0)
    plot.predictions(y, y, ax=ax)
    assert len(ax.collections[0].get_offsets()) == 4001


def test_constant_targets_have_no_r2(ax):
    plot.predictions([2.0, 2.0], [2.0, 2.0], ax=ax)
    assert ax.get_title() == "RMSE 0"


def test_predictions_of_another_shape_raise(ax):
    with pytest.raises(ValueError, match=r"predicted must have shape \(n,\) or \(n, 1\) with n > 0"):
        plot.predictions([1.0, 2.0], [[1.0, 2.0], [1.0, 2.0]], ax=ax)
    with pytest.raises(ValueError, match="y must have 1 entries, one for each row of predicted, got 2"):
        plot.predictions([1.0, 2.0], [1.0], ax=ax)
