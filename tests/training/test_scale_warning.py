"""`ScaleWarning` is issued for data on which training fails, and not for others."""

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
HOWS = ["fit", "share", "blocks", "short blocks", "partial_fit"]
SQUARES = ["mse", "mae", "huber", "log_cosh", "quantile", "quantile(0.1, 0.9)", "gaussian_nll"]


SHORT = {"blocks": {}, "short blocks": {"shuffle_buffer": 64}}


def fit(x, y, *, output="identity", cost="mse", outputs=1, how="fit", dtype="float32", **options):
    net = lg.Network(
        [x.shape[1], 8, outputs], activation="tanh", output=output, cost=cost, seed=0, dtype=dtype, **options
    )
    rate = lg.SGD(1e-12)  # so that training does not diverge
    if how in ("blocks", "short blocks"):
        blocks = lg.Blocks(lambda: [(x[:100], y[:100]), (x[100:], y[100:])], **SHORT[how])
        net.fit(blocks, epochs=2, optimizer=rate)
    elif how == "partial_fit":
        for _ in range(3):
            net.partial_fit(x, y, optimizer=rate)
    else:
        net.fit(x, y, epochs=2, optimizer=rate, **({"validation": 0.2} if how == "share" else {}))


def message(*arguments, **options):
    """Return the text of the only warning, or "" without a warning."""
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
CLOSE = (
    "far from 0",
    "small",
    "tiny",
    "small and far",
    "25 and 0.1",
    "10 and 0.1",
    "3 and 0.05",
    "1 and 0.01",
)
CLOSE += ("one of 10 and 0.1", "a small column")
LENIENT = ("partial_fit", "short blocks")  # their first rows may be closer to each other than all rows
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


@pytest.mark.parametrize("name", BAD_TARGETS)
@pytest.mark.parametrize("how", HOWS)
def test_badly_scaled_targets_warn(name, how):
    text = message(X, BAD_TARGETS[name], how=how)
    if how in LENIENT and name in CLOSE:
        assert text == ""
        return
    assert "y has mean" in text
    assert "(y - y.mean(axis=0)) / y.std(axis=0)" in text
    assert "X" not in text


@pytest.mark.parametrize("y", GOOD_TARGETS.values(), ids=GOOD_TARGETS)
@pytest.mark.parametrize("how", HOWS)
def test_well_scaled_targets_do_not_warn(y, how):
    assert message(X, y, how=how) == ""


def test_the_message_contains_mean_and_standard_deviation():
    y = 1e5 * F + 5e5
    assert f"y has mean {y.mean():.4g} and standard deviation {y.std():.4g}" in message(X, y)
    both = np.stack([F, y], axis=1)
    assert f"column 1 of y has mean {y.mean():.4g}" in message(X, both, outputs=2)


@pytest.mark.parametrize("cost", SQUARES)
def test_costs_for_real_targets_warn(cost):
    outputs = 2 if cost in ("quantile(0.1, 0.9)", "gaussian_nll") else 1
    assert "y has mean" in message(X, BAD_TARGETS["prices"], cost=cost, outputs=outputs)
    assert message(X, F, cost=cost, outputs=outputs) == ""


def test_costs_for_classes_and_counts_do_not_warn():
    assert message(X, RNG.poisson(200, N), cost="poisson") == ""
    assert message(X, LABELS, output="sigmoid", cost="cross_entropy") == ""
    assert message(X, RNG.integers(0, 26, N), output="softmax", cost="cross_entropy", outputs=26) == ""
    assert message(X, np.eye(26)[RNG.integers(0, 26, N)], outputs=26) == ""
    assert message(X, np.eye(2)[LABELS], output="sigmoid", cost="binary_cross_entropy", outputs=2) == ""


@pytest.mark.parametrize(("output", "limits"), [("sigmoid", "0 and 1"), ("tanh", "-1 and 1")])
def test_targets_outside_the_range_of_the_output_warn(output, limits):
    y = RNG.integers(0, 101, N) * 1.0
    text = message(X, y, output=output)
    assert text == message(X, y, output=output, how="partial_fit")
    assert f"y lies between 0 and 100, the output '{output}' between {limits}" in text
    assert message(X, 0.5 + 0.1 * F, output=output) == ""
    assert message(X, np.abs(np.tanh(F)), output=output) == ""
    assert message(X, 1.3 + abs(F), output=output)
    assert message(X, 1.3 + 0.1 * abs(F), output=output, how="partial_fit") == ""


