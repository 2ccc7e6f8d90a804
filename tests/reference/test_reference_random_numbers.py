"""The random numbers of the reference: published values, examples worked out by hand, and distributions."""

import math
from collections import Counter
from itertools import pairwise

import pytest
from localgrad.reference import Network
from localgrad.reference.random_numbers import normals, philox, shuffled


# From kat_vectors of Random123, "philox4x32 10".
@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_philox_returns_the_published_values(
    counter: tuple[int, int, int, int], key: tuple[int, int], expected: str
) -> None:
    assert " ".join(f"{word:08x}" for word in philox(counter, key)) == expected


def test_the_first_normals_follow_from_the_published_values() -> None:
    # For seed 0, layer index 0 and block 0, counter and key are those of the first vector above. The words:
    # lo = e169c58d6627e8d5, hi = 9b00dbd8bc57ac4c. With 40 digits,
    #   u1 = ((lo >> 11) + 1) / 2^53 = 7931020870206718 / 2^53 = 0.880520197888614...
    #   u2 = (hi >> 11) / 2^53       = 5453695703026421 / 2^53 = 0.605481853879921...
    #   r = sqrt(-2 log u1) = 0.504464889157625...,  theta = 2 pi u2 = 3.804354688062178...
    first, second = normals(2, seed=0, layer=0)
    assert first == pytest.approx(-0.39766753844418212, rel=1e-15)  # r cos theta
    assert second == pytest.approx(-0.31039547880173808, rel=1e-15)  # r sin theta


def test_a_shuffle_worked_out_by_hand() -> None:
    # Key (7, 3), epoch 1: blocks 0 and 1 of counter (block, 0, 1, 1); their words as fractions of 2^64.
    seed, epoch = 7 + (3 << 32), 1
    words = []
    for block in range(2):
        r0, r1, r2, r3 = philox((block, 0, epoch, 1), (7, 3))
        words += [r0 + r1 * 2**32, r2 + r3 * 2**32]
    assert [word / 2**64 for word in words] == pytest.approx([0.4304, 0.6244, 0.9083, 0.2203], abs=5e-5)
    #                                         0 1 2 3 4
    # t = 4: j = floor(0.4304 * 5) = 2, so 0 1 4 3 2
    # t = 3: j = floor(0.6244 * 4) = 2, so 0 1 3 4 2
    # t = 2: j = floor(0.9083 * 3) = 2, so 0 1 3 4 2
    # t = 1: j = floor(0.2203 * 2) = 0, so 1 0 3 4 2
    assert shuffled(5, seed, epoch) == [1, 0, 3, 4, 2]


def test_a_shuffle_is_a_permutation_that_depends_on_seed_and_epoch() -> None:
    orders = {tuple(shuffled(50, seed, epoch)) for seed in (0, 1, 2**32, 2**64 - 1) for epoch in range(3)}
    assert len(orders) == 12
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert shuffled(0, 0, 0) == []
    assert shuffled(1, 0, 0) == [0]


def test_all_orders_of_four_are_equally_likely() -> None:
    count = Counter(tuple(shuffled(4, seed=11, epoch=epoch)) for epoch in range(4800))
    assert len(count) == 24
    chi_squared = sum((seen - 200) ** 2 / 200 for seen in count.values())
    assert chi_squared < 49.7  # 23 degrees of freedom: exceeded by one fair generator in a thousand


def test_normals_have_the_moments_of_the_normal_distribution() -> None:
    n = 20000
    draws = normals(n, seed=3, layer=2)
    mean = sum(draws) / n
    variance = sum((d - mean) ** 2 for d in draws) / n
    fourth = sum((d - mean) ** 4 for d in draws) / n
    assert abs(mean) < 4 / math.sqrt(n)
    assert abs(variance - 1) < 4 * math.sqrt(2 / n)
    assert abs(fourth - 3) < 4 * math.sqrt(96 / n)
    # Adjacent numbers come from one pair of words and must still be independent.
    assert abs(sum(u * v for u, v in pairwise(draws)) / n) < 4 / math.sqrt(n)


def test_an_odd_number_of_normals_is_the_start_of_an_even_number() -> None:
    assert normals(7, seed=1, layer=0) == normals(8, seed=1, layer=0)[:7]
    assert normals(4, seed=1, layer=0) != normals(4, seed=1, layer=1)
    assert normals(4, seed=1, layer=0) != normals(4, seed=1 + 2**32, layer=0)


def test_weights_are_drawn_in_the_order_of_the_inputs() -> None:
    net = Network([3, 2, 2], init="normal", seed=5)
    draws = normals(8, seed=5, layer=0)
    assert net.weights[0] == [[draws[0], draws[2], draws[4]], [draws[1], draws[3], draws[5]]]
    assert net.biases[0] == draws[6:]
    draws = normals(6, seed=5, layer=1)
    assert net.weights[1] == [[draws[0], draws[2]], [draws[1], draws[3]]]
    assert net.biases[1] == draws[4:]


@pytest.mark.parametrize(
    ("init", "activation", "output", "hidden_variance", "output_variance"),
    [
        ("he", "sigmoid", "identity", 2 / 100, 2 / 60),
        ("xavier", "relu", "relu", 2 / 160, 2 / 110),
        ("normal", "relu", "softmax", 1, 1),
        ("auto", "relu", "softmax", 2 / 160, 2 / 110),
        ("auto", "relu", "relu", 2 / 160, 2 / 60),
        ("auto", "leaky_relu", "identity", 2 / 160, 2 / 110),
        ("auto", "tanh", "relu", 2 / 160, 2 / 60),
        ("auto", "sigmoid", "sigmoid", 2 / 160, 2 / 110),
        ("auto", "identity", "identity", 2 / 160, 2 / 110),
        ("lecun", "relu", "identity", 1 / 100, 1 / 60),
        ("auto", "selu", "identity", 1 / 100, 2 / 110),
        *[
            ("auto", name, "identity", 2 / 100, 2 / 110)
            for name in ("elu", "gelu", "gelu_tanh", "silu", "mish")
        ],
        *[
            ("auto", name, "identity", 2 / 160, 2 / 110)
            for name in ("softplus", "softsign", "hard_sigmoid", "hard_tanh")
        ],
    ],
)
def test_variance_of_the_first_weights(
    init: str, activation: str, output: str, hidden_variance: float, output_variance: float
) -> None:
    net = Network([100, 60, 50], init=init, activation=activation, output=output, seed=9)
    for w, variance in zip(net.weights, (hidden_variance, output_variance), strict=True):
        squares = [w_jk * w_jk for row in w for w_jk in row]
        assert sum(squares) / len(squares) == pytest.approx(variance, rel=4 * math.sqrt(2 / len(squares)))
    drawn = init == "normal"
    assert all((b_j != 0) == drawn for b in net.biases for b_j in b)


def test_initial_zeros_are_positive() -> None:
    assert {str(p) for p in Network([3, 4, 2], init="zeros", seed=1).parameters} == {"0.0"}


def test_a_random_seed_can_be_reused() -> None:
    one, other = Network([2, 2]), Network([2, 2])
    assert one.seed != other.seed
    assert Network([2, 2], seed=one.seed).parameters == one.parameters
    assert Network([2, 2], seed=other.seed).parameters != one.parameters
