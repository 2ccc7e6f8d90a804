"""Dropout and noise of the reference: their random numbers, their rate and their effect."""

import math
from itertools import pairwise
from typing import Any

import pytest
from localgrad.reference import SGD, Network
from localgrad.reference.dropout import mask, noise
from localgrad.reference.random_numbers import philox
from localgrad.reference.steps import Layer, backprop


def test_a_mask_follows_from_its_random_numbers() -> None:
    """Width 11 needs two blocks per example; those of the third example are 4 and 5."""
    seed, epoch, position, layer = 7 + (3 << 32), 5, 2, 1
    bits: list[int] = []
    for index in (4, 5):
        words = philox((index, 0, epoch, 2 + 256 * layer), (7, 3))
        first, second = words[0] | words[1] << 32, words[2] | words[3] << 32
        bits += [(word >> 16 * place) & 0xFFFF for word in (first, second) for place in range(4)]
    threshold = round(0.3 * 65536)
    expected = [0.0 if b < threshold else 1 / (1 - threshold / 65536) for b in bits[:11]]
    assert mask(11, 0.3, seed, epoch, position, layer) == expected


def test_noise_follows_from_its_random_numbers() -> None:
    seed, epoch, position = 7 + (3 << 32), 5, 2
    r0, r1, *_ = philox((position * 2 + 1, 0, epoch, 3), (7, 3))  # the second block for width 6
    radius, angle = math.sqrt(-2 * math.log((r0 + 1) / 2**32)), 2 * math.pi * r1 / 2**32
    draws = noise(6, seed, epoch, position)
    assert len(draws) == 6
    assert draws[4:] == [radius * math.cos(angle), radius * math.sin(angle)]


def test_large_epochs_and_positions_are_supported() -> None:
    """The epoch is counted modulo 2^32, and the index has 64 bits."""
    assert mask(9, 0.5, 1, 2**32 + 3, 0, 0) == mask(9, 0.5, 1, 3, 0, 0)
    beyond = philox((0, 1, 0, 2), (1, 0))[0] & 0xFFFF
    assert (mask(8, 0.5, 1, 0, 2**32, 0)[0] == 0) == (beyond < 32768)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_fraction_of_dropped_units_is_the_rate(rate: float) -> None:
    n, width = 400, 50
    factors = [v for p in range(n) for v in mask(width, rate, seed=3, epoch=0, position=p, l=1)]
    dropped = factors.count(0.0) / (n * width)
    assert abs(dropped - rate) < 4 * math.sqrt(rate * (1 - rate) / (n * width))
    assert set(factors) == {0.0, 1 / (1 - round(rate * 65536) / 65536)}
    # The mean is unchanged: kept units are multiplied by 1/(1 - rate).
    assert sum(factors) / (n * width) == pytest.approx((1 - dropped) / (1 - rate), rel=1e-4)


def test_rates_close_to_0_and_1() -> None:
    assert set(mask(100, 1e-9, 0, 0, 0, 0)) == {1.0}  # 1e-9 * 65536 rounds to 0
    kept = mask(100, 1 - 1e-9, 0, 0, 0, 0)
    assert set(kept) <= {0.0, 65536.0}  # at least one of 65536 is kept


def test_masks_depend_on_seed_epoch_position_and_layer() -> None:
    here: dict[str, int] = {"seed": 1, "epoch": 0, "position": 0, "l": 1}
    others = [here | {name: here[name] + 1} for name in here]
    masks = {tuple(mask(64, 0.5, **where)) for where in (here, *others)}
    assert len(masks) == 5


def test_noise_is_normally_distributed() -> None:
    draws = [v for p in range(5000) for v in noise(4, seed=3, epoch=0, position=p)]
    n = len(draws)
    assert abs(sum(draws) / n) < 4 / math.sqrt(n)
    assert abs(sum(v * v for v in draws) / n - 1) < 4 * math.sqrt(2 / n)
    assert abs(sum(v**4 for v in draws) / n - 3) < 4 * math.sqrt(96 / n)
    assert abs(sum(u * v for u, v in pairwise(draws)) / n) < 4 / math.sqrt(n)


NET: dict[str, Any] = {"activation": "sigmoid", "init": "normal", "seed": 5}


