"""MEANS -> FORECAST of the past: what a planner would have been given at each cutoff.

At each cutoff the calibration, the ensemble's weights and the champion come from earlier cutoffs
alone, and of those from intervals that had passed.
"""

import pandas as pd

from forecast.errors import ForecastError
from forecast.features import first_unknown_day, start_of
from forecast.origins import first_scored
from forecast.params import BacktestParams, SelectParams
from forecast.schema import FORECAST, SERIES, by_series, of_series
from forecast.select.choice import CHAMPION, apply, select, with_ensemble


def replay(means: pd.DataFrame, params: SelectParams) -> pd.DataFrame:
    """Return FORECAST of all models, the ensemble and the champion at every cutoff that allows it.

    Parameters
    ----------
    means
        MEANS of any number of series.
    params
        The section ``select``.

    Raises
    ------
    ForecastError
        When no series has enough cutoffs to calibrate any; a young one beside others has no rows.
    """
    parts = [
        _replay_series(own, params)
        for _, series in by_series(means)
        for _, own in series.groupby("target", sort=False)
    ]
    if all(part.empty for part in parts):
        raise _too_few(means, params)
    return FORECAST.validate(pd.concat(parts, ignore_index=True))


def scored(past: pd.DataFrame, features: pd.DataFrame, params: BacktestParams) -> pd.DataFrame:
    """Return the rows of past FORECAST that are judged: those of cutoffs after the warm-up."""
    end = first_unknown_day(features)
    parts = []
    for key, own in by_series(features):
        rows = of_series(past, key)
        parts.append(rows[rows["cutoff"] >= first_scored(start_of(own, end), params)])
    return pd.concat(parts, ignore_index=True)


def _replay_series(means: pd.DataFrame, params: SelectParams) -> pd.DataFrame:
    # What is the same in all rows is put back at the end: texts take long to move about.
    same = means[[*SERIES, "target"]].iloc[0]
    rows = means.drop(columns=list(same.index)).astype({"model": object, "horizon": object})
    past: list[pd.DataFrame] = []
    done: list[pd.DataFrame] = []
    for cutoff, now in rows.groupby("cutoff", sort=True):
        selection = select(pd.concat(past), pd.Timestamp(str(cutoff)), params) if past else {}
        chosen_for = now[now["horizon"].isin(list(selection))]
        if len(chosen_for):
            # A bucket that no cutoff has filled yet is left out until one has.
            made = apply(selection, chosen_for)
            done.append(made)
            past.append(made[made["model"] != CHAMPION])
        past.append(with_ensemble(now[~now["horizon"].isin(list(selection))], {}))
    if not done:
        return means.iloc[:0]
    return pd.concat(done, ignore_index=True).assign(**same)


def _too_few(means: pd.DataFrame, params: SelectParams) -> ForecastError:
    series = "/".join(means[list(SERIES)].iloc[0])
    return ForecastError(
        f"series {series}: {means['cutoff'].nunique()} cutoffs are too few to calibrate with "
        f"select.min_cutoffs = {params.min_cutoffs}; add history, raise backtest.warmup_weeks "
        "or lower backtest.every_open_days"
    )
