"""Means and past errors -> quantiles of what comes, and of the rate behind it.

Calls are counts around a rate that is itself uncertain. On the square root the two parts separate:
with a relative rate variance ``phi``, Var(sqrt(Y)) is close to (1 + phi * mean) / 4, where the 1 is
the Poisson part. Past errors divided by that spread have one shape for night and noon alike; its
empirical quantiles calibrate the forecast. All is reckoned in units of one random arrival
(``unit``): contacts for a volume, seconds for a handle time (``forecast.targets``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from forecast.schema import QUANTILES

_ANSCOMBE = 3.0 / 8.0
_SHAPE_LEVELS = (np.arange(200) + 0.5) / 200
MIN_CLASS = 100
HOURS, HOUR_PRIOR = 24, 30.0
"""Hours of a day, and the errors that an hour's width of 1 counts for before any is seen."""
FAR = 3.0
"""Errors beyond so many standard deviations count no more for the width of their hour."""
_VOLUME_EDGES = np.array([2.0, 10.0])
TYPICAL = np.array([1.0, 5.0, 50.0])
"""A mean of each class."""
BIAS_TRUST, BIAS_PERIODS = 0.5, 10.0
"""A bias of the past is corrected by this power of it, half of it when seen over so many periods:
levels come and go."""
BIAS_RANGE = 0.05, 20.0
"""What is called a bias: beyond, the past was another life of the queue."""
YEARLY_VARIANCE, YEARLY_GROWTH = 0.03, 1.0
"""Relative variance that a rate gains in a year of which nothing is known, and how many times that
of the last horizon measured on top (docs/experiments.md)."""


def root(count: np.ndarray) -> np.ndarray:
    """Return the square root at which a Poisson count has variance close to 1/4.

    References
    ----------
    Anscombe (1948), The transformation of Poisson, binomial and negative-binomial data.
    Biometrika 35.
    """
    return np.asarray(np.sqrt(np.asarray(count, dtype="float64") + _ANSCOMBE))


