"""`ScaleWarning`: of data on which training fails, and of none on which it does not."""

import warnings

import localgrad as lg
import numpy as np
import pytest
from localgrad.warnings import LocalgradWarning, ScaleWarning

RNG = np.random.default_rng(0)
N = 400
X = RNG.normal(size=(N, 4))
F = X[:, 0] + np.sin(X[:, 1])
F = (F - F.mean()) / F.std()
LABELS = (F > 0).astype(int)
ERROR = pytest.mark.filterwarnings("error::localgrad.warnings.ScaleWarning")
SQUARES = ["mse", "mae", "huber", "log_cosh", "quantile", "quantile(0.1, 0.9)", "gaussian_nll"]


def fit(x, y, *, output="identity", cost="mse", outputs=1, how="fit", dtype="float32", **options):
    net = lg.Network(
        [x.shape[1], 8, outputs], activation="tanh", output=output, cost=cost, seed=0, dtype=dtype, **options
    )
    rate = lg.SGD(1e-12)  # the data count, not what becomes of the training
    if how == "blocks":
        halves = [(x[:100], y[:100]), (x[100:], y[100:])]
        net.fit(lambda: halves, epochs=2, optimizer=rate)
    elif how == "partial_fit":
        for _ in range(3):
            net.partial_fit(x, y, optimizer=rate)
    else:
        net.fit(x, y, epochs=2, optimizer=rate, **({"validation": 0.2} if how == "share" else {}))


def said(*arguments, **options):
    """Return the text of the one warning, "" without one."""
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        fit(*arguments, **options)
    ours = [one for one in caught if issubclass(one.category, LocalgradWarning)]
    assert len(ours) <= 1
    for one in ours:
        assert (one.category, one.filename) == (ScaleWarning, __file__)
    return str(ours[0].message) if ours else ""


def column(values, k=0):
    x = X.copy()
    x[:, k] = values
    return x


SERIES = 20 + 4 * np.sin(np.arange(N) / 9)
BAD_TARGETS = {
    "prices": 1e5 * F + 5e5,
    "thousands": 1e3 * F,
    "diabetes": 152 + 77 * F,
    "kelvin": 290 + 10 * F,
    "years": np.round(1990 + 10 * F),
    "far from 0": 50 + 0.5 * F,
    "small and far": 1 + 0.01 * F,
    "small": 1e-2 * F,
    "tiny": 1e-4 * F,
    "integers": (1e6 * F).astype(int),
}
GOOD_TARGETS = {
    "standardized": F,
    "0..1": 0.5 + 0.2 * np.tanh(F),
    "about 10": 10 + F,
    "mean 50, deviation 3": 50 + 3 * F,
    "0..100": RNG.integers(0, 101, N),
    "-100..100": 40 * F,
    "heavy tails": np.clip(RNG.standard_cauchy(N), -50, 50),
    "series": SERIES,
    "returns": 0.03 * F,
    "rare": (np.arange(N) == 7) * 1.0,
    "zeros": np.zeros(N),
    "constant": np.full(N, 7.3),
    "small constant": np.full(N, 0.161),
    "booleans": F > 0,
}


@pytest.mark.parametrize("y", BAD_TARGETS.values(), ids=BAD_TARGETS)
@pytest.mark.parametrize("how", ["fit", "share", "blocks", "partial_fit"])
def test_targets_that_are_warned_of(y, how):
    text = said(X, y, how=how)
    assert "y has mean" in text
    assert "(y - y.mean(axis=0)) / y.std(axis=0)" in text
    assert "X" not in text


@pytest.mark.parametrize("y", GOOD_TARGETS.values(), ids=GOOD_TARGETS)
@pytest.mark.parametrize("how", ["fit", "share", "blocks", "partial_fit"])
def test_targets_that_are_not(y, how):
    assert said(X, y, how=how) == ""


def test_the_numbers_are_named():
    y = 1e5 * F + 5e5
    assert f"y has mean {y.mean():.4g} and standard deviation {y.std():.4g}" in said(X, y)
    both = np.stack([F, y], axis=1)
    assert f"column 1 of y has mean {y.mean():.4g}" in said(X, both, outputs=2)


@pytest.mark.parametrize("cost", SQUARES)
def test_costs_of_real_targets(cost):
    outputs = 2 if cost in ("quantile(0.1, 0.9)", "gaussian_nll") else 1
    assert "y has mean" in said(X, BAD_TARGETS["prices"], cost=cost, outputs=outputs)
    assert said(X, F, cost=cost, outputs=outputs) == ""


def test_costs_of_other_targets_are_none_of_its_business():
    assert said(X, RNG.poisson(400, N), cost="poisson") == ""
    assert said(X, LABELS, output="sigmoid", cost="cross_entropy") == ""
    assert said(X, RNG.integers(0, 26, N), output="softmax", cost="cross_entropy", outputs=26) == ""
    assert said(X, np.eye(26)[RNG.integers(0, 26, N)], outputs=26) == ""
    assert said(X, np.eye(2)[LABELS], output="sigmoid", cost="binary_cross_entropy", outputs=2) == ""
    assert said(X, 1e6 * F, cost=lambda a, y: (np.tanh(a - y)[:, 0] ** 2, 0 * a)) == ""


