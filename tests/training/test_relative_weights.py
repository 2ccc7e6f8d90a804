"""A common factor of all sample weights has no effect, however extreme it is."""

import localgrad as lg
import numpy as np
import pytest
from localgrad import reference

RNG = np.random.default_rng(5)
X = RNG.normal(size=(40, 3)).astype(np.float32)
LABELS = np.arange(40) % 4
WEIGHTS = RNG.integers(1, 9, 40) / 4.0
HELD = RNG.normal(size=(12, 3)).astype(np.float32), np.arange(12) % 4, RNG.integers(1, 9, 12) / 4.0
POWERS_OF_2 = [2.0**-1000, 2.0**-149, 2.0**-40, 2.0**-3, 2.0**3, 2.0**127, 2.0**1000]
OTHERS = [1e-300, 1e-46, 1e-30, 1 / 60_000, 1 / 3, 3.0, 1e30, 1e300]


def network(**options):
    return lg.Network([3, 6, 4], **{"activation": "tanh", "output": "softmax", "seed": 2, **options})


def fit(net, weights, **options):
    options = {"epochs": 3, "batch_size": 8, "optimizer": lg.Adam(0.01), "metrics": ["log_loss"], **options}
    net.fit(X, LABELS, sample_weight=weights, **options)
    return net.parameters.tobytes(), {name: tuple(values) for name, values in net.history.items()}


@pytest.mark.parametrize("factor", POWERS_OF_2)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_factor_that_is_a_power_of_2_changes_no_bit(factor, dtype):
    held = (*HELD[:2], HELD[2] * factor)
    for options in ({"validation": HELD}, {"validation": 0.25}, {"class_weight": "balanced"}):
        scaled = options | ({"validation": held} if options.get("validation") is HELD else {})
        expected = fit(network(dtype=dtype), WEIGHTS, **options)
        assert fit(network(dtype=dtype), WEIGHTS * factor, **scaled) == expected
    net = network(dtype=dtype)
    assert net.evaluate(X, LABELS, sample_weight=WEIGHTS * factor) == net.evaluate(
        X, LABELS, sample_weight=WEIGHTS
    )
    costs = [net.lr_finder(X, LABELS, sample_weight=w).costs for w in (WEIGHTS, WEIGHTS * factor)]
    assert (costs[0] == costs[1]).all()
    for metric in (lg.metrics.accuracy, lg.metrics.log_loss, lg.metrics.auc, lg.metrics.f1):
        a = net.predict(X)
        assert metric(LABELS, a, sample_weight=WEIGHTS * factor) == metric(LABELS, a, sample_weight=WEIGHTS)


@pytest.mark.parametrize("factor", OTHERS)
def test_any_other_factor_only_changes_the_last_bits(factor):
    one, other = network(dtype="float64"), network(dtype="float64")
    _, history = fit(one, WEIGHTS, validation=0.25, class_weight={1: 2.0})
    _, scaled = fit(
        other,
        WEIGHTS * factor,
        validation=0.25,
        class_weight=dict.fromkeys((0, 2, 3), factor) | {1: 2 * factor},
    )
    np.testing.assert_allclose(other.parameters, one.parameters, rtol=1e-12)
    for name, values in history.items():
        np.testing.assert_allclose(scaled[name], values, rtol=1e-12)


@pytest.mark.parametrize("factor", [1e-300, 1e-46, 1e300])
def test_a_factor_has_no_effect_with_lbfgs(factor):
    pytest.importorskip("scipy")
    nets = [network(dtype="float64") for _ in range(2)]
    for net, weights in zip(nets, (WEIGHTS, WEIGHTS * factor), strict=True):
        net.fit(X, LABELS, epochs=10, optimizer=lg.LBFGS(), sample_weight=weights)
    np.testing.assert_allclose(nets[1].parameters, nets[0].parameters, rtol=1e-6)