@dataclass(frozen=True)
class Calibration:
    """How far counts fell from a model's means: rate variance and the shape of the errors.

    ``phi`` is the variance of the rate relative to its square; ``shape`` holds the standardised
    errors at the levels 0.0025, 0.0075, ..., 0.9975, around their own mean level; ``n`` says over
    how many errors; ``factor`` is what the model's means are multiplied by, for it was too high or
    too low in the past; ``scale`` are factors by volume class (means up to 2, up to 10, above) that
    keep the mean of the counts what it is: counts of 0 and 1 have no smooth shape. ``by_hour`` is
    how much wider or narrower the errors of each hour of the day are, beside what their volume
    says.
    """

    phi: float
    shape: tuple[float, ...]
    n: int
    factor: float = 1.0
    scale: tuple[float, ...] = (1.0, 1.0, 1.0)
    by_hour: tuple[float, ...] = (1.0,) * HOURS

    @classmethod
    def of(
        cls,
        mean: np.ndarray,
        y: np.ndarray,
        effect_var: np.ndarray,
        hour: np.ndarray,
        *,
        periods: float,
        weight: np.ndarray | None = None,
    ) -> "Calibration":
        """Return the calibration that past means and counts give.

        Parameters
        ----------
        mean, y
            What the model expected and what came, interval by interval.
        effect_var
            Relative variance that the effects of events had beside: it is not the model's.
        hour
            Hour of the day of each interval, 0 to 23 (``hour_of``).
        periods
            Over how many independent periods the errors were seen. Thousands of intervals two to
            four weeks ahead may come from three such periods, each with one level error of its own:
            a past bias is then hardly corrected. What is not corrected counts as spread.
        weight
            How much each error counts beside the others; None: all alike. Errors that count little
            are few: ``periods`` is as much less as Kish's effective number of errors.

        References
        ----------
        Kish (1965), Survey sampling, 11.7 (unequal weights).
        """
        counts_as = np.ones(len(y)) if weight is None else weight / max(np.mean(weight), 1e-12)
        periods = periods / max(float(np.mean(counts_as**2)), 1.0)
        total = max(float(np.sum(counts_as * mean)), 1e-9)
        bias = float(np.clip(np.sum(counts_as * y) / total, *BIAS_RANGE))
        factor = bias ** (BIAS_TRUST * periods / (periods + BIAS_PERIODS))
        phi = _rate_variance(mean * factor, y, effect_var, counts_as)
        centred = mean * bias
        spread = _spread(centred, _rate_variance(centred, y, effect_var, counts_as) + effect_var)
        error = (root(y) - root(centred)) / spread
        by_hour = _width_by_hour(error, hour, counts_as)
        shape = _quantiles(error / by_hour[hour], counts_as, _SHAPE_LEVELS)
        plain = cls(phi, tuple(shape.tolist()), len(y), factor, by_hour=tuple(by_hour.tolist()))
        return replace(plain, scale=plain._scale(np.asarray(mean, dtype="float64")))

    def _scale(self, mean: np.ndarray) -> tuple[float, ...]:
        grid = np.linspace(0, np.sqrt(mean.max(initial=1.0)), 200) ** 2
        counts = self.counts(grid[:, None], _SHAPE_LEVELS[None, :]).mean(axis=1)
        given = np.interp(mean, grid, counts)
        volume = np.searchsorted(_VOLUME_EDGES, mean)
        out = []
        for number in range(len(_VOLUME_EDGES) + 1):
            own = volume == number
            enough = own.sum() >= MIN_CLASS and given[own].sum() > 0
            wanted = self.factor * mean[own].sum()
            out.append(float(wanted / given[own].sum()) if enough else 1.0)
        return tuple(out)

    def counts(
        self,
        mean: np.ndarray,
        level: np.ndarray,
        effect_var: np.ndarray | float = 0.0,
        hour: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return the count at a level (0 to 1) around each mean; all broadcast. Not rounded.

        Without ``hour`` the errors are as wide as at an average one.
        """
        shape = np.array(self.shape)
        z = np.interp(level, _SHAPE_LEVELS, shape)
        middle = float(np.median(shape))
        scale = np.array(self.scale)[np.searchsorted(_VOLUME_EDGES, mean)]
        mean = mean * self.factor
        wide = _spread(mean, self.phi + effect_var)
        if hour is not None:
            wide = wide * np.array(self.by_hour)[hour]
        at = root(mean) + _spread(mean, self.phi) * middle + wide * (z - middle)
        return np.asarray(np.maximum(np.maximum(at, 0) ** 2 - _ANSCOMBE, 0) * scale)

    def mean(self, mean: np.ndarray, effect_var: np.ndarray | float = 0.0) -> np.ndarray:
        """Return the mean of the counts around each of a model's means.

        The square of a normal variable has its variance on top: what events make uncertain adds to
        the mean.
        """
        return np.asarray(mean * self.factor * (1 + np.asarray(effect_var) / 4))

    def rates(
        self, mean: np.ndarray, score: np.ndarray, effect_var: np.ndarray | float = 0.0
    ) -> np.ndarray:
        """Return the rate at a normal score around each mean, without the chance of arrivals.

        All broadcast. The rates of a standard normal score have the mean that ``mean`` gives.
        """
        middle = self.mean(mean, effect_var)
        wide = 0.5 * np.sqrt(self.phi + effect_var)
        return np.asarray(middle * np.maximum(1 + wide * score, 0) ** 2 / (1 + wide**2))

    def farther(self, days: float) -> "Calibration":
        """Return the calibration so many days farther ahead than any past error was seen."""
        gained = (YEARLY_VARIANCE + YEARLY_GROWTH * self.phi) * days / 365
        wider = replace(self, phi=self.phi + gained)
        # Wider on the root is more in the mean: the mean stays what it was.
        before, after = (
            one.counts(TYPICAL[:, None], _SHAPE_LEVELS[None, :]).mean(axis=1)
            for one in (self, wider)
        )
        scale = np.array(self.scale) * np.where(after > 0, before / np.maximum(after, 1e-9), 1.0)
        return replace(wider, scale=tuple(scale.tolist()))

    def to_json(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "phi": self.phi,
            "shape": list(self.shape),
            "n": self.n,
            "factor": self.factor,
            "scale": list(self.scale),
            "by_hour": list(self.by_hour),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Calibration":
        """Return the calibration that ``to_json`` gave."""
        return cls(
            float(data["phi"]),
            tuple(data["shape"]),
            int(data["n"]),
            float(data["factor"]),
            tuple(data["scale"]),
            tuple(data["by_hour"]),
        )


def hour_of(rows: pd.DataFrame) -> np.ndarray:
    """Return the hour of the day, UTC, in which MEANS rows begin.

    After a clock change the hours hold the widths of their neighbours until errors were seen there.
    """
    return np.asarray(rows["ds"].dt.hour, dtype="int64")


def _width_by_hour(error: np.ndarray, hour: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the relative width of each hour's errors, drawn to 1 where few were seen."""
    square = error**2
    mean = max(float((weight * square).mean()), 1e-12)
    seen = np.bincount(hour, weight, minlength=HOURS)
    sums = np.bincount(hour, weight * np.minimum(square, FAR**2 * mean), minlength=HOURS)
    usual = max(float(sums.sum()) / max(len(error), 1), 1e-12)
    share = (sums + HOUR_PRIOR * usual) / ((seen + HOUR_PRIOR) * usual)
    return np.asarray(np.sqrt(share))


def _rate_variance(
    mean: np.ndarray, y: np.ndarray, effect_var: np.ndarray, weight: np.ndarray
) -> float:
    """Return the relative variance of the rate beside chance and events, pooled by moments."""
    extra = 4 * (root(y) - root(mean)) ** 2 - 1 - effect_var * mean
    return max(0.0, float((weight * extra).sum() / max(float((weight * mean).sum()), 1e-9)))


def _quantiles(values: np.ndarray, weight: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return quantiles of values that count unequally, straight between them.

    A value stands at the weight below it and half its own, from 0 at the lowest to 1 at the
    highest: with equal weights these are numpy's.
    """
    order = np.argsort(values, kind="stable")
    at = np.cumsum(weight[order]) - weight[order] / 2
    place = (at - at[0]) / max(float(at[-1] - at[0]), 1e-12)
    return np.asarray(np.interp(levels, place, values[order]))


def _spread(mean: np.ndarray, phi: float | np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * np.sqrt(1 + phi * np.asarray(mean, dtype="float64")))


def with_quantiles(means: pd.DataFrame, calibration: Calibration) -> pd.DataFrame:
    """Return MEANS rows as FORECAST rows: quantiles that rise, and exactly 0 when closed.

    ``mean`` is the mean of the calibrated distribution, so that a model which was too high in the
    past is corrected there too, and the mean agrees with the quantiles and the paths.
    """
    unit, extra = means["unit"].to_numpy(), means["effect_var"].to_numpy()
    mean = means["raw_mean"].to_numpy() / unit
    is_open = means["open_min"].to_numpy() > 0
    columns = {}
    hour = hour_of(means)
    for name, level in QUANTILES.items():
        at = calibration.counts(mean, np.array(level), extra, hour)
        # Contacts are whole: so are the quantiles of their number.
        columns[name] = np.where(is_open, np.where(unit == 1.0, np.rint(at), at * unit), 0.0)
    given = np.where(is_open, calibration.mean(mean, extra) * unit, 0.0)
    return means.assign(mean=given, **columns, aht_effect=1.0)
