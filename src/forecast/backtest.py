"""Rolling origins: what each model would have expected at past cutoffs -> MEANS.

A live forecast is the same at the last cutoff, whose truth is not known yet: both call
``expected_at``.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from forecast.errors import ForecastError
from forecast.features import first_unknown_day, known_at, start_of
from forecast.models import create
from forecast.models.base import Forecaster
from forecast.origins import ahead_of, cutoffs
from forecast.params import MIN_OPEN_DAYS, Params
from forecast.schema import MEANS, SERIES, by_series

Models = Mapping[str, Mapping[str, Any]]
Progress = Callable[[Iterable[Any], str], Iterable[Any]]


def silent(steps: Iterable[Any], label: str) -> Iterable[Any]:
    """Return the steps as they are: no progress is shown."""
    return steps


def backtest(
    features: pd.DataFrame, params: Params, *, progress: Progress = silent
) -> pd.DataFrame:
    """Return MEANS of every model at every cutoff, with what came where it is known.

    Parameters
    ----------
    features
        FEATURES of any number of series.
    params
        The sections ``models``, ``backtest`` and ``seed`` are used.
    progress
        Shows how far it is: takes the steps and a label, gives the steps back.

    Raises
    ------
    ForecastError
        When a series' history is too short for any cutoff.
    """
    day = first_unknown_day(features)
    tasks = []
    for key, own in by_series(features):
        found = cutoffs(own, params.backtest, start_of(own, day))
        if not found:
            raise ForecastError(
                f"series {'/'.join(key)} has no cutoff with {MIN_OPEN_DAYS} reported open days "
                "before it; add history, or name the queue in ingest.leave_out"
            )
        tasks += [(own, cutoff) for cutoff in found]
    parts = []
    for own, cutoff in progress(tasks, "backtest"):
        horizons = params.backtest.horizons
        means, _ = expected_at(own, cutoff, params.models, horizons, seed=params.seed)
        parts.append(means)
    return MEANS.validate(pd.concat(parts, ignore_index=True))


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
    if train.empty or not (future["open_min"] > 0).any():
        series = "/".join(features[list(SERIES)].iloc[0])
        raise ForecastError(
            f"series {series} has no history before the cutoff {cutoff}, or no open interval in "
            f"the {max(horizons.values())} days after it; lengthen forecast.horizon_days, or "
            "name the queue in ingest.leave_out"
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
