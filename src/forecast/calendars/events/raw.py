"""Promotions and events from a CSV -> raw events: when, for whom, how strong, known since when."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from forecast.csvfile import CsvFile, read_csv_file
from forecast.errors import InputError, listed
from forecast.schema import LOCAL

RAW: Final = (
    *("event_id", "name", "kind", "start", "end", "queues", "sites", "intensity"),
    *("announced_on", "source"),
)
"""Columns of raw events, a row per event and announcement: ``start`` and ``end`` in wall time,
``end`` exclusive (midnight after the last day); ``queues`` and ``sites`` 'all' or a list of names;
``intensity`` from 0 on, 0 is cancelled; ``announced_on`` a day or a moment of wall time;
``source`` the file and line, or the rule."""
COLUMNS = ("event_id", "name", "kind", "start", "end", "queues", "intensity", "announced_on")
"""What a promotions file must have."""
OPTIONAL = ("reach", "sites")
"""What it may have besides."""
MOST_INTENSITY = 20.0
"""A larger one is a number of letters or people, typed into the wrong column."""

_DTYPES = {
    **dict.fromkeys(("event_id", "name", "kind", "source"), "str"),
    **dict.fromkeys(("start", "end", "announced_on"), LOCAL),
    **dict.fromkeys(("intensity", "reach"), "float64"),
}
_MOMENT = re.compile(r"(?:19[7-9]|2[01][0-9])[0-9]-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2})?")
_MOMENT_RULE = "must be a day like 2003-11-11, or a moment like 2003-11-11 20:00"


def read_events(path: str | Path, queues: set[str], sites: set[str]) -> pd.DataFrame:
    """Return the raw events of a promotions CSV, one row per event and announcement.

    ``start``, ``end``
        A local day (2026-11-11), the end day included, or a moment (2026-11-11 20:00), the end
        moment excluded; both forms may stand in one row.
    ``name``, ``kind``
        Free text; without a name the id is shown, without a kind it is ``event``.
    ``queues``, ``sites``
        ``all``, or names separated by ``;``. Without sites all are meant.
    ``intensity``, ``reach``
        How strong the event is beside others of its kind: 1 where nothing is said, 0 when it is
        cancelled. Instead, the people reached: the intensity is then that reach over the reach of
        the kind's first event (by start) that has one.
    ``announced_on``
        Day or moment from which it was known; its start when left empty. An event announced after
        it began counts as known from then on only: that is how an event of the past is told which
        was not in the file before.

    Rows that share an id are one event that was moved or changed: each replaces the one before from
    its ``announced_on`` on, and each must have one. A backtest from before the move sees the old
    dates. Events may overlap; each counts. The file need not exist: then there are no events.

    Parameters
    ----------
    path
        The CSV.
    queues, sites
        Those of the history.

    Raises
    ------
    InputError
        Listing every bad cell with line and column: an end that is not after its start, unknown
        queues or sites, bad numbers, days and ids, intensity and reach both given, an id that
        occurs twice with one ``announced_on``.
    """
    return scaled(csv_rows(path, queues, sites))


def csv_rows(path: str | Path, queues: set[str], sites: set[str]) -> pd.DataFrame:
    """Return what ``read_events`` does, with the reach not yet turned into intensity."""
    file = Path(path)
    if not file.exists():
        return raw_table([])
    export = read_csv_file(file)
    _check_columns(export)
    width = len(export.columns)
    problems = [
        (line, f"line {line}: {fields} fields where the header has {width}")
        for line, fields, _ in export.ragged
    ]
    events = []
    for cell in export.rows.to_dict("records"):
        event, found = _event(cell, queues, sites)
        events.append({**event, "source": f"{file.name}, line {cell['line']}"})
        problems += [(cell["line"], f"line {cell['line']}, column {c}: {p}") for c, p in found]
    table = raw_table(events)
    problems += _shared_ids(export.rows, table)
    if problems:
        texts = [text for _, text in sorted(problems, key=lambda problem: problem[0])]
        raise InputError(f"{file} is refused, no event was taken in:\n{listed(texts)}")
    return table


def raw_table(events: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return raw events as a table, with the column ``reach`` that ``scaled`` takes away."""
    table = pd.DataFrame(list(events), columns=[*RAW, "reach"], dtype="object")
    return table.astype(_DTYPES)


