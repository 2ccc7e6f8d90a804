"""The settings of differentially private training."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localgrad._arguments.check import choice, integer, real
from localgrad._data.feed import ArrayFeed, Feed
from localgrad._model.model import Model
from localgrad.privacy import Guarantee

SAMPLERS = ("shuffled", "poisson", "importance")
_KEY_BYTES = 32


@dataclass(frozen=True, eq=False)
class PrivateSteps:
    """Settings of the steps, and the key of their noise, which is shown nowhere, and whether it is secret."""

    clip_per_example: float
    noise_multiplier: float
    poisson: bool
    key: bytes = field(repr=False)
    secret: bool = True

    @property
    def native(self) -> tuple[float, float, bytes, bool]:
        """The settings for the native trainer."""
        return self.clip_per_example, self.noise_multiplier, self.key, self.poisson

    @property
    def settings(self) -> dict[str, Any]:
        """Settings stored in a checkpoint, without the key."""
        return {
            "clip_per_example": self.clip_per_example,
            "noise_multiplier": self.noise_multiplier,
            "secret_noise": self.secret,
        }

    def guarantee(self, feed: Feed, steps: int) -> Guarantee:
        """Return the guarantee after some steps."""
        assert feed.rows is not None
        sampler = "poisson" if self.poisson else "shuffled"
        return Guarantee(self.noise_multiplier, sampler, feed.rows, feed.batch_size, steps, self.secret)


def sampler_of(given: Mapping[str, Any]) -> str:
    """Return the checked argument `sampler`."""
    return choice(given.get("sampler", SAMPLERS[0]), "sampler", SAMPLERS)


def check_sampler(sampler: str, feed: Feed) -> None:
    """Raise a ValueError if mini-batches cannot be drawn from the data."""
    if sampler == "shuffled":
        return
    if not isinstance(feed, ArrayFeed):
        raise ValueError(f"sampler={sampler!r} does not support blocks, whose number of rows is unknown")
    if not feed.shuffle:
        raise ValueError(f"shuffle must be True with sampler={sampler!r}, got False")


def private_steps(given: Mapping[str, Any], model: Model, feed: Feed) -> PrivateSteps | None:
    """Check the arguments of private training, and draw a key."""
    noise = real(given.get("noise_multiplier", 0.0), "noise_multiplier", at_least=0.0)
    seed = given.get("unsafe_noise_seed")
    if seed is not None:
        seed = integer(seed, "unsafe_noise_seed", at_least=0, below=2**64)
    poisson = sampler_of(given) == "poisson"
    if given.get("clip_per_example") is None:
        if noise or poisson or seed is not None:
            name = "noise_multiplier" if noise else "sampler='poisson'" if poisson else "unsafe_noise_seed"
            raise ValueError(f"clip_per_example must be a number with {name}, got None")
        return None
    clip = real(given["clip_per_example"], "clip_per_example", above=0.0)
    _check(given, model, feed, noise)
    key = secrets.token_bytes(_KEY_BYTES) if seed is None else seed.to_bytes(_KEY_BYTES, "little")
    return PrivateSteps(clip, noise, poisson, key, secret=seed is None)


def _check(given: Mapping[str, Any], model: Model, feed: Feed, noise: float) -> None:
    if sampler_of(given) == "importance":
        raise ValueError("sampler must be 'shuffled' or 'poisson' with clip_per_example, got 'importance'")
    if not isinstance(feed, ArrayFeed):
        raise ValueError("clip_per_example does not support blocks, whose number of rows is unknown")
    if feed.weighted:
        name = "sample_weight" if given.get("class_weight") is None else "class_weight"
        raise ValueError(
            f"clip_per_example does not support {name}, which would change what an example reveals"
        )
    if noise and model.standardize_now:
        raise ValueError(
            "noise_multiplier does not support a network that has yet to learn its standardization from the "
            "training data (standardize=True), because the means and standard deviations would not be private"
        )
