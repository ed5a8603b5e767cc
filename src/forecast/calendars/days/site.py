"""The days of a site: what each is, and since when that is known."""

import re

import numpy as np
import pandas as pd

from forecast.calendars.days import china
from forecast.calendars.days.festivals import near_festivals, said_of
from forecast.calendars.days.public import is_weekend, library, marks, public_days
from forecast.params.calendar import Place
from forecast.schema import ALWAYS, LOCAL

COLUMNS = (
    "date",
    "known",
    "day_type",
    "works_as",
    "holiday",
    "festival",
    "festival_day",
    "doubt",
)
_MARGIN_DAYS = 45
"""Days before and after those wanted, so that festivals and breaks at the edges are whole."""
_RANK = {"statutory_holiday": 0, "in_lieu_day_off": 1, "makeup_workday": 2}
"""Of several things said of one day the first counts."""
_SETTLING = ("statutory_holiday", "in_lieu_day_off", "makeup_workday")
_QUALIFIER = re.compile(
    r" \((observed|estimated|observed, estimated|substitute day|in lieu|day off in lieu|extended)"
    r"\)$"
)


def site_days(
    first: pd.Timestamp,
    last: pd.Timestamp,
    place: Place,
    overrides: pd.DataFrame,
    site: str,
) -> pd.DataFrame:
    """Return what each day of a site is, in every version that was ever published.

    Parameters
    ----------
    first, last
        First and last day, local midnights.
    place
        Country, subdivision and categories of the site.
    overrides
        As ``overrides.read_days`` returns them. An override holds against whatever the state
        publishes; a later one replaces it.
    site
        Name of the site, whose overrides count.

    Returns
    -------
    pandas.DataFrame
        One row per ``date`` and ``known``, the local day on which the version was published and
        from which on it replaces earlier ones; the first of each date is ``schema.ALWAYS``, and
        only versions that differ from the one before are there. ``day_type`` is one of
        ``schema.DAY_TYPES``; ``works_as`` the weekday (0 Monday) whose hours the day has: its own,
        but for make-up workdays; ``holiday`` its name; ``festival`` the one that it is in or near,
        and ``festival_day`` its distance from that one's own day; ``doubt`` the chance that its
        type comes otherwise, 0 when it is published.

    Raises
    ------
    ParamsError
        For a country, subdivision or category that the library does not know.

    Examples
    --------
    >>> from forecast.calendars.days.overrides import no_days
    >>> day = pd.Timestamp("2024-02-04")
    >>> days = site_days(day, day, Place(country="CN"), no_days(), "main")
    >>> days[["known", "day_type", "works_as"]].tail(1).to_dict("records")
    [{'known': Timestamp('2023-10-25 00:00:00'), 'day_type': 'makeup_workday', 'works_as': 3}]
    """
    margin = pd.Timedelta(days=_MARGIN_DAYS)
    grid = pd.DataFrame({"date": pd.date_range(first - margin, last + margin, unit="us")})
    years = range(grid["date"].iloc[0].year, grid["date"].iloc[-1].year + 1)
    arranged = china.is_arranged(place)
    from_year = min(years[0], china.POOL_FROM) if arranged else years[0]
    found = library(range(from_year, years[-1] + 1), place)
    grid["weekend"] = is_weekend(grid["date"], found)
    own = overrides[overrides["site"] == site]
    if arranged:
        editions = list(china.editions(years, found))
    else:
        editions = [(ALWAYS, public_days(years, found))]
    days = _versions(grid, editions, own)
    days = days[days["date"].between(first, last)].astype({"known": LOCAL})
    return _changes(days[list(COLUMNS)])


def _versions(
    grid: pd.DataFrame, editions: list[tuple[pd.Timestamp, pd.DataFrame]], own: pd.DataFrame
) -> pd.DataFrame:
    """Return all days as known on each day on which the state or the planner published something.

    The versions are worked out in one go: laid end to end on one axis of days, whole weeks apart.
    """
    span = grid["date"].iloc[[0, -1]]
    own = own[own["date"].between(*span)]
    published = sorted({*(day for day, _ in editions), *own["known"]})
    weeks = len(grid) // 7 + 10
    said, words, days = [], [], []
    for number, day in enumerate(published):
        later = pd.Timedelta(weeks=weeks * number)
        edition = [state for known, state in editions if known <= day][-1]
        edition = edition[edition["date"].between(*span)]
        known = own[own["known"] <= day].sort_values("known").drop_duplicates("date", keep="last")
        dates = ["date", "anchor", "expected_of"]
        said.append(edition.assign(**{name: edition[name] + later for name in dates}))
        words.append(known.assign(date=known["date"] + later))
        days.append(grid.assign(date=grid["date"] + later, later=later, known=day))
    found = _described(*(pd.concat(parts, ignore_index=True) for parts in (days, said, words)))
    return found.assign(date=found["date"] - found["later"])