def test_targets_of_minus_1_and_1_for_a_sigmoid_warn():
    assert "y lies between -1 and 1, the output 'sigmoid'" in message(X, 2.0 * LABELS - 1, output="sigmoid")
    assert message(X, 2.0 * LABELS - 1, output="tanh") == message(X, 1.0 * LABELS, output="sigmoid") == ""


@pytest.mark.parametrize("output", ["relu", "softplus"])
def test_negative_targets_for_a_positive_output_warn(output):
    assert f"the output '{output}' above 0; make y positive" in message(X, -abs(F), output=output)
    assert message(X, abs(F), output=output) == message(X, F, output=output) == ""
    assert "y has mean" in message(X, 1e5 * abs(F), output=output)


def squares(a, y):
    return ((a - y) ** 2).sum(axis=1) / 2, a - y


def test_large_targets_for_a_custom_cost_warn():
    assert "y has mean" in message(X, 1e5 * F, cost=squares)
    assert message(X, F, cost=squares) == message(X, 100 * F, cost=squares) == ""
    assert message(X, 1e5 * F, cost=squares, output="softplus") == ""


@pytest.mark.parametrize("output", ["identity", "softplus"])
def test_large_counts_for_poisson_warn(output):
    text = message(X, RNG.poisson(1e5, N), cost="poisson", output=output)
    assert "y has mean" in text
    assert "train on y / y.mean(axis=0)" in text
    assert message(X, RNG.poisson(5, N), cost="poisson", output=output) == ""


def test_a_small_column_of_targets_warns():
    def both(values):
        return message(X, np.stack([F, values], axis=1), outputs=2)

    assert "column 1 of y has mean" in both(1e-3 * X[:, 1])
    for values in (0.1 * X[:, 1], np.zeros(N), np.full(N, 0.1), 1e-3 * (F > 1.5), 1e-12 * X[:, 1]):
        assert both(values) == ""


def test_a_large_constant_target_warns():
    text = message(X, np.full(N, 1e6))
    assert "y has mean 1e+06 and standard deviation 0" in text
    assert "train on y - y.mean(axis=0)," in text


BAD_INPUTS = {
    "bytes": (RNG.integers(0, 256, (N, 4)).astype(np.uint8), "pass input_scale=1/255"),
    "thousands": (1000 * X, "standardize them, X = (X - X.mean(axis=0)) / X.std(axis=0)"),
    "one column": (column(1400 + 1100 * X[:, 0], 2), "(column 2: mean 1"),
    "years": (column(1990 + 10 * X[:, 0]), "(column 0: mean 19"),
    "longitudes": (column(-119.6 + 2 * X[:, 0]), "(column 0: mean -119."),
    "far from 0": (X + 50, "means from 49"),
    "25 and 0.1": (25 + 0.1 * X, "means from 2"),
    "10 and 0.1": (10 + 0.1 * X, "means from "),
    "3 and 0.05": (3 + 0.05 * X, "means from "),
    "1 and 0.01": (1 + 0.01 * X, "means from "),
    "one of 10 and 0.1": (column(10 + 0.1 * X[:, 0], 1), "(column 1: mean "),
    "a small column": (column(1e-4 * X[:, 0]), "(column 0: mean "),
    "constant": (column(1e4), "without constant columns"),
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
    "a small column of no use": column(1e-4 * RNG.normal(size=N)),
    "small and rare": column(1e-4 * (F > 1.5)),
    "a constant of 15": column(15.0),
    "20 and 10": 20 + 10 * X,
    "ages": RNG.integers(20, 81, (N, 4)),
    "one hot": np.eye(4)[RNG.integers(0, 4, N)],
    "booleans": X > 0,
    "sparse": (RNG.uniform(size=(N, 300)) < 1e-3) * 1.0,
    "zeros": np.zeros((N, 4)),
    "a column of 1": column(1.0),
    "a column of 0": column(0.0),
    "0.1 times": 0.1 * X,
}


@pytest.mark.parametrize("name", BAD_INPUTS)
@pytest.mark.parametrize("how", HOWS)
def test_badly_scaled_inputs_warn(name, how):
    x, words = BAD_INPUTS[name]
    for y, options in ((F, {}), (LABELS, {"output": "sigmoid", "cost": "cross_entropy"})):
        text = message(x, y, how=how, **options)
        assert (words in text) if how not in LENIENT or name not in CLOSE else not text
        assert "y has" not in text


