"""Quantiles for a method that has none of its own: from its errors at past origins.

Errors are taken on the square root of counts, where their spread depends little on the level
(Anscombe 1948: sqrt(y + 3/8)), and divided by their spread at that hour of the day. They are told
apart by lead, and put around the new forecast.

References
----------
Anscombe (1948), The transformation of Poisson, binomial and negative-binomial data. Biometrika 35.
Hyndman & Athanasopoulos (2021), Forecasting: principles and practice, sections 5.5 and 5.10.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import norm

from peers.base import BUCKETS, LEVELS, forecast, open_rows, reported

Point = Callable[[pd.DataFrame, pd.DataFrame, pd.Timestamp], np.ndarray]
"""Rates of the intervals asked for, from reported rows and the date of the forecast's first day."""
EVERY_DAYS = 5
"""Days between two past origins; coprime with the week, so that every weekday leads once."""
ORIGINS = 36
"""Past origins at most: half a year of them."""
FIRST_ORIGIN_DAYS = 21
"""Days of history before the first past origin."""
ENOUGH = 100
"""Errors of a class of leads below which those of all leads are taken."""
SHRINK = 30.0
"""Weight, in errors, of the day's spread in each hour's."""


def rolled(point: Point, train: pd.DataFrame, ahead: pd.DataFrame) -> pd.DataFrame:
    """Return the forecast of a point method, with quantiles from its errors at past origins.

    A history too short for a past origin (three weeks) has no errors: the counts are then taken
    for Poisson.
    """
    known, asked = reported(train), open_rows(ahead)
    first = ahead["date"].min()
    mean = point(known, asked, first) * asked["open_min"].to_numpy()
    errors = past_errors(point, known, first)
    center = np.sqrt(mean + 0.375)[:, None]
    roots = np.maximum(center + _spread(errors, asked), np.sqrt(0.375))
    return forecast(asked, mean, roots**2 - 0.375)


def past_errors(point: Point, known: pd.DataFrame, first: pd.Timestamp) -> pd.DataFrame:
    """Return the errors on the square root at past origins: columns error, hour, bucket."""
    start = known["date"].min() + pd.Timedelta(days=FIRST_ORIGIN_DAYS)
    parts = [pd.DataFrame({"error": [], "hour": [], "bucket": []}, dtype="float64")]
    for step in range(1, ORIGINS + 1):
        origin = first - pd.Timedelta(days=step * EVERY_DAYS)
        if origin < start:
            break
        until = origin + pd.Timedelta(days=max(BUCKETS))
        then = known[known["date"] < origin]
        asked = known[(known["date"] >= origin) & (known["date"] < until)]
        if then.empty or asked.empty:
            continue
        mean = point(then, asked, origin) * asked["open_min"].to_numpy()
        error = np.sqrt(asked["y"] + 0.375) - np.sqrt(mean + 0.375)
        lead = (asked["date"] - origin).dt.days + 1
        told = {"error": error, "hour": asked["slot_min"] // 60, "bucket": bucket_of(lead)}
        parts.append(pd.DataFrame(told))
    return pd.concat(parts, ignore_index=True)


def bucket_of(lead: pd.Series) -> np.ndarray:
    """Return the class of each lead in days.

    Examples
    --------
    >>> bucket_of(pd.Series([1, 2, 7, 8, 28])).tolist()
    [0, 1, 1, 2, 3]
    """
    return np.searchsorted(np.array(BUCKETS), lead.to_numpy())


def _spread(errors: pd.DataFrame, asked: pd.DataFrame) -> np.ndarray:
    """Return, for each row and level, what to add on the square root."""
    levels = list(LEVELS.values())
    if errors.empty:
        return np.tile(0.5 * norm.ppf(levels), (len(asked), 1))
    scale = _hourly_scale(errors)
    standard = errors["error"] / errors["hour"].map(scale)
    out = np.empty((len(asked), len(levels)))
    bucket = bucket_of(asked["lead"])
    for number in np.unique(bucket):
        own = standard[errors["bucket"] == number]
        pool = own if len(own) >= ENOUGH else standard
        out[bucket == number] = np.quantile(pool, levels)
    hours = (asked["slot_min"] // 60).map(scale).fillna(scale.median())
    return np.asarray(out * hours.to_numpy()[:, None])


def _hourly_scale(errors: pd.DataFrame) -> pd.Series:
    """Return the root mean square error by hour of the day, drawn towards that of all hours."""
    square = errors["error"] ** 2
    by_hour = square.groupby(errors["hour"]).agg(["sum", "size"])
    overall = max(float(square.mean()), 1e-6)
    mean: pd.Series = (by_hour["sum"] + SHRINK * overall) / (by_hour["size"] + SHRINK)
    return mean**0.5
