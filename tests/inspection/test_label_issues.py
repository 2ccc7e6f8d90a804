"""`label_issues` finds wrong labels and targets, from networks that were not trained on them."""

import localgrad as lg
import numpy as np
import pytest
from localgrad.inspect import LabelIssues, label_issues
from localgrad.inspect.scores import number_of_errors

RNG = np.random.default_rng(4)
FAST = {"epochs": 15, "batch_size": 16, "optimizer": lg.Adam(0.01)}


def classes(k, n=240, wrong=12):
    """Return points around k centers, labels of which some are wrong, the wrong rows and the right labels."""
    right = np.arange(n) % k
    angle = 2 * np.pi * right / k
    X = 3 * np.stack([np.cos(angle), np.sin(angle)], axis=1) + 0.4 * RNG.normal(size=(n, 2))
    rows = RNG.choice(n, wrong, replace=False)
    y = right.copy()
    y[rows] = (y[rows] + RNG.integers(1, k, wrong)) % k
    return X, y, rows, right


def network(k, **options):
    options = {"output": "softmax", "seed": 0, **options}
    return lg.Network([2, 12, k], **options)


@pytest.mark.parametrize(
    ("k", "outputs", "options"),
    [
        (3, 3, {}),
        (2, 2, {"dtype": "float64"}),
        (2, 1, {"output": "sigmoid", "cost": "cross_entropy"}),
        (4, 4, {"output": "sigmoid", "cost": "cross_entropy"}),
        (3, 3, {"output": "identity", "cost": "hinge"}),
        (2, 1, {"output": "identity", "cost": "hinge"}),
        (3, 3, {"standardize": True, "dropout": 0.1}),
    ],
)
def test_wrong_labels_come_first_and_the_right_ones_are_suggested(k, outputs, options):
    X, y, wrong, right = classes(k)
    found = label_issues(network(outputs, **options), X, y, **FAST)
    assert set(found.order[: len(wrong)]) == set(wrong)
    assert sorted(found.order) == list(range(len(y)))
    assert (np.diff(found.scores[found.order]) <= 0).all()
    np.testing.assert_array_equal(found.suggested, right)
    np.testing.assert_array_equal(found.labels, y)
    np.testing.assert_array_equal(found.scores > 0, found.suggested != y)
    assert found.outputs.shape == (len(y), outputs)
    assert abs(np.count_nonzero(found.issues) - len(wrong)) <= 4
    assert found.issues[found.order[: np.count_nonzero(found.issues)]].all()
    assert found.epochs == (15,) * 5


def test_scores_are_log_odds_of_outputs_of_networks_that_did_not_see_the_row():
    X, y, _, _ = classes(3)
    net = network(3, dtype="float64")
    before = net.parameters.tobytes(), net.epochs
    found = label_issues(net, X, y, n_folds=4, seed=7, **FAST)
    assert (net.parameters.tobytes(), net.epochs) == before
    rows = lg.Fleet.folds(len(y), 4, seed=7, stratify=y)
    expected = np.empty_like(found.outputs)
    for mask in rows:
        alone = network(3, dtype="float64")
        alone.fit(X[mask], y[mask], **FAST)
        expected[~mask] = alone.predict(X[~mask])
    assert found.outputs.tobytes() == expected.tobytes()
    own = expected[np.arange(len(y)), y]
    expected[np.arange(len(y)), y] = 0
    np.testing.assert_allclose(found.scores, np.log(expected.max(axis=1) / own), rtol=1e-9, atol=1e-9)


def test_the_parameters_of_the_network_do_not_matter():
    X, y, _, _ = classes(3)
    trained, fresh = network(3), network(3)
    trained.fit(X, y, epochs=3)
    first, second = (label_issues(net, X, y, **FAST) for net in (trained, fresh))
    assert first.scores.tobytes() == second.scores.tobytes()
    assert trained.epochs == 3


def test_results_do_not_depend_on_threads():
    X, y, _, _ = classes(3)
    results = [
        label_issues(network(3, dropout=0.2), X, y, n_threads=count, l2=[0.1, 0.0]) for count in (1, 2, 3)
    ]
    assert len({one.scores.tobytes() for one in results}) == 1
    assert len({one.epochs for one in results}) == 1


def test_without_epochs_the_best_epoch_of_each_fold_is_used():
    X, y, _, _ = classes(3)
    found = label_issues(network(3), X, y, optimizer=lg.Adam(0.05), batch_size=16)
    mask = lg.Fleet.folds(len(y), 5, stratify=y)[1]
    alone = network(3)
    alone.fit(X[mask], y[mask], epochs=found.epochs[1], optimizer=lg.Adam(0.05), batch_size=16)
    assert found.outputs[~mask].tobytes() == alone.predict(X[~mask]).tobytes()


@pytest.mark.parametrize("cost", ["mse", "mae", "huber", "log_cosh"])
def test_wrong_targets_of_a_regression_come_first(cost):
    X = RNG.uniform(-1, 1, (200, 2))
    y = np.stack([X.sum(axis=1), 100 * X[:, 0]], axis=1)
    y[17, 0] += 2
    y[90, 1] -= 200
    net = lg.Network([2, 16, 2], cost=cost, standardize=True, seed=0)
    found = label_issues(net, X, y, epochs=60, batch_size=8, optimizer=lg.Adam(0.01))
    assert set(found.order[:2]) == {17, 90}
    assert found.issues is None
    errors = found.outputs - y
    expected = np.linalg.norm(errors / np.sqrt((errors**2).mean(axis=0)), axis=1)
    np.testing.assert_allclose(found.scores, expected, rtol=1e-6)
    assert found.suggested is found.outputs
    assert "[" in str(found).splitlines()[2]


