"""The tables of coming peaks: when, how large, what lacks, and what would close the gap."""

from forecast.schema.series import LOCAL, SERIES, SERIES_COLUMNS, UTC
from forecast.table import Column, Table

CAUSES = ("event", "holiday", "unexplained")
VERDICTS = ("enough", "closable", "short")
_PEAK = (
    *SERIES_COLUMNS,
    Column("peak_id", "str", "", "the event's id, or the first day of what nothing explains"),
)


def _p(name: str, description: str) -> Column:
    return Column(name, "float64", "share", description, ge=0, le=1)


def _lines(name: str, description: str) -> Column:
    return Column(name, "float64", "lines", description, nullable=True, ge=0)


PEAKS = Table(
    "PEAKS",
    "site, queue, channel, peak_id",
    (*SERIES, "peak_id"),
    (
        *_PEAK,
        Column("name", "str", "", "the event's name for people; empty where nothing explains it"),
        Column("kind", "str", "", "kind of the event"),
        Column("cause", "str", "", "event, holiday or unexplained"),
        Column("start", LOCAL, "wall time", "when it begins"),
        Column("end", LOCAL, "wall time", "when it has ended"),
        Column("starts_at", UTC, "UTC", "when it begins"),
        Column("ends_at", UTC, "UTC", "when it has ended"),
        Column("asof", UTC, "UTC", "cutoff of the forecast"),
        Column("hours_ahead", "float64", "h", "from the cutoff to its beginning", ge=0),
        Column("lead_due_hours", "float64", "h", "alert that is due; empty: none yet", True, 0),
        Column("open_days", "int64", "days", "open days that it touches", ge=1),
        Column("contacts", "float64", "contacts", "expected in its window", ge=0),
        Column("contacts_p10", "float64", "contacts", "P10 of the paths' sums", ge=0),
        Column("contacts_p90", "float64", "contacts", "P90 of the paths' sums", ge=0),
        Column("usual", "float64", "contacts", "what the window would see without it", ge=0),
        _p("p_short", "chance that it takes more agent-hours than are there"),
        _p("p_short_any", "chance that some interval requires more agents than are there"),
        Column("worst_start", LOCAL, "wall time", "start of the interval that lacks most"),
        Column("worst_available", "int64", "agents", "there in it, on position", ge=0),
        Column("worst_required", "int64", "agents", "required in it, at the confidence", ge=0),
        Column("gap_agents", "int64", "agents", "lacking in it, at the confidence", ge=0),
        _p("worst_p_short", "chance that it requires more agents than are there"),
        Column("available_hours", "float64", "h", "agent-hours on position in its window", ge=0),
        Column("required_hours", "float64", "h", "agent-hours required, mean of the paths", ge=0),
        Column("gap_hours_mean", "float64", "h", "agent-hours lacking, mean of the paths", ge=0),
        Column("gap_hours", "float64", "h", "agent-hours lacking, at the confidence", ge=0),
        Column("closed_hours", "float64", "h", "agent-hours that chosen measures bring", ge=0),
        Column("measures_cost", "float64", "currency", "what they cost", ge=0),
        Column("verdict", "str", "", "enough, closable (by measures) or short"),
        _lines("trunks_needed", "lines that the site needs then, P90 of the paths"),
        _lines("trunks", "lines that are there"),
        _lines("ports_needed", "menu ports that the site needs then, P90 of the paths"),
        _lines("ports", "menu ports that are there"),
        Column("lines_note", "str", "", "why lines could not be checked"),
    ),
)

PEAK_MEASURES = Table(
    "PEAK_MEASURES",
    "site, queue, channel, peak_id, place",
    (*SERIES, "peak_id", "place"),
    (
        *_PEAK,
        Column("place", "int64", "", "place in the order of price", ge=1),
        Column("measure", "str", "", "what is done"),
        Column("hours_most", "float64", "h", "agent-hours that it brings at most", ge=0),
        Column("cost_per_hour", "float64", "currency", "of an agent-hour that it brings", ge=0),
        Column("hours", "float64", "h", "agent-hours taken from it; 0: not chosen", ge=0),
        Column("cost", "float64", "currency", "of these", ge=0),
        Column("standing", "str", "", "chosen, in reserve, or too late"),
    ),
)
