"""What a file is seen to be, in words, before anybody relies on it; and a profile to start from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from forecast.acd.cells.times import read_times
from forecast.acd.forms.packed import read_drop, sheets_of
from forecast.acd.forms.sheet import Sheet
from forecast.acd.profile import NAMES, Profile, encoding_for, profiles
from forecast.acd.sheets.fit import Fit, fits, head_of, spelled, used
from forecast.acd.take import Taken, take
from forecast.errors import InputError
from forecast.params import IngestParams

SHOWN = 5
NOT_SHOWN = (
    *("state", "why", "caller", "caller_no", "agent", "call_id", "entered"),
    *("busy_from", "busy_to"),
)
HOW = {
    "utf-8-sig": "told by its byte-order mark",
    "utf-16": "told by its byte-order mark",
    "utf-32": "told by its byte-order mark",
    "utf-8": "every byte fits",
    "gb18030": "not UTF-8, and reads as Chinese",
}
_MARKS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "": "none"}


@dataclass(frozen=True)
class Seen:
    """What was seen of one file: a text for people, and a starting profile where none fits."""

    text: str
    starting_profile: str
    understood: bool


def inspect(path: Path, params: IngestParams, own_profiles: Path | None = None) -> Seen:
    """Return what a file is seen to be.

    Raises
    ------
    InputError
        When it cannot be opened as any form that is read.
    """
    known = profiles(own_profiles, params)
    drop = read_drop(path, path.parent)
    sheets = {s.name: s for s in sheets_of(drop, lambda name: encoding_for(known, name))}
    parts, starting, understood = [], "", True
    for taken in take(drop, known, params):
        sheet = sheets.get(taken.name)
        if sheet is None:
            parts.append(f"{taken.name}\n  problem      {taken.rejected}")
            understood = False
            continue
        fit = _fit(sheet, known)
        parts.append(_described(taken, sheet, fit, params))
        if fit is None:
            starting = starting or _starting(sheet, known)
        understood &= not taken.rejected
    return Seen("\n\n".join(parts) + "\n", starting, understood)


def _fit(sheet: Sheet, known: Sequence[Profile]) -> Fit | None:
    try:
        return fits(sheet, known)
    except InputError:
        return None


def _described(taken: Taken, sheet: Sheet, fit: Fit | None, params: IngestParams) -> str:
    lines = [f"{taken.name}", f"  form         {sheet.form}"]
    if sheet.encoding:
        how = HOW.get(sheet.encoding, "declared in a profile")
        lines.append(f"  encoding     {sheet.encoding} ({how})")
    if fit is None:
        return "\n".join([*lines, "  profile      none fits", f"  problem      {taken.rejected}"])
    profile = fit.profile
    lines.append(f"  delimiter    {_MARKS[fit.delimiter]}; header in line {len(fit.above) + 1}")
    lines.append(f"  profile      {profile.name}: {profile.title} ({profile.grain} level)")
    places = {fit.column(names) for names in used(profile)}
    read = [name for i, name in enumerate(fit.header) if i in places]
    lines.append(f"  columns read {', '.join(read)}")
    lines.append(f"  not used     {taken.columns_ignored.replace(';', ', ') or 'none'}")
    lines.append(f"  time zone    {_zone(profile, params)}")
    if taken.rejected:
        return "\n".join([*lines, f"  problem      {taken.rejected}"])
    return "\n".join([*lines, *_rows(taken)])


def _zone(profile: Profile, params: IngestParams) -> str:
    moment = (profile.start or profile.arrived or [])[0]
    if moment.zone == "site":
        return f"wall time of the site: {params.timezone} (--tz, ingest.timezone)"
    return moment.zone


def _rows(taken: Taken) -> list[str]:
    rows, column = taken.rows, "ds" if taken.grain == "interval" else "arrived"
    states = rows["state"].value_counts()
    counts = ", ".join(f"{int(n):,} {state}" for state, n in states.items() if n)
    told = [f"  rows         {counts}"]
    for why, count in sorted(taken.ignored.items()):
        told.append(f"  ignored      {count:,} rows: {why}")
    good = rows[rows["state"] == "accepted"]
    if len(good):
        told.append(f"  span         {good[column].min()} to {good[column].max()}")
        if taken.grain == "interval":
            lengths = good["minutes"].value_counts()
            each = ", ".join(f"{m:g} min ({n:,} rows)" for m, n in lengths.items())
            told.append(f"  intervals    {each}")
        names = good.groupby([n for n in NAMES if n in good], observed=True)["offered"].sum()
        told.append(f"  series       {len(names)}")
        for key, contacts in names.nlargest(SHOWN).items():
            parts = key if isinstance(key, tuple) else (key,)
            told.append(f"               {' / '.join(map(str, parts))}: {contacts:,.0f} contacts")
        shown = [c for c in good if c not in NOT_SHOWN]
        table = good[shown].head(SHOWN).to_string(index=False, na_rep="-")
        told += ["  first rows as they are read (times in UTC)", *_indented(table)]
    for kind, (_, text) in taken.noticed.items():
        told.append(f"  noticed      {kind}: {text}")
    for row in taken.quarantine.head(SHOWN).itertuples():
        told.append(f"  problem      line {row.line}, column {row.column}: {row.reason}")
    if len(taken.quarantine) > SHOWN:
        told.append(f"  problem      ... and {len(taken.quarantine) - SHOWN} more")
    return told


def _indented(table: str) -> list[str]:
    return [f"    {line}" for line in table.splitlines()]


def _starting(sheet: Sheet, known: Sequence[Profile]) -> str:
    """Return a profile to start from: columns whose names other reports use are filled in."""
    delimiter, header, below = _widest(sheet)
    fields = _names_used(known)
    columns: dict[str, object] = {}
    taken_columns: set[str] = set()
    for field, names in fields.items():
        hit = next((h for h in header if spelled(h) in names and h not in taken_columns), None)
        if hit is not None:
            columns[field] = {"column": hit, "unit": "s"} if field.endswith("_s") else hit
            taken_columns.add(hit)
    times = [h for i, h in enumerate(header) if _looks_like_time([r[i] for r in below])]
    columns.setdefault("queue", "WHICH COLUMN NAMES THE QUEUE? (or give constants: {queue: NAME})")
    columns.setdefault("offered", "WHICH COLUMN COUNTS THE CONTACTS OFFERED?")
    data = {
        "title": "What the report is called",
        "grain": "interval",
        **({"delimiter": delimiter} if delimiter else {}),
        "start": {"column": times[:2] or ["WHICH COLUMN IS THE START OF THE INTERVAL?"]},
        "columns": columns,
        "known": [h for h in header if h and h not in taken_columns and h not in times[:2]],
        "private": [],
    }
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)
    return (
        "# A start: check every line, move columns with persons in them from known to private,\n"
        "# and look again with `forecast acd inspect`. All keys: docs/exports.md.\n" + text
    )


def _widest(sheet: Sheet) -> tuple[str, list[str], list[list[str]]]:
    best: tuple[int, str, list[str], list[list[str]]] = (0, "", [], [])
    for delimiter in sheet.delimiters:
        head = [cells for _, cells in head_of(sheet, delimiter)[0]]
        for i, cells in enumerate(head):
            filled = [c.strip() for c in cells]
            same = [r for r in head[i + 1 :] if len(r) == len(cells)]
            if all(filled) and len(filled) > best[0] and same and len(filled) > 1:
                best = (len(filled), delimiter, filled, same)
    return best[1], best[2], best[3]


def _names_used(known: Sequence[Profile]) -> dict[str, set[str]]:
    """Return by field the spellings that reports use for it."""
    out: dict[str, set[str]] = {}
    for profile in known:
        for field, source in profile.columns.items():
            out.setdefault(field, set()).update(spelled(n) for n in source.column or [])
    return {f: n for f, n in out.items() if f not in ("caller", "agent", "call_id")}


def _looks_like_time(texts: Sequence[str]) -> bool:
    told = pd.Series([t.strip() for t in texts if t.strip()], dtype=object)
    if told.empty:
        return False
    dates = read_times(told, "auto", None, "excel_1900")
    clock = told.str.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?([-~]\d{1,2}:\d{2})?( ?[AaPp][Mm])?").all()
    numbers = told.str.fullmatch(r"[\d.]+").all()
    return bool((dates.wall.notna().all() and not numbers) or clock)