def test_a_custom_cost_and_a_single_target_are_supported():
    def quartic(a, y):
        return ((a - y) ** 4).sum(axis=1), 4 * (a - y) ** 3

    X = np.linspace(-1, 1, 60).reshape(-1, 1)
    y = X.ravel().copy()
    y[30] = 2.0
    found = label_issues(lg.Network([1, 8, 1], cost=quartic, seed=0), X, y, epochs=40, batch_size=8)
    assert found.order[0] == 30
    assert found.labels.shape == found.suggested.shape == (60, 1)


def test_perfect_predictions_have_score_zero():
    net = lg.Network([1, 1], init="zeros")
    found = label_issues(net, np.zeros((6, 1)), np.zeros(6), n_folds=2, epochs=1)
    assert not found.scores.any()
    assert found.order.tolist() == list(range(6))


def test_sparse_rows_and_data_frames_give_the_results_of_arrays():
    sparse, pandas = pytest.importorskip("scipy.sparse"), pytest.importorskip("pandas")
    X, y, _, _ = classes(3)
    expected = label_issues(network(3), X, y, **FAST).scores.tobytes()
    assert label_issues(network(3), sparse.csr_array(X), y, **FAST).scores.tobytes() == expected
    frame = pandas.DataFrame(X, columns=["u", "v"])
    assert label_issues(network(3), frame, pandas.Series(y), **FAST).scores.tobytes() == expected


def test_the_number_of_wrong_labels_is_estimated_from_the_confident_rows():
    labels = np.repeat([0, 1], [100, 50])
    p = np.array([[0.9, 0.1], [0.1, 0.9]])[labels]
    p[:10] = p[:10, ::-1]  # 10 of 100 labels are wrong
    p[140:] = 0.5  # 10 of 50 are uncertain: the others count for them
    p[100:108] = p[100:108, ::-1]
    assert number_of_errors(p, labels) == 10 + 50 * 8 / 40


def test_the_table_shows_the_most_suspicious_rows():
    X, y, _, _ = classes(3)
    found = label_issues(network(3), X, y, **FAST)
    lines = str(found).splitlines()
    assert repr(found) == f"<{lines[0]}>"
    assert len(found) == 240
    assert len(lines) == 13
    first = found.order[0]
    assert lines[2].split()[:3] == [str(first), str(y[first]), str(found.suggested[first])]
    assert isinstance(found, LabelIssues)


X, Y, _, _ = classes(3, n=30, wrong=0)


@pytest.mark.parametrize(
    ("net", "arguments", "error", "message"),
    [
        ("net", {}, TypeError, "net must be a Network, got 'net'"),
        (network(3), {"y": Y.astype(float)}, ValueError, r"y must be integer labels .* y.astype\(int\)"),
        (network(3), {"y": np.eye(3)[Y]}, ValueError, r"label_issues, .*; y.argmax\(axis=1\) converts"),
        (network(3), {"y": np.zeros(30, int)}, ValueError, "y must have at least 2 classes, got only 0"),
        (network(3), {"y": np.arange(30) // 29}, ValueError, "at least 2 rows of each class.*row of class 1"),
        (network(3), {"y": Y + 1}, ValueError, "y must"),
        (network(3), {"n_folds": 1}, ValueError, "n_folds must be at least 2, got 1"),
        (network(3), {"n_folds": 31}, ValueError, "n_folds must be below 31, got 31"),
        (network(3), {"X": np.where(np.arange(60) == 7, np.nan, 0).reshape(30, 2)}, ValueError, "row 3"),
        (network(3), {"X": np.zeros((30, 3))}, ValueError, "X must have 2 numbers per example, got 3"),
        (network(3), {"X": lambda: iter([])}, TypeError, "X must be an array, got"),
        (network(3), {"epochs": 0}, ValueError, "epochs must be at least 1, got 0"),
        (network(3), {"optimizer": lg.LBFGS()}, ValueError, "LBFGS"),
        (network(3), {"learning_rate": 1.0}, TypeError, "learning_rate"),
        (
            network(2, output="identity", cost="quantile(0.1, 0.9)"),
            {"y": X[:, 0]},
            ValueError,
            "got the cost",
        ),
        (network(2, output="identity", cost="gaussian_nll"), {"y": X[:, 0]}, ValueError, "got the cost"),
        (
            network(2, output="sigmoid", cost="binary_cross_entropy"),
            {"y": np.eye(2)[Y % 2]},
            ValueError,
            "one class per row",
        ),
    ],
)
def test_invalid_arguments_are_named(net, arguments, error, message):
    with pytest.raises(error, match=message):
        label_issues(net, **{"X": X, "y": Y, **arguments})


@pytest.mark.slow
def test_flipped_labels_of_mnist_come_first(mnist_folder):
    from localgrad.cli.idx import read_idx

    X = read_idx(mnist_folder / "train-images-idx3-ubyte.gz").reshape(-1, 784)
    y = read_idx(mnist_folder / "train-labels-idx1-ubyte.gz").astype(int)
    rng = np.random.default_rng(0)
    flipped = rng.choice(len(y), len(y) // 20, replace=False)
    y[flipped] = (y[flipped] + rng.integers(1, 10, len(flipped))) % 10
    net = lg.Network([784, 128, 10], output="softmax", input_scale=1 / 255, seed=0)
    found = label_issues(net, X, y, epochs=3, batch_size=64)
    assert np.isin(flipped, found.order[: len(y) * 6 // 100]).mean() >= 0.95
    assert np.isin(flipped, np.flatnonzero(found.issues)).mean() >= 0.9
