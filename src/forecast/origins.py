"""Rolling origins: the cutoffs that a series is forecast from, and what lies ahead of each."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from forecast.effects.cells import reported
from forecast.effects.faults import dead_days, without_absurd
from forecast.features import lead_days
from forecast.params import MIN_OPEN_DAYS, BacktestParams
from forecast.schema import as_known


def cutoffs(
    features: pd.DataFrame, params: BacktestParams, end: pd.Timestamp
) -> list[pd.Timestamp]:
    """Return the cutoffs of one series, warm-up included: the start of every k-th open day.

    Counted back from the last reported day before ``end``, so that the latest days are always
    covered; a young series has fewer, each after ``MIN_OPEN_DAYS`` days in use.
    """
    weeks = pd.Timedelta(weeks=params.weeks + params.warmup_weeks)
    dates = _days_in_use(features)[MIN_OPEN_DAYS:]
    starts = features[features["date"].isin(dates)].groupby("date")["ds"].min()
    starts = starts[(starts >= end - weeks) & (starts < end)]
    chosen = starts.sort_index(ascending=False).iloc[:: params.every_open_days]
    return sorted(pd.Timestamp(start) for start in chosen)


def cutoffs_on(
    features: pd.DataFrame, dates: Sequence[pd.Timestamp], end: pd.Timestamp
) -> list[pd.Timestamp]:
    """Return the cutoffs of one series on local dates: the first interval on or after each.

    Those with fewer than ``MIN_OPEN_DAYS`` days in use before them are left out.
    """
    days = _days_in_use(features)
    young = days[MIN_OPEN_DAYS - 1] if len(days) >= MIN_OPEN_DAYS else pd.Timestamp.max
    found = (features.loc[features["date"] >= date, "ds"].min() for date in dates if date > young)
    return sorted({pd.Timestamp(cutoff) for cutoff in found if cutoff < end})


def _days_in_use(features: pd.DataFrame) -> pd.DatetimeIndex:
    """Return the open days that one series reported, in order, without those it was dead on.

    Nobody forecast a queue before it was in use, and on the day on which it wakes up nobody can
    know: what a model of zeros would have missed then tells nothing of how far models fall today.
    """
    counted = without_absurd(as_known(features))
    days = pd.DatetimeIndex(reported(counted)["date"].unique())
    dead = days.isin(dead_days(counted))
    woke = np.concatenate([[False], dead[:-1]]) & ~dead
    return days[~(dead | woke)]


def first_scored(end: pd.Timestamp, params: BacktestParams) -> pd.Timestamp:
    """Return the instant from which on cutoffs are scored; those before it are warm-up."""
    return end - pd.Timedelta(weeks=params.weeks)


def ahead_of(
    features: pd.DataFrame, cutoff: pd.Timestamp, horizons: Mapping[str, int]
) -> pd.DataFrame:
    """Return one series' FEATURES from a cutoff to the end of the longest horizon.

    A column ``horizon`` names the lead-time bucket.
    """
    lead = lead_days(features, cutoff)
    within = (features["ds"] >= cutoff).to_numpy() & (lead <= max(horizons.values()))
    return features[within].assign(horizon=horizon_names(lead[within], horizons))


def horizon_names(lead: np.ndarray, horizons: Mapping[str, int]) -> np.ndarray:
    """Return the name of the bucket that each lead (in days, from 1) falls into.

    Examples
    --------
    >>> horizon_names(np.array([1, 2, 7, 8]), {"1_day": 1, "1_week": 7, "2_weeks": 14}).tolist()
    ['1_day', '1_week', '1_week', '2_weeks']
    """
    last_days = np.array(list(horizons.values()))
    return np.array(list(horizons))[np.searchsorted(last_days, lead)]
