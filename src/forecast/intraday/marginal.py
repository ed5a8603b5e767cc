"""Counts and scores: where a count lies among a forecast's quantiles, and which count lies there.

The score of an interval is its part in the day's error, as ``DayModel`` has it, in units of its
spread on an ordinary day. Its prior is a mixture over the classes of days; the forecast's quantiles
stand at the mixture's, straight between them on the root scale and beyond them. So the forecast's
own distribution is the prior, whatever its shape.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr

from forecast.distribution import root
from forecast.intraday.chance import Floats
from forecast.schema import QUANTILES

LEVELS = np.array(list(QUANTILES.values()))
_WIDTH_SD = 9.0
_HALVINGS = 50
_NO_WIDTH = 1e-6
_NARROW = 0.3
_FARTHEST_CELL = 7.0


class Mixture(NamedTuple):
    """Normal distributions of some intervals (columns) in each class of days (rows)."""

    odds: Floats
    mean: Floats
    sd: Floats

    def quantiles(self) -> Floats:
        """Return the quantiles of the mixtures at ``LEVELS`` (intervals x levels), by bisection."""
        spread = _WIDTH_SD * self.sd
        low = np.repeat((self.mean - spread).min(axis=0)[:, None], len(LEVELS), axis=1)
        high = np.repeat((self.mean + spread).max(axis=0)[:, None], len(LEVELS), axis=1)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            z = (middle - self.mean[:, :, None]) / self.sd[:, :, None]
            below = np.tensordot(self.odds, ndtr(z), axes=1) < LEVELS
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray((low + high) / 2)


@dataclass(frozen=True)
class Marginals:
    """The forecast's distributions of some intervals: scores and roots of its quantiles.

    Where they have no width (nobody ever calls) an interval says nothing and keeps its forecast:
    ``told`` is false.
    """

    scores: Floats
    roots: Floats
    told: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame, prior: Mixture) -> "Marginals":
        """Return the distributions of FORECAST rows."""
        roots = root(rows[list(QUANTILES)].to_numpy())
        told = roots[:, -1] - roots[:, 0] > _NO_WIDTH
        # Quantiles may lie on each other where counts are small: a trace keeps them apart.
        return cls(prior.quantiles(), roots + _NO_WIDTH / 10 * np.arange(len(LEVELS)), told)

    def at(self, which: np.ndarray) -> "Marginals":
        """Return the distributions of some of the intervals."""
        return Marginals(self.scores[which], self.roots[which], self.told[which])

    def counts(self, score: Floats) -> Floats:
        """Return the counts at scores (intervals x any number), not rounded, never negative."""
        at = np.maximum(_bent(score, self.scores, self.roots), 0)
        return np.asarray(np.maximum(at**2 - root(np.array(0.0)) ** 2, 0))

    def cells(self, count: Floats) -> tuple[Floats, Floats]:
        """Return between which scores each interval's count lies: a count is whole."""
        low = _bent(root(np.maximum(count - 0.5, 0))[:, None], self.roots, self.scores)[:, 0]
        high = _bent(root(count + 0.5)[:, None], self.roots, self.scores)[:, 0]
        return np.where(count < 0.5, -np.inf, low), high


def _bent(x: Floats, knots: Floats, values: Floats) -> Floats:
    """Return, row by row, what straight lines between knots give; outside, their mean slope."""
    inner = np.diff(values, axis=1) / np.diff(knots, axis=1)
    outer = (values[:, -1:] - values[:, :1]) / (knots[:, -1:] - knots[:, :1])
    bends = np.diff(np.hstack([outer, inner, outer]), axis=1)
    out = values[:, :1] + outer * (x - knots[:, :1])
    for k in range(knots.shape[1]):
        out = out + bends[:, k : k + 1] * np.maximum(x - knots[:, k : k + 1], 0)
    return out


def observed(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return the normal observations (value, variance) that cells of scores amount to.

    What is known is that the standard normal score lies in its cell. The observation is the one
    that leaves its mean and variance: none to speak of where the cell is all there is (a count of 0
    where hardly anybody calls), an exact one where it is narrow.

    References
    ----------
    Minka (2001), Expectation propagation for approximate Bayesian inference. UAI 17 (the first
    step of it).
    """
    narrow = high - low < _NARROW
    a = np.clip(low, -_FARTHEST_CELL, _FARTHEST_CELL)
    b = np.clip(high, a + _NARROW, 2 * _FARTHEST_CELL)
    # From the side of the nearer tail, so that nothing cancels.
    inside = np.where(a > 0, ndtr(-a) - ndtr(-b), ndtr(b) - ndtr(a))
    at_a, at_b = np.exp(-(a**2) / 2), np.exp(-(b**2) / 2)
    scale = np.sqrt(2 * np.pi) * inside
    mean = (at_a - at_b) / scale
    variance = np.clip(1 + (a * at_a - b * at_b) / scale - mean**2, 1e-4, 1 - 1e-6)
    width = np.where(narrow, high - low, 0.0)
    middle = high - width / 2
    return (
        np.where(narrow, middle, mean / (1 - variance)),
        np.where(narrow, np.maximum(width**2 / 12, 1e-6), variance / (1 - variance)),
    )
