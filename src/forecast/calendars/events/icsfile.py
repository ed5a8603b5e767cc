"""An iCalendar file -> its events by UID, and what is wrong with them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from icalendar import Calendar, Component
from icalendar.prop import vUnknown

from forecast.errors import InputError

SINGLE = (
    *("UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID", "SEQUENCE"),
    *("CREATED", "STATUS", "SUMMARY"),
)
"""Properties that are read and stand once in an event."""
READ = {*SINGLE, "EXDATE", "RDATE", "CATEGORIES"}
ZONED = ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
FILLER_YEAR = "1970"
"""Up to this year, CREATED is what programs write that do not know it, 0000 for one."""
LAST_YEAR = 2199
WITHIN_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")


@dataclass(frozen=True)
class Series:
    """The VEVENTs of one UID, in a calendar of their own: an event, its rules and its changes."""

    uid: str
    calendar: Calendar

    @property
    def events(self) -> list[Component]:
        """The event and the changes to its occurrences."""
        return list(self.calendar.walk("VEVENT"))

    @property
    def recurs(self) -> bool:
        """Whether it is or was more than one event."""
        names = ("RRULE", "RDATE", "RECURRENCE-ID")
        return any(name in event for event in self.events for name in names)


def read_series(file: Path) -> list[Series]:
    """Return the events of an iCalendar file, those of one UID together.

    Raises
    ------
    InputError
        When the file cannot be read, is not UTF-8, or is not whole.
    """
    text = _text(file)
    try:
        calendars = Calendar.from_ical(text, multiple=True)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(f"{file} is no iCalendar file: {error}; export it again") from None
    begun = len(re.findall(r"(?im)^BEGIN:VEVENT[ \t\r]*$", text))
    whole = [c for c in calendars if isinstance(c, Calendar)]
    if not whole or begun != sum(len(c.walk("VEVENT")) for c in whole):
        raise InputError(
            f"{file} is no iCalendar file, or has no end: it must go from BEGIN:VCALENDAR to "
            f"END:VCALENDAR, and each of its {begun} events from BEGIN:VEVENT to END:VEVENT; "
            "export it again"
        )
    return [series for calendar in whole for series in _by_uid(calendar)]


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"{file}, line {line}: byte 0x{data[error.start]:02x} is not UTF-8; save it as UTF-8"
        ) from None


def _by_uid(calendar: Calendar) -> Iterator[Series]:
    """Yield a calendar's events by UID, each with the calendar's own properties."""
    found: dict[str, Calendar] = {}
    for event in calendar.walk("VEVENT"):
        found.setdefault(text_of(event, "UID"), calendar.copy()).add_component(event)
    for uid, own in found.items():
        yield Series(uid, own)


def prop(event: Component, name: str) -> Any:
    """Return a property, a list where it stands several times, or None."""
    return event.get(name)


def sequence(event: Component) -> int:
    """Return the number of an event's version, -1 where it has none."""
    return int(prop(event, "SEQUENCE")) if "SEQUENCE" in event else -1


def text_of(event: Component, name: str) -> str:
    """Return a property's text, the first of several; '' without one."""
    value = next(iter(_values(event, name)), "")
    text = str(value)
    # The library leaves the escapes of RFC 5545, 3.3.11 in properties that it does not know.
    return (re.sub(r"\\(.)", r"\1", text) if isinstance(value, vUnknown) else text).strip()


def created(event: Component) -> date | None:
    """Return when an event was entered, None where that is not told."""
    return None if _filler(event) else prop(event, "CREATED").dt


def _filler(event: Component) -> bool:
    return "CREATED" not in event or _written(event, "CREATED")[:4] <= FILLER_YEAR


def first_category(event: Component) -> str:
    """Return the first of an event's categories in lower case; '' without one."""
    for several in _values(event, "CATEGORIES"):
        for category in several.cats:
            return str(category).strip().lower()
    return ""


