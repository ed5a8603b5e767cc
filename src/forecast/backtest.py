"""Rolling origins: what each model would have expected at past cutoffs -> MEANS.

A live forecast is the same at the last cutoff, whose truth is not known yet: both call
``expected_at``.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from forecast.errors import ForecastError
from forecast.features import end_of_history, known_at, lead_days
from forecast.models import create
from forecast.models.base import Forecaster
from forecast.params import BacktestParams
from forecast.schema import MEANS, SERIES, by_series

Models = Mapping[str, Mapping[str, Any]]
Progress = Callable[[Iterable[Any], str], Iterable[Any]]


def silent(steps: Iterable[Any], label: str) -> Iterable[Any]:
    """Return the steps as they are: no progress is shown."""
    return steps


def backtest(
    features: pd.DataFrame,
    models: Models,
    params: BacktestParams,
    *,
    seed: int,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Return MEANS of every model at every cutoff, with what came where it is known.

    Raises
    ------
    ForecastError
        When a series' history is too short for its first cutoff.
    """
    tasks = [(own, cutoff) for _, own in by_series(features) for cutoff in cutoffs(own, params)]
    parts = []
    for own, cutoff in progress(tasks, "backtest"):
        means, _ = expected_at(own, cutoff, models, params.horizons, seed=seed)
        parts.append(means)
    return MEANS.validate(pd.concat(parts, ignore_index=True))


def cutoffs(features: pd.DataFrame, params: BacktestParams) -> list[pd.Timestamp]:
    """Return the cutoffs of one series, warm-up included: the start of every k-th open day.

    Counted back from the last reported day, so that the latest days are always covered.
    """
    weeks = pd.Timedelta(weeks=params.weeks + params.warmup_weeks)
    end = end_of_history(features)
    reported = features[(features["open_min"] > 0) & features["y"].notna()]
    dates = reported.loc[reported["ds"] >= end - weeks, "date"].unique()
    starts = features[features["date"].isin(dates)].groupby("date")["ds"].min()
    chosen = starts.sort_index(ascending=False).iloc[:: params.every_open_days]
    return sorted(pd.Timestamp(start) for start in chosen)


def first_scored(features: pd.DataFrame, params: BacktestParams) -> pd.Timestamp:
    """Return the instant from which on cutoffs are scored; those before it are warm-up."""
    return end_of_history(features) - pd.Timedelta(weeks=params.weeks)


def expected_at(
    features: pd.DataFrame,
    cutoff: pd.Timestamp,
    models: Models,
    horizons: Mapping[str, int],
    *,
    seed: int,
) -> tuple[pd.DataFrame, dict[str, Forecaster]]:
    """Return one series' MEANS at one cutoff, and the models fitted to what was known then.

    Only open intervals within the longest horizon are returned.
    """
    known = known_at(features, cutoff)
    train = known[known["ds"] < cutoff]
    future = ahead_of(known, cutoff, horizons)
    if train.empty or future.empty:
        raise ForecastError(
            f"there is no history before, or no calendar after, the cutoff {cutoff}"
        )
    base = future[[*SERIES, "ds", "open_min", "horizon"]].assign(
        target="offered",
        cutoff=cutoff,
        y=features.loc[future.index, "y"],
    )
    fitted, parts = {}, []
    for name, options in models.items():
        fitted[name] = create(name, options, seed=seed).fit(train)
        parts.append(base.assign(model=name, raw_mean=fitted[name].predict(future)))
    means = pd.concat(parts, ignore_index=True)
    return means[means["open_min"] > 0][MEANS.names].reset_index(drop=True), fitted


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
