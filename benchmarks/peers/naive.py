"""Copies and means of the last weeks: what planners' spreadsheets do.

Quantiles come from each method's own errors at past origins (``peers.residuals``).
"""

import numpy as np
import pandas as pd

from peers.base import SLOT, Peer, latest, rate_at
from peers.residuals import rolled

SAME_DAYS = 6
PROFILE_WEEKS = 8
LEVEL_WEEKS = 2


def seasonal_naive(train: pd.DataFrame, ahead: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return last week's same interval: the latest that was reported of that weekday and time."""
    return rolled(_last, train, ahead)


def mean_of_six(train: pd.DataFrame, ahead: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return the mean of the last six of that weekday and time; of fewer, where there are fewer."""
    return rolled(_mean, train, ahead)


def median_of_six(train: pd.DataFrame, ahead: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return the median of the last six of that weekday and time."""
    return rolled(_median, train, ahead)


def level_adjusted(train: pd.DataFrame, ahead: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return the mean of eight weeks times how busy the last two were beside it.

    Where nothing was reported in the last two weeks, the level is that of the eight.
    """
    return rolled(_adjusted, train, ahead)


def _last(known: pd.DataFrame, asked: pd.DataFrame, first: pd.Timestamp) -> np.ndarray:
    return rate_at(known.groupby(SLOT)["rate"].last(), known, asked)


def _mean(known: pd.DataFrame, asked: pd.DataFrame, first: pd.Timestamp) -> np.ndarray:
    return rate_at(_last_six(known).groupby(SLOT)["rate"].mean(), known, asked)


def _median(known: pd.DataFrame, asked: pd.DataFrame, first: pd.Timestamp) -> np.ndarray:
    return rate_at(_last_six(known).groupby(SLOT)["rate"].median(), known, asked)


def _last_six(known: pd.DataFrame) -> pd.DataFrame:
    return known.groupby(SLOT).tail(SAME_DAYS)


def _adjusted(known: pd.DataFrame, asked: pd.DataFrame, first: pd.Timestamp) -> np.ndarray:
    profile = latest(known, PROFILE_WEEKS).groupby(SLOT)["rate"].mean()
    recent = known[known["date"] >= first - pd.Timedelta(weeks=LEVEL_WEEKS)]
    expected = float((rate_at(profile, known, recent) * recent["open_min"]).sum())
    level = float(recent["y"].sum()) / expected if expected > 0 else 1.0
    return rate_at(profile, known, asked) * level


PEERS: dict[str, Peer] = {
    "seasonal naive": seasonal_naive,
    "mean of the last 6 same weekdays": mean_of_six,
    "median of the last 6 same weekdays": median_of_six,
    "level-adjusted mean of 8 weeks": level_adjusted,
}
