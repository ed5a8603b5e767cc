"""How the counts of a day deviate from their forecast, learned from days that have passed.

On the doubled root scale the error of an interval is the sum of

- the level of the day, the same relative error in all its intervals. Most days are alike; on an odd
  one it is three or nine times as large, so that a day far off is believed after few intervals.
  Once in a while the forecast is good for nothing and the day may be of any size;
- a shape: midday against the edges of the day;
- a part that fades within hours, as an Ornstein-Uhlenbeck process;
- a part of the interval's own, and chance, which is Poisson's and known.

On a rough day all but the level and chance are half as large again, so that a morning that goes up
and down leaves the rest in more doubt than a smooth one.

Variances are relative to the squared rate and found at the largest posterior density.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import ndtri

from forecast.distribution import root
from forecast.intraday.chance import Floats, chance
from forecast.intraday.past import days_of
from forecast.schema import QUANTILES

LEVEL_SD = (1.0, 3.0, 9.0)
"""How large the level's error is on ordinary, odd and very odd days, in ordinary ones."""
LOST_SD, LOST = 3.0, 0.002
"""How large it is, relative to the rate, on a day of which the forecast knew nothing, such as the
first after a queue was closed for repairs; and the share of such days."""
ROUGH_SD, ROUGH = 1.5, 0.2
"""How large the parts within the day are on rough days, and the share of such days."""
ODD_RANGE = (0.02, 0.25)
"""Whatever the past says, some days are odd."""
FARTHEST_SD = 4.0
"""In learning, an interval lies no farther from its day than so many of its forecast's widths."""
MIN_CHANCE = 1e-9
_LOWEST, *_, _HIGHEST = QUANTILES
_APART_SD = float(ndtri(QUANTILES[_HIGHEST]) - ndtri(QUANTILES[_LOWEST]))
_USUAL = np.log([0.05**2, 0.02**2, 0.05**2, 0.03**2, 180.0, 1 / 9])
"""Centres: level 5 %, shape 2 %, fading part 5 % over three hours, own 3 %, one odd day in ten."""
_PRIOR_SD = np.array([1.5, 1.5, 1.5, 1.5, 1.0, 0.5])
_REACH = 6.0


