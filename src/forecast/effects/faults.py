"""Counts that cannot be, and days on which a queue cannot have been in use, or was not heard.

They are no days that something happened on: nothing is learned from them. Absurd counts are not
scored either, and nothing is forecast from within a time in which a queue was dead.
"""

import numpy as np
import pandas as pd

from forecast.effects.cells import reported

ABSURD_TIMES, ABSURD_SD = 20.0, 50.0
"""A count is absurd when it is so many times the most usual one of its time of day, and as many
Poisson standard deviations above it."""
CHANCE_LOG = 20.0
"""What is less probable than exp(-20) is no chance."""
MOST_A_DAY = 3.0
"""Contacts of one day that count as if each had come for itself."""
MIN_DEAD_DAYS = 10
"""So many days in a row without a contact are a time in which the queue was not in use."""
LOST_LOG = 10.0
"""A day without a contact was lost when it is less probable than exp(-10): one in 22,000."""
DAY_SHAPE = 4.0
"""Shape of the gamma distribution of days' levels: they differ by half of their mean."""
SAME_WEEKDAYS = 4
"""Same weekdays, before and after each, that tell what a day had to be expected to have."""
MOST_LOST = 0.1
"""Where more than one day in ten is silent, that is the queue's way."""
BELIEVED_AFTER = 3
"""After so many silent days in a row, up to now, a queue is taken for dead (``recovery``)."""


def absurd_counts(features: pd.DataFrame) -> pd.DataFrame:
    """Return intervals of one series whose count no other comes near to: ds, y and usual.

    The usual is what is often at that time of day, or where anybody came at all. The highest rate
    of all is none of them, for it may be the absurd one.
    """
    known = reported(features)
    rate = known["y"] / known["open_min"]
    high = known["slot_min"].map(rate.groupby(known["slot_min"]).quantile(0.9))
    others = rate[rate > 0].sort_values().iloc[:-1]
    overall = float(others.quantile(0.9)) if len(others) else 0.0
    usual = np.maximum(high, overall) * known["open_min"]
    limit = np.maximum(ABSURD_TIMES * usual, usual + ABSURD_SD * np.sqrt(usual + 1))
    beyond = known["y"] > limit
    out: pd.DataFrame = known.loc[beyond, ["ds", "y"]].assign(usual=np.maximum(usual[beyond], 1e-9))
    return out


def without_absurd(features: pd.DataFrame) -> pd.DataFrame:
    """Return one series' FEATURES, a row per interval, in which absurd counts are missing."""
    absurd = features["ds"].isin(absurd_counts(features)["ds"])
    return features.assign(y=features["y"].mask(absurd))


def lost_days(features: pd.DataFrame) -> pd.Series:
    """Return the dates of open days on which nobody came though many had to: closed, or lost.

    With a gamma distribution of the day's level around a mean m, counts are negative binomial, and
    nobody comes with probability (1 + m / r)^-r. For m stands the lower quartile of the same
    weekdays around it, silent ones among them, so that a weekday that is often silent surprises
    nobody; from 45 a day on a silent day is lost. Where that would be more than ``MOST_LOST`` of
    all days, it is a habit, and none is. A last run of ``BELIEVED_AFTER`` silent days and more,
    holidays not counted, is believed.

    References
    ----------
    Jongbloed & Koole (2001), Managing uncertainty in call centers using Poisson mixtures. Applied
    Stochastic Models in Business and Industry 17 (counts whose level differs from day to day).
    """
    known = reported(features)
    if (known.groupby("date")["y"].sum() > 0).all():
        return pd.Series(known["date"].iloc[:0], name="date")
    known = known[~known["date"].isin(dead_days(features))]
    days = known.groupby("date").agg(
        y=("y", "sum"), weekday=("weekday", "first"), holiday=("holiday_open", "first")
    )
    silent = days["y"] == 0
    last = silent[::-1].cummin()[::-1].astype(bool)
    if (last & (days["holiday"] == 0)).sum() >= BELIEVED_AFTER:
        silent &= ~last
    usual = days.groupby("weekday")["y"].transform(_around)
    lost = silent & (DAY_SHAPE * np.log1p(usual / DAY_SHAPE) > LOST_LOG)
    return pd.Series(days.index[lost & (lost.mean() <= MOST_LOST)], name="date")


def _around(came: pd.Series) -> pd.Series:
    """Return the lower quartile of the days before and after each, itself left out."""
    beside = [came.shift(k) for k in range(-SAME_WEEKDAYS, SAME_WEEKDAYS + 1) if k]
    return pd.concat(beside, axis=1).quantile(0.25, axis=1).fillna(0.0)


def without_faults(features: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return one series' FEATURES as the effects of its EVENTS can be learned from them.

    Absurd counts are missing, and so are lost days, but for those on which an event is on: that
    nobody comes on it may be what it does.
    """
    out = without_absurd(features)
    lost = lost_days(out)
    for start, end in events[["start", "end"]].itertuples(index=False):
        lost = lost[(lost < start.normalize()) | (lost >= end)]
    return out.assign(y=out["y"].mask(out["date"].isin(lost)))


def dead_days(features: pd.DataFrame) -> pd.Series:
    """Return the dates of runs of open days without a contact that chance does not make.

    Of n contacts on D days none falls on k given ones with probability (1 - k/D)^n. Contacts of one
    day hang together, so that a day counts as ``MOST_A_DAY`` at most. The last run is not among
    them: who is dead up to now may stay so.

    References
    ----------
    Przyborowski & Wilenski (1940), Homogeneity of results in testing samples from Poisson series.
    Biometrika 31 (two Poisson counts, given their sum).
    """
    days = reported(features).groupby("date")["y"].sum()
    silent = days == 0
    run = (~silent).cumsum()
    length = silent.groupby(run).transform("sum")
    contacts = float(days[~silent].clip(upper=MOST_A_DAY).sum())
    chance_log = contacts * np.log(len(days) / (len(days) - length).clip(lower=1))
    dead = silent & (length >= MIN_DEAD_DAYS) & (chance_log > CHANCE_LOG) & (run < run.max())
    return pd.Series(days.index[dead.to_numpy()], name="date")