def scaled(table: pd.DataFrame) -> pd.DataFrame:
    """Return raw events with the intensity that follows from their reach, else 1."""
    reached = table[table["reach"].notna()].sort_values("start", kind="stable")
    first = reached.drop_duplicates("kind").set_index("kind")["reach"]
    share = table["reach"] / table["kind"].map(first).astype("float64")
    return table.assign(intensity=table["intensity"].fillna(share).fillna(1.0))[list(RAW)]


def together(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the events of several files or rules as one table.

    Raises
    ------
    InputError
        When two of them hold an event of the same id, naming both places.
    """
    parts = [table for table in tables if len(table)]
    if not parts:
        return raw_table([])
    owner: dict[str, tuple[int, str]] = {}
    problems = []
    for number, part in enumerate(parts):
        first = part.drop_duplicates("event_id")
        for event_id, source in zip(first["event_id"], first["source"], strict=True):
            before = owner.setdefault(event_id, (number, source))
            if before[0] != number:
                problems.append(
                    f"event_id '{event_id}' stands in {before[1]} and in {source}; "
                    "give one of them another"
                )
    if problems:
        raise InputError(f"events of several files share ids:\n{listed(problems)}")
    return pd.concat(parts, ignore_index=True)


def moment(text: str) -> pd.Timestamp | None:
    """Return a day or a moment to the minute, of the years 1970 to 2199; None for other text.

    Examples
    --------
    >>> moment("2026-11-11 20:00")
    Timestamp('2026-11-11 20:00:00')
    >>> moment("11/11/2026") is None
    True
    """
    found = _MOMENT.fullmatch(text)
    if not found:
        return None
    form = "%Y-%m-%d %H:%M" if found[1] else "%Y-%m-%d"
    stamp = pd.to_datetime(text, format=form, errors="coerce")
    return None if pd.isna(stamp) else stamp.as_unit("us")


Problem = tuple[str, str]
"""A column, and what is wrong in it."""


def touched(
    cell: Mapping[str, str], queues: set[str], sites: set[str]
) -> tuple[dict[str, Any], list[Problem]]:
    """Return whom an event touches, how strongly and since when known, and what is wrong there.

    Of the texts ``queues``, ``sites``, ``intensity``, ``reach`` and ``announced_on``; what is not
    told is None.
    """
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for column, known, noun in (("queues", queues, "queue"), ("sites", sites, "site")):
        values[column], unknown = _names(cell[column], known)
        if unknown:
            problems.append(
                (
                    column,
                    f"{', '.join(map(repr, unknown))} is no {noun} of the history "
                    f"({', '.join(sorted(known))}); write 'all' or names separated by ;",
                )
            )
    values["intensity"], values["reach"] = _number(cell["intensity"]), _number(cell["reach"])
    if cell["intensity"] and values["intensity"] is None:
        rule = "must be a number, 0 (cancelled) or more"
        problems.append(("intensity", f"{rule}; found '{cell['intensity']}'"))
    if cell["reach"] and not values["reach"]:
        problems.append(("reach", f"must be a number above 0; found '{cell['reach']}'"))
    if values["intensity"] is not None and values["intensity"] > MOST_INTENSITY:
        rule = f"must be at most {MOST_INTENSITY:g}, beside 1 for a usual event of the kind; people"
        rule += " reached go into the column reach"
        problems.append(("intensity", f"{rule}; found '{cell['intensity']}'"))
    if cell["intensity"] and cell["reach"]:
        found = f"'{cell['intensity']}' and '{cell['reach']}'"
        problems.append(("reach", f"stands beside an intensity; keep one; found {found}"))
    values["announced_on"] = moment(cell["announced_on"])
    if cell["announced_on"] and values["announced_on"] is None:
        problems.append(("announced_on", f"{_MOMENT_RULE}; found '{cell['announced_on']}'"))
    return values, problems


def _names(text: str, known: set[str]) -> tuple[str | list[str], list[str]]:
    if text == "all":
        return "all", []
    names = list(dict.fromkeys(name.strip() for name in text.split(";")))
    return names, sorted(set(names) - known)


def _number(text: str) -> float | None:
    """Return a finite number from 0 on, else None."""
    value = float(pd.to_numeric(text, errors="coerce"))
    return value + 0.0 if math.isfinite(value) and value >= 0 else None  # -0 is 0


def _check_columns(export: CsvFile) -> None:
    unlike = sorted(
        (set(COLUMNS) - set(export.columns)) | (set(export.columns) - {*COLUMNS, *OPTIONAL})
    )
    if unlike:
        raise InputError(
            f"{export.name}, line 1: the columns must be {', '.join(COLUMNS)}, and may be "
            f"{', '.join(OPTIONAL)}; missing or unknown: {', '.join(unlike)}"
        )


def _event(
    cell: Mapping[Any, Any], queues: set[str], sites: set[str]
) -> tuple[dict[str, Any], list[Problem]]:
    """Return a row's event, and what is wrong in it."""
    said = {**cell, "sites": cell.get("sites") or "all", "reach": cell.get("reach", "")}
    values, problems = touched(said, queues, sites)
    start, end = moment(cell["start"]), moment(cell["end"])
    for column, value in (("start", start), ("end", end)):
        if value is None:
            problems.append((column, f"{_MOMENT_RULE}; found '{cell[column]}'"))
    if end is not None and " " not in cell["end"]:
        end += pd.Timedelta(days=1)
    if start is not None and end is not None and end <= start:
        rule = "must be after start" if end == start else "must not be before start"
        problems.append(("end", f"{rule}; found {cell['start']} to {cell['end']}"))
    if cell["event_id"] == "":
        problems.append(("event_id", "must not be empty"))
    if "+" in cell["event_id"]:
        problems.append(
            ("event_id", f"must not hold +, which joins ids; found '{cell['event_id']}'")
        )
    event = {
        **values,
        "event_id": cell["event_id"],
        "name": cell["name"] or cell["event_id"],
        "kind": cell["kind"] or "event",
        "start": start,
        "end": end,
        "announced_on": values["announced_on"] or start,
    }
    return event, problems


def _shared_ids(cells: pd.DataFrame, table: pd.DataFrame) -> list[tuple[int, str]]:
    """Return what is wrong with rows that share an id, each with its line.

    A row that moves an event says when it was announced; without that, two events that were given
    one id by mistake would replace each other.
    """
    problems = []
    shared = (table["event_id"] != "") & table.duplicated("event_id", keep=False)
    again = table.duplicated("event_id")
    same = table.duplicated(["event_id", "announced_on"]) & table["announced_on"].notna()
    rows = zip(cells["line"], cells["event_id"], cells["announced_on"], strict=True)
    for (line, event_id, told), one_of, later, twice in zip(rows, shared, again, same, strict=True):
        if one_of and told == "":
            where = f"line {line}, column {'event_id' if later else 'announced_on'}"
            what = f"'{event_id}' occurs twice" if later else f"'{event_id}' occurs again below"
            problems.append(
                (line, f"{where}: {what}; rows that move an event all need announced_on")
            )
        elif one_of and twice:
            problems.append(
                (
                    line,
                    f"line {line}, column event_id: '{event_id}' occurs twice with announced_on "
                    f"{told}; give a move the day on which it was announced",
                )
            )
    return problems
