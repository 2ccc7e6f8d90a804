"""Custom costs: `check_cost`, the warning of `fit`, and the shapes that costs and metrics receive."""

import contextlib
import warnings

import localgrad as lg
import numpy as np
import pytest
from localgrad.warnings import CostGradientWarning

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = RNG.normal(size=(40, 2))


def mse(a, y):
    return ((a - y) ** 2).sum(axis=1) / 2, a - y


def mae(a, y):
    return abs(a - y).sum(axis=1), np.sign(a - y)


def mae_of_one_side(a, y):
    return abs(a - y).sum(axis=1), np.where(a >= y, 1.0, -1.0)


def huber(a, y):
    e = a - y
    inner = abs(e) <= 0.1
    return np.where(inner, e * e / 2, 0.1 * (abs(e) - 0.05)).sum(axis=1), np.where(inner, e, 0.1 * np.sign(e))


def pinball(a, y):
    e = y - a
    return np.maximum(0.9 * e, -0.1 * e).sum(axis=1), np.where(e > 0, -0.9, 0.1)


def in_float32(a, y):
    e = a.astype(np.float32) - y.astype(np.float32)
    return (e**4).sum(axis=1) / 4 + np.float32(100), e**3


def steep(a, y):
    return np.exp(3 * (a - y)).sum(axis=1), 3 * np.exp(3 * (a - y))


def wing(a, y):  # almost no slope anywhere
    return 1e-6 * ((a - y) ** 2).sum(axis=1), 2e-6 * (a - y)


def large(a, y):
    return 1e6 * ((a - y) ** 2).sum(axis=1), 2e6 * (a - y)


def cross_entropy(a, y):
    return -(y * np.log(a)).sum(axis=1), -y / a


def binary_cross_entropy(a, y):
    return -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(axis=1), (a - y) / (a * (1 - a))


RIGHT = [mse, mae, mae_of_one_side, huber, pinball, in_float32, steep, wing, large]
OF_PROBABILITIES = [cross_entropy, binary_cross_entropy]

WRONG = {
    "the 2 of the square": (lambda a, y: (((a - y) ** 2).sum(axis=1), a - y), "0.5 times.*factor 2"),
    "a half too much": (lambda a, y: (((a - y) ** 2).sum(axis=1) / 2, 2 * (a - y)), "2 times.*½"),
    "sign": (lambda a, y: (mse(a, y)[0], y - a), "-1 times.*sign"),
    "mean and sum": (lambda a, y: (((a - y) ** 2).mean(axis=1) / 2, a - y), "means over the outputs"),
    "sum and mean": (lambda a, y: (mse(a, y)[0], (a - y) / 5), "divided by the number of outputs"),
    "no gradient": (lambda a, y: (mse(a, y)[0], np.zeros_like(a)), "it is 0, central"),
    "one output": (lambda a, y: (mse(a, y)[0], (a - y) * (np.arange(a.shape[1]) != 1)), "output 1 .*it is 0"),
    "of another cost": (lambda a, y: (mae(a, y)[0], a - y), "central differences give -?1$"),
}


@pytest.mark.parametrize("cost", RIGHT)
@pytest.mark.parametrize("seed", range(5))
def test_correct_costs_pass(cost, seed):
    assert 0 <= lg.check_cost(cost, seed=seed, outputs=1 + seed) < 1e-3


@pytest.mark.parametrize("cost", OF_PROBABILITIES)
def test_correct_costs_of_probabilities_pass(cost):
    for outputs in (1, 2, 5):
        assert lg.check_cost(cost, output="sigmoid", outputs=outputs) < 1e-6
    assert lg.check_cost(cross_entropy, output="softmax", outputs=4) < 1e-6


@pytest.mark.parametrize(("cost", "words"), WRONG.values(), ids=WRONG)
def test_wrong_gradients_raise_with_the_cause(cost, words):
    with pytest.raises(ValueError, match=f"the gradient of cost contradicts its values: at row .*{words}"):
        lg.check_cost(cost, outputs=5)


