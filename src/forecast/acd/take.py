"""One dropped file -> what each of its sheets became: rows, quarantine, account, findings."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from forecast.acd.cells.times import read_times
from forecast.acd.cells.zones import to_utc
from forecast.acd.forms.packed import Drop, sheets_of
from forecast.acd.forms.sheet import Sheet
from forecast.acd.profile import Profile, encoding_for
from forecast.acd.sheets.calls import read_calls
from forecast.acd.sheets.fields import context, masked
from forecast.acd.sheets.fit import Fit, fits, used
from forecast.acd.sheets.grid import Grid, read_grid
from forecast.acd.sheets.intervals import read_intervals
from forecast.acd.sheets.misfit import holds_data, no_profile
from forecast.acd.sheets.queue_log import read_queue_log
from forecast.acd.sheets.reading import Reading
from forecast.errors import InputError
from forecast.params import IngestParams

DATA_ROWS = 3
"""A workbook's sheet with fewer rows of numbers or times is a page of notes."""
KEPT = ("ds", "offered", "minutes", "arrived", "entered", "answered", "abandoned", "wait_s")
"""Columns of rows that stay even if nothing stands in them."""
GRID_REASONS = ("preamble", "blank", "header", "title", "ragged_total", "notes")
"""Reasons to ignore a record that are not those of ``rows``."""
GRAINS = {"interval": read_intervals, "call": read_calls, "queue_log": read_queue_log}
_NAME_DATE = re.compile(
    r"(20\d{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])"
    r"(?:[-_ T]?([01]\d|2[0-3])[-_.h]?([0-5]\d)(?:[-_.m]?([0-5]\d))?)?(?!\d)"
)


@dataclass(frozen=True)
class Taken:
    """One sheet as taken in; ``rejected`` says why, if nothing of it could be."""

    name: str
    sha256: str
    file: str
    """The file that the sheet is of."""
    form: str = ""
    encoding: str = ""
    profile: str = ""
    grain: str = "interval"
    same_interval: str = "refuse"
    absent_rows: str = "missing"
    stated_at: str = ""
    """When the export was made, where it says so itself (UTC, ISO)."""
    rejected: str = ""
    columns_ignored: str = ""
    ignored: Mapping[str, int] = field(default_factory=dict)
    ragged: int = 0
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    quarantine: pd.DataFrame = field(default_factory=pd.DataFrame)
    """line, column, reason, text."""
    noticed: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """Return all but the tables, as plain data."""
        names = [n for n in self.__dataclass_fields__ if n not in ("rows", "quarantine")]
        return {name: getattr(self, name) for name in names}


def take(
    drop: Drop, known: Sequence[Profile], params: IngestParams, caller_key: str = ""
) -> list[Taken]:
    """Return what every sheet of a file became; a file that cannot be read is one rejected sheet.

    A workbook's sheet of notes, without data, is left aside with a finding if another is taken.
    """
    try:
        sheets = sheets_of(drop, lambda name: encoding_for(known, name))
    except InputError as error:
        return [Taken(drop.name, drop.sha256, drop.name, rejected=str(error))]
    out = [_taken(drop, sheet, known, params, caller_key) for sheet in sheets]
    if any(not taken.rejected for taken in out):
        out = [_without_notes(t, sheet) for t, sheet in zip(out, sheets, strict=True)]
    return out or [
        Taken(drop.name, drop.sha256, drop.name, rejected=f"{drop.name}: holds no table")
    ]


def _without_notes(taken: Taken, sheet: Sheet) -> Taken:
    """Return a sheet that was rejected, left aside where it is a page of notes in a workbook."""
    if not taken.rejected or taken.profile or not sheet.form.startswith("workbook"):
        return taken
    records = [cells for _, cells in sheet.records("") if any(cells)]
    if sum(holds_data(cells) for cells in records) >= DATA_ROWS:
        return taken
    text = f"no profile fits, and it holds no data: {len(records)} rows of notes were left aside"
    noticed = {"notes": (len(records), text)}
    return replace(taken, rejected="", ignored={"notes": len(records)}, noticed=noticed)


def _taken(
    drop: Drop, sheet: Sheet, known: Sequence[Profile], params: IngestParams, caller_key: str
) -> Taken:
    bare = Taken(sheet.name, drop.sha256, drop.name, sheet.form, sheet.encoding)
    try:
        fit = fits(sheet, known)
        if fit is None:
            raise InputError(no_profile(sheet, known))
        bare = replace(bare, profile=fit.profile.name)
        grid = read_grid(sheet, fit)
        ctx = context(grid, params, sheet.epoch, sheet.name, caller_key)
        reading = GRAINS[fit.profile.grain](ctx)
    except InputError as error:
        return replace(bare, rejected=str(error))
    profile = fit.profile
    counts = {why: len(records) for why, records in grid.ignored.items()}
    for why, rows in reading.ignored.items():
        counts[why] = counts.get(why, 0) + len(rows)
    noticed = dict(reading.noticed)
    if sheet.encoding == "gb18030" and not _says_so(fit):
        noticed["encoding"] = (
            1,
            "the text is not UTF-8 and was read as GB18030 (Chinese); if names look wrong, give "
            "its encoding in a profile",
        )
    if sheet.cut:
        noticed["cut_off"] = (1, f"{sheet.cut}; what could be read was taken in")
    return replace(
        bare,
        grain=profile.grain,
        same_interval=profile.same_interval,
        absent_rows=profile.absent_rows,
        stated_at=_stated(fit, params) or _named(sheet, drop, params),
        columns_ignored=";".join(_unused(fit)),
        ignored=counts,
        ragged=len(grid.ragged),
        rows=_compact(reading.rows),
        quarantine=_quarantine(sheet, grid, reading),
        noticed=noticed,
    )


