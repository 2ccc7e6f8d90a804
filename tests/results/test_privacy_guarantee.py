"""The epsilon of private training: known values, and what is required."""

import math
import sys

import localgrad as lg
import numpy as np
import pytest
from localgrad.privacy import Guarantee

ABADI = Guarantee(4.0, "poisson", examples=60_000, batch_size=600, steps=10_000)  # q = 0.01


def gaussian_delta(epsilon, mu):
    """Return δ of a Gaussian mechanism with sensitivity/noise = mu (Balle and Wang 2018, theorem 8)."""
    phi = lambda t: math.erfc(-t / math.sqrt(2)) / 2  # noqa: E731
    return phi(mu / 2 - epsilon / mu) - math.exp(epsilon) * phi(-mu / 2 - epsilon / mu)


def test_the_example_of_abadi_et_al():
    pytest.importorskip("dp_accounting")
    # Section 3.2 of the paper, with the moments accountant: ε = 1.26. Later ones are tighter, and the limit
    # of many small steps is a Gaussian mechanism (Dong, Roth and Su 2022, corollary 5.4).
    epsilon = ABADI.epsilon(1e-5)
    assert 0.9 < epsilon < 1.26
    mu = 0.01 * math.sqrt(10_000 * (math.exp(1 / 4.0**2) - 1))
    assert gaussian_delta(epsilon, mu) == pytest.approx(1e-5, rel=0.2)


@pytest.mark.parametrize(("sigma", "steps", "epochs"), [(1.0, 100, 10), (3.0, 95, 10), (2.0, 10, 1)])
def test_shuffled_epochs_compose_like_one_gaussian_mechanism_per_epoch(sigma, steps, epochs):
    pytest.importorskip("dp_accounting")
    guarantee = Guarantee(sigma, "shuffled", examples=1000, batch_size=100, steps=steps)
    assert guarantee.epochs == epochs
    epsilon = guarantee.epsilon(1e-5)
    assert gaussian_delta(epsilon, math.sqrt(epochs) / sigma) == pytest.approx(1e-5, rel=1e-2)


def test_the_approximation_of_shuffled_epochs_is_that_of_poisson_sampling():
    pytest.importorskip("dp_accounting")
    poisson = Guarantee(1.0, "poisson", examples=1000, batch_size=100, steps=30)
    shuffled = Guarantee(1.0, "shuffled", examples=1000, batch_size=100, steps=30)
    assert shuffled.epsilon(1e-5, assume_poisson=True) == poisson.epsilon(1e-5)
    assert shuffled.epsilon(1e-5) > 1.5 * poisson.epsilon(1e-5)


def test_fit_states_its_guarantee():
    net = lg.Network([2, 1])
    history = net.fit(
        np.ones((20, 2)), np.ones(20), epochs=3, batch_size=8, clip_per_example=1, noise_multiplier=2
    )
    assert history.privacy == Guarantee(2.0, "shuffled", examples=20, batch_size=8, steps=9)
    assert history.privacy.secret_noise
    assert history.copy().privacy == history.privacy
    assert net.fit(np.ones((20, 2)), np.ones(20), epochs=1).privacy is None


def test_noise_with_a_known_seed_protects_nothing(tmp_path):
    private = {"batch_size": 8, "clip_per_example": 1, "noise_multiplier": 2}
    data, path = (np.ones((20, 2)), np.ones(20)), tmp_path / "run.ckpt"
    history = lg.Network([2, 1]).fit(*data, epochs=1, **private, unsafe_noise_seed=1, checkpoint=path)
    assert not history.privacy.secret_noise
    assert history.privacy.epsilon(1e-5) == math.inf
    for change in {}, {"l2": 0.1}:  # the second one draws a secret, but the first steps had none
        resumed = lg.Network([2, 1]).fit(*data, epochs=2, **private, **change, resume=path)
        assert not resumed.privacy.secret_noise


def test_little_noise_has_a_large_epsilon():
    pytest.importorskip("dp_accounting")
    little = Guarantee(0.01, "shuffled", examples=100, batch_size=10, steps=10)
    mu = 100  # where δ is that of a normal number above ε/mu - mu/2, and 4.2649 is its quantile for 1e-5
    assert little.epsilon(1e-5) == pytest.approx(mu**2 / 2 + 4.2649 * mu, rel=1e-3)
    assert Guarantee(1e-9, "shuffled", examples=100, batch_size=10, steps=10).epsilon(1e-5) == math.inf


def test_without_noise_or_steps_no_package_is_needed(monkeypatch):
    monkeypatch.setitem(sys.modules, "dp_accounting", None)
    assert Guarantee(0.0, "poisson", examples=10, batch_size=1, steps=1).epsilon(0.1) == math.inf
    assert Guarantee(1.0, "poisson", examples=10, batch_size=1, steps=0).epsilon(0.1) == 0.0
    with pytest.raises(ImportError, match=r'install with: pip install "localgrad\[privacy\]"'):
        ABADI.epsilon(1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"noise_multiplier": -1.0}, "noise_multiplier must be finite and at least 0.0, got -1.0"),
        ({"sampler": "importance"}, "sampler must be one of 'poisson', 'shuffled', got 'importance'"),
        ({"batch_size": 11}, "batch_size must be below 11, got 11"),
        ({"steps": -1}, "steps must be at least 0, got -1"),
    ],
)
def test_invalid_numbers_are_refused(change, message):
    given = {"noise_multiplier": 1.0, "sampler": "poisson", "examples": 10, "batch_size": 5, "steps": 1}
    with pytest.raises(ValueError, match=message):
        Guarantee(**given | change)
    with pytest.raises(ValueError, match=r"delta must be in \(0.0, 1.0\), got 1"):
        Guarantee(**given).epsilon(1)
