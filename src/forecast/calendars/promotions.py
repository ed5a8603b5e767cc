"""Promotions and events from a CSV, each with the day on which it was announced."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.calendars.grid import midnight
from forecast.csvfile import read_csv_file
from forecast.errors import InputError, listed
from forecast.schema import UTC

COLUMNS = ("event_id", "name", "kind", "start", "end", "queues", "intensity", "announced_on")


def read_promotions(path: str | Path, queues: set[str]) -> pd.DataFrame:
    """Return the events of a promotions CSV, one row per event.

    Columns: event_id, name, kind (free text), start and end (local days, both included), queues
    (``all``, or names separated by ``;``), intensity (> 0; 1 when left empty) and announced_on
    (local day; its start when left empty). The file need not exist: then there are no events.

    Raises
    ------
    InputError
        Listing every bad cell with line and column: unknown queues, an end before its start, ids
        that occur twice.
    """
    file = Path(path)
    if not file.exists():
        return pd.DataFrame(columns=list(COLUMNS))
    export = read_csv_file(file)
    unlike = sorted(set(COLUMNS) ^ set(export.columns))
    if unlike:
        raise InputError(
            f"{file}, line 1: the columns must be {', '.join(COLUMNS)}; "
            f"missing or unknown: {', '.join(unlike)}"
        )
    cells = export.rows
    problems = [
        f"line {line}: {fields} fields where the header has {len(COLUMNS)}"
        for line, fields, _ in export.ragged
    ]
    events = cells.assign(
        queues=cells["queues"].map(_queues),
        intensity=_intensities(cells["intensity"]),
        **{c: _days(cells[c]) for c in ("start", "end", "announced_on")},
    )
    events["announced_on"] = events["announced_on"].where(
        cells["announced_on"] != "", events["start"]
    )
    for event, cell in zip(events.to_dict("records"), cells.to_dict("records"), strict=True):
        problems += [f"line {event['line']}, {p}" for p in _problems(event, cell, queues)]
    twice = cells.loc[cells.duplicated("event_id"), ["line", "event_id"]]
    problems += [
        f"line {line}, column event_id: '{e}' occurs twice" for line, e in twice.to_numpy().tolist()
    ]
    if problems:
        raise InputError(f"{file} is refused, no event was taken in:\n{listed(problems)}")
    return events[list(COLUMNS)]


def _queues(text: str) -> str | list[str]:
    return "all" if text == "all" else [name.strip() for name in text.split(";")]


def _days(text: pd.Series) -> pd.Series:
    return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")


def _intensities(text: pd.Series) -> pd.Series:
    values = pd.to_numeric(text, errors="coerce").astype("float64").where(text != "", 1.0)
    return values.where(np.isfinite(values))


def _problems(event: Mapping[Any, Any], cell: Mapping[Any, Any], queues: set[str]) -> list[str]:
    found = [
        f"column {c}: must be a day like 2003-11-11; found '{cell[c]}'"
        for c in ("start", "end", "announced_on")
        if pd.isna(event[c]) and not (c == "announced_on" and cell[c] == "")
    ]
    if not found and event["end"] < event["start"]:
        found.append(
            f"column end: must not be before start; found {cell['start']} to {cell['end']}"
        )
    if cell["event_id"] == "":
        found.append("column event_id: must not be empty")
    if not event["intensity"] > 0:
        found.append(f"column intensity: must be a number above 0; found '{cell['intensity']}'")
    unknown = [] if event["queues"] == "all" else sorted(set(event["queues"]) - queues)
    if unknown:
        found.append(
            f"column queues: {', '.join(map(repr, unknown))} is no queue of the history "
            f"({', '.join(sorted(queues))}); write 'all' or names separated by ;"
        )
    return found


def with_events(calendar: pd.DataFrame, events: pd.DataFrame, zone: ZoneInfo) -> pd.DataFrame:
    """Return one queue's calendar with the columns event, intensity and event_known.

    Events that overlap add their intensities and count as known when the last of them was.
    """
    queue = calendar["queue"].iloc[0]
    day = calendar["local"].dt.normalize()
    names = pd.Series("", index=calendar.index, dtype="str")
    intensity = pd.Series(0.0, index=calendar.index)
    known = pd.Series(pd.NaT, index=calendar.index, dtype=UTC)
    for event in events.to_dict("records"):
        if event["queues"] != "all" and queue not in event["queues"]:
            continue
        on = (day >= event["start"]) & (day <= event["end"])
        names = names.where(~on, (names + "+" + event["event_id"]).str.removeprefix("+"))
        intensity = intensity + on * event["intensity"]
        announced = midnight(event["announced_on"], zone)
        known = known.where(~on, known.where(known > announced, announced))
    return calendar.assign(event=names, intensity=intensity, event_known=known)
