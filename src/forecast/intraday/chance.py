"""The Poisson part: what chance alone does to the doubled root of a count, and how a rate shows.

On the doubled square root a Poisson count has variance close to 1 and moves by the root of its mean
when the rate moves by its own size; below ten contacts both are smaller, down to nothing at none.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from forecast.distribution import root

Floats = npt.NDArray[np.float64]
_LARGE = 60.0
"""From so many contacts on the limits hold within 0.5 %."""
_TERMS = 200


class Chance(NamedTuple):
    """Of the doubled roots of Poisson counts: mean, variance, and change per relative change."""

    centre: Floats
    variance: Floats
    amplitude: Floats


def chance(mean: Floats) -> Chance:
    """Return what chance does to counts of some means.

    Up to 60 contacts the sums over the Poisson distribution are tabulated, beyond stand the limits.

    References
    ----------
    Anscombe (1948), The transformation of Poisson, binomial and negative-binomial data.
    Biometrika 35.

    Examples
    --------
    >>> told = chance(np.array([0.0, 1.0, 10.0, 1000.0]))
    >>> told.variance.round(2).tolist()
    [0.0, 0.72, 1.0, 1.0]
    >>> told.amplitude.round(2).tolist()
    [0.0, 0.83, 3.14, 31.62]
    """
    mean = np.asarray(mean, dtype="float64")
    small = mean < _LARGE
    limits = (2 * np.sqrt(mean + 0.125), np.ones_like(mean), np.sqrt(mean))
    told = (np.interp(mean, _MEANS, column) for column in _TABLE)
    return Chance(*(np.where(small, a, b) for a, b in zip(told, limits, strict=True)))


def _tabulated(means: Floats) -> Chance:
    count = np.arange(float(_TERMS))
    rate = np.maximum(means, 1e-12)[:, None]
    weight = np.exp(count * np.log(rate) - rate - gammaln(count + 1))
    doubled = 2 * root(count)
    centre = weight @ doubled
    # d/d log(rate) of a Poisson weight is weight x (count - rate).
    amplitude = (weight * (count - rate)) @ doubled
    return Chance(centre, np.maximum(weight @ doubled**2 - centre**2, 0), amplitude)


_MEANS: Floats = np.concatenate([[0.0], np.geomspace(0.01, _LARGE, 120)])
_TABLE = _tabulated(_MEANS)
