"""Today's reports -> counts on the planning grid, and which of them tell nothing about today."""

import pandas as pd

from forecast.calendars.grid import interval_of
from forecast.errors import ForecastError
from forecast.params import Params
from forecast.schema import (
    LOCAL,
    SERIES,
    local_time,
    local_times,
)
from forecast.select import CHAMPION
from forecast.targets import OFFERED

KEY = [*SERIES, "ds"]


def champion_by_date(forecast: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return the champion's FORECAST rows of contacts, with their local ``date``.

    Raises
    ------
    ForecastError
        When there are none.
    """
    rows = forecast[(forecast["model"] == CHAMPION) & (forecast["target"] == OFFERED)]
    if rows.empty:
        raise ForecastError(
            f"the forecast has no rows of model '{CHAMPION}' and target '{OFFERED}'; give FORECAST "
            "as the live forecast returns it"
        )
    return rows.assign(date=_dates(rows, params))


def strange_reports(history: pd.DataFrame, champion: pd.DataFrame, params: Params) -> pd.Series:
    """Return why some reports tell nothing about today, by their index in HISTORY.

    Today is the last local day in ``history``. Queues of ``ingest.leave_out`` are no fault, and say
    nothing.

    Parameters
    ----------
    history
        HISTORY rows of today.
    champion
        What ``champion_by_date`` returns.
    params
        The sections ``ingest`` (zones, leave_out) and ``features`` (interval) are used.
    """
    asked = _on_grid(history, params)
    names = _names(champion)
    forecast_of = ", ".join(sorted(set(names)))
    first, last, today = champion["date"].min(), champion["date"].max(), asked["date"].max()
    wrong = pd.Series("", index=asked.index, dtype="str")
    wrong[asked["date"] != today] = (
        f"is not of {today:%Y-%m-%d}, the last day that is reported; give the reports of one day"
    )
    wrong[(asked["date"] < first) | (asked["date"] > last)] = (
        f"lies outside the forecast, {first:%Y-%m-%d} to {last:%Y-%m-%d}; forecast again with all "
        "reports up to yesterday, or give a day within it"
    )
    end = asked["ds"] + pd.to_timedelta(asked["minutes"], unit="min")
    wrong[end > asked["start"] + pd.Timedelta(minutes=params.features.interval_min)] = (
        f"reaches across planning intervals of {params.features.interval_min} minutes "
        "(features.interval_min); export the report by shorter intervals"
    )
    wrong[~_names(asked).isin(names)] = (
        f"is of a queue that is not forecast; forecast are {forecast_of}. Correct the name, map it "
        "in queue_map.csv, or name the queue in ingest.leave_out"
    )
    wall = asked["wall"].dt.strftime("%Y-%m-%d %H:%M")
    told: pd.Series = (_names(asked) + " " + wall + " " + wrong)[wrong != ""]
    return told


def seen_intervals(
    history: pd.DataFrame, champion: pd.DataFrame, params: Params
) -> tuple[pd.DataFrame, int]:
    """Return what was offered in each planning interval of today, and how many are not over yet.

    The table has site, queue, channel, ds and ``offered``, empty where an interval was reported in
    part. What comes after the last interval that any queue has reported wholly is left out: it is
    still going on.

    Parameters
    ----------
    history, champion, params
        As for ``strange_reports``, which must find nothing.

    Raises
    ------
    ForecastError
        When ``strange_reports`` finds something, or no interval is whole.
    """
    strange = strange_reports(history, champion, params)
    if len(strange):
        raise ForecastError(f"{len(strange)} reports tell nothing about today: {strange.iloc[0]}")
    reported = _on_grid(history, params)
    reported = reported.assign(ds=reported["start"]).groupby(KEY)[["offered", "minutes"]].sum()
    open_min = champion.set_index(KEY)["open_min"]
    whole = reported["minutes"] >= open_min.reindex(reported.index)
    start = reported.index.get_level_values("ds")
    if params.ingest.absent_rows == "zero":
        whole |= start < start.max()
    if not whole.any():
        raise ForecastError(
            f"none of the {len(reported)} intervals reported today is whole; the forecast stands"
        )
    counts = reported["offered"].astype("float64").where(whole)
    now = start[whole].max()
    past = counts[start <= now]
    if params.ingest.absent_rows == "zero":
        past = past.reindex(_between(champion, reported.index, now), fill_value=0.0)
    return past.rename("offered").reset_index(), int((start > now).sum())


def _between(champion: pd.DataFrame, reported: pd.Index, now: pd.Timestamp) -> pd.Index:
    """Return the intervals of the queues reported, from the first report to the last."""
    first = reported.get_level_values("ds").min()
    rows = champion[(champion["ds"] >= first) & (champion["ds"] <= now)].set_index(KEY)
    told = {key[:-1] for key in reported}
    between: pd.Index = rows.index[[key[:-1] in told for key in rows.index]]
    return between


def _on_grid(history: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return reports of queues to forecast with wall time, date and planning interval's start."""
    asked = history[~history["queue"].isin(params.ingest.leave_out)]
    if asked.empty:
        raise ForecastError("today has no reports of a queue that is forecast; give some")
    parts = [
        own.assign(
            start=interval_of(
                own["ds"], params.ingest.zone(str(site)), params.features.interval_min
            ),
            wall=local_time(own["ds"], params.ingest.zone(str(site))),
        )
        for site, own in asked.groupby("site")
    ]
    rows = pd.concat(parts).loc[asked.index]
    return rows.assign(date=rows["wall"].dt.normalize())


def _dates(rows: pd.DataFrame, params: Params) -> pd.Series:
    dates: pd.Series = local_times(rows, params.ingest.zone).dt.normalize().astype(LOCAL)
    return dates


def _names(rows: pd.DataFrame) -> pd.Series:
    names: pd.Series = rows["site"] + "/" + rows["queue"] + "/" + rows["channel"]
    return names
