"""Counts that cannot be, and days on which a queue cannot have been in use.

They are no days that something happened on: nothing is learned from them, scored by them, or
forecast from within them.
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
"""Fewer days without a contact may be holidays that nobody told of."""


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