def _compact(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows without the columns in which nothing stands."""
    if rows.empty:
        return rows
    keep = [c for c in rows.columns if c in KEPT or rows[c].notna().any()]
    return rows[keep]


def _unused(fit: Fit) -> list[str]:
    read = {fit.column(names) for names in used(fit.profile)}
    return [h or "(no name)" for i, h in enumerate(fit.header) if i not in read]


def _says_so(fit: Fit) -> bool:
    """Return whether names of columns beyond ASCII were understood, which no wrong guess gives."""
    read = [fit.header[p] for n in used(fit.profile) if (p := fit.column(n)) is not None]
    return any(not name.isascii() for name in read)


def _stated(fit: Fit, params: IngestParams) -> str:
    """Return when the export says that it was made, as UTC in ISO form; empty when it does not."""
    pattern = fit.profile.exported_at
    lines = [" ".join(c for c in cells if c) for _, cells in fit.above]
    hits = [hit[1] for line in lines if pattern and (hit := re.search(pattern, line))]
    if not hits:
        return ""
    start = fit.profile.start or fit.profile.arrived
    order = start[0].order if start else None
    read = read_times(pd.Series(hits[:1], dtype=object), "auto", order, None)
    if read.untold or read.problems[0]:
        return ""
    utc = read.wall if read.fixed[0] else to_utc(read.wall, params.zone(params.site))[0]
    return pd.Timestamp(utc.iloc[0]).tz_localize(None).isoformat()


def _named(sheet: Sheet, drop: Drop, params: IngestParams) -> str:
    """Return the date in a file's or member's name, of its site's clock, as UTC in ISO form."""
    name = drop.name if sheet.form.startswith("workbook") else sheet.name
    told = named_date(name) or named_date(drop.name)
    if told is None:
        return ""
    utc = to_utc(pd.Series([told]), params.zone(params.site))[0].iloc[0]
    return "" if pd.isna(utc) else pd.Timestamp(utc).tz_localize(None).isoformat()


def _quarantine(sheet: Sheet, grid: Grid, reading: Reading) -> pd.DataFrame:
    """Return line, column, reason and masked text of all bad cells and ragged rows."""
    problems = reading.problems
    lines = grid.lines[problems["row"].to_numpy(dtype="int64")]
    texts = _originals(sheet, grid.fit, set(lines.tolist()))
    frame = pd.DataFrame(
        {
            "line": lines,
            "column": problems["column"],
            "reason": problems["reason"],
            "text": [texts[line] for line in lines.tolist()],
        }
    )
    ragged = pd.DataFrame(
        [
            (line, "(row)", _ragged_reason(grid.fit, cells), _ragged_text(grid.fit, cells))
            for line, cells in grid.ragged
        ],
        columns=["line", "column", "reason", "text"],
    )
    both = [part for part in (frame, ragged) if len(part)]
    return pd.concat(both, ignore_index=True) if both else frame


def _ragged_reason(fit: Fit, cells: list[str]) -> str:
    if len(cells) == len(fit.header):
        return "a quote that is opened and not closed swallows line ends; mend the quotes"
    mark = {",": "commas", ";": "semicolons", "\t": "tabs"}.get(fit.delimiter, "the delimiter")
    return f"{len(cells)} fields where the header has {len(fit.header)}; quote cells with {mark}"


def _ragged_text(fit: Fit, cells: list[str]) -> str:
    # Cells too many, or swallowed ones, have no column to say whether they are private.
    return ",".join(cells) if all(fit.shown) and len(cells) < len(fit.header) else "***"


def _originals(sheet: Sheet, fit: Fit, lines: set[int]) -> dict[int, str]:
    """Return the text of some lines, read a second time; private cells masked."""
    if not lines:
        return {}
    careful = not all(fit.shown)
    plain = [not careful or i not in fit.measured for i in range(len(fit.header))]
    words = {word for keep in fit.profile.keep for word in keep.words}
    if fit.profile.outcome:
        told = fit.profile.outcome
        words |= {*told.answered, *told.abandoned, *told.not_offered}
    out = {}
    for line, cells in sheet.records(fit.delimiter):
        if line in lines:
            parts = zip(map(str.strip, cells), fit.shown, plain, strict=False)
            out[line] = ",".join(
                "***" if not show else c if free or c in words else masked(c)
                for c, show, free in parts
            )
    return out


def texts_of(
    drop: Drop, name: str, known: Sequence[Profile], lines: set[int]
) -> tuple[dict[int, str], str]:
    """Return the masked text of some lines of a sheet, read again, and its column of times."""
    for sheet in sheets_of(drop, lambda file: encoding_for(known, file)):
        fit = fits(sheet, known) if sheet.name == name else None
        if fit:
            start = fit.profile.start or fit.profile.arrived
            columns = start[0].column if start else []
            told = [
                h
                for names in columns
                if (p := fit.position(names)) is not None
                for h in [fit.header[p]]
            ]
            return _originals(sheet, fit, lines), " + ".join(told)
    return {}, ""


def named_date(name: str) -> pd.Timestamp | None:
    """Return the last date or time in a file's name, which may be that of its export.

    Examples
    --------
    >>> named_date("cms_2024-05-01_0630.csv")
    Timestamp('2024-05-01 06:30:00')
    """
    hits = list(_NAME_DATE.finditer(name.rpartition("/")[2]))
    if not hits:
        return None
    year, month, day, hour, minute, second = (int(g or 0) for g in hits[-1].groups())
    try:
        return pd.Timestamp(year, month, day, hour, minute, second)
    except ValueError:
        return None
