"""The books: what became of every file and row that was dropped in, and what was noticed."""

from forecast.schema.series import DS, SERIES, SERIES_COLUMNS, UTC
from forecast.table import Column, Table

LEDGER = Table(
    "LEDGER",
    "file",
    ("file",),
    (
        Column("file", "str", "", "path below the export folder; a sheet or member after a !"),
        Column("sha256", "str", "", "hash of the file's bytes"),
        Column("form", "str", "", "text, workbook or parquet, and what it was packed in"),
        Column("encoding", "str", "", "how bytes were read as text; empty where the form says"),
        Column("profile", "str", "", "profile that it was read by; empty when none fits"),
        Column("exported_at", UTC, "UTC", "the earliest it can have been made", nullable=True),
        Column("first", UTC, "UTC", "start of the first readable interval", nullable=True),
        Column("last", UTC, "UTC", "start of the last readable interval", nullable=True),
        Column("rows_in", "int64", "rows", "rows in the file, the header not counted", ge=0),
        Column("rows_accepted", "int64", "rows", "rows that are in HISTORY", ge=0),
        Column("rows_quarantined", "int64", "rows", "rows set aside, see QUARANTINE", ge=0),
        Column("rows_superseded", "int64", "rows", "rows that another row stands for", ge=0),
        Column("rows_ignored", "int64", "rows", "rows that are no data", ge=0),
        Column("ignored", "str", "", "rows ignored by reason, like total:4;blank:1"),
        Column("offered_in", "int64", "contacts", "sum over rows with a readable count"),
        Column("offered_accepted", "int64", "contacts", "sum in HISTORY", ge=0),
        Column("offered_quarantined", "int64", "contacts", "sum set aside"),
        Column("offered_superseded", "int64", "contacts", "sum that other rows stand for"),
        Column("offered_ignored", "int64", "contacts", "sum of ignored rows, totals for instance"),
        Column("columns_ignored", "str", "", "columns that were not used; ';' between"),
        Column("rejected", "str", "", "why nothing of the file was taken; else empty"),
        Column("replaced_by", "str", "", "repaired copy that stands for the file; else empty"),
    ),
)

QUARANTINE = Table(
    "QUARANTINE",
    "file, line, column",
    ("file", "line", "column"),
    (
        Column("file", "str", "", "path below the export folder"),
        Column("line", "int64", "", "line in the file, the first is 1", ge=1),
        Column("column", "str", "", "column at fault"),
        Column("reason", "str", "", "what is wrong, and how to mend it"),
        Column("text", "str", "", "the row as read; columns that no profile knows are masked"),
    ),
)

FINDINGS = Table(
    "FINDINGS",
    "kind, place",
    ("kind", "place"),
    (
        Column("kind", "str", "", "what it is, in a word: outage, outlier, look_alike, ..."),
        Column("place", "str", "", "the file, or series and day, that it is about"),
        Column("size", "float64", "", "how much: rows, days, contacts away from usual", ge=0),
        Column("text", "str", "", "what was found and what was done with it, as a sentence"),
    ),
)

SUPERSEDED = Table(
    "SUPERSEDED",
    "file, line",
    ("file", "line"),
    (
        Column("file", "str", "", "path below the export folder"),
        Column("line", "int64", "", "line in the file, the first is 1", ge=1),
        *SERIES_COLUMNS,
        Column("ds", UTC, "UTC", "start of the interval; of a call, when it asked for an agent"),
        Column(
            "minutes", "float64", "min", "length of the interval; empty for a call", True, 1, 1500
        ),
        Column("offered", "float64", "contacts", "what the row says", ge=0),
        Column("by", "str", "", "the export that stands for it; empty where several do"),
    ),
)

SELF_SERVICE = Table(
    "SELF_SERVICE",
    "site, queue, channel, ds",
    (*SERIES, "ds"),
    (
        *SERIES_COLUMNS,
        Column("ds", UTC, "UTC", "start of the interval in which the calls came in"),
        Column("contacts", "int64", "contacts", "calls that never asked for an agent", ge=1),
        Column("ivr_s", "float64", "s", "sum of their time in the voice menu, where known", ge=0),
    ),
)

DEMAND = Table(
    "DEMAND",
    "site, queue, channel, ds",
    (*SERIES, "ds"),
    (
        *SERIES_COLUMNS,
        DS,
        Column("offered", "int64", "contacts", "as in HISTORY", ge=0),
        Column("first_attempts", "float64", "contacts", "offered for the first time", True, ge=0),
        Column("redials", "float64", "contacts", "offered again after hanging up", True, ge=0),
        Column("unknown", "int64", "contacts", "which of the two is not known", ge=0),
        Column("redial_probability", "float64", "share", "measured, or assumed", True, 0, 1),
        Column("told_by", "str", "", "callers (counted), estimate (from sums) or unknown"),
    ),
)