def test_outputs_and_targets_can_be_passed():
    a = [[0.0, 1.0], [2.0, 2.0]]
    assert lg.check_cost(mae, a, a) == 0  # kinks everywhere
    assert lg.check_cost(mae_of_one_side, a, a) == 0
    with pytest.raises(ValueError, match="contradicts"):
        lg.check_cost(lambda a, y: (abs(a - y).sum(axis=1), np.full_like(a, 1.5)), a, a)


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (
            lambda a, y: (mse(a, y)[0] / len(a), a - y),
            "the cost of each row independently.*divided by the number",
        ),
        (lambda a, y: (mse(a, y)[0], (a - y) / len(a)), "the gradient of each row independently"),
        (lambda a, y: (mse(a, y)[0] * RNG.uniform(), a - y), "the same costs for the same rows"),
        (lambda a, y: (mse(a, y)[0][:, None], a - y), r"costs of shape \(8,\), got \(8, 1\)"),
        (lambda a, y: (mse(a, y)[0].mean(), a - y), r"costs of shape \(8,\), got \(\)"),
        (lambda a, y: (mse(a, y)[0], (a - y)[:, 0]), r"a gradient of shape \(8, 3\), got \(8,\)"),
        (lambda a, y: (mse(a, y)[0] * np.nan, a - y), "finite costs, got nan"),
    ],
)
def test_other_errors_of_a_cost_raise(cost, words):
    with pytest.raises(ValueError, match=words):
        lg.check_cost(cost)


def test_invalid_arguments_raise():
    for arguments, error, words in (
        (("mse",), TypeError, "cost must be a function"),
        ((mse, [[1.0]]), ValueError, "a and y must be passed together"),
        ((mse, [[1.0]], [[1.0, 2.0]]), ValueError, r"y must have the shape \(1, 1\) of a, got \(1, 2\)"),
        ((mse, [1.0], [1.0]), ValueError, r"a must have shape \(n, outputs\), got \(1,\)"),
        ((lambda a, y: 1.0,), TypeError, "tuple of 2 arrays"),
    ):
        with pytest.raises(error, match=words):
            lg.check_cost(*arguments)
    for name, wrong in (("outputs", 0), ("output", "swish"), ("tolerance", 0.0)):
        with pytest.raises(ValueError, match=name):
            lg.check_cost(mse, **{name: wrong})


# In fit


def network(cost, dtype="float32", outputs=2, **options):
    return lg.Network([3, 4, outputs], activation="tanh", cost=cost, dtype=dtype, seed=1, **options)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cost", RIGHT)
def test_fit_does_not_warn_about_correct_costs(cost, dtype):
    for scale in (1e-3, 1.0, 1.0 if cost is steep else 10.0):
        network(cost, dtype).fit(X, scale * Y, epochs=1, optimizer=lg.SGD(1e-9))
    network(cost, dtype, init="zeros").fit(X, 0 * Y, epochs=1, optimizer=lg.SGD(1e-9))  # at the kinks


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fit_does_not_warn_about_correct_costs_of_probabilities(dtype):
    labels = np.arange(40) % 2
    for far in (0.1, 1, 30):  # up to outputs of 0 and 1
        for output, outputs, cost in (("softmax", 2, cross_entropy), ("sigmoid", 1, binary_cross_entropy)):
            net = network(cost, dtype, outputs, output=output)
            net.weights[1] *= far
            with np.errstate(all="ignore"), contextlib.suppress(FloatingPointError):  # log(0)
                net.fit(X, labels, epochs=1, optimizer=lg.SGD(1e-9))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("cost", "words"), WRONG.values(), ids=WRONG)
def test_fit_warns_once(cost, words, dtype):
    net, quiet = network(cost, dtype), network(cost, dtype)
    with pytest.warns(CostGradientWarning, match="contradicts its values.*localgrad.check_cost") as caught:
        net.fit(X, Y, epochs=3, batch_size=8)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quiet.fit(X, Y, epochs=3, batch_size=8)
    assert net.parameters.tobytes() == quiet.parameters.tobytes()


