"""A planner's own word on single days: a CSV of day types, each with the day of its publication."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.calendars.days.public import FRIDAY
from forecast.csvfile import read_csv_file
from forecast.errors import InputError, listed
from forecast.schema import ALWAYS, CLOSING_TYPES, DAY_TYPES, LOCAL
from forecast.settings import WEEKDAYS

COLUMNS = ("date", "sites", "day_type", "name", "published_on")
OPTIONAL = ("works_as",)
DTYPES = {
    "date": LOCAL,
    "site": "str",
    "day_type": "str",
    "name": "str",
    "known": LOCAL,
    "works_as": "float64",
}


def no_days() -> pd.DataFrame:
    """Return the table of overrides without rows."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in DTYPES.items()})


def read_days(path: str | Path, sites: set[str]) -> pd.DataFrame:
    """Return the day types of a CSV, one row per site, date and day of publication.

    Columns: date; sites (``all``, or names separated by ``;``); day_type, one of
    ``schema.DAY_TYPES``; name of the holiday or closure; published_on (always known when left
    empty); and, if wanted, works_as: the weekday (mon to sun) whose hours a make-up workday has,
    Friday when left empty. The file need not exist: then there are no overrides.

    Returns
    -------
    pandas.DataFrame
        ``date``, ``site``, ``day_type``, ``name``, ``known`` and ``works_as`` (0 Monday; empty but
        for make-up workdays), sorted by site, date and ``known``.

    Raises
    ------
    InputError
        Listing every bad cell with line and column, unknown sites, and rows that contradict an
        earlier one.
    """
    file = Path(path)
    if not file.exists():
        return no_days()
    export = read_csv_file(file)
    unlike = sorted(set(COLUMNS) ^ (set(export.columns) - set(OPTIONAL)))
    if unlike:
        raise InputError(
            f"{file}, line 1: the columns must be {', '.join(COLUMNS)}, and works_as if wanted; "
            f"missing or unknown: {', '.join(unlike)}"
        )
    problems = [
        f"line {line}: {fields} fields where the header has {len(export.columns)}"
        for line, fields, _ in export.ragged
    ]
    cells = export.rows if "works_as" in export.rows else export.rows.assign(works_as="")
    days = cells.assign(
        date=_days(cells["date"]),
        known=_days(cells["published_on"]).where(cells["published_on"] != "", ALWAYS),
        site=cells["sites"].map(lambda text: _sites(text, sites)),
        works_as=_weekdays(cells["works_as"]).where(
            (cells["day_type"] != "makeup_workday") | (cells["works_as"] != ""), FRIDAY
        ),
    )
    for day, cell in zip(days.to_dict("records"), cells.to_dict("records"), strict=True):
        problems += [f"line {day['line']}, {p}" for p in _problems(day, cell, sites)]
    days = days.explode("site").sort_values(["site", "date", "known", "line"], ignore_index=True)
    problems += _contradictions(days)
    if problems:
        raise InputError(f"{file} is refused, no day was taken in:\n{listed(problems)}")
    days = days.drop_duplicates(["site", "date", "known"])
    return days[list(DTYPES)].astype(DTYPES).reset_index(drop=True)


def _sites(text: str, sites: set[str]) -> list[str]:
    return sorted(sites) if text == "all" else [name.strip() for name in text.split(";")]


def _days(text: pd.Series) -> pd.Series:
    return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype(LOCAL)


def _weekdays(text: pd.Series) -> pd.Series:
    return text.map({name: float(i) for i, name in enumerate(WEEKDAYS)}).astype("float64")


def _problems(day: Mapping[Any, Any], cell: Mapping[Any, Any], sites: set[str]) -> list[str]:
    found = []
    if pd.isna(day["date"]):
        found.append(f"column date: must be a day like 2027-02-05; found '{cell['date']}'")
    if pd.isna(day["known"]):
        found.append(
            "column published_on: must be a day like 2026-11-04, or empty; "
            f"found '{cell['published_on']}'"
        )
    unknown = sorted(set(day["site"]) - sites)
    if unknown:
        found.append(
            f"column sites: {', '.join(map(repr, unknown))} is no site of the history "
            f"({', '.join(sorted(sites))}); write 'all' or names separated by ;"
        )
    if cell["day_type"] not in DAY_TYPES:
        found.append(
            f"column day_type: must be one of {', '.join(DAY_TYPES)}; found '{cell['day_type']}'"
        )
    # The name of what closes is shown as the holiday's.
    if cell["day_type"] in CLOSING_TYPES and cell["name"] == "":
        found.append(f"column name: a {cell['day_type']} needs one")
    if ";" in cell["name"]:
        found.append(f"column name: must not hold a semicolon; found '{cell['name']}'")
    if cell["works_as"] and cell["works_as"] not in WEEKDAYS:
        found.append(
            f"column works_as: must be one of {', '.join(WEEKDAYS)}, or empty; "
            f"found '{cell['works_as']}'"
        )
    elif cell["works_as"] and cell["day_type"] != "makeup_workday":
        found.append(
            "column works_as: only a makeup_workday works as another weekday; leave it empty"
        )
    return found


def _contradictions(days: pd.DataFrame) -> list[str]:
    """Return the rows that say something else than an earlier one of the same publication.

    ``days`` is one row per site, sorted by site, date, day of publication and line.
    """
    days = days[days["date"].notna() & days["known"].notna()]
    days = days.fillna({"works_as": -1})
    key, said = ["site", "date", "known"], ["day_type", "name", "works_as"]
    first = days.groupby(key)[[*said, "line"]].transform("first")
    unlike = (days[said] != first[said]).any(axis=1)
    return [
        f"line {row['line']}, column date: {row['date']:%Y-%m-%d} of site '{row['site']}' stands "
        f"in line {earlier} with the same published_on and says something else; keep one"
        for row, earlier in zip(
            days[unlike].to_dict("records"), first.loc[unlike, "line"], strict=True
        )
    ]