def faults(series: Series) -> list[str]:
    """Return what is wrong with a series' events, or cannot be told from them."""
    if not series.uid:
        return ["has no UID; give each event one of its own"]
    found, versions = [], set()
    for event in series.events:
        own = _broken(event)
        # What is broken cannot be looked at more closely.
        own = own or [*_unknown_zones(event), *_time_faults(event)]
        found += own or _rule_faults(event)
        if own:
            continue
        which = prop(event, "RECURRENCE-ID").dt if "RECURRENCE-ID" in event else None
        version = (which, sequence(event))
        if version in versions:
            found.append(f"stands twice{f' for {which}' if which else ''} with one SEQUENCE")
        versions.add(version)
    return found


def _written(event: Component, name: str) -> str:
    """Return a property as the file has it."""
    written = prop(event, name).to_ical()
    return written.decode() if isinstance(written, bytes) else str(written)


def _values(event: Component, name: str) -> list[Any]:
    value = prop(event, name)
    return value if isinstance(value, list) else [] if value is None else [value]


def _broken(event: Component) -> list[str]:
    twice = [f"{n} stands twice; keep one" for n in SINGLE if len(_values(event, n)) > 1]
    if twice:
        return twice
    read = READ - {"CREATED"} if _filler(event) else READ
    return [
        f"{name or 'a line'}: {error}" for name, error in event.errors if not name or name in read
    ]


def _unknown_zones(event: Component) -> list[str]:
    """Return the zones of an event that are no known ones; their times would pass as floating."""
    unknown = []
    for name in ZONED:
        for value in _values(event, name):
            times = [t.dt for t in getattr(value, "dts", [value])]
            zone = value.params.get("TZID")
            if zone and any(isinstance(t, datetime) and t.tzinfo is None for t in times):
                unknown.append(f"{name}: '{zone}' is no known time zone; write an IANA name")
    return unknown


def _time_faults(event: Component) -> list[str]:
    """Return what is wrong with when an event begins and ends."""
    if "DTSTART" not in event or not isinstance(prop(event, "DTSTART").dt, date):
        return ["needs a DTSTART that is a day, or a day and a time"]
    start = prop(event, "DTSTART").dt
    timed = isinstance(start, datetime)
    if "DTEND" in event and "DURATION" in event:
        return ["has DTEND and DURATION; keep one"]
    if "DTEND" in event:
        end = prop(event, "DTEND").dt
        if not isinstance(end, date) or isinstance(end, datetime) != timed:
            return ["DTSTART and DTEND must both be days, or both have a time"]
        if _zoned(start) != _zoned(end):
            return ["DTSTART and DTEND must both have a zone, or both none"]
    elif "DURATION" in event:
        end = start + prop(event, "DURATION").dt
    elif timed:
        return ["needs DTEND or DURATION: a time alone has no length"]
    else:
        end = start + timedelta(days=start < date.max)
    if end.year > LAST_YEAR:
        return [f"must end by the year {LAST_YEAR}; found {end}"]
    return [] if end > start else [f"must end after it starts; found {start} to {end}"]


def _zoned(value: date) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def _rule_faults(event: Component) -> list[str]:
    """Return what keeps an event's recurrence from being followed."""
    found = ["EXRULE is not read; write EXDATE"] if "EXRULE" in event else []
    if "RRULE" not in event:
        return found
    rule = prop(event, "RRULE")
    frequency, interval = rule.get("FREQ", [""])[0], rule.get("INTERVAL", [1])[0]
    if frequency not in FREQUENCIES:
        found.append(f"RRULE: FREQ must be one of {', '.join(FREQUENCIES)}; found '{frequency}'")
    if any(len(rule.get(part, [])) > 1 for part in WITHIN_A_DAY):
        found.append("RRULE: an event can recur once a day; make several events of it")
    if interval < 1:
        found.append(f"RRULE: INTERVAL must be 1 or more; found {interval}")
    start = prop(event, "DTSTART").dt
    for until in rule.get("UNTIL", []):
        # Read as another kind of time, it would drop the last occurrence or add one.
        if isinstance(start, datetime) and not isinstance(until, datetime):
            found.append(f"RRULE: UNTIL must have a time as DTSTART has; found {until}")
        elif _zoned(start) and not _zoned(until):
            found.append(f"RRULE: UNTIL must be in UTC where DTSTART has a zone; found {until}")
    return found
