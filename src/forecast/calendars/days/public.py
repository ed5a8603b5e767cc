"""A country's public holidays, one row per day and name, as the ``holidays`` library has them."""

import re
from collections.abc import Sequence

import holidays
import numpy as np
import pandas as pd

from forecast.errors import ParamsError
from forecast.params.calendar import Place
from forecast.schema import LOCAL

FRIDAY = 4
"""The weekday that a make-up workday works as where nobody says what it makes up for."""
MARKS = {
    "date": LOCAL,
    "day_type": "str",
    "name": "str",
    "family": "str",
    "anchor": LOCAL,
    "works_as": "float64",
    "plain": "str",
    "expected_of": LOCAL,
    "doubt": "float64",
}
"""What is said of single days: type, name and family; the festival's own day (``anchor``), where it
is not the first of the family; the weekday of a make-up workday; and of days whose arrangement is
only expected the type that they have without it (``plain``) and the festival's own day."""
_OBSERVED = (re.compile(r"(.+) \(observed(?:, estimated)?\)"),)
_SUBSTITUTED = re.compile(r"\(substituted from (\d\d/\d\d/\d{4})\)")


def library(years: Sequence[int], place: Place) -> holidays.HolidayBase:
    """Return the library's holidays of some years, with English names.

    Raises
    ------
    ParamsError
        For a country, subdivision or category that the library does not know.
    """
    try:
        return holidays.country_holidays(
            place.country,
            subdiv=place.subdivision,
            years=list(years),
            categories=tuple(place.categories),
            language="en_US",
        )
    except (NotImplementedError, ValueError) as error:
        raise ParamsError(
            f"calendars: the holidays library refuses country {place.country}, subdivision "
            f"{place.subdivision}, categories {place.categories}: {error}"
        ) from None


def marks(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with all columns of ``MARKS``; what is not said is empty."""
    empty = {"doubt": 0.0, "name": "", "family": "", "plain": ""}
    full = rows.reindex(columns=list(MARKS)).astype(MARKS)
    return full.fillna(empty)


def is_weekend(dates: pd.Series, found: holidays.HolidayBase) -> np.ndarray:
    """Return which days are of the country's weekend; a country can move its weekend."""
    return np.array([found.is_weekend(day) for day in dates.dt.date], dtype=bool)


def named_days(found: holidays.HolidayBase) -> pd.DataFrame:
    """Return each holiday and name: date, name, family, in_lieu and paid_by.

    ``in_lieu`` tells days off in place of another; ``paid_by`` is the weekend day that is worked in
    exchange, where the name tells it.
    """
    observed = _labels(found, "observed_label", "observed_estimated_label", "observed_label_before")
    estimated = _labels(found, "estimated_label")
    rows = []
    for day, joined in sorted(found.items()):
        for name in joined.split("; "):
            paid_by = _SUBSTITUTED.search(name)
            moved = _inner(name, (*observed, *_OBSERVED))
            family = "" if paid_by else _inner(moved or name, estimated) or moved or name
            day_off = paid_by.group(1) if paid_by else None
            rows.append((day, name, family, bool(moved or paid_by), day_off))
    days = pd.DataFrame(rows, columns=["date", "name", "family", "in_lieu", "paid_by"])
    return days.assign(
        date=pd.to_datetime(days["date"]).astype(LOCAL),
        paid_by=pd.to_datetime(days["paid_by"], format="%m/%d/%Y").astype(LOCAL),
    ).astype({"name": "str", "family": "str", "in_lieu": "bool"})


def _labels(found: holidays.HolidayBase, *attributes: str) -> tuple[re.Pattern[str], ...]:
    """Return patterns that find a holiday's own name in its observed or estimated one."""
    texts = [text for a in attributes if (text := getattr(found, a, "")) and text != "%s"]
    return tuple(re.compile(re.escape(found.tr(t)).replace("%s", "(.+)")) for t in texts)


def _inner(name: str, patterns: Sequence[re.Pattern[str]]) -> str:
    hits = (pattern.fullmatch(name) for pattern in patterns)
    return next((str(hit.group(1)) for hit in hits if hit), "")


def public_days(years: Sequence[int], found: holidays.HolidayBase) -> pd.DataFrame:
    """Return the MARKS of a country whose holidays are known all along."""
    named = named_days(found)
    day_type = np.where(named["in_lieu"], "in_lieu_day_off", "statutory_holiday")
    worked = sorted(day for day in found.weekend_workdays if day.year in years)
    makeup = pd.DataFrame({"date": pd.to_datetime(pd.Series(worked, dtype="object")).astype(LOCAL)})
    swaps = named[named["paid_by"].notna()].drop_duplicates("paid_by").set_index("paid_by")
    works_as = makeup["date"].map(swaps["date"].dt.day_of_week).fillna(FRIDAY)
    makeup = makeup.assign(day_type="makeup_workday", works_as=works_as)
    return marks(pd.concat([named.assign(day_type=day_type), makeup], ignore_index=True))
