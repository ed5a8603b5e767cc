"""FORECAST rows and where they lie in local time: what breakdowns and sums are made by."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.accuracy.metrics import AVERAGE, is_count, weights
from forecast.errors import ForecastError
from forecast.schema import SERIES, as_known

WEEK = pd.Timedelta(days=7)
_ORIGIN = [*SERIES, "target", "cutoff"]
_PLACE = ["date", "slot_min", "weekday"]


def located(forecast: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """Return the open rows of FORECAST with what FEATURES say of their intervals.

    Columns beside FORECAST's: ``date``, ``slot_min`` and ``weekday`` as in FEATURES; ``open_now``,
    whether the interval is open as is known last; ``lead_day``, 1 for the local day that starts at
    the cutoff; ``occasion``, whether an event or holiday was expected to be felt; and what
    ``origins`` returns.

    Raises
    ------
    ForecastError
        When an interval with truth is not in FEATURES.
    """
    told = as_known(features)
    rows = forecast[forecast["open_min"] > 0].merge(
        told[[*SERIES, "ds", *_PLACE]].assign(open_now=told["open_min"] > 0),
        on=[*SERIES, "ds"],
        how="left",
        validate="many_to_one",
    )
    lost = rows[rows["date"].isna() & rows["y"].notna()]
    if len(lost):
        raise ForecastError(
            f"{len(lost)} intervals of FORECAST are not in FEATURES, first "
            f"{'/'.join(lost.iloc[0][list(SERIES)])} at {lost['ds'].iloc[0]}; give the FEATURES "
            "that they were forecast from"
        )
    rows = rows[rows["date"].notna()]
    rows = rows.merge(origins(rows, told), on=_ORIGIN, how="left", validate="many_to_one")
    lead = (rows["date"] - rows["first_day"]).dt.days + 1
    occasion = np.where(rows["effect"] == 1, "ordinary", "event or holiday")
    return rows.assign(lead_day=lead, occasion=pd.Series(occasion, index=rows.index, dtype="str"))


def origins(rows: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """Return one row per series, target and cutoff of some FORECAST rows.

    Columns: ``first_day``, the local day that starts at the cutoff; ``scale`` and ``day_scale``,
    see ``naive_scale``, of intervals and of days.
    """
    found = rows[_ORIGIN].drop_duplicates().sort_values("cutoff", ignore_index=True)
    days = features[[*SERIES, "ds", "date"]].sort_values("ds")
    days = days.rename(columns={"ds": "cutoff", "date": "first_day"})
    found = pd.merge_asof(found, days, on="cutoff", by=list(SERIES), direction="forward")
    return found.assign(
        scale=naive_scale(found, features, daily=False),
        day_scale=naive_scale(found, features, daily=True),
    )


def naive_scale(
    found: pd.DataFrame, features: pd.DataFrame, *, daily: bool
) -> npt.NDArray[np.float64]:
    """Return the mean absolute error that copying last week made before each cutoff.

    Over all open intervals (or whole days) of the series before the cutoff that have a truth one
    week earlier, at the same local time; an average's errors are weighted by what was handled. NaN
    where there is none, or where the copy was never wrong.

    Parameters
    ----------
    found
        Rows of series, target and cutoff, in the cutoffs' order.
    features
        FEATURES as known last, one row per interval.
    daily
        Of day sums instead of intervals.

    References
    ----------
    Hyndman & Koehler (2006), Another look at measures of forecast accuracy. International Journal
    of Forecasting 22.
    """
    out = np.full(len(found), np.nan)
    for target in found["target"].unique():
        errors = _copy_errors(_came(features, str(target), daily=daily))
        own = (found["target"] == target).to_numpy()
        sums = pd.merge_asof(
            found.loc[own, [*SERIES, "cutoff"]],
            errors,
            left_on="cutoff",
            right_on="ds",
            by=list(SERIES),
            allow_exact_matches=False,
        )
        scale = (sums["error"] / sums["weight"]).to_numpy()
        out[own] = np.where(scale > 0, scale, np.nan)
    return out


def _came(features: pd.DataFrame, target: str, *, daily: bool) -> pd.DataFrame:
    """Return what came in each open interval or whole day: series, at, ds, y and weight."""
    is_average = target == AVERAGE
    rows = features[features["open_min"] > 0].assign(target=target)
    if is_average:
        rows = rows.assign(y=rows["aht_s"], weight=rows["handled"])
    at = rows["date"]
    if daily:
        rows = pooled(rows.assign(at=at), [*SERIES, "target", "at"], ["y"], last=["ds"])
    else:
        rows = rows.assign(at=at + pd.to_timedelta(rows["slot_min"], unit="min"))
    known = rows.assign(weight=weights(rows))[rows["y"].notna()]
    # The hour that autumn doubles counts once.
    return known[[*SERIES, "at", "ds", "y", "weight"]].drop_duplicates([*SERIES, "at"])


def _copy_errors(came: pd.DataFrame) -> pd.DataFrame:
    """Return the running sums of weighted errors of last week's copy, and of weights, by ``ds``."""
    keys = [*SERIES, "at"]
    before = came.assign(at=came["at"] + WEEK)[[*keys, "y"]]
    both = came.merge(before, on=keys, suffixes=("", "_before")).sort_values("ds")
    error = (both["y"] - both["y_before"]).abs() * both["weight"]
    sums = both.assign(error=error).groupby(list(SERIES))[["error", "weight"]].cumsum()
    return both[[*SERIES, "ds"]].assign(error=sums["error"], weight=sums["weight"])


def pooled(rows: pd.DataFrame, keys: list[str], values: list[str], last: list[str]) -> pd.DataFrame:
    """Return sums of counts, and weighted means of averages, of groups of rows.

    A sum with an unknown part is unknown. A mean is of what has a weight.

    Parameters
    ----------
    rows
        With ``target`` and, for averages, ``weight``.
    keys
        What groups them, ``target`` among them.
    values
        Columns to sum.
    last
        Columns of which the last row's value is kept.
    """
    weight = weights(rows)
    parts = {name: np.where(weight > 0, rows[name] * weight, 0.0) for name in values}
    frame = rows[[*keys, *last]].assign(**parts, weight=weight)
    grouped = frame.groupby(keys, sort=True)
    sums = grouped[[*values, "weight"]].sum(skipna=False)
    out = sums.join(grouped[last].last()).reset_index()
    count = is_count(out)
    divisor = np.where(count, 1.0, out["weight"].where(out["weight"] > 0))
    means = {name: out[name] / divisor for name in values}
    return out.assign(**means, weight=np.where(count, 1.0, out["weight"]))
