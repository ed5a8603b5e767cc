"""HISTORY + CALENDAR -> FEATURES on the planning grid, and what of it a cutoff may know."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from forecast.calendars.grid import interval_of, midnight
from forecast.errors import InputError
from forecast.params import Params
from forecast.schema import (
    CLOSING_TYPES,
    FEATURES,
    HISTORY,
    SERIES,
    SeriesKey,
    as_known,
    by_series,
    events_at,
    local_time,
    of_series,
)

LONGEST_GAP_DAYS = 14
SHORTEST_DAY_MIN = 23 * 60
LEAD_UP_DAYS = 8
"""Events are felt less than so many days before they begin (``effects.positions``)."""


def build_features(
    history: pd.DataFrame, calendar: pd.DataFrame, events: pd.DataFrame, params: Params
) -> pd.DataFrame:
    """Return FEATURES: counts on the planning grid, and the calendar as numbers.

    ``y`` is the count of an interval of which at least as many minutes were reported as are open;
    an interval that is open but reported in part is *missing* (empty), never zero. A closed
    interval has ``y`` 0, or the contacts that came all the same. Intervals in which an event of a
    kind in ``calendars.keep_out`` was on (an outage) are missing too. All series end on one day;
    those of ``ended_series`` are left out.

    Parameters
    ----------
    history, calendar, events
        HISTORY, and the CALENDAR and EVENTS built from it.
    params
        The sections ``ingest`` (zones), ``calendars`` (keep_out) and ``features`` (interval) are
        used.

    Raises
    ------
    InputError
        When exports report intervals longer than the planning interval, or across its borders, or
        when a count is empty, negative, infinite or no whole number.
    SchemaError
        When HISTORY is not as it must be otherwise: an interval that is there twice, for one.
    """
    _check_counts(history)
    history = HISTORY.validate(history)
    interval_min = params.features.interval_min
    _check_lengths(history[~history["queue"].isin(params.ingest.leave_out)], interval_min)
    last_days = _last_days(history, params)
    ended = ended_series(history, params)
    end_day = max(last_days.values()) + pd.Timedelta(days=1)
    held = events_at(events)
    kept_out = held[held["kind"].isin(params.calendars.keep_out)]
    parts = []
    for key, own in by_series(history):
        if key in ended:
            continue
        here = of_series(calendar, key)
        zone = params.ingest.zone(key[0])
        start = interval_of(own["ds"], zone, interval_min)
        _check_grid(own, start, here["ds"], params)
        reported = _on_grid(own, start)
        joined = here.merge(reported, on="ds", how="left", validate="many_to_one")
        y = _counts(joined, midnight(end_day, zone), params.ingest.absent_rows)
        y = y.mask(_during(joined["local"], interval_min, of_series(kept_out, key)))
        parts.append(_versions(joined.assign(y=y)))
    if not parts:
        raise InputError("every series has ended or is left out; there is nothing to forecast")
    return FEATURES.validate(pd.concat(parts, ignore_index=True)[FEATURES.names])


def _on_grid(own: pd.DataFrame, start: pd.Series) -> pd.DataFrame:
    """Return what was reported in each planning interval: contacts, minutes and handle time."""
    timed = own["talk_s"].notna() & (own["answered"] > 0)
    parts = own[["talk_s", "hold_s", "wrap_s"]].fillna(0.0).sum(axis=1)
    sums = (
        own[["offered", "minutes"]]
        .assign(handled=own["answered"].where(timed, 0.0), handle_s=parts.where(timed, 0.0))
        .groupby(start)
        .sum()
        .reset_index()
    )
    handled = sums["handled"].where(sums["handled"] > 0)
    return sums.assign(handled=handled, aht_s=sums["handle_s"] / handled)


def _during(local: pd.Series, interval_min: int, events: pd.DataFrame) -> pd.Series:
    """Return in which intervals one of some events is on, if only for a part."""
    out = pd.Series(data=False, index=local.index)
    length = pd.Timedelta(minutes=interval_min)
    for start, end in events[["start", "end"]].itertuples(index=False):
        out |= (local + length > start) & (local < end)
    return out


def _versions(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one series' features as they were at each instant at which the calendar changed.

    Of later versions only the rows are there that differ from the one before.
    """
    parts: list[pd.DataFrame] = []
    before: pd.DataFrame | None = None
    for known in sorted(frame["known"].unique()):
        told = _day_features(as_known(frame, known))[FEATURES.names].set_index("ds")
        plain = told.drop(columns="known")
        if before is None:
            parts.append(told.reset_index())
        else:
            changed = ~(plain.eq(before) | (plain.isna() & before.isna())).all(axis=1)
            parts.append(told[changed].assign(known=known).reset_index())
        before = plain
    return pd.concat(parts, ignore_index=True)


