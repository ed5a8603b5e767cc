"""The tables of the calendar: what is open and special, what is on, and what it does."""

from forecast.schema.series import DS, KNOWN, LOCAL, SERIES, SERIES_COLUMNS, UTC
from forecast.table import Column, Table

DAY_TYPES = (
    "working_day",
    "weekend",
    "statutory_holiday",
    "in_lieu_day_off",
    "makeup_workday",
    "company_closure",
)
"""What a day is by law, by the state's arrangement of it, or by the company's own word."""

HOLIDAY_TYPES = ("statutory_holiday", "in_lieu_day_off")
CLOSING_TYPES = (*HOLIDAY_TYPES, "company_closure")
"""Day types on which a queue is closed unless its hours say otherwise."""

CALENDAR = Table(
    "CALENDAR",
    "site, queue, channel, ds, known",
    (*SERIES, "ds", "known"),
    (
        *SERIES_COLUMNS,
        DS,
        KNOWN,
        Column("local", LOCAL, "wall time", "start of the interval in the site's time zone"),
        Column("open_min", "float64", "min", "minutes of the interval that are open", ge=0),
        Column("day_type", "str", "", "one of schema.DAY_TYPES"),
        Column("works_as", "int64", "day", "weekday whose hours it has, 0 Monday", ge=0, le=6),
        Column("holiday", "str", "", "name of the public holiday, else empty"),
        Column("festival", "str", "", "family of the festival that the day is in or near"),
        Column("festival_day", "float64", "days", "days from the festival's own day", True),
        Column(
            "doubt", "float64", "share", "chance that the day's type comes otherwise", ge=0, le=1
        ),
        Column("event", "str", "", "ids of promotions and events that are on, joined by +"),
    ),
)
"""What is open, and which days are special: past and future, as known from ``known`` on."""

EVENTS = Table(
    "EVENTS",
    "site, queue, channel, event_id, announced",
    (*SERIES, "event_id", "announced"),
    (
        *SERIES_COLUMNS,
        Column("event_id", "str", "", "what names the event"),
        Column("name", "str", "", "its name for people"),
        Column("kind", "str", "", "events of one kind lend each other their effect"),
        Column("pool", "str", "", "kinds of one pool do so too, less: event or holiday"),
        Column("start", LOCAL, "wall time", "when it begins"),
        Column("end", LOCAL, "wall time", "when it has ended: midnight after its last day"),
        Column("intensity", "float64", "1", "how strong, beside others of the kind", ge=0),
        Column("announced", UTC, "UTC", "since when the row was known"),
        Column("withdrawn", UTC, "UTC", "when another row replaced it", nullable=True),
        Column("source", "str", "", "file or rule that it comes from"),
    ),
)
"""Events and holidays of each series, one row per event and announcement."""


def _with_range(name: str, unit: str, description: str) -> tuple[Column, ...]:
    return (
        Column(name, "float64", unit, description, nullable=True),
        Column(f"{name}_q05", "float64", unit, "... lower end of its 90 % interval", nullable=True),
        Column(f"{name}_q95", "float64", unit, "... upper end", nullable=True),
    )


_TARGET = Column("target", "str", "", "what it acts on: offered or aht_s")
_KIND = (
    Column("kind", "str", "", "kind of the event"),
    Column("pool", "str", "", "event or holiday"),
    Column("known_events", "int64", "events", "of the kind in the history", ge=0),
)

EVENT_EFFECTS = Table(
    "EVENT_EFFECTS",
    "series, target, event_id",
    (*SERIES, "target", "event_id"),
    (
        *SERIES_COLUMNS,
        _TARGET,
        Column("event_id", "str", "", "what names the event"),
        Column("name", "str", "", "its name for people"),
        *_KIND,
        Column("start", LOCAL, "wall time", "when it begins"),
        Column("end", LOCAL, "wall time", "when it has ended"),
        Column("intensity", "float64", "1", "how strong, beside others of the kind", ge=0),
        Column("basis", "str", "", "own history, its kind's, or the pool's: kind never seen"),
        *_with_range("during", "factor", "what it does while it is on"),
        Column("peak_date", LOCAL, "day", "day on which it does most"),
        *_with_range("peak", "factor", "what it does on that day"),
        *_with_range("extra", "contacts", "contacts beside the usual, over all days it reaches"),
    ),
)
"""What each event did to one series, or is expected to do."""

KIND_EFFECTS = Table(
    "KIND_EFFECTS",
    "series, target, pool, kind, phase, day",
    (*SERIES, "target", "pool", "kind", "phase", "day"),
    (
        *SERIES_COLUMNS,
        _TARGET,
        *_KIND,
        Column("phase", "str", "", "before, during or after the event"),
        Column("day", "int64", "days", "days to its start, into it, or after its end", ge=1),
        Column("effect", "float64", "factor", "expected of the next event of the kind", ge=0),
        Column("effect_q05", "float64", "factor", "... lower end of its 90 % interval", ge=0),
        Column("effect_q95", "float64", "factor", "... upper end", ge=0),
    ),
)

EVENT_DAYS = Table(
    "EVENT_DAYS",
    "series, target, event_id, local",
    (*SERIES, "target", "event_id", "local"),
    (
        *SERIES_COLUMNS,
        _TARGET,
        Column("event_id", "str", "", "what names the event"),
        Column("kind", "str", "", "kind of the event"),
        Column("start", LOCAL, "wall time", "when it begins"),
        Column("local", LOCAL, "wall time", "from when on, until the next row or midnight"),
        Column("effect", "float64", "factor", "what it does then to the forecast's mean", ge=0),
    ),
)
"""What the forecast has for each event that reaches the days ahead, day by day."""

UNEXPLAINED = Table(
    "UNEXPLAINED",
    "site, queue, channel, start",
    (*SERIES, "start"),
    (
        *SERIES_COLUMNS,
        Column("start", LOCAL, "wall time", "when it began"),
        Column("end", LOCAL, "wall time", "when it had ended"),
        Column("what", "str", "", "busy, quiet or silent"),
        Column("offered", "float64", "contacts", "what came", ge=0),
        Column("expected", "float64", "contacts", "what the calendar and its neighbours say", ge=0),
        Column("size", "float64", "contacts", "the difference"),
        Column("z", "float64", "sd", "... in standard deviations of what was expected"),
    ),
)
"""Events to name: days and hours that nothing in the calendar explains."""

MENDED = Table(
    "MENDED",
    "series, target, what, at",
    (*SERIES, "target", "what", "at"),
    (
        *SERIES_COLUMNS,
        _TARGET,
        Column("what", "str", "", "absurd count, dead, lost, odd day, level shift, lent by others"),
        Column("at", LOCAL, "wall time", "the interval, the day, or the first day of the level"),
        Column("factor", "float64", "factor", "what came over what was usual", ge=0),
    ),
)
"""What models did not learn from as it was reported."""