@pytest.mark.parametrize("x", GOOD_INPUTS.values(), ids=GOOD_INPUTS)
@pytest.mark.parametrize("how", HOWS)
def test_well_scaled_inputs_do_not_warn(x, how):
    assert message(x, F, how=how) == ""


def test_input_scale_is_applied():
    pixels = RNG.integers(0, 256, (N, 4)).astype(np.uint8)
    for scale in (1 / 255, -1 / 128):
        assert message(pixels, F, input_scale=scale) == ""
    assert "after input_scale" in message(pixels, F, input_scale=1e-5)
    assert "after input_scale" in message(X, F, input_scale=1e3)
    assert message(1e-4 * X, F, input_scale=1e4) == ""


def test_inputs_and_targets_share_one_warning():
    text = message(1000 * X, 1e5 * F)
    assert "X has columns" in text
    assert "y has mean" in text


@ERROR
def test_few_rows_only_warn_about_large_numbers():
    assert message(100 * X[:9], 100 * F[:9]) == message(50 + X[:9], 50 + F[:9]) == message(X[:1], F[:1]) == ""
    assert "y has mean" in message(X[:9], 1e5 * F[:9])
    assert "X has columns" in message(1e4 * X[:1], F[:1])
    lg.Network([4, 1]).fit(X, 1e5 * F, epochs=0)


def stream(x, y, sizes):
    """Return the number of the call of partial_fit that warned, or None."""
    net, first, found = lg.Network([x.shape[1], 8, 1], seed=0), 0, []
    for k, size in enumerate(sizes):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            rows = slice(first, first + size)
            net.partial_fit(x[rows], y[rows], optimizer=lg.SGD(1e-12))
        first += size
        found += [k] * len(caught)
    assert len(found) <= 1
    return found[0] if found else None


def test_partial_fit_checks_until_it_has_enough_rows():
    assert stream(X, 300 * F, [3, 1, 9, 10, 20]) == 3
    assert stream(300 * X, F, [1, 1, 30, 20]) == 2
    assert stream(X, 1e5 * F, [5, 5, 50, 50]) == 0
    assert stream(X, F, [1] * 20 + [30]) is None
    assert stream(X, np.where(np.arange(N) < 20, F, 1e5), [20, 20]) is None


def test_blocks_are_checked_until_there_are_enough_rows():
    """A buffer of 12 returns 23 rows as 6, 6 and 11."""
    blocks = lg.Blocks(lambda: [(X[:23], 300 * F[:23])], shuffle_buffer=12)
    net = lg.Network([4, 1], seed=0)
    with pytest.warns(ScaleWarning, match="y has mean") as caught:
        net.fit(blocks, epochs=1, batch_size=6, optimizer=lg.SGD(1e-12))
    assert len(caught) == 1


def test_a_time_series_in_order_does_not_warn():
    """Adjacent rows are close to each other and far from 0, while all rows together are not."""
    level = 30 + 10 * np.sin(np.linspace(0, 6, N))
    for size in (10, 50, 100):
        assert stream(level[:, np.newaxis], level, [size] * (N // size)) is None


@ERROR
def test_the_warning_can_be_filtered_or_raised_as_an_error():
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
def test_invalid_data_raise_before_the_check(bad):
    for x, y in ((column(bad), F), (X, np.where(np.arange(N) == 3, bad, F))):
        with pytest.raises(ValueError, match="finite"):
            fit(x, y)


def test_a_sample_of_many_rows_is_checked():
    """Rows are evenly spaced: a column with wrong values only in the last rows is found."""
    x = RNG.normal(size=(50_000, 2))
    x[25_000:, 1] *= 1000
    assert "(column 1: " in message(x, x[:, 0])
    order = np.argsort(x[:, 0])
    assert message(x[order][:, :1], x[order, 0]) == ""
    assert "y has mean" in message(x[order][:, :1], 1e4 * x[order, 0] + 1e4)


class Counting(np.ndarray):
    """An array that counts the numbers read from it."""

    picked = 0

    def __getitem__(self, key):
        result = super().__getitem__(key)
        if isinstance(key, np.ndarray):
            Counting.picked = max(Counting.picked, result.size)
        return result


def test_only_a_few_thousand_numbers_are_read():
    from localgrad._training.first_look import Look

    for width in (1, 50, 3000):
        Counting.picked = 0
        x = np.ones((20_000, width), np.float32).view(Counting)
        Look()(lg.Network([width, 1])._core_model, x, np.ones((20_000, 1)))
        assert 0 < Counting.picked <= max(2**16, 100 * width)