def _described(grid: pd.DataFrame, said: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Return days with their type, names, festival and doubt.

    Parameters
    ----------
    grid
        ``date`` and ``weekend``, sorted.
    said
        MARKS of the country.
    own
        Overrides, one per date.
    """
    # Who enters a festival's days has read the notice: no more of it is expected.
    settling = own.loc[own["day_type"].isin(_SETTLING), "date"]
    settled = said["expected_of"].isin(said.loc[said["date"].isin(settling), "expected_of"])
    settled &= said["expected_of"].notna()
    said = said.assign(
        day_type=said["day_type"].where(~settled, said["plain"]),
        doubt=said["doubt"].where(~settled, 0.0),
    )
    said = pd.concat([said[~said["date"].isin(own["date"])], _as_marks(own)])
    said = said[said["date"].isin(grid["date"])]
    said = said.assign(rank=said["day_type"].map(_RANK).fillna(len(_RANK)))
    said = said.sort_values(["date", "rank"])
    top = said.drop_duplicates("date").set_index("date")
    name = said[said["name"] != ""].drop_duplicates(["date", "name"])
    joined = name.groupby("date")["name"].agg("; ".join).astype("str")
    date = grid["date"]
    base = pd.Series(np.where(grid["weekend"], "weekend", "working_day"), index=grid.index)
    day_type = said_of(date, top["day_type"]).fillna(base)
    makeup = day_type == "makeup_workday"
    days = grid.assign(
        day_type=day_type.astype("str"),
        works_as=said_of(date, top["works_as"]).where(makeup, date.dt.day_of_week).astype("int64"),
        holiday=said_of(date, joined).fillna(""),
        doubt=said_of(date, top["doubt"]).fillna(0.0),
    )
    is_own = said["day_type"].isin(["statutory_holiday", "in_lieu_day_off"])
    festival = said[is_own & (said["family"] != "")]
    festival = festival.assign(statutory=festival["day_type"] == "statutory_holiday")
    days = days.join(near_festivals(days, festival))
    unnamed = (days["day_type"] == "in_lieu_day_off") & (days["holiday"] == "")
    in_lieu = (days["festival"] + " (day off in lieu)").where(
        days["festival"] != "", "Day off in lieu"
    )
    return days.assign(holiday=days["holiday"].where(~unnamed, in_lieu))


def _as_marks(own: pd.DataFrame) -> pd.DataFrame:
    """Return overrides as MARKS; only days off have names, and only holidays are festivals."""
    named = own["day_type"].isin(["statutory_holiday", "in_lieu_day_off", "company_closure"])
    statutory = own["day_type"] == "statutory_holiday"
    return marks(
        own.assign(name=own["name"].where(named, ""), family=own["name"].where(statutory, ""))
    )


def _changes(days: pd.DataFrame) -> pd.DataFrame:
    """Return the versions that differ from the one before, sorted by date and ``known``."""
    days = days.sort_values(["date", "known"], ignore_index=True)
    said = days.drop(columns=["date", "known"])
    said["festival_day"] = said["festival_day"].fillna(np.inf)
    same = (said == said.shift()).all(axis=1) & (days["date"] == days["date"].shift())
    return days[~same].reset_index(drop=True)


def known_by(days: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return the days as known on some day: the last version of each that was published by then."""
    return days[days["known"] <= day].drop_duplicates("date", keep="last")


def known_from(days: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return the versions that whoever looks from some day on can tell apart.

    What was published by then becomes ``schema.ALWAYS``, so that a calendar of few years does not
    carry the versions of many.
    """
    held = known_by(days, day).assign(known=ALWAYS).astype({"known": LOCAL})
    later = days[days["known"] > day]
    return pd.concat([held, later]).sort_values(["date", "known"], ignore_index=True)


def provisional_years(first: pd.Timestamp, last: pd.Timestamp, place: Place) -> list[int]:
    """Return the years of a span whose days off and make-up workdays nobody has published yet.

    Examples
    --------
    >>> china = Place(country="CN")
    >>> provisional_years(pd.Timestamp("2025-01-01"), pd.Timestamp("2027-03-01"), china)
    [2027]
    """
    if not china.is_arranged(place):
        return []
    years = range(first.year, last.year + 1)
    return china.unpublished(years, library(years, place))


def holiday_names(days: pd.DataFrame) -> set[str]:
    """Return the names of all public holidays, days off in lieu under the festival's own name.

    Examples
    --------
    >>> sorted(holiday_names(pd.DataFrame({
    ...     "day_type": ["statutory_holiday", "in_lieu_day_off", "company_closure"],
    ...     "holiday": ["Diwali; New Year", "Diwali (observed)", "Stocktaking"],
    ... })))
    ['Diwali', 'New Year']
    """
    public = days["day_type"].isin(["statutory_holiday", "in_lieu_day_off"])
    return set(single_names(days.loc[public, "holiday"])) - {""}


def single_names(holiday: pd.Series) -> pd.Series:
    """Return the names in joined ones, each without what qualifies it, under the rows' index."""
    names: pd.Series = holiday.str.split("; ").explode()
    return names.str.replace(_QUALIFIER, "", regex=True)