@pytest.mark.parametrize("weight", [5e-324, 1e-46, 0.11, 1.0, 7.3, 1.7e308])
def test_equal_weights_have_no_effect(weight):
    """Bit for bit, although 40 times 0.11, divided by 40, is not 0.11 in floating point."""

    def net():
        return network(dtype="float64")

    expected, history = fit(net(), np.ones(40))
    assert fit(net(), None)[0] == expected
    assert fit(net(), np.full(40, weight)) == (expected, history)
    assert fit(net(), None, class_weight=[weight] * 4) == (expected, history)
    same = net().evaluate(X, LABELS, sample_weight=np.full(40, weight))
    assert same == net().evaluate(X, LABELS)


def test_huge_weights_of_many_rows_do_not_overflow():
    x = np.zeros((300_000, 3), np.uint8)
    weights = np.where(np.arange(300_000) % 2, 1.7e308, 0.85e308)
    cost = network().evaluate(x, np.zeros(300_000, np.uint8), sample_weight=weights)["cost"]
    assert cost == pytest.approx(network().evaluate(x[:1], [0])["cost"], rel=1e-6)


def test_products_of_tiny_weights_do_not_underflow():
    weights, classes = np.full(40, 1e-200), [1e-200, 2e-200, 1e-200, 1e-200]
    assert fit(network(), weights, class_weight=classes) == fit(network(), None, class_weight=[1, 2, 1, 1])


def test_the_mean_is_separate_for_training_and_validation():
    """Weights are divided by separate means for the training rows and the rows held out."""
    seen = {}

    def spy(y, a, sample_weight):
        seen[len(y)] = sample_weight
        return 0.0

    network().fit(X, LABELS, epochs=1, sample_weight=WEIGHTS, validation=0.25, metrics=[spy])
    assert sorted(seen) == [10, 30]
    for weights in seen.values():
        assert weights.mean() == pytest.approx(1, rel=1e-15)


@pytest.mark.parametrize("factor", [1e-300, 1.0, 1e300])
def test_the_reference_agrees(factor):
    net = network(dtype="float64")
    model = reference.Network([3, 6, 4], activation="tanh", output="softmax", seed=2)
    x, y, w = X.tolist(), LABELS.tolist(), (WEIGHTS * factor).tolist()
    classes = {0: 2.0, 3: 0.5}
    ours = net.fit(x, y, epochs=2, batch_size=8, sample_weight=w, class_weight=classes, validation=(x, y, w))
    theirs = model.fit(
        x, y, epochs=2, batch_size=8, sample_weight=w, class_weight=classes, validation=(x, y, w)
    )
    for name, values in theirs.items():
        np.testing.assert_allclose(ours[name], values, rtol=1e-12)
    measured = net.evaluate(x, y, sample_weight=w)
    assert measured == pytest.approx(model.evaluate(x, y, sample_weight=w), rel=1e-12)


def test_partial_fit_and_blocks_use_weights_as_they_are():
    net, other = network(dtype="float64"), network(dtype="float64")
    net.partial_fit(X, LABELS, batch_size=None, sample_weight=np.full(40, 3.0), optimizer=lg.SGD(0.1))
    other.partial_fit(X, LABELS, batch_size=None, optimizer=lg.SGD(0.3))
    np.testing.assert_allclose(net.parameters, other.parameters, rtol=1e-13)
    blocks = network(dtype="float64")
    blocks.fit(lambda: [(X, LABELS, np.full(40, 3.0))], epochs=1, batch_size=40, optimizer=lg.SGD(0.1))
    np.testing.assert_allclose(blocks.parameters, net.parameters, rtol=1e-13)


def test_weights_that_underflow_in_float32_raise():
    tiny = np.full(40, 1e-46)
    with pytest.raises(ValueError, match=r"sample_weight must be above 0 as float32 .* got 1e-46 at most"):
        network().partial_fit(X, LABELS, sample_weight=tiny)
    for weights in (tiny, tiny * 0):
        with pytest.raises(
            ValueError, match="sample_weight must be above 0 as float32 for at least 1 example"
        ):
            network().fit(lambda w=weights: [(X, LABELS, w)])
    network(dtype="float64").partial_fit(X, LABELS, sample_weight=tiny)
