"""What was foretold of past days and weeks: a sum's quantiles are no sum of its parts'."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.joint import joint_paths
from forecast.params import SelectParams
from forecast.schema import QUANTILES, SERIES, as_known, by_series, of_series
from forecast.select import CHAMPION, SeriesPlan, plans
from forecast.targets import OFFERED

PATHS = 300
SPANS = (1, 7)
"""Days of what is summed: days and weeks."""


def past_totals(
    means: pd.DataFrame,
    forecast: pd.DataFrame,
    features: pd.DataFrame,
    params: SelectParams,
    *,
    seed: int,
) -> pd.DataFrame:
    """Return what the champion foretold of each day's and week's contacts in the past.

    At each cutoff paths are drawn as the live forecast draws them, from what had come true before
    it, and are summed.

    Parameters
    ----------
    means, features
        MEANS of the backtest, and FEATURES.
    forecast
        FORECAST of the past, as ``replay`` returns it.
    params
        The section ``select``.
    seed
        Of the paths.

    Returns
    -------
    pandas.DataFrame
        The series, ``target``, ``model``, ``cutoff``, ``first`` (local date), ``days`` (1, or 7:
        weeks are counted from the cutoff's day) and FORECAST's quantiles. A series' first
        calibrated cutoff has no rows: nothing tells then how surprises hang together.
    """
    counted = forecast[forecast["target"] == OFFERED]
    expected = means[means["target"] == OFFERED]
    local = as_known(features)
    columns = [*SERIES, "target", "model", "cutoff", "first", "days", *QUANTILES]
    parts = [pd.DataFrame(columns=columns)]
    for key, own in by_series(counted):
        mine, here = of_series(expected, key), of_series(local, key)
        champion = own[own["model"] == CHAMPION]
        for cutoff in sorted(champion["cutoff"].unique())[1:]:
            earlier = own[own["cutoff"] < cutoff]
            (plan,) = plans(mine, earlier, here, params, cutoff=pd.Timestamp(cutoff))
            now = champion[champion["cutoff"] == cutoff].sort_values("ds")
            now = now.merge(here[["ds", "date"]], on="ds", validate="one_to_one")
            first_day = here.loc[here["ds"] >= cutoff, "date"].iloc[0]
            sums = _summed(now, plan, first_day, seed)
            about: dict[str, Any] = dict(zip(SERIES, key, strict=True))
            about |= {"target": OFFERED, "model": CHAMPION, "cutoff": cutoff}
            parts.append(sums.assign(**about))
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)[columns]


def _summed(
    rows: pd.DataFrame, plan: SeriesPlan, first_day: pd.Timestamp, seed: int
) -> pd.DataFrame:
    """Return quantiles of the sums of one cutoff's rows: first, days, and a column of each."""
    lead = (rows["date"] - first_day).dt.days.to_numpy()
    counts, _ = joint_paths(rows, None, plan, n=PATHS, days=int(lead.max()) + 1, seed=seed)
    return pd.concat([_quantiles(counts, lead, first_day, days) for days in SPANS])


def _quantiles(
    counts: npt.NDArray[np.int64], lead: npt.NDArray[Any], first_day: pd.Timestamp, days: int
) -> pd.DataFrame:
    span, group = np.unique(lead // days, return_inverse=True)
    sums = np.zeros((len(span), len(counts)))
    np.add.at(sums, group, counts.T)
    found = np.quantile(sums, list(QUANTILES.values()), axis=1)
    first = first_day + pd.to_timedelta(span * days, unit="D")
    frame = pd.DataFrame(dict(zip(QUANTILES, found, strict=True)))
    return frame.assign(first=first, days=days)