@dataclass(frozen=True)
class DayModel:
    """What the errors of one series' days are made of.

    ``level``, ``midday``, ``fading`` and ``own`` are variances relative to the squared rate (0.01:
    10 % up or down), ``memory_min`` the minutes in which the fading part falls to 37 %, ``odd`` the
    share of odd days, ``days`` over how many it was learned.
    """

    level: float
    midday: float
    fading: float
    own: float
    memory_min: float
    odd: float
    days: int

    @classmethod
    def of(cls, past: pd.DataFrame, features: pd.DataFrame) -> "DayModel":
        """Return the model of one series from what its forecasts of past days were off by.

        Parameters
        ----------
        past
            FORECAST rows of one series, target and model at past cutoffs, such as the champion's.
            Those one day ahead count; of fewer than ``past.MIN_DAYS`` days, those up to a week.
        features
            FEATURES that hold the series, for local dates.

        Raises
        ------
        ForecastError
            When there is more than one series, target or model, the target is not ``offered``, or
            no day has come true.
        """
        groups = _alike([_Day.of(rows) for rows in days_of(past, features)])
        limits = [(at - _REACH, at + _REACH) for at in _USUAL]
        found = minimize(_loss, _USUAL, args=(groups,), method="L-BFGS-B", bounds=limits)
        return cls._at(found.x, sum(len(group.mean) for group in groups))

    @classmethod
    def _at(cls, point: Floats, days: int) -> "DayModel":
        level, midday, fading, own, memory_min, odds = np.exp(point).tolist()
        odd = float(np.clip(odds / (1 + odds), *ODD_RANGE))
        return cls(level, midday, fading, own, memory_min, odd, days)

    @classmethod
    def usual(cls) -> "DayModel":
        """Return the model of a series of which no day was seen: as days usually deviate."""
        return cls._at(_USUAL, 0)

    @property
    def odds(self) -> Floats:
        """Prior odds of the classes of days, by level, and the same when rough."""
        levels = np.array([1 - self.odd - LOST, self.odd / 2, self.odd / 2, LOST])
        return np.concatenate([(1 - ROUGH) * levels, ROUGH * levels])

    def covariance(self, mean: Floats, minutes: Floats, effect_var: Floats) -> Floats:
        """Return the covariances of a day's doubled root errors, one matrix per class of day.

        Parameters
        ----------
        mean
            Forecast contacts of the day's open intervals.
        minutes
            When they start, in minutes since the first of them.
        effect_var
            What events and the forecast's own doubt add to the variance of the day's level
            (``doubt.level_variance``).
        """
        told = chance(mean)
        across = minutes / minutes.max(initial=1.0)
        shape = np.sqrt(2) * np.cos(2 * np.pi * across)
        apart = np.abs(minutes[:, None] - minutes[None, :])
        within = self.midday * np.outer(shape, shape)
        within += self.fading * np.exp(-apart / self.memory_min)
        within += self.own * np.eye(len(minutes))
        events = np.sqrt(np.outer(effect_var, effect_var))
        size = np.outer(told.amplitude, told.amplitude)
        alone = np.diag(np.maximum(told.variance, MIN_CHANCE))
        levels = [self.level * sd**2 for sd in LEVEL_SD] + [self.level + LOST_SD**2]
        return np.array(
            [
                size * (level + events + rough**2 * within) + alone
                for rough in (1.0, ROUGH_SD)
                for level in levels
            ]
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "DayModel":
        """Return the model that ``to_json`` gave."""
        return cls(**data)


class _Day(NamedTuple):
    """One past day: forecast, start minutes and error of each open interval; NaN: not reported."""

    mean: Floats
    minutes: Floats
    effect_var: Floats
    error: Floats

    @classmethod
    def of(cls, rows: pd.DataFrame) -> "_Day":
        """Return a day from its FORECAST rows, sorted by time."""
        mean = rows["mean"].to_numpy()
        told = chance(mean)
        error = 2 * root(rows["y"].to_numpy()) - told.centre
        low, high = (root(rows[name].to_numpy()) for name in (_LOWEST, _HIGHEST))
        width = np.maximum(2 * (high - low) / _APART_SD, 0.5)
        size = np.maximum(told.amplitude, 0.3)
        usual = np.nanmedian(error / size) * size
        error = np.clip(error, usual - FARTHEST_SD * width, usual + FARTHEST_SD * width)
        return cls(mean, minutes_of(rows), rows["effect_var"].to_numpy(), error)


def minutes_of(rows: pd.DataFrame) -> Floats:
    """Return when intervals start, in minutes since the first of them."""
    return np.asarray((rows["ds"] - rows["ds"].min()) / pd.Timedelta(minutes=1))


def _alike(days: Sequence[_Day]) -> list[_Day]:
    """Return days with the same intervals known stacked (days x intervals): one covariance each."""
    groups: dict[tuple[bytes, bytes], list[_Day]] = {}
    for day in days:
        key = day.minutes.tobytes(), np.isnan(day.error).tobytes()
        groups.setdefault(key, []).append(day)
    return [
        _Day(
            np.array([day.mean for day in own]),
            own[0].minutes,
            np.array([day.effect_var for day in own]),
            np.array([day.error for day in own]),
        )
        for own in groups.values()
    ]


def _loss(point: Floats, groups: Sequence[_Day]) -> float:
    """Return minus the logarithm of the posterior density, but for a constant."""
    model = DayModel._at(point, 0)
    loss = 0.5 * float((((point - _USUAL) / _PRIOR_SD) ** 2).sum())
    for group in groups:
        known = ~np.isnan(group.error[0])
        covariances = model.covariance(
            group.mean.mean(axis=0), group.minutes, group.effect_var.mean(axis=0)
        )
        told = [
            np.log(odds) + normal_log_density(group.error[:, known], own[np.ix_(known, known)])
            for odds, own in zip(model.odds, covariances, strict=True)
        ]
        loss -= float(np.logaddexp.reduce(told).sum())
    return loss


def normal_log_density(rows: Floats, covariance: Floats) -> Floats:
    """Return the log density of rows at a normal law with mean 0, but for the power of 2 pi."""
    lower = np.linalg.cholesky(covariance)
    white = np.linalg.solve(lower, rows.T)
    return np.asarray(-np.log(np.diag(lower)).sum() - 0.5 * (white**2).sum(axis=0))
