"""One series' CALENDAR: what each interval is, in every version in which it was known."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from forecast.calendars.days.site import known_by
from forecast.calendars.events.of_series import active_ids
from forecast.calendars.grid import interval_grid, midnight
from forecast.calendars.hours.opening import (
    DAY_MIN,
    Windows,
    day_windows,
    known_days,
    open_minutes,
)
from forecast.errors import InputError
from forecast.params.calendar import OpeningHours
from forecast.schema import ALWAYS, CALENDAR, HOLIDAY_TYPES, SeriesKey, events_at

DAY = pd.Timedelta(days=1)
TOLD = ["day_type", "works_as", "holiday", "festival", "festival_day", "doubt"]
"""What the calendar says of a day beside its opening windows."""
OPEN_SHARE = 0.25
"""A holiday with this share of a usual day's contacts was open."""


@dataclass(frozen=True)
class Span:
    """First and last local day of a series' calendar, and its zone."""

    first: pd.Timestamp
    last: pd.Timestamp
    zone: ZoneInfo


def series_calendar(
    key: SeriesKey,
    days: pd.DataFrame,
    hours: Sequence[OpeningHours],
    events: pd.DataFrame,
    span: Span,
    interval_min: int,
    usual: Collection[pd.Timestamp],
    seen: pd.Series | None,
) -> pd.DataFrame:
    """Return CALENDAR of one series.

    Parameters
    ----------
    key
        The series.
    days
        Its site's days, as ``days.site.site_days`` returns them, from before the span on.
    hours
        Opening hours of all series.
    events
        EVENTS of the series that are named in the column ``event``.
    span
        First and last day.
    interval_min
        Length of the intervals.
    usual
        Dates of the holidays on which it is open as usual.
    seen
        Contacts by local date, where it is learned from them on which holidays it is open.

    Raises
    ------
    InputError
        When it is never open.
    """
    length = (span.last - span.first).days + 1
    grid = interval_grid(span.first, length, interval_min, span.zone)
    grid = grid.assign(event=active_ids(events_at(events), grid["local"], interval_min))
    date = grid["local"].dt.normalize()
    parts = []
    for known, changed, windows, told in _versions(key, days, hours, span, usual, seen):
        here = date.isin(changed)
        rows = grid[here]
        parts.append(
            rows.assign(
                known=_instant(known, span.zone),
                open_min=open_minutes(rows["local"], interval_min, windows),
                **{name: date[here].map(told[name]) for name in TOLD},
            )
        )
    site, queue, channel = key
    made: pd.DataFrame = pd.concat(parts, ignore_index=True)
    made = made.assign(site=site, queue=queue, channel=channel)
    if not made["open_min"].any():
        raise InputError(
            f"queue '{queue}' ({channel}) of site '{site}' has no opening hours; give it a "
            "window in calendars.opening_hours, or name it in ingest.leave_out"
        )
    return made[CALENDAR.names]


def _versions(
    key: SeriesKey,
    days: pd.DataFrame,
    hours: Sequence[OpeningHours],
    span: Span,
    usual: Collection[pd.Timestamp],
    seen: pd.Series | None,
) -> Iterator[
    tuple[pd.Timestamp, Collection[pd.Timestamp], dict[pd.Timestamp, Windows], pd.DataFrame]
]:
    """Yield, for every day on which something became known, the dates that it changed.

    Beside them stand the windows of every day, and what is said of each, as known from then on.
    """
    days = days[(days["date"] >= span.first - DAY) & (days["date"] <= span.last)]
    asked = set(days["known"]) | set(known_days(hours))
    if seen is not None:
        past = days["day_type"].isin(HOLIDAY_TYPES) & (days["date"] <= seen.index.max())
        asked |= set(days.loc[past & (days["date"] >= span.first), "date"] + DAY)
    before: tuple[dict[pd.Timestamp, Windows], pd.DataFrame] | None = None
    for known in sorted({ALWAYS, *asked}):
        told = known_by(days, known).set_index("date")
        opened = set(usual) if seen is None else set(usual) | _opened(told, seen, known)
        windows = day_windows(told.reset_index(), hours, key, known, opened)
        changed = set(windows) if before is None else _changed(windows, told, *before)
        if changed:
            yield known, changed, windows, told
        before = windows, told


def _changed(
    windows: dict[pd.Timestamp, Windows],
    told: pd.DataFrame,
    windows_before: dict[pd.Timestamp, Windows],
    told_before: pd.DataFrame,
) -> set[pd.Timestamp]:
    """Return the dates of which something else is told, or into which other windows run."""
    now, then = told[TOLD], told_before[TOLD]
    same = ((now == then) | (now.isna() & then.isna())).all(axis=1)
    dates = set(now.index[~same])
    for day, own in windows.items():
        earlier = windows_before[day]
        if own != earlier:
            dates.add(day)
            if any(end > DAY_MIN for _, end in (*own, *earlier)):
                dates.add(day + DAY)
    return dates


def _opened(told: pd.DataFrame, seen: pd.Series, known: pd.Timestamp) -> set[pd.Timestamp]:
    """Return the holidays on which a series is open, as far as its history tells by some day.

    A past holiday was open when it had a quarter of a usual day's contacts; one to come is open
    when most of the past ones were.
    """
    told_by_then = seen[seen.index < known]
    if not (told_by_then > 0).any():
        return set()
    holidays = told.index[told["day_type"].isin(HOLIDAY_TYPES)]
    past = holidays[
        (holidays >= seen.index.min()) & (holidays < min(known, seen.index.max() + DAY))
    ]
    least = told_by_then[told_by_then > 0].median() * OPEN_SHARE
    opened = {day for day in past if told_by_then.get(day, 0) >= least}
    if len(opened) * 2 > len(past):
        opened |= set(holidays[holidays >= known])
    return opened


def _instant(day: pd.Timestamp, zone: ZoneInfo) -> pd.Timestamp:
    """Return the instant at which a local day begins; ALWAYS is one instant everywhere."""
    return ALWAYS.tz_localize("UTC") if day == ALWAYS else midnight(day, zone)
