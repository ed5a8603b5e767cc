"""Events from iCalendar files (RFC 5545), and from a folder of files, -> raw events."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import recurring_ical_events
from icalendar import Component

from forecast.calendars.events.icsfile import (
    Series,
    created,
    faults,
    first_category,
    prop,
    read_series,
    sequence,
    text_of,
)
from forecast.calendars.events.raw import csv_rows, raw_table, scaled, together, touched
from forecast.errors import InputError, listed

CSV_NAME = "promotions.csv"
TOLD = {
    column: f"X-FORECAST-{column.upper().replace('_', '-')}"
    for column in ("queues", "sites", "intensity", "reach", "announced_on")
}
"""Column of a promotions file -> the property that says the same."""
HANDED_DOWN = (
    (TOLD["queues"],),
    (TOLD["sites"],),
    (TOLD["intensity"], TOLD["reach"]),
    ("CATEGORIES",),
)
"""What a changed occurrence has from its series, where it says none of a group itself."""
AROUND = timedelta(days=2)
"""More than zones and clock changes can move a time."""
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """The local days of which events are wanted, and what these may name."""

    first: pd.Timestamp
    last: pd.Timestamp
    queues: set[str]
    sites: set[str]
    zone: ZoneInfo


def read_ics(
    path: str | Path,
    first: pd.Timestamp,
    last: pd.Timestamp,
    queues: set[str],
    sites: set[str],
    zone: ZoneInfo,
) -> pd.DataFrame:
    """Return the raw events of an iCalendar file that lie in a span of days.

    An event's UID is its id; what recurs has the day of its recurrence behind it, as in
    ``UID/2026-11-11`` (a plus sign becomes %2B, for + joins ids). SUMMARY is its name and the first
    of CATEGORIES its kind, in lower case, else ``event``. Whole days end before DTEND. Times in UTC
    or with a TZID become wall time of the zone, floating times stay. RRULE, RDATE, EXDATE and
    RECURRENCE-ID are followed within the span; of versions of one event that with the highest
    SEQUENCE holds. A cancelled event (STATUS) has intensity 0. Only VEVENT is read.

    X-FORECAST-QUEUES, -SITES, -INTENSITY, -REACH and -ANNOUNCED-ON say what the columns of a
    promotions file do. A changed occurrence takes the first four, and CATEGORIES, from its series
    where it does not say them itself. Without X-FORECAST-ANNOUNCED-ON an event was known from the
    day of CREATED on, else from its start.

    Parameters
    ----------
    path
        The file.
    first, last
        Local days, both included.
    queues, sites
        Those of the history.
    zone
        Zone of the sites.

    Raises
    ------
    InputError
        When the file is no iCalendar file, or listing every event of it that cannot be read: no
        UID, an end that is not after its start, unknown zones, rules finer than a day, and what
        ``read_events`` refuses.
    """
    return scaled(ics_rows(Path(path), Span(first, last, queues, sites, zone)))


def read_folder(
    folder: str | Path,
    first: pd.Timestamp,
    last: pd.Timestamp,
    queues: set[str],
    sites: set[str],
    zone: ZoneInfo,
) -> pd.DataFrame:
    """Return the raw events of promotions.csv and of all .ics files in a folder, by file name.

    Reach is compared over all of them. A folder that does not exist holds no events. The parameters
    are those of ``read_ics``.

    Raises
    ------
    InputError
        When a file is refused, or two of them hold an event of the same id.
    """
    root = Path(folder)
    span = Span(first, last, queues, sites, zone)
    tables = []
    for file in sorted(root.iterdir(), key=lambda f: f.name) if root.is_dir() else []:
        if file.name == CSV_NAME:
            tables.append(csv_rows(file, queues, sites))
        elif file.suffix.lower() == ".ics":
            tables.append(ics_rows(file, span))
    return scaled(together(tables))


def ics_rows(file: Path, span: Span) -> pd.DataFrame:
    """Return what ``read_ics`` does, with the reach not yet turned into intensity."""
    events: list[dict[str, Any]] = []
    problems: list[str] = []
    for series in read_series(file):
        try:
            found = faults(series) or _misnamed(_handed_down(series), span)
            events += [] if found else _occurrences(series, span)
        # Programs write what the libraries do not expect, and they fail in as many ways.
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            found = [f"cannot be followed ({type(error).__name__}: {error})"]
        what = f"event '{series.uid or text_of(series.events[0], 'SUMMARY')}'"
        problems += [f"{what}: {problem}" for problem in found]
    ids = Counter(event["event_id"] for event in events)
    problems += [f"event '{i}' stands {n} times in the file" for i, n in ids.items() if n > 1]
    if problems:
        raise InputError(f"{file} is refused, no event was taken in:\n{listed(problems)}")
    return raw_table([{**event, "source": f"{file.name}, {event['source']}"} for event in events])


def _handed_down(series: Series) -> Series:
    """Return a series whose changed occurrences have what programs leave out of them."""
    mains = [event for event in series.events if "RECURRENCE-ID" not in event]
    for main in sorted(mains, key=sequence)[-1:]:
        for event in series.events:
            for group in HANDED_DOWN:
                if not any(name in event for name in group):
                    event.update({name: prop(main, name) for name in group if name in main})
    return series


def _said(event: Component) -> dict[str, str]:
    """Return what an event says of whom it touches, as the cells of a promotions file."""
    cells = {column: text_of(event, name) for column, name in TOLD.items()}
    day = cells["announced_on"]
    if len(day) == 8 and day.isdigit():
        cells["announced_on"] = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    return {**cells, "queues": cells["queues"] or "all", "sites": cells["sites"] or "all"}


def _misnamed(series: Series, span: Span) -> list[str]:
    """Return what is wrong with the X-FORECAST properties of a series."""
    return [
        f"{TOLD[column]}: {problem}"
        for event in series.events
        for column, problem in touched(_said(event), span.queues, span.sites)[1]
    ]


def _occurrences(series: Series, span: Span) -> list[dict[str, Any]]:
    """Return the events of a series that lie in the span."""
    begin, end = span.first.normalize(), span.last.normalize() + DAY
    found = recurring_ical_events.of(series.calendar).between(
        (begin - AROUND).to_pydatetime(), (end + AROUND).to_pydatetime()
    )
    events = [_event(occurrence, series, span) for occurrence in found]
    return [event for event in events if event["start"] < end and event["end"] > begin]


def _event(occurrence: Component, series: Series, span: Span) -> dict[str, Any]:
    """Return one occurrence as a raw event."""
    begins, ends = prop(occurrence, "DTSTART").dt, prop(occurrence, "DTEND").dt
    start, end = wall_time(begins, span.zone), wall_time(ends, span.zone)
    if end <= start:
        # The clock went back between them: the wall time cannot show that, the length can.
        end = start + (ends - begins)
    event_id = series.uid.replace("+", "%2B")
    if series.recurs:
        recurrence = prop(occurrence, "RECURRENCE-ID")
        # Of a change to all that follow, the library gives each the first one's.
        moved_on = "RANGE" in recurrence.params
        day = start if moved_on else wall_time(recurrence.dt, span.zone)
        event_id = f"{event_id}/{day:%Y-%m-%d}"
    values, _ = touched(_said(occurrence), span.queues, span.sites)
    if text_of(occurrence, "STATUS").upper() == "CANCELLED":
        values = {**values, "intensity": 0.0, "reach": None}
    entered = created(occurrence)
    known = start if entered is None else wall_time(entered, span.zone).normalize()
    return {
        **values,
        "event_id": event_id,
        "name": text_of(occurrence, "SUMMARY") or event_id,
        "kind": first_category(occurrence) or "event",
        "start": start,
        "end": end,
        "announced_on": values["announced_on"] or known,
        "source": f"UID {series.uid}",
    }


def wall_time(value: date, zone: ZoneInfo) -> pd.Timestamp:
    """Return a day, a floating time or an instant as wall time of a zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> wall_time(datetime(2026, 11, 11, 1, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
    Timestamp('2026-11-11 09:00:00')
    """
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(zone).replace(tzinfo=None)
    return pd.Timestamp(value).as_unit("us")