wrong = WRONG["sign"][0]
FITS = {
    "validation": lambda net: net.fit(X, Y, epochs=1, validation=0.2, metrics="mae"),
    "weights": lambda net: net.fit(X, Y, epochs=1, sample_weight=np.ones(40)),
    "blocks": lambda net: net.fit(lambda: [(X[:20], Y[:20]), (X[20:], Y[20:])], epochs=2),
    "partial_fit": lambda net: [net.partial_fit(X, Y) for _ in range(3)],
    "one row": lambda net: net.partial_fit(X[0], Y[0]),
}


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
@pytest.mark.parametrize("bound", [False, True], ids=["plain", "object"])
def test_every_kind_of_fit_warns(fit, bound):
    class Wrong:
        def cost(self, a, y):
            return wrong(a, y)

    with pytest.warns(CostGradientWarning) as caught:
        fit(network(Wrong().cost if bound else wrong))
    assert len(caught) == 1


def test_lbfgs_and_a_diverging_fit_warn():
    pytest.importorskip("scipy")
    with pytest.warns(CostGradientWarning):
        network(wrong).fit(X, Y, epochs=1, optimizer=lg.LBFGS())
    for cost in (wrong, lambda a, y, k=[0]: wrong(a, y), WrongObject()):
        net = network(cost)
        with np.errstate(all="ignore"), pytest.warns(CostGradientWarning), pytest.raises(FloatingPointError):
            net.fit(X, Y, epochs=1000, optimizer=lg.SGD(1.0))


class WrongObject:
    def __call__(self, a, y):
        return wrong(a, y)


def test_the_check_does_not_affect_a_cost_with_a_state():
    """The weight of the cost falls with each call; the call that compares comes last."""

    class Annealed:
        def __init__(self):
            self.calls = 0

        def __call__(self, a, y):
            self.calls += 1
            costs, gradient = mse(a, y)
            return costs / self.calls, gradient / self.calls

    cost = Annealed()
    net, by_hand = network(cost, "float64"), network("mse", "float64")
    net.fit(X, Y, epochs=2, batch_size=20, shuffle=False, optimizer=lg.SGD(0.1))
    assert cost.calls == 5
    for k, start in enumerate((0, 20, 0, 20), 1):
        rows = slice(start, start + 20)
        by_hand.fit(X[rows], Y[rows], epochs=1, optimizer=lg.SGD(0.1 / k))
    np.testing.assert_allclose(net.parameters, by_hand.parameters, rtol=1e-12)


@pytest.mark.parametrize("epochs", [0, 1])
def test_a_function_is_called_once_more(epochs):
    calls.clear()
    network(counted).fit(X, Y, epochs=epochs, batch_size=None)
    assert len(calls) == 2 * epochs
    assert all(shape == (n, 2) for shape, n in zip(calls, (32, 40), strict=False))


calls = []


def counted(a, y):
    calls.append(a.shape)
    return mse(a, y)


def test_costs_that_cannot_be_checked_do_not_warn():
    def random(a, y):
        return mse(a, y)[0] * RNG.uniform(size=len(a)), (a - y) * RNG.uniform()

    def of_forty_rows(a, y):
        if len(a) != 40:
            raise IndexError("mine")
        return wrong(a, y)

    network(random).fit(X, Y, epochs=1)
    network(of_forty_rows).fit(X, Y, epochs=1, batch_size=None)


# Shapes


def test_metrics_receive_matching_shapes_for_a_single_output():
    """With shapes (n,) and (n, 1), the difference would have the shape (n, n)."""
    labels = (X[:, 0] > 0).astype(int)
    shapes = []

    def right(y, a):
        shapes.append((y.shape, a.shape))
        return float(np.mean(y == (a > 0.5)))

    net = lg.Network([3, 1], output="sigmoid", cost="cross_entropy", seed=0)
    history = net.fit(
        X, labels, epochs=2, metrics=[right, "accuracy"], validation=(X, labels), batch_size=None
    )
    assert history["right"] == history["accuracy"]
    assert history["val_right"] == history["val_accuracy"]
    net.fit(lambda: [(X[:20], labels[:20]), (X[20:], labels[20:])], epochs=1, metrics=right)
    result = net.evaluate(X, labels, metrics=[right, "accuracy"], sample_weight=None)
    assert result["right"] == result["accuracy"]
    assert set(shapes) == {((40,), (40,))}


