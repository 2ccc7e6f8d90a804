"""The inputs that follow from numbers, categories and dates."""

import numpy as np
import pytest
from localgrad.tabular.categories import Categories
from localgrad.tabular.dates import Dates
from localgrad.tabular.numbers import Numbers


def encoded(encoder, values):
    out = np.full((len(values), encoder.width), np.nan, np.float32)
    encoder.encode(values, out)
    assert np.isfinite(out).all()
    assert type(encoder).of(encoder.description()) == encoder
    return out


def test_numbers_are_scaled_and_clipped():
    values = np.array([0.0, 1.0, 2.0, 3.0, 4.0])  # median 2, quartiles 1 and 3
    encoder = Numbers.fit(values, bins=0)
    x = (np.array([2.0, 3.0, -1e300, 1e300]) - 2.0) / 2.0
    expected = np.clip(x, -1e9, 1e9) / np.sqrt(1 + (np.clip(x, -1e9, 1e9) / 3) ** 2)
    found = encoded(encoder, np.array([2.0, 3.0, -1e300, 1e300]))
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-6)


def test_numbers_are_encoded_by_bins():
    encoder = Numbers.fit(np.arange(9.0), bins=4)
    assert encoder.edges == (0.0, 2.0, 4.0, 6.0, 8.0)
    found = encoded(encoder, np.array([-5.0, 1.0, 4.0, 7.5, 99.0]))[:, 1:] + 0.5
    expected = [[0, 0, 0, 0], [0.5, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0.75], [1, 1, 1, 1]]
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_equal_quantiles_are_one_edge_and_a_single_bin_is_none():
    assert Numbers.fit(np.array([0.0] * 7 + [1.0, 2.0]), bins=8).edges == (0.0, 1.0, 2.0)
    assert Numbers.fit(np.array([0.0] * 50 + [1.0] * 50), bins=10).width == 1


def test_scale_of_mostly_equal_and_of_constant_numbers():
    assert Numbers.fit(np.array([0.0] * 9 + [8.0]), bins=0).scale == 0.25
    assert Numbers.fit(np.array([7.0, 7.0]), bins=0).scale == 0.0
    assert Numbers.fit(np.array([0.0, 5e-324]), bins=0).scale == 0.0  # 1 / width overflows


def test_missing_numbers_are_the_median_with_an_indicator():
    encoder = Numbers.fit(np.array([1.0, np.nan, 2.0, 3.0]), bins=2)
    found = encoded(encoder, np.array([np.nan, 2.0]))
    np.testing.assert_array_equal(found[0, :-1], found[1, :-1])
    assert found[:, -1].tolist() == [1.0, 0.0]
    without = Numbers.fit(np.array([1.0, 2.0, 3.0]), bins=0)
    assert encoded(without, np.array([np.nan])).tolist() == [[0.0]]


def test_two_categories_have_one_input():
    encoder = Categories.fit(np.array(["b", "a", "b"], object))
    assert encoded(encoder, np.array(["b", "a", "new", None], object)).tolist() == [[-1], [1], [0], [0]]


def test_categories_have_an_input_each():
    encoder = Categories.fit(np.array(["c", "a", "b", "a", None], object))
    assert encoder.names == ("a", "b", "c")
    found = encoded(encoder, np.array(["a", "c", None, "new"], object))
    assert found.tolist() == [[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]


def test_rare_categories_share_an_input():
    many = [f"{i:02}" for i in range(30) for _ in range(5)]
    encoder = Categories.fit(np.array([*many, "rare", "rarer"], object))
    assert encoder.width == 31
    found = encoded(encoder, np.array(["rare", "rarer", "new", "07"], object))
    assert found[:3, 30].tolist() == [1, 1, 1]
    assert found[3].tolist() == [float(i == 7) for i in range(31)]


def test_dates_are_encoded_by_the_parts_that_vary():
    days = np.datetime64("2024-01-01", "us") + np.arange(28).astype("timedelta64[D]")
    encoder = Dates.fit(days)
    assert [name for name, _ in encoder.parts] == ["days", "day", "weekday"]
    found = encoded(encoder, np.array(["2024-01-01", "2024-01-08"], "datetime64[us]"))
    weekday = encoder.parts[2][1].width
    np.testing.assert_array_equal(found[0, -weekday:], found[1, -weekday:])  # both are Mondays


@pytest.mark.parametrize(
    ("part", "moments"),
    [
        ("hour", ["2024-05-05T06:00", "2024-05-05T18:30"]),
        ("month", ["1969-02-01", "1969-11-01"]),
        ("year", ["1931-06-05", "2031-06-05"]),
    ],
)
def test_parts_of_dates(part, moments):
    encoder = dict(Dates.fit(np.array(moments, "datetime64[us]")).parts)[part]
    expected = {"hour": (6 + 18.5) / 2, "month": 6.5, "year": 1981.0}
    assert encoder.median == expected[part]


def test_missing_dates_have_an_indicator():
    encoder = Dates.fit(np.array(["2024-01-01", "2024-02-01", "NaT"], "datetime64[us]"))
    found = encoded(encoder, np.array(["2024-01-01", "NaT"], "datetime64[us]"))
    first = encoder.parts[0][1].width
    assert found[:, first - 1].tolist() == [0.0, 1.0]