def _check_counts(history: pd.DataFrame) -> None:
    """Refuse contacts that are no count, with their place: they are missing, and not zero."""
    offered = history["offered"]
    no_count = ~((offered >= 0) & (offered < np.inf) & (offered % 1 == 0))
    if no_count.any():
        first = history[no_count].iloc[0]
        raise InputError(
            f"{int(no_count.sum())} rows of HISTORY have no count in 'offered', first "
            f"{'/'.join(first[list(SERIES)])} at {first['ds']:%Y-%m-%d %H:%M} UTC: "
            f"{first['offered']}; leave out the rows of intervals that were not reported, and put "
            "0 where nobody came"
        )


def _check_lengths(history: pd.DataFrame, interval_min: int) -> None:
    """Refuse reports of intervals that are longer than those that are planned."""
    too_long = history[history["minutes"] > interval_min]
    if too_long.empty:
        return
    longest = int(too_long["minutes"].max())
    first = too_long.iloc[0]
    what = "daily totals" if longest >= SHORTEST_DAY_MIN else f"intervals of {longest} minutes"
    mend = (
        "export the report by interval, or name the queue in ingest.leave_out"
        if longest >= SHORTEST_DAY_MIN
        else "set features.interval_min to a multiple of all lengths"
    )
    raise InputError(
        f"the exports report {what}, longer than the planning interval of {interval_min} (first: "
        f"queue '{first['queue']}', {first['ds']:%Y-%m-%d %H:%M} UTC); {mend}"
    )


def _counts(joined: pd.DataFrame, end: pd.Timestamp, absent_rows: str) -> pd.Series:
    """Return the counts of one series' intervals: empty where missing, and from the end on."""
    counted = joined["minutes"].fillna(0)
    whole = (counted > 0) & (counted >= joined["open_min"])
    if absent_rows == "zero":
        whole |= counted.groupby(joined["local"].dt.normalize()).transform("sum") > 0
    closed = joined["open_min"] == 0
    known = (whole | closed) & (joined["ds"] < end)
    return joined["offered"].fillna(0).astype("float64").where(known)


def _last_days(history: pd.DataFrame, params: Params) -> dict[SeriesKey, pd.Timestamp]:
    return {
        key: local_time(own["ds"], params.ingest.zone(key[0])).max().normalize()
        for key, own in by_series(history)
    }


def ended_series(history: pd.DataFrame, params: Params) -> dict[SeriesKey, str]:
    """Return the series of HISTORY that are not forecast, each with the reason.

    They are those in ``ingest.leave_out``, and those whose last report lies more than
    ``features.ended_after_days`` before the last of all.
    """
    last_days = _last_days(history, params)
    limit = max(last_days.values()) - pd.Timedelta(days=params.features.ended_after_days)
    out = {}
    for key, last in last_days.items():
        if key[1] in params.ingest.leave_out:
            out[key] = "left out by ingest.leave_out"
        elif last < limit:
            out[key] = f"no report after {last:%Y-%m-%d}"
    return out


def _check_grid(own: pd.DataFrame, start: pd.Series, grid: pd.Series, params: Params) -> None:
    """Refuse reports that lie across planning intervals, or across each other.

    Their counts would be lost, or counted twice.
    """
    interval = pd.Timedelta(minutes=params.features.interval_min)
    end = own["ds"] + pd.to_timedelta(own["minutes"], unit="min")
    astray = (end > start + interval) | ~start.isin(grid)
    if astray.any():
        first = own[astray].iloc[0]
        raise InputError(
            f"queue '{first['queue']}': {int(astray.sum())} reported intervals do not fit into "
            f"planning intervals of {params.features.interval_min} minutes, first {first['ds']} of "
            f"{first['minutes']} minutes; set features.interval_min to a multiple of their length"
        )
    twice = end > own["ds"].shift(-1)
    if twice.any():
        first = own[twice].iloc[0]
        raise InputError(
            f"queue '{first['queue']}': {int(twice.sum())} reported intervals run into the next, "
            f"first {first['ds']} of {first['minutes']} minutes; keep one report of each time"
        )