def test_functions_of_scikit_learn_accept_the_shapes():
    sklearn = pytest.importorskip("sklearn.metrics")

    def f1(y, a):
        return sklearn.f1_score(y, a > 0.5)

    labels = (X[:, 0] > 0).astype(int)
    net = lg.Network([3, 1], output="sigmoid", cost="cross_entropy", seed=0)
    for y in (labels, labels * 1.0, labels == 1):
        history = net.fit(X, y, epochs=1, metrics=[sklearn.roc_auc_score, "auc", f1], validation=(X, y))
        assert history["val_roc_auc_score"] == pytest.approx(history["val_auc"])
        assert net.evaluate(X, y, metrics=f1)["f1"] == history["val_f1"][0]
    values = lg.Network([3, 1], seed=0).fit(X, Y[:, 0], epochs=1, metrics=[sklearn.r2_score, "r2"])
    assert values["r2_score"] == pytest.approx(values["r2"])


def test_costs_receive_columns():
    shapes = []

    def cost(a, y):
        shapes.append((a.shape, y.shape))
        return mse(a, y)

    labels = np.arange(40) % 2
    net = lg.Network([3, 1], output="sigmoid", cost=cost)
    for call in (net.evaluate, net.backprop, net.fit):
        call(X, labels)
    assert all(a == y and a[1:] == (1,) for a, y in shapes)


def test_evaluate_returns_the_requested_metrics():
    net = lg.Network([3, 4, 3], output="softmax", seed=0)
    labels, weights = np.arange(40) % 3, RNG.uniform(size=40)
    assert list(net.evaluate(X, labels)) == ["cost", "accuracy"]
    assert list(net.evaluate(X, labels, metrics=())) == ["cost"]
    result = net.evaluate(X, labels, metrics=["top_k(2)", "f1"], sample_weight=weights)
    a = net.predict(X)
    assert result == pytest.approx(
        {
            "cost": net.evaluate(X, labels, sample_weight=weights)["cost"],
            "top_k(2)": lg.metrics.top_k(labels, a, sample_weight=weights),
            "f1": lg.metrics.f1(labels, a, sample_weight=weights),
        },
        rel=1e-14,
    )
    assert net.evaluate(X[0], labels[0], metrics="accuracy").keys() == {"cost", "accuracy"}
    with pytest.raises(ValueError, match=r"Metric .* requires "):
        lg.Network([3, 1]).evaluate(X, Y[:, 0], metrics="f1")
    with pytest.raises(ValueError, match="metrics must be one of"):
        net.evaluate(X, labels, metrics="auk")


def cross_entropy_of_sigmoids(a, y):
    return -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(axis=1), (a - y) / (a * (1 - a))


def made_safe(a, y):
    return cross_entropy_of_sigmoids(np.clip(a, 1e-7, 1 - 1e-7), y)


@pytest.mark.parametrize("cost", [cross_entropy_of_sigmoids, made_safe])
def test_the_error_for_a_cost_of_probabilities_has_a_hint(cost):
    with pytest.raises(ValueError, match="outputs must be between 0 and 1, pass output='sigmoid' or a and y"):
        lg.check_cost(cost)  # and no NumPy warning
    assert lg.check_cost(cost, output="sigmoid") < 1e-3


def test_other_errors_have_no_hint():
    for cost in (lambda a, y: (mse(a, y)[0], 2 * mse(a, y)[1]), lambda a, y: (mse(a, y)[0], np.nan * a)):
        with pytest.raises(ValueError) as caught:
            lg.check_cost(cost, output="tanh")
        assert "sigmoid" not in str(caught.value)


@pytest.mark.parametrize("which", [0, 1])
def test_tensors_with_a_graph_raise_as_in_fit(which):
    torch = pytest.importorskip("torch")

    def cost(a, y):
        answer = [torch.from_numpy(one) for one in mse(a, y)]
        answer[which].requires_grad_()
        return tuple(answer)

    with pytest.raises(TypeError, match=r"must return .* real numbers, got Tensor; detach it"):
        lg.check_cost(cost)
    with pytest.raises(TypeError, match=r"must return .* real numbers, got Tensor"):
        lg.Network([3, 2], cost=cost).fit(X, Y)
    assert lg.check_cost(lambda a, y: tuple(torch.from_numpy(one) for one in mse(a, y))) < 1e-3


def test_arrays_of_objects_raise_as_in_fit():
    with pytest.raises(TypeError, match="real numbers, got an array of dtype object"):
        lg.check_cost(lambda a, y: (mse(a, y)[0].astype(object), a - y))