@pytest.mark.parametrize(("output", "limits"), [("sigmoid", "0 and 1"), ("tanh", "-1 and 1")])
def test_a_range_that_the_output_does_not_reach(output, limits):
    text = said(X, RNG.integers(0, 101, N) * 1.0, output=output)
    assert f"y lies between 0 and 100, the output '{output}' between {limits}" in text
    assert said(X, 0.5 + 0.1 * F, output=output) == ""
    assert said(X, F, output=output) == ""


BAD_INPUTS = {
    "bytes": (RNG.integers(0, 256, (N, 4)).astype(np.uint8), "pass input_scale=1/255"),
    "thousands": (1000 * X, "standardize them, X = (X - X.mean(axis=0)) / X.std(axis=0)"),
    "one column": (column(1400 + 1100 * X[:, 0], 2), "(column 2: mean 1"),
    "years": (column(1990 + 10 * X[:, 0]), "(column 0: mean 19"),
    "longitudes": (column(-119.6 + 2 * X[:, 0]), "(column 0: mean -119."),
    "far from 0": (X + 50, "means from 49"),
    "constant": (column(1e4), "without columns that are constant"),
    "small": (1e-2 * X / abs(X).max(), "X has standard deviations of at most"),
    "tiny": (1e-4 * X, "X has standard deviations of at most"),
}
GOOD_INPUTS = {
    "standardized": X,
    "digits": RNG.integers(0, 17, (N, 4)),
    "letters": RNG.integers(0, 16, (N, 4)).astype(np.int8),
    "0..100": RNG.integers(0, 101, (N, 4)),
    "iris": 4 + X,
    "series": np.lib.stride_tricks.sliding_window_view(np.r_[SERIES, SERIES[:3]], 4),
    "one small column": column(1e-4 * X[:, 0]),
    "one hot": np.eye(4)[RNG.integers(0, 4, N)],
    "booleans": X > 0,
    "sparse": (RNG.uniform(size=(N, 300)) < 1e-3) * 1.0,
    "zeros": np.zeros((N, 4)),
    "a column of 1": column(1.0),
    "a column of 0": column(0.0),
    "0.1 times": 0.1 * X,
}


@pytest.mark.parametrize(("x", "words"), BAD_INPUTS.values(), ids=BAD_INPUTS)
@pytest.mark.parametrize("how", ["fit", "share", "blocks", "partial_fit"])
def test_inputs_that_are_warned_of(x, words, how):
    for y, options in ((F, {}), (LABELS, {"output": "sigmoid", "cost": "cross_entropy"})):
        text = said(x, y, how=how, **options)
        assert words in text
        assert "y has" not in text


@pytest.mark.parametrize("x", GOOD_INPUTS.values(), ids=GOOD_INPUTS)
@pytest.mark.parametrize("how", ["fit", "share", "blocks", "partial_fit"])
def test_inputs_that_are_not(x, how):
    assert said(x, F, how=how) == ""


def test_input_scale_counts():
    pixels = RNG.integers(0, 256, (N, 4)).astype(np.uint8)
    for scale in (1 / 255, -1 / 128):
        assert said(pixels, F, input_scale=scale) == ""
    assert "after input_scale" in said(pixels, F, input_scale=1e-5)
    assert "after input_scale" in said(X, F, input_scale=1e3)
    assert said(1e-4 * X, F, input_scale=1e4) == ""


def test_one_warning_for_both():
    text = said(1000 * X, 1e5 * F)
    assert "X has columns" in text
    assert "y has mean" in text


@ERROR
def test_few_rows_and_no_epochs_say_nothing():
    assert said(1000 * X[:9], 1e5 * F[:9]) == ""
    lg.Network([4, 1]).fit(X, 1e5 * F, epochs=0)


@ERROR
def test_it_can_be_filtered_and_made_an_error():
    net = lg.Network([4, 1], seed=0)
    before = net.parameters.tobytes()
    with pytest.raises(ScaleWarning):
        net.fit(X, 1e5 * F)
    assert (net.parameters.tobytes(), net.epochs, net.history) == (before, 0, {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lg.warnings.LocalgradWarning)
        net.fit(X, 1e5 * F, epochs=1, optimizer=lg.SGD(1e-9))


@ERROR
@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e39])
def test_what_is_refused_is_refused_first(bad):
    for x, y in ((column(bad), F), (X, np.where(np.arange(N) == 3, bad, F))):
        with pytest.raises(ValueError, match="finite"):
            fit(x, y)


def test_a_few_rows_of_many_are_looked_at():
    """Evenly spaced: a column that only the last rows spoil is found."""
    x = RNG.normal(size=(50_000, 2))
    x[25_000:, 1] *= 1000
    assert "(column 1: " in said(x, x[:, 0])
    order = np.argsort(x[:, 0])
    assert said(x[order][:, :1], x[order, 0]) == ""
    assert "y has mean" in said(x[order][:, :1], 1e4 * x[order, 0] + 1e4)


class Counting(np.ndarray):
    """An array that counts the numbers that are picked from it."""

    picked = 0

    def __getitem__(self, key):
        result = super().__getitem__(key)
        if isinstance(key, np.ndarray):
            Counting.picked = max(Counting.picked, result.size)
        return result


def test_never_more_than_some_thousand_numbers_are_read():
    from localgrad._training.first_look import look

    for width in (1, 50, 3000):
        Counting.picked = 0
        x = np.ones((20_000, width), np.float32).view(Counting)
        look(lg.Network([width, 1]), x, np.ones((20_000, 1)))
        assert 0 < Counting.picked <= max(2**16, 100 * width)
