"""HISTORY + CALENDAR -> FEATURES on the planning grid, and what of it a cutoff may know."""

import numpy as np
import pandas as pd

from forecast.calendars.grid import interval_of, midnight
from forecast.errors import InputError
from forecast.params import Params
from forecast.schema import FEATURES, SERIES, by_series

LONGEST_GAP_DAYS = 14


def build_features(history: pd.DataFrame, calendar: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return FEATURES: counts on the planning grid, and the calendar as numbers.

    ``y`` is the count of an interval of which at least as many minutes were reported as are open;
    an interval that is open but reported in part is *missing* (empty), never zero. A closed
    interval has ``y`` 0, or the contacts that came all the same.

    Parameters
    ----------
    history, calendar
        HISTORY, and the CALENDAR built from it.
    params
        The sections ``ingest`` (zones) and ``features`` (interval) are used.

    Raises
    ------
    InputError
        When exports report intervals longer than the planning interval, or across its borders.
    """
    interval_min = params.features.interval_min
    too_long = history.loc[history["minutes"] > interval_min, "minutes"]
    if len(too_long):
        raise InputError(
            f"the exports report intervals of {int(too_long.max())} minutes, longer than "
            f"features.interval_min = {interval_min}; raise that to at least the export's length"
        )
    parts = []
    for key, own in by_series(history):
        site, queue, channel = key
        here = calendar[(calendar["site"] == site) & (calendar["queue"] == queue)]
        zone = params.ingest.zone(site)
        last_day = own["ds"].max().tz_convert(zone).tz_localize(None).normalize()
        end = midnight(last_day + pd.Timedelta(days=1), zone)
        start = interval_of(own["ds"], zone, interval_min)
        reported = own.groupby(start)[["offered", "minutes"]].sum().reset_index()
        _check_grid(own, start, reported["ds"], here["ds"], params)
        joined = here.merge(reported, on="ds", how="left", validate="one_to_one")
        counted = joined["minutes"].fillna(0)
        whole = (counted > 0) & (counted >= joined["open_min"])
        closed = (joined["open_min"] == 0) & (joined["ds"] < end)
        y = joined["offered"].where(whole).where(~closed, joined["offered"].fillna(0))
        parts.append(_day_features(joined.assign(channel=channel, y=y.astype("float64"))))
    return FEATURES.validate(pd.concat(parts, ignore_index=True)[FEATURES.names])


def _check_grid(
    own: pd.DataFrame, start: pd.Series, reported: pd.Series, grid: pd.Series, params: Params
) -> None:
    """Refuse reports that do not fall into the planning intervals: counts would be lost."""
    interval = pd.Timedelta(minutes=params.features.interval_min)
    over = own["ds"] + pd.to_timedelta(own["minutes"], unit="min") > start + interval
    astray = over | ~start.isin(reported[reported.isin(grid)])
    if astray.any():
        first = own[astray].iloc[0]
        raise InputError(
            f"queue '{first['queue']}': {int(astray.sum())} reported intervals do not fit into "
            f"planning intervals of {params.features.interval_min} minutes, first {first['ds']} of "
            f"{first['minutes']} minutes; set features.interval_min to a multiple of their length"
        )


def _day_features(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one series with what its days are like, told from the calendar alone."""
    date = frame["local"].dt.normalize()
    days = (
        frame.assign(date=date)
        .groupby("date")
        .agg(open_min=("open_min", "sum"), day_type=("day_type", "first"))
        .reset_index()
    )
    is_open = days["open_min"] > 0
    by_holiday = days["day_type"] == "holiday_closed"
    usual = is_open | by_holiday
    last_open = days["date"].where(is_open).ffill().shift()
    # Before the first open day nothing is known: that day is taken for an ordinary one.
    gap = (days["date"] - last_open).dt.days.fillna(1).clip(1, LONGEST_GAP_DAYS)
    days = days.assign(
        gap_days=gap.astype("int64"),
        after_closure=_neighbour_flag(by_holiday, usual, is_open, backwards=False),
        before_closure=_neighbour_flag(by_holiday, usual, is_open, backwards=True),
        weekday=days["date"].dt.day_of_week,
        month_day=days["date"].dt.day,
        month_left=days["date"].dt.days_in_month - days["date"].dt.day,
        holiday_open=(days["day_type"] == "holiday_open").astype("int64"),
    )
    slot = frame["local"].dt.hour * 60 + frame["local"].dt.minute
    return frame.assign(date=date, slot_min=slot).merge(
        days.drop(columns=["open_min", "day_type"]), on="date", how="left", validate="many_to_one"
    )


def _neighbour_flag(
    by_holiday: pd.Series, usual: pd.Series, is_open: pd.Series, *, backwards: bool
) -> pd.Series:
    """Return 1 on open days whose neighbouring usual day is closed by a holiday."""
    order = slice(None, None, -1) if backwards else slice(None)
    known = by_holiday.where(usual).astype("float64")[order].ffill().shift()[order]
    return (is_open & (known == 1)).astype("int64")


def known_at(features: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Return FEATURES as they were known at a cutoff.

    Counts from the cutoff on are empty, and events announced after it have no intensity.
    """
    unknown = features["ds"] >= cutoff
    unannounced = features["event_known"].notna() & (features["event_known"] > cutoff)
    return features.assign(
        y=features["y"].where(~unknown), intensity=features["intensity"].where(~unannounced, 0.0)
    )


def open_days(features: pd.DataFrame) -> pd.DataFrame:
    """Return ``date`` and ``start`` (UTC midnight) of each local day with open intervals."""
    days = features.groupby("date").agg(start=("ds", "min"), open_min=("open_min", "sum"))
    return days[days["open_min"] > 0].reset_index()[["date", "start"]]


def end_of_history(features: pd.DataFrame) -> pd.Timestamp:
    """Return the start of the first local day after the last one with a reported count.

    This is the cutoff of the live forecast.
    """
    reported = features[features["y"].notna()]
    last_day = reported["date"].max()
    after = features.loc[features["date"] > last_day, "ds"]
    if after.empty:
        raise InputError("FEATURES end with the history; give the calendar days ahead of it")
    return pd.Timestamp(after.min())


def lead_days(features: pd.DataFrame, cutoff: pd.Timestamp) -> np.ndarray:
    """Return the lead of each interval in local days; 1 is the day that starts at the cutoff."""
    first = features.loc[features["ds"] >= cutoff, "date"].min()
    return np.asarray((features["date"] - first).dt.days + 1)


def missing_days(features: pd.DataFrame, before: pd.Timestamp) -> pd.DataFrame:
    """Return days before an instant that were open by the calendar but not wholly reported.

    Columns: site, queue, channel, date, missing (open intervals without a count), open_intervals.
    """
    past = features[(features["ds"] < before) & (features["open_min"] > 0)]
    days = (
        past.assign(missing=past["y"].isna())
        .groupby([*SERIES, "date"])
        .agg(missing=("missing", "sum"), open_intervals=("missing", "size"))
        .reset_index()
    )
    return days[days["missing"] > 0].reset_index(drop=True)