def _day_features(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one series with what its days are like, told from the calendar alone."""
    date = frame["local"].dt.normalize()
    days = (
        frame.assign(date=date)
        .groupby("date")
        .agg(
            open_min=("open_min", "sum"),
            day_type=("day_type", "first"),
            works_as=("works_as", "first"),
        )
        .reset_index()
    )
    is_open = days["open_min"] > 0
    free = days["day_type"].isin(CLOSING_TYPES)
    # A holiday on a day that is closed anyway closes nothing.
    worked = pd.Series(days["works_as"].map(_weekdays_open(days)), index=days.index)
    by_holiday = free & ~is_open & worked
    usual = is_open | by_holiday
    last_open = days["date"].where(is_open).ffill().shift()
    # Before the first open day nothing is known: that day is taken for an ordinary one.
    gap = (days["date"] - last_open).dt.days.fillna(1).clip(1, LONGEST_GAP_DAYS)
    days = days.assign(
        gap_days=gap.astype("int64"),
        after_closure=_neighbour_flag(by_holiday, usual, is_open, backwards=False),
        before_closure=_neighbour_flag(by_holiday, usual, is_open, backwards=True),
        weekday=days["works_as"],
        month_day=days["date"].dt.day,
        month_left=days["date"].dt.days_in_month - days["date"].dt.day,
        holiday_open=(free & is_open).astype("int64"),
    )
    slot = frame["local"].dt.hour * 60 + frame["local"].dt.minute
    return frame.assign(date=date, slot_min=slot).merge(
        days.drop(columns=["open_min", "day_type", "works_as"]),
        on="date",
        how="left",
        validate="many_to_one",
    )


def _weekdays_open(days: pd.DataFrame) -> pd.Series:
    """Return which weekdays are open as a rule: on most of the days that are no holiday."""
    plain = days[~days["day_type"].isin(CLOSING_TYPES)]
    share = (plain["open_min"] > 0).groupby(plain["works_as"]).mean()
    return share.reindex(range(7), fill_value=0.0) > 0.5


def _neighbour_flag(
    by_holiday: pd.Series, usual: pd.Series, is_open: pd.Series, *, backwards: bool
) -> pd.Series:
    """Return 1 on open days whose neighbouring usual day is closed by a holiday."""
    order = slice(None, None, -1) if backwards else slice(None)
    known = by_holiday.where(usual).astype("float64")[order].ffill().shift()[order]
    return (is_open & (known == 1)).astype("int64")


def known_at(features: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Return FEATURES as they were known at a cutoff, one row per interval.

    Counts and handle times from the cutoff on are empty, and the calendar is the one of that day.
    """
    told = as_known(features, cutoff)
    seen = told["ds"] < cutoff
    empty = {name: told[name].where(seen) for name in ("y", "aht_s", "handled")}
    return told.assign(**empty)


def past_and_ahead(features: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return FEATURES up to the last day with a count, and those of the days after it."""
    past = features["date"] < first_unknown_day(features)
    return features[past].reset_index(drop=True), features[~past].reset_index(drop=True)


def reaching(events: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    """Return the EVENTS that begin soon enough after some FEATURES to be felt in them."""
    soon: pd.Series = events["start"] < past["date"].max() + pd.Timedelta(days=LEAD_UP_DAYS)
    return events[soon].reset_index(drop=True)


def with_effect(events: pd.DataFrame, keep_out: Sequence[str]) -> pd.DataFrame:
    """Return the EVENTS whose effect is learned: kinds that are kept out have none to learn."""
    return events[~events["kind"].isin(keep_out)].reset_index(drop=True)


def first_unknown_day(features: pd.DataFrame) -> pd.Timestamp:
    """Return the local date after the last one with a count, over all series given.

    It is the day of the live forecast's cutoff, the same for all series.
    """
    return pd.Timestamp(features.loc[features["y"].notna(), "date"].max() + pd.Timedelta(days=1))


def start_of(features: pd.DataFrame, day: pd.Timestamp) -> pd.Timestamp:
    """Return the instant at which a local day begins for one series.

    Where FEATURES end before that day, it is the instant at which they end.
    """
    later = features.loc[features["date"] >= day, "ds"]
    if len(later):
        return pd.Timestamp(later.min())
    stamps = features["ds"].drop_duplicates().nlargest(2)
    return pd.Timestamp(stamps.iloc[0] + (stamps.iloc[0] - stamps.iloc[1]))


def end_of_history(features: pd.DataFrame) -> pd.Timestamp:
    """Return the start of the first day after the last one with a count, for one series."""
    return start_of(features, first_unknown_day(features))


def lead_days(features: pd.DataFrame, cutoff: pd.Timestamp) -> np.ndarray:
    """Return the lead of each interval in local days; 1 is the day that starts at the cutoff."""
    first = features.loc[features["ds"] >= cutoff, "date"].min()
    return np.asarray((features["date"] - first).dt.days + 1)


def missing_days(features: pd.DataFrame, before: pd.Timestamp) -> pd.DataFrame:
    """Return days before an instant that were open by the calendar but not wholly reported.

    Columns: site, queue, channel, date, missing (open intervals without a count), open_intervals.
    """
    told = as_known(features)
    past = told[(told["ds"] < before) & (told["open_min"] > 0)]
    days = (
        past.assign(missing=past["y"].isna())
        .groupby([*SERIES, "date"])
        .agg(missing=("missing", "sum"), open_intervals=("missing", "size"))
        .reset_index()
    )
    return days[days["missing"] > 0].reset_index(drop=True)
