"""SCORES, and breakdowns of the same metrics by anything that a row of FORECAST has."""

from collections.abc import Mapping, Sequence

import pandas as pd

from forecast.accuracy import metrics
from forecast.accuracy.levels import GROUP, days_of, weeks_of
from forecast.accuracy.local import located
from forecast.accuracy.metrics import Metric, measured
from forecast.errors import ForecastError
from forecast.schema import QUANTILES, SCORES, SERIES, as_known


def _named(*names: str) -> dict[str, Metric]:
    return {name: getattr(metrics, name) for name in names}


_OF_MEANS = ("wape", "bias", "floor", "excess")
_OF_QUANTILES = ("pinball", "pinball_floor", "coverage_80", "coverage_95", "width_80", "width_95")
METRICS: Mapping[str, Mapping[str, Metric]] = {
    "interval": _named(*_OF_MEANS, "mae", "mase", *_OF_QUANTILES),
    "day": _named(*_OF_MEANS, "mase"),
    "week": _named(*_OF_MEANS),
}
"""The metrics of each level. A sum of intervals has quantiles only where totals are told."""
OF_TOTALS = _named("pinball", "coverage_80", "coverage_95", "width_80", "width_95")
DAYS = {"day": 1, "week": 7}
KEYS = (
    *SERIES,
    "target",
    "model",
    "horizon",
    "cutoff",
    "lead_day",
    "date",
    "weekday",
    "slot_min",
    "occasion",
)
"""What ``by`` can break the metrics down by."""


def scores(
    forecast: pd.DataFrame, features: pd.DataFrame, totals: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return SCORES of FORECAST rows, by interval, local day and week, per model and horizon.

    Rows without truth, and closed intervals, do not count. A day counts when all intervals that are
    open on it were forecast and have their truth, and a week, counted from the cutoff (days 1 to 7,
    8 to 14, ...), when all its open days do; it stands under the horizon of its last open day. For
    the target ``aht_s``, days and weeks are means weighted by the contacts handled, and the Poisson
    floor has no meaning and is empty.

    Parameters
    ----------
    forecast
        FORECAST of any number of series.
    features
        Their FEATURES, from the history's first day on: local time, and what ``mase`` is scaled by.
    totals
        What the champion foretold of days and weeks, as ``totals.past_totals`` returns it: they
        then have a pinball loss, coverage and width, too, where all of a horizon are told.

    Raises
    ------
    ForecastError
        When an interval with truth is not in FEATURES.
    """
    told = as_known(features)
    rows = located(forecast, told)
    days = days_of(rows, told)
    by_level = {"interval": rows, "day": days, "week": weeks_of(days, told)}
    parts = []
    for level, own in by_level.items():
        known = own[own["y"].notna()]
        parts.append(_long(known, METRICS[level], level))
        if totals is not None and level in DAYS:
            parts.append(_long(_foretold(known, totals, DAYS[level]), OF_TOTALS, level))
    return SCORES.validate(pd.concat(parts, ignore_index=True))


def _long(rows: pd.DataFrame, of: Mapping[str, Metric], level: str) -> pd.DataFrame:
    wide = measured(rows, of, GROUP)
    return wide.melt([*GROUP, "n"], var_name="metric", value_name="value").assign(level=level)


def _foretold(rows: pd.DataFrame, totals: pd.DataFrame, days: int) -> pd.DataFrame:
    """Return the days or weeks whose quantiles are told, of horizons of which all are."""
    own = totals[totals["days"] == days].drop(columns="days")
    keys = [*SERIES, "target", "model", "cutoff", "first"]
    found = rows.rename(columns={"date": "first"})
    found = found.merge(own, on=keys, how="left", validate="many_to_one")
    known = found[list(QUANTILES)].notna().all(axis=1)
    whole = known.groupby([found[name] for name in GROUP]).transform("all")
    return found[whole.to_numpy(dtype=bool)]


def by(forecast: pd.DataFrame, features: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return the interval metrics of FORECAST rows, broken down.

    Parameters
    ----------
    forecast, features
        As for ``scores``.
    keys
        Any of ``KEYS``: columns of FORECAST; ``lead_day``, 1 for the local day that starts at the
        cutoff; ``date``, ``weekday`` (that it works as) and ``slot_min`` (time of day) as in
        FEATURES; ``occasion``: "ordinary", or "event or holiday" where one was expected to be
        felt.

    Returns
    -------
    pandas.DataFrame
        One row per group: the keys, a column per metric, and ``n`` intervals.

    Raises
    ------
    ForecastError
        When a key is unknown, or when rows of several models or targets would be mixed.
    """
    unknown = [key for key in keys if key not in KEYS]
    if unknown or not keys:
        found = ", ".join(unknown) or "none"
        raise ForecastError(f"keys must be of {', '.join(KEYS)}; found {found}")
    rows = located(forecast, features)
    known = rows[rows["y"].notna()]
    for column in ("target", "model"):
        values = sorted(known[column].unique())
        if column not in keys and len(values) > 1:
            raise ForecastError(
                f"rows of several {column}s ({', '.join(values)}) would be mixed; "
                f"choose one, or name '{column}' in keys"
            )
    return measured(known, METRICS["interval"], keys)