def test_one_example_worked_out_by_hand() -> None:
    """The step of `fit`, computed unit by unit with explicit masks."""
    settings = {"dropout": 0.5, "input_dropout": 0.25, "input_noise": 0.5}
    net = Network([3, 4, 2], **NET, **settings)
    (w1, b1), (w2, b2) = zip(net.weights, net.biases, strict=True)
    x, y = [0.5, -1.0, 2.0], [1.0, 0.0]
    n, m0 = noise(3, 5, 0, 0), mask(3, 0.25, 5, 0, 0, 0)
    m1 = mask(4, 0.5, 5, 0, 0, 1)
    assert 0.0 in m1
    a0 = [m * (v + 0.5 * e) for m, v, e in zip(m0, x, n, strict=True)]
    s = [
        1 / (1 + math.exp(-sum(w * v for w, v in zip(row, a0, strict=True)) - b))
        for row, b in zip(w1, b1, strict=True)
    ]
    a1 = [m * v for m, v in zip(m1, s, strict=True)]
    a2 = [sum(w * v for w, v in zip(row, a1, strict=True)) + b for row, b in zip(w2, b2, strict=True)]
    d2 = [a - t for a, t in zip(a2, y, strict=True)]
    d1 = [sum(w2[k][j] * d2[k] for k in range(2)) * m1[j] * s[j] * (1 - s[j]) for j in range(4)]
    expected = [[v - 0.5 * d2[j] * a1[k] for k, v in enumerate(row)] for j, row in enumerate(w2)]
    expected_first = [[v - 0.5 * d1[j] * a0[k] for k, v in enumerate(row)] for j, row in enumerate(w1)]

    history = net.fit([x], [y], epochs=1, optimizer=SGD(0.5))
    assert history["cost"] == [pytest.approx(sum(d * d for d in d2) / 2, rel=1e-14)]
    for found, wanted in ((net.weights[1], expected), (net.weights[0], expected_first)):
        for row, other in zip(found, wanted, strict=True):
            assert row == pytest.approx(other, rel=1e-13)


def test_weights_of_a_dropped_unit_do_not_change() -> None:
    net = Network([3, 8, 2], **NET, dropout=0.5)
    before = [list(row) for row in net.weights[0]]
    net.fit([[0.5, -1.0, 2.0]], [[1.0, 0.0]], epochs=1)
    for j, factor in enumerate(mask(8, 0.5, 5, 0, 0, 1)):
        assert (net.weights[0][j] == before[j]) == (factor == 0.0)


def test_masks_depend_on_the_position_in_the_epoch_not_on_the_example() -> None:
    """Without shuffling, the second mini-batch of one example each has position 1."""
    net, twin = (Network([3, 8, 2], **NET, dropout=0.5) for _ in range(2))
    x, y = [[0.5, -1.0, 2.0], [0.25, 1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]
    net.fit(x, y, epochs=1, batch_size=1, shuffle=False, optimizer=SGD(0.5))
    for position in range(2):
        hidden = twin._disturbance.of_hidden(twin._hidden, [8], 0, position)
        layers = [Layer(w, b) for w, b in zip(twin.weights, twin.biases, strict=True)]
        e = backprop(layers, hidden, twin._output, twin._cost, x[position], y[position])
        for i, gradient in enumerate(e.gradients):
            for j, row in enumerate(gradient.w):
                for k, g in enumerate(row):
                    twin.weights[i][j][k] -= 0.5 * g
                twin.biases[i][j] -= 0.5 * gradient.b[j]
    assert net.parameters == pytest.approx(twin.parameters, rel=1e-14)


def test_dropout_and_noise_only_affect_fit() -> None:
    x, y = [[0.5, -1.0, 2.0]], [[1.0, 0.0]]
    plain = Network([3, 4, 2], **NET)
    net = Network([3, 4, 2], **NET, dropout=0.5, input_dropout=0.5, input_noise=1.0)
    assert net.predict(x) == plain.predict(x)
    assert net.evaluate(x, y) == plain.evaluate(x, y)
    assert net.backprop(x, y) == plain.backprop(x, y)
    history = net.fit(x, y, epochs=1, validation=(x, y), optimizer=SGD(0.0))
    assert history["val_cost"] == [plain.evaluate(x, y)["cost"]]
    assert history["cost"] != history["val_cost"]


def test_three_plus_three_epochs_equal_six() -> None:
    x, y = [[0.5, -1.0, 2.0]] * 5, [[1.0, 0.0]] * 5
    whole, parts = (Network([3, 4, 2], **NET, dropout=0.5, input_noise=0.1) for _ in range(2))
    whole.fit(x, y, epochs=6, batch_size=2, optimizer=SGD())
    parts.fit(x, y, epochs=3, batch_size=2, optimizer=SGD())
    parts.fit(x, y, epochs=3, batch_size=2, optimizer=SGD())
    assert parts.parameters == whole.parameters


def test_dropout_is_one_rate_or_one_per_layer() -> None:
    assert Network([2, 3, 3, 1], dropout=0.5).dropout == (0.5, 0.5)
    assert Network([2, 3, 3, 1], dropout=[0.0, 0.5]).dropout == (0.0, 0.5)
    assert Network([2, 1]).dropout == ()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dropout": 1.0}, r"dropout must be in \[0, 1\), got 1.0"),
        ({"dropout": -0.1}, r"dropout must be in \[0, 1\), got -0.1"),
        ({"dropout": [0.1]}, "dropout must be a rate or 2 rates, one for each hidden layer, got 1"),
        ({"input_dropout": math.nan}, r"input_dropout must be in \[0, 1\), got nan"),
        ({"input_noise": -1.0}, "input_noise must be finite and at least 0, got -1.0"),
        ({"input_noise": math.inf}, "input_noise must be finite and at least 0, got inf"),
    ],
)
def test_invalid_settings_raise(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        Network([2, 3, 3, 1], **settings)
