"""The canonical export layout: cells of text -> typed columns, with a problem for each bad cell."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.acd.reader import ExportFile
from forecast.errors import InputError
from forecast.params import IngestParams
from forecast.schema import LOCAL, UTC

REQUIRED = ("interval_start", "queue", "offered")
NAMES = ("site", "channel")
SUMS = (
    "answered",
    "abandoned",
    "short_abandoned",
    "answered_in_threshold",
    "talk_s",
    "hold_s",
    "wrap_s",
    "wait_s",
    "agents",
)
KNOWN = (*REQUIRED, *NAMES, "interval_minutes", *SUMS)
LARGEST = 1e12
"""Beyond this a number is a mistake, and sums would lose whole contacts."""
_OFFSET = r"(?:Z|[+-]\d{2}:?\d{2})$"
_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")


@dataclass(frozen=True)
class Parsed:
    """One file's rows with HISTORY's columns and ``line``, ``text``; and its problems.

    ``problems`` has one row per bad cell: line, column, reason, text.
    """

    rows: pd.DataFrame
    problems: pd.DataFrame


def parse(export: ExportFile, params: IngestParams) -> Parsed:
    """Return an export's rows, typed, and the problems of those that cannot be.

    Rows with a problem stay in ``rows`` (with what could be read of ``offered``), so that the
    ledger can count them; the caller sets them aside by line.

    Raises
    ------
    InputError
        When a required column is missing, or the interval length cannot be told.
    """
    missing = [column for column in REQUIRED if column not in export.columns]
    if missing and len(export.columns) == 1 and any(c in export.columns[0] for c in ";\t|"):
        raise InputError(
            f"{export.name}, line 1: the columns are not separated by commas; "
            f"found {export.columns[0]}. Save the export as CSV with commas"
        )
    if missing:
        raise InputError(
            f"{export.name}, line 1: column {', '.join(map(repr, missing))} is missing; "
            f"found {', '.join(export.columns)}. Rename your columns to: {', '.join(REQUIRED)} "
            f"(and, where you have them, {', '.join(KNOWN[len(REQUIRED) :])})"
        )
    cells = export.rows
    text = _masked(cells, export.columns)
    problems = _Problems(cells.assign(text=text))
    names = {name: _names(cells, name, problems) for name in ("queue", *NAMES)}
    site = names["site"].where(names["site"] != "", params.site)
    rows = pd.DataFrame(
        {
            "line": cells["line"],
            "text": text,
            "site": site,
            "queue": names["queue"],
            "channel": names["channel"].where(names["channel"] != "", params.channel),
            "ds": _timestamps(cells["interval_start"], site, params, problems),
            "offered": _numbers(cells, "offered", problems, required=True, whole=True),
            **{c: _numbers(cells, c, problems) for c in SUMS},
        }
    )
    if len(rows):
        rows = rows.assign(minutes=_minutes(export, rows, problems))
    else:
        rows = rows.assign(minutes=pd.Series(dtype="float64"))
    for line, fields, record in export.ragged:
        reason = (
            f"{fields} fields where the header has {len(export.columns)}; quote cells with commas"
        )
        # Cells too many have no column to say whether they are private.
        shown = set(export.columns) <= set(KNOWN) and fields < len(export.columns)
        problems.add_line(line, "(row)", reason, record if shown else "***")
    return Parsed(rows, problems.frame())


class _Problems:
    """Collects bad cells."""

    def __init__(self, cells: pd.DataFrame) -> None:
        self._cells = cells
        self._rows: list[tuple[int, str, str, str]] = []

    def add(self, bad: pd.Series, column: str, rule: str) -> None:
        hit = self._cells[bad.to_numpy()]
        found = hit[column] if column in hit else pd.Series("", index=hit.index)
        for line, value, text in zip(hit["line"], found, hit["text"], strict=True):
            self.add_line(line, column, f"{rule}; found '{value}'", text)

    def add_line(self, line: int, column: str, reason: str, text: str) -> None:
        self._rows.append((int(line), column, reason, text))

    def frame(self) -> pd.DataFrame:
        frame = pd.DataFrame(self._rows, columns=["line", "column", "reason", "text"])
        return frame.drop_duplicates(["line", "column"])


def _masked(cells: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    if cells.empty:
        return pd.Series(dtype="str")
    shown = cells[list(columns)].copy()
    for column in columns:
        if column not in KNOWN:
            shown[column] = "***"
    return shown.agg(",".join, axis=1)


def _names(cells: pd.DataFrame, column: str, problems: _Problems) -> pd.Series:
    if column not in cells:
        return pd.Series("", index=cells.index, dtype="str")
    problems.add(cells[column] == "", column, "must not be empty")
    return cells[column]


def _numbers(
    cells: pd.DataFrame,
    column: str,
    problems: _Problems,
    required: bool = False,
    whole: bool = False,
) -> pd.Series:
    if column not in cells:
        return pd.Series(np.nan, index=cells.index)
    text = cells[column]
    values = pd.to_numeric(text, errors="coerce").astype("float64")
    values = values.where(values.abs() <= LARGEST)
    kind = "a whole number" if whole else "a number"
    unreadable = values.isna() & ((text != "") | required)
    problems.add(unreadable, column, f"must be {kind} with a decimal point and no thousands mark")
    problems.add(values < 0, column, "must not be negative")
    if whole:
        problems.add(values.notna() & (values % 1 != 0), column, f"must be {kind}")
    return values


def _timestamps(
    text: pd.Series, site: pd.Series, params: IngestParams, problems: _Problems
) -> pd.Series:
    """Return interval starts in UTC; wall time unless the text ends in Z or an offset."""
    column = "interval_start"
    with_offset = text.str.contains(_OFFSET)
    aware = pd.to_datetime(text.where(with_offset), format="ISO8601", utc=True, errors="coerce")
    out = aware.astype(UTC)
    wall = _wall_time(text.where(~with_offset))
    problems.add(
        wall.isna() & aware.isna(),
        column,
        "must be like 2003-03-03 07:00 (or with an offset, +08:00)",
    )
    for name in site[~with_offset].unique():
        here = (site == name) & wall.notna()
        out = out.where(~here, _localized(wall.where(here), params.zone(name)))
    lost = wall.notna() & out.isna()
    for name in site[lost].unique():
        problems.add(
            lost & (site == name),
            column,
            f"does not exist or exists twice at a clock change in {params.zone(name)}; "
            "export with an offset, like 2003-10-26T01:30:00-05:00",
        )
    return out


def _wall_time(text: pd.Series) -> pd.Series:
    out = pd.Series(pd.NaT, index=text.index, dtype=LOCAL)
    for form in _FORMS:
        out = out.fillna(pd.to_datetime(text, format=form, errors="coerce").astype(LOCAL))
    return out


def _localized(wall: pd.Series, zone: ZoneInfo) -> pd.Series:
    told = wall.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    out: pd.Series = told.dt.tz_convert("UTC").astype(UTC)
    return out


def _minutes(export: ExportFile, rows: pd.DataFrame, problems: _Problems) -> pd.Series:
    """Return each row's interval length: its column, else the most common step of its queue."""
    if "interval_minutes" in export.columns:
        values = _numbers(export.rows, "interval_minutes", problems, required=True, whole=True)
        problems.add((values < 1) | (values > 1440), "interval_minutes", "must be 1 to 1440")
        return values
    ordered = rows.dropna(subset="ds").sort_values("ds")
    names = [ordered[c] for c in ("site", "queue", "channel")]
    steps = ordered.groupby(names)["ds"].diff().dt.total_seconds() / 60
    steps = steps[steps > 0]
    if steps.empty and len(ordered) < len(rows):
        # The unreadable timestamps are the problem, and are told as such.
        return pd.Series(np.nan, index=rows.index)
    if steps.empty:
        raise InputError(
            f"{export.name}: the interval length cannot be told from one interval per queue; "
            "add a column interval_minutes"
        )
    usual = steps.groupby([n[steps.index] for n in names]).agg(lambda own: own.mode().min())
    length = rows.join(usual.rename("length"), on=["site", "queue", "channel"])["length"]
    odd = steps % length[steps.index] != 0
    if odd.any():
        at = rows.loc[steps.index[odd]].sort_values("line").iloc[0]
        raise InputError(
            f"{export.name}, line {at['line']}, column interval_start: the step to the interval "
            f"before is no multiple of the queue's usual {length[at.name]:g} minutes; "
            "mend the time, or add a column interval_minutes"
        )
    return length.fillna(float(usual.min()))
