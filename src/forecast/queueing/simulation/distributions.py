"""Handle times, patience and delays of redialling: small laws that know their mean.

Each has a ``mean`` in seconds and ``sample(rng, size)``, which draws a block at once. A law of
one's own needs no more than these two.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Law(Protocol):
    """A distribution of times in seconds."""

    @property
    def mean(self) -> float:
        """The mean, in seconds."""

    def sample(self, rng: np.random.Generator, size: int) -> Floats:
        """Return independent draws."""


@dataclass(frozen=True)
class Exponential:
    """Times without memory, of this mean."""

    mean: float

    def __post_init__(self) -> None:
        """Refuse a mean that is not positive."""
        positive("mean", self.mean)

    def sample(self, rng: np.random.Generator, size: int) -> Floats:
        """Return independent draws."""
        return rng.exponential(self.mean, size)


@dataclass(frozen=True)
class Deterministic:
    """Always the same time; 0 is allowed, as the patience of who never waits (Erlang B)."""

    mean: float

    def __post_init__(self) -> None:
        """Refuse a time that is negative."""
        if not 0 <= self.mean < np.inf:
            raise ValueError(f"mean must be finite and >= 0; found {self.mean}")

    def sample(self, rng: np.random.Generator, size: int) -> Floats:
        """Return the same time ``size`` times."""
        return np.full(size, float(self.mean))


@dataclass(frozen=True)
class Lognormal:
    """Times whose logarithm is normal, by mean and coefficient of variation (sd / mean)."""

    mean: float
    cv: float

    def __post_init__(self) -> None:
        """Refuse a mean or a variation that is not positive."""
        positive("mean", self.mean)
        positive("cv", self.cv)

    def sample(self, rng: np.random.Generator, size: int) -> Floats:
        """Return independent draws."""
        variance = np.log1p(self.cv**2)
        return rng.lognormal(np.log(self.mean) - variance / 2, np.sqrt(variance), size)


@dataclass(frozen=True)
class Gamma:
    """Gamma times, by mean and coefficient of variation; Erlang-k has cv = 1 / sqrt(k)."""

    mean: float
    cv: float

    def __post_init__(self) -> None:
        """Refuse a mean or a variation that is not positive."""
        positive("mean", self.mean)
        positive("cv", self.cv)

    def sample(self, rng: np.random.Generator, size: int) -> Floats:
        """Return independent draws."""
        return rng.gamma(self.cv**-2, self.mean * self.cv**2, size)


@dataclass(frozen=True)
class Hyperexponential:
    """Exponential times of two kinds: with probability ``share`` of mean ``first``."""

    share: float
    first: float
    second: float

    def __post_init__(self) -> None:
        """Refuse a share outside 0 to 1, or means that are not positive."""
        if not 0 <= self.share <= 1:
            raise ValueError(f"share must be between 0 and 1; found {self.share}")
        positive("first", self.first)
        positive("second", self.second)

    @property
    def mean(self) -> float:
        """The mean, in seconds."""
        return self.share * self.first + (1 - self.share) * self.second

    def sample(self, rng: np.random.Generator, size: int) -> Floats:
        """Return independent draws."""
        kind = rng.random(size) < self.share
        return rng.exponential(1.0, size) * np.where(kind, self.first, self.second)


@dataclass(frozen=True)
class Never:
    """The patience of who never hangs up."""

    @property
    def mean(self) -> float:
        """Infinite."""
        return np.inf

    def sample(self, rng: np.random.Generator, size: int) -> Floats:
        """Return infinity ``size`` times."""
        return np.full(size, np.inf)


def positive(name: str, value: float) -> None:
    """Refuse a number that is not finite and above 0."""
    if not 0 < value < np.inf:
        raise ValueError(f"{name} must be finite and > 0; found {value}")
